"""Numbers, times and addresses in words, and the first page's figures."""

from __future__ import annotations

import pytest

from oncommons.web.console_views import (
    file_view,
    frame_links,
    link,
    overview,
    picture_link,
    size_text,
    time_text,
    waiting_reasons,
)

DIGEST = "a" * 64


def reason(code, files, way="again", outcome="quarantined"):
    return {"outcome": outcome, "code": code, "title": code, "way": way, "files": files}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (618_000, "618 kB"),
        (71_898_251, "71.9 MB"),
        (270_553_174_016, "271 GB"),
        (5e15, "5.0 PB"),
        (5e19, "50000.0 PB"),
    ],
)
def test_sizes_in_words(number, text):
    assert size_text(number) == text


def test_times_in_words():
    assert time_text("2026-11-02T07:04:11+00:00") == "2 Nov 2026, 07:04"
    assert time_text("") == time_text("soon") == "not told"


def test_addresses_leave_empty_values_out_and_quote_the_others():
    assert link("/files", q="", code="E604", dataset="a&b <c>") == "/files?code=E604&dataset=a%26b+%3Cc%3E"
    assert link("/files", q="") == "/files"
    assert picture_link(DIGEST) == f"/api/node/files/{DIGEST}/picture?frame=1&side=256&else=words"
    assert "look=even" in picture_link(DIGEST, 3, "even")


@pytest.mark.parametrize(
    ("origin", "name", "place"),
    [
        ("/data/2026/lung/IM1.dcm", "IM1.dcm", "…/2026/lung/IM1.dcm"),
        ("C:\\export\\IM1", "IM1", "C:/export/IM1"),
        ("IM1", "IM1", "/IM1"),
        ("", DIGEST[:12], f"/{DIGEST[:12]}"),
    ],
)
def test_a_file_is_named_by_where_it_came_from(origin, name, place):
    view = file_view({"file": DIGEST, "origin": origin})
    assert (view.name, view.place, view.href) == (name, place, f"/files/{DIGEST}")


def test_a_kept_file_is_told_by_what_it_is():
    told = {"file": DIGEST, "modality": "CT", "body_part": "", "manufacturer": "GE"}
    assert file_view(told).what == "CT · GE"
    assert file_view(told).frames == 0


def test_what_needs_only_a_look_waits_first():
    node = {
        "reasons": [
            reason("E602", 9),
            reason("E604", 1, "look"),
            reason("E607", 9),
            reason("E601", 5, outcome="refused"),
        ]
    }
    assert [one["code"] for one in waiting_reasons(node)] == ["E604", "E602", "E607"]


def test_the_first_page_adds_up():
    outcomes = {
        "kept": {"files": 3, "bytes": 30},
        "quarantined": {"files": 2, "bytes": 9},
        "refused": {"files": 1, "bytes": 0},
    }
    node = {"datasets": [outcomes, outcomes], "reasons": [reason("E602", 4)]}
    days = [{"day": day, "kept": 3, "quarantined": 2, "refused": 1} for day in ("2026-11-22", "2026-11-22", "")]
    shown = overview(node, {"days": days})
    assert shown.tiles == {"bytes": 60, "kept": 6, "quarantined": 4, "refused": 2}
    assert shown.figure.rows == (("2026-11-22", {"kept": 6, "quarantined": 4, "refused": 2}),)


def test_frames_are_shown_a_few_at_a_time():
    view = file_view({"file": DIGEST, "picture": {"frames": 30}})
    assert [number for number, _, _ in frame_links(view, 3, "usual")] == list(range(1, 25))
    assert [number for number, _, _ in frame_links(view, 25, "usual")] == list(range(25, 31))
    assert frame_links(view, 25, "even")[0][1] == f"/files/{DIGEST}?frame=25&look=even"
