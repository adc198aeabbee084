"""What the page of quality shows, made from what a node tells, and over a real node."""

import re
from html import unescape

import pytest
from tests.node.checked import contours, keep, slices
from tests.node.images import ROOT
from tests.node.steward.homes import entries, make_node
from tests.web.visitor import visiting

from oncommons.client.inside import steward_inside
from oncommons.node.checking import check
from oncommons.node.home import make_home
from oncommons.node.steward.routes import steward_app
from oncommons.policy.disclosure.counts import Policy
from oncommons.storage.journal import append
from oncommons.web.console import make_console_pages
from oncommons.web.quality_pages import quality_view

REPORT = {
    "coverage": {"age": {"series": 1, "of": 3}, "sex": {"series": 3, "of": 3}},
    "links": [{"kind": "dose", "objects": 2, "targets": 1, "partial": 1, "nowhere": 0, "unlinked": 1}],
}


def words(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def visit(home):
    app = steward_app(home)
    return app, visiting(make_console_pages(steward_inside(app), "0.1.0"))


def test_only_what_is_not_stated_everywhere_is_a_gap():
    view = quality_view({"dataset": "lung", "report": REPORT, "checks": []})
    assert [(bar.name, bar.series, bar.of, bar.share) for bar in view.gaps] == [("age", 1, 3, 33)]


def test_links_are_told_in_words():
    view = quality_view({"dataset": "lung", "report": REPORT, "checks": []})
    assert list(view.links) == ["dose: 2 objects describe 1 series; 1 describes also what is not here, 1 names nothing"]


def test_checks_of_before_are_told_the_newest_first_and_drawn_the_oldest_first():
    checks = [{"at": f"2026-01-0{n}T00:00:00+00:00", "figures": {"series": 4, "without_findings": n}} for n in (1, 3)]
    view = quality_view(
        {"dataset": "lung", "report": None, "checks": [*checks, {"at": "broken", "figures": {}}, {"at": "2026-01-01"}]}
    )
    assert [one["figures"]["without_findings"] for one in view.checks] == [3, 1]
    assert [dot.words for dot in view.figure.dots] == ["1 of 4 on 2026-01-01", "3 of 4 on 2026-01-03"]


def test_checks_made_in_another_way_are_not_drawn_with_the_latest():
    ways = {"files": "1", "quick": "2", "pixels": "3"}
    checks = [
        {"at": f"2026-01-0{day}T00:00:00+00:00", "way": way, "figures": {"series": 4, "without_findings": 1}}
        for way, day in ways.items()
    ]
    view = quality_view({"dataset": "lung", "report": REPORT | {"way": "quick"}, "checks": checks})
    assert [one["way"] for one in view.checks] == ["quick"]
    assert view.way == "by the ledger"


@pytest.mark.parametrize(("findings", "told"), [({"pixels-undecodable": 2}, True), ({}, False), ("broken", False)])
def test_what_lies_behind_a_check_that_did_not_decode_pixels_is_told(tmp_path, findings, told):
    home = make_home(tmp_path / "athens", Policy("open"))
    keep(home, tmp_path, slices(3))
    found = {"at": "2026-01-02T00:00:00+00:00", "dataset": "lung", "way": "pixels", "findings": findings}
    append(home.quality_file, found)
    check(home)
    _, pages = visit(home)
    with pages as client:
        assert ("pixels of 2 series could not be decoded" in words(client.get("/quality"))) == told


def test_a_node_without_images_says_so(tmp_path):
    _, pages = visit(make_home(tmp_path / "athens", Policy("open")))
    with pages as client:
        assert "keeps no images yet" in words(client.get("/quality"))


def test_a_dataset_is_checked_from_the_page_and_what_was_found_is_told(tmp_path):
    home = make_home(tmp_path / "athens", Policy("open"))
    files = slices(6, without={3})
    names = [f"{ROOT}.{name}" for name in files]
    keep(home, tmp_path, {**files, "c": contours([*names, f"{ROOT}.1.1.3"])})
    app, pages = visit(home)
    with pages as client:
        assert "not checked yet" in words(client.get("/quality"))
        assert client.post("/quality", data={"dataset": "lung"}).status_code in {200, 303}
        app.state.checks.join()
        page = words(client.get("/quality?dataset=lung"))
    assert "Slices are missing" in page
    assert "1 of 6 objects that it describes" in page
    assert "contours: 1 object describes 1 series; 1 describes also what is not here." in page


def test_a_file_tells_what_describes_it_and_whether_a_face_could_be_rebuilt(tmp_path):
    home = make_home(tmp_path / "athens", Policy("open"))
    files = slices(3, BodyPartExamined="HEAD", SliceThickness="1")
    keep(home, tmp_path, {**files, "c": contours([f"{ROOT}.{name}" for name in files])})
    slice_, drawn = (entries(home, modality=kind)[0].digest for kind in ("CT", "RTSTRUCT"))
    _, pages = visit(home)
    with pages as client:
        shown, drawing = words(client.get(f"/files/{slice_}")), words(client.get(f"/files/{drawn}"))
    assert "A face could be rebuilt from this series" in shown
    assert "described by contours (RTSTRUCT)" in shown
    assert "contours of CT , 3 objects" in drawing
    assert "face" not in drawing.split("SHA-256")[0]


def test_what_has_changed_since_the_check_before_is_told(tmp_path):
    home = make_home(tmp_path / "athens", Policy("open"))
    keep(home, tmp_path, slices(6, without={3}))
    check(home)
    keep(home, tmp_path, slices(6, series=2, without={3}))
    check(home)
    keep(home, tmp_path, slices(2, study=2), "other")
    _, pages = visit(home)
    with pages as client:
        assert "0 of 2" in words(client.get("/"))
        assert "not checked" in words(client.get("/"))
        assert "before 1" in words(client.get("/quality"))


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_page_of_another_site_begins_no_check(tmp_path, origin):
    home = make_node(tmp_path)
    app, pages = visit(home)
    with pages as client:
        assert client.post("/quality", data={"dataset": "lung"}, headers={"origin": origin}).status_code == 403
    app.state.checks.join()
    assert not home.quality_file.exists()
