"""Pages of runs over a fake hub: how far one is, what came of it, and its files."""

import json
import re
from urllib.parse import quote

import pytest
from tests.web.fake_hub import FakeHub, cards_of
from tests.web.fake_runs import record
from tests.web.test_analysis_pages import text
from tests.web.test_scripts import Markup
from tests.web.visitor import visiting

from oncommons.web.app import make_pages


@pytest.fixture
def hub():
    hub = FakeHub(cards_of(each=1))
    hub.runs.put("r1", "done", record=record())
    hub.runs.put("r2", "running")
    hub.runs.put("r3", "failed", error={"code": "E103", "message": "The fit has no end."})
    return hub


@pytest.fixture
def pages(hub):
    with visiting(make_pages(hub.connection(), "1.2.3")) as visitor:
        yield visitor


def test_ones_own_runs_are_listed_with_their_states(pages):
    page = pages.get("/runs")
    words = text(page)
    assert "Survival by group" in words
    assert ("✓ done" in words, "◔ is being made" in words, "✕ has no result" in words) == (True, True, True)
    assert page.headers["cache-control"] == "private, no-store"


def test_a_run_that_goes_on_is_shown_anew_until_one_says_no(pages):
    page = pages.get("/runs/r2")
    assert page.headers["refresh"] == "2"
    assert "round 1" in text(page)
    assert "athens ✓ answered" in text(page)
    assert "refresh" not in pages.get("/runs/r2?still=1").headers
    assert "refresh" not in pages.get("/runs/r1").headers


def test_a_run_is_cancelled_by_a_form_of_ours_alone(hub, pages):
    assert pages.post("/runs/r2", data={"do": "cancel"}).status_code == 403
    assert hub.runs.runs["r2"]["state"] == "running"
    token = re.search(r'name="form" value="([^"]*)"', pages.get("/runs/r2").text)[1]
    assert pages.post("/runs/r2", data={"do": "cancel", "form": token}).headers["location"] == "/runs/r2"
    page = pages.get("/runs/r2")
    assert "was cancelled" in text(page)
    assert "refresh" not in page.headers


def test_a_run_without_a_result_says_why(pages):
    page = pages.get("/runs/r3")
    assert page.status_code == 200
    assert "The fit has no end." in text(page)
    assert "make it again" in text(page)
    assert "Make the analysis survival of everybody" in text(page)


def test_a_result_says_who_took_part_and_who_did_not_and_why(pages):
    words = text(pages.get("/runs/r1"))
    assert "people in the result 227" in words
    assert "nodes in the result 2 of 4" in words
    assert "cork ○ silent Did not fetch the question." in words
    assert "dresden ✕ refused The rule people says: too few. E601" in words
    assert "differ from the others, the result is not that of all." in words
    assert "Few people are at risk after 800 days." in words
    assert "Equal to what all rows together would give, as each node tells them." in words
    assert "log-rank 10.206 1 0.0014001" in words


def test_a_result_says_of_whom_only_the_sum_was_seen(hub, pages):
    assert "secured" not in text(pages.get("/runs/r1"))
    hub.runs.put("r6", "done", record=record("cox"))
    words = text(pages.get("/runs/r6"))
    assert "Of athens, bologna the sums of several rounds were secured: nobody saw those of one alone." in words


def test_a_result_has_its_figures_with_caption_and_numbers(pages):
    page = pages.get("/runs/r1")
    (place,) = re.findall(r'href="(/runs/r1/[^"]+\.svg)" download', page.text)
    assert 'tabindex="0"><svg' in page.text
    assert "<?xml" not in page.text
    assert "style=" not in page.text.split('<div class="drawing"')[1].split("</svg>")[0]
    assert pages.get(place).headers["content-type"] == "image/svg+xml"
    assert b"<svg" in pages.get(place).content
    assert pages.get(place.replace(".svg", ".pdf")).content.startswith(b"%PDF")
    assert "The numbers of this figure" in page.text
    assert pages.get("/runs/r1/nothing.svg").status_code == 404


def test_files_are_to_be_kept_and_not_shown(pages):
    for name, kind in (
        ("run.json", "application/json"),
        ("curve.csv", "text/csv; charset=utf-8"),
        ("run.zip", "application/zip"),
    ):
        got = pages.get(f"/runs/r1/{name}")
        assert (got.status_code, got.headers["content-type"]) == (200, kind)
        assert got.headers["content-disposition"].startswith("attachment")
        assert got.headers["cache-control"] == "private, no-store"
    assert pages.get("/runs/r2/run.json").status_code == 404


def test_of_a_run_that_is_not_yours_nothing_is_told(pages):
    assert pages.get("/runs/r77").status_code == 404
    assert pages.get("/runs/r77/run.json").status_code == 404


def test_words_of_a_record_are_words(hub, pages):
    """Whatever nodes and people have written into it; its figures are drawn into the page as they are."""
    evil = "x\"'><script>alert(1)</script><img src=x onerror=alert(2)>"
    odd = json.loads(json.dumps(record()).replace('"female"', json.dumps(evil)).replace('"no"', json.dumps(f"{evil}2")))
    odd["warnings"] = [evil]
    odd["nodes"] = [one | {"reason": evil, "code": evil} for one in odd["nodes"]]
    hub.runs.put("r4", "done", record=odd)
    hub.runs.put("r5", "failed", error={"code": "E103", "message": evil})
    for path in ("/runs", "/runs/r4", "/runs/r5", f"/runs/{quote(evil, safe='')}"):
        found = Markup(pages.get(path).text)
        assert found.runs == [], path
    assert any(evil in words for words in Markup(pages.get("/runs/r4").text).words)
