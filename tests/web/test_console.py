"""The data manager's pages over a real node: what they say, what they decide, what they escape."""

from __future__ import annotations

import re
from html import unescape

import orjson
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from tests.node.images import dicom
from tests.node.steward.homes import EVIL, KINDS, MAKER, copied, entries, make_node, waiting
from tests.web.visitor import visiting

from oncommons.client.inside import steward_inside
from oncommons.client.steward import Steward
from oncommons.client.transport import Reply, Transport
from oncommons.node.flow import index_images
from oncommons.node.home import make_home
from oncommons.node.receive.table import About
from oncommons.node.steward.routes import steward_app
from oncommons.policy.disclosure.counts import Policy
from oncommons.web.console import make_console_pages, mount_console

PATHS = (
    "/",
    "/files",
    "/files?outcome=quarantined",
    "/files?q=nothing",
    "/files/{us}",
    "/files/{us}?look=even&done=moved",
    "/files/{cut}",
    "/files/{kept}?find=uid",
    "/files/{refused}",
    "/quarantine",
    "/quarantine?code=E604",
    "/quarantine?code=E699",
    "/quarantine/decide?do=release&file={us}",
    "/quarantine/decide?do=reject&file={us}&file={cut}",
    "/quarantine/decide?do=reject&file={kept}",
    "/mappings",
    "/quality",
    "/optouts",
    "/quality?dataset=nothing",
    "/preview",
    "/import",
    "/help/errors",
    "/help/errors/E604",
    "/nowhere",
)


def pages_of(home):
    return visiting(make_console_pages(steward_inside(steward_app(home)), "0.1.0"))


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """A node that no test of this module may change."""
    return make_node(tmp_path_factory.mktemp("node"))


@pytest.fixture(scope="module")
def pages(node):
    with pages_of(node) as client:
        yield client


@pytest.fixture
def own(node, tmp_path):
    return copied(node, tmp_path)


@pytest.fixture(scope="module")
def names(node):
    """Files by what became of them, to be put into paths."""
    return {
        "us": waiting(node, "us/4.dcm"),
        "cut": waiting(node, "ct/7.dcm"),
        "kept": entries(node, outcome="kept")[0].digest,
        "refused": entries(node, outcome="refused")[0].digest,
    }


def text(page):
    """The words of a page, as somebody reads them."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def counts(home):
    return {outcome: len(entries(home, outcome=outcome)) for outcome in KINDS}


@pytest.mark.parametrize("path", PATHS)
def test_no_page_has_a_style_a_script_or_another_host_in_it(pages, names, path):
    page = pages.get(path.format(**names)).text
    assert "<style" not in page
    assert not re.search(r"\sstyle\s*=", page)
    assert not re.search(r"<[^>]+\son\w+\s*=", page)
    assert re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL) == [""]
    assert not re.findall(r'(?:src|action|srcset)="(?:https?:)?//', page)


@pytest.mark.parametrize("path", PATHS)
def test_every_page_has_one_heading_of_the_first_order_and_unique_names(pages, names, path):
    page = pages.get(path.format(**names)).text
    assert len(re.findall(r"<h1\b", page)) == 1
    found = re.findall(r'\sid="([^"]*)"', page)
    assert sorted(found) == sorted(set(found))
    for name in re.findall(r'(?:\sfor|aria-labelledby)="([^" ]+)', page):
        assert name in found


@pytest.mark.parametrize("path", PATHS)
def test_no_copy_of_a_page_stays_in_the_browser(pages, names, path):
    assert pages.get(path.format(**names)).headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("path", PATHS)
def test_what_files_say_is_never_markup(pages, names, path):
    assert EVIL not in pages.get(path.format(**names)).text


def test_names_values_and_makers_are_shown_as_they_are(pages, node):
    evil = waiting(node, EVIL)
    page = text(pages.get(f"/files/{evil}"))
    assert f"{EVIL}^Eve" in page
    assert f"us/{EVIL}.dcm" in page
    for path in ("/mappings", "/files?outcome=kept"):
        assert MAKER in text(pages.get(path))
        assert MAKER not in pages.get(path).text


@pytest.mark.parametrize("name", ["outcome", "code", "dataset", "q", "page"])
def test_what_is_asked_for_is_never_markup(pages, name):
    for path in ("/files", "/quarantine", "/quarantine/decide"):
        page = pages.get(path, {name: f'"{EVIL}'})
        assert page.status_code < 500
        assert EVIL not in page.text


def test_a_dataset_of_any_name_is_never_markup(tmp_path):
    with pages_of(make_node(tmp_path, {"1.dcm": dicom(1), "2.dcm": dicom(2, Modality="US")}, f'"{EVIL}')) as client:
        for path in ("/", "/files", "/quarantine", "/mappings"):
            page = client.get(path)
            assert page.status_code == 200
            assert EVIL not in page.text


def test_the_first_page_tells_what_came_in_and_what_waits(pages):
    page = text(pages.get("/"))
    assert "files kept, de-identified 3" in page
    assert "4 files wait for a decision" in page
    assert "The image may show text 2" in page
    assert re.search(r"lung 1 1 1 3 [\d.]+ kB 4 1", page)


def test_a_new_node_says_how_files_come_in(tmp_path):
    with pages_of(make_home(tmp_path / "graz", Policy("open"))) as client:
        assert "Nothing has come in yet. How to bring files in" in text(client.get("/"))
        assert f"--dir {tmp_path / 'graz'}" in text(client.get("/import"))
        assert "Nothing is in quarantine." in text(client.get("/quarantine"))
        assert "No file is like that." in text(client.get("/files"))
        assert client.get("/mappings").status_code == 200


def test_files_are_told_with_what_became_of_them(pages):
    page = text(pages.get("/files"))
    assert page.count("◷ waits") == 4 + 1
    assert "E601 This is not a DICOM file." in page
    assert "CT · GE MEDICAL SYSTEMS" in page


def test_pages_of_files_lead_to_the_newer_and_the_older():
    file = {
        "file": "a" * 64,
        "outcome": "refused",
        "dataset": "d",
        "bytes": 1,
        "entered": "",
        "code": "E601",
        "reason": "r",
    }
    told = {
        "files": [file],
        "newer": "n2026+00:00_a",
        "older": "o2026+00:00_b",
        "name": "athens",
        "reasons": [],
        "datasets": [],
    }
    steward = Steward(Transport("http://localhost", send=lambda _: Reply(200, orjson.dumps(told))))
    with visiting(make_console_pages(steward, "0.1.0")) as client:
        page = client.get("/files?code=E601").text
    assert 'href="/files?code=E601&amp;page=n2026%2B00%3A00_a" rel="prev"' in page
    assert 'href="/files?code=E601&amp;page=o2026%2B00%3A00_b" rel="next"' in page


def test_reasons_are_told_in_plain_words_with_what_to_do(pages):
    page = text(pages.get("/quarantine"))
    assert "Pictures of this kind often show the name or number of the patient. Look at every frame." in page
    assert page.index("The image may show text 2 files") < page.index("The image is damaged 1 file")
    assert 'src="/api/node/files/' in pages.get("/quarantine").text


def test_one_reason_is_told_alone(pages):
    page = text(pages.get("/quarantine?code=E602"))
    assert "The image is damaged 1 file" in page
    assert "Look at every frame" not in page
    assert "Nothing waits for this reason." in text(pages.get("/quarantine?code=E699"))


def test_a_file_is_shown_with_picture_reason_and_both_headers(pages, names):
    page = pages.get(f"/files/{names['us']}")
    assert "Quokka^Zebedee" in text(page)
    assert "⇄ replaced" in text(page)
    assert "Table E.1-1" in text(page)
    assert f'src="/api/node/files/{names["us"]}/picture?frame=1&amp;side=1024' in page.text
    assert 'aria-current="true">Quarantine' in page.text


def test_the_header_can_be_narrowed_down(pages, names):
    page = text(pages.get(f"/files/{names['us']}?done=moved"))
    assert "→ moved" in page
    assert "⇄ replaced" not in page
    assert "No attribute is like that." in text(pages.get(f"/files/{names['us']}?find=zebra"))


def test_a_damaged_file_is_shown_as_far_as_it_goes(pages, names):
    page = text(pages.get(f"/files/{names['cut']}"))
    assert "Its header as it came" in page
    assert "There is nothing to compare with" in page
    assert "Quokka^Zebedee" in page


def test_a_kept_file_shows_nobody(pages, names):
    page = text(pages.get(f"/files/{names['kept']}"))
    assert "Its header as it is kept" in page
    assert "Quokka" not in page
    assert "What to do" not in page


def test_the_frame_and_start_that_are_asked_for_may_be_nonsense(pages, names):
    for query in ("frame=99", "frame=-1", "frame=x", "start=x", "start=99999999", "look=x-ray", "done=x"):
        assert pages.get(f"/files/{names['us']}?{query}").status_code == 200


@pytest.mark.parametrize("digest", ["0" * 64, "..%2f..%2fdeid.key", "x"])
def test_a_file_that_never_came_has_no_page(pages, digest):
    assert pages.get(f"/files/{digest}").status_code == 404


def test_a_look_and_a_click_release_a_file(own):
    us = waiting(own, "us/4.dcm")
    with pages_of(own) as client:
        page = client.post("/quarantine/decide", data={"do": "release", "file": us, "sure": "yes", "by": EVIL})
        shown = client.get(f"/files/{us}")
    assert "1 kept" in text(page)
    assert f"by {EVIL} (console)" in unescape(shown.text)
    assert EVIL not in shown.text
    assert counts(own) == {"kept": 4, "quarantined": 3, "refused": 1}


def test_a_value_is_decided_on_the_page(tmp_path):
    own = make_node(tmp_path, {"1.dcm": dicom(1, Manufacturer=MAKER)})
    index_images(own, "lung", About(""))
    maker = {"field": "manufacturer", "raw": MAKER, "context": ""}
    with pages_of(own) as client:
        asked = client.get("/mappings")
        assert "Decide: manufacturer" in text(asked)
        assert MAKER not in asked.text
        assert "Decide: manufacturer" in text(client.post("/mappings", data={**maker, "code": ""}))
        assert "E311" in client.post("/mappings", data={**maker, "code": "zebra"}).text
        page = text(client.post("/mappings", data={**maker, "code": "GE", "by": EVIL}))
        assert "1 mapping accepted" in page
        assert f"{EVIL} (console)" in page
        assert EVIL not in client.get("/mappings").text
        assert "Decide: manufacturer" not in page
        foreign = client.post("/mappings", data={**maker, "code": "GE"}, headers={"origin": "https://evil.example"})
        assert foreign.status_code == 403


def test_rejecting_is_asked_for_and_confirmed(own):
    us, cut = waiting(own, "us/4.dcm"), waiting(own, "ct/7.dcm")
    with pages_of(own) as client:
        asked = client.get(f"/quarantine/decide?do=reject&file={us}&file={cut}")
        assert "Reject these 2 files?" in text(asked)
        assert counts(own) == KINDS
        missed = client.post("/quarantine/decide", data={"do": "reject", "file": [us, cut]})
        assert (missed.status_code, "Please confirm it first" in text(missed)) == (422, True)
        assert counts(own) == KINDS
        done = client.post("/quarantine/decide", data={"do": "reject", "file": [us, cut], "sure": "yes"})
        assert "2 rejected" in text(done)
        assert "rejected in the console" in " ".join(text(client.get(f"/files/{us}")).split())
        assert counts(own) == {"kept": 3, "quarantined": 2, "refused": 3}
        again = client.post("/quarantine/decide", data={"do": "reject", "file": us, "sure": "yes"})
        assert (again.status_code, "E645" in again.text) == (409, True)


def test_what_still_cannot_be_kept_is_told(own):
    cut = waiting(own, "ct/7.dcm")
    with pages_of(own) as client:
        page = text(client.post("/quarantine/decide", data={"do": "release", "file": cut, "sure": "yes"}))
    assert "0 kept, 1 still waits" in page
    assert "E602" in page


def test_what_no_longer_waits_is_told_before_it_is_decided(pages, names):
    page = pages.get(f"/quarantine/decide?do=reject&file={names['kept']}")
    assert "do not wait any more" in text(page) or "does not wait any more" in text(page)
    assert 'name="sure"' not in page.text


@pytest.mark.parametrize(
    "query", ["", "do=reject", "do=dance&file={us}", "do=reject&file=x", "do=reject&" + "file={us}&" * 101]
)
def test_a_decision_that_cannot_be_read_is_told(pages, names, query):
    assert pages.get(f"/quarantine/decide?{query.format(**names)}").status_code in {400, 404}


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
def test_forms_of_other_sites_decide_nothing(pages, node, names, headers):
    for do in ("release", "reject"):
        fields = {"do": do, "file": names["us"], "sure": "yes"}
        page = pages.post("/quarantine/decide", data=fields, headers=headers)
        assert (page.status_code, "E646" in page.text) == (403, True)
    assert pages.post("/preview", files={"file": b"x"}, headers=headers).status_code == 403
    assert counts(node) == KINDS


def test_a_file_is_tried_and_not_kept(pages, node):
    page = pages.post("/preview", files={"file": ("x.dcm", dicom(99))}, data={"done": "replaced", "find": ""})
    assert "Before and after" in text(page)
    assert "Quokka^Zebedee" in text(page)
    assert "→ moved a date" in text(page)
    assert counts(node) == KINDS


@pytest.mark.parametrize("content", [b"", b"dear sir or madam"])
def test_what_is_no_image_is_told_beside_the_form(pages, content):
    page = pages.post("/preview", files={"file": ("letter.txt", content)})
    assert (page.status_code, "E601" in page.text) == (400, True)
    assert 'type="file"' in page.text


def test_an_upload_has_a_limit(pages):
    assert pages.post("/preview", content=bytes(65 * 1024 * 1024)).status_code == 400


def test_pages_stand_behind_the_nodes_own_paths(node):
    app = Starlette(routes=[Route("/api/x", lambda _: None)])
    mount_console(app, steward_inside(steward_app(node)), "0.1.0")
    with visiting(app) as client:
        assert client.get("/import").status_code == 200
        assert client.get("/dicom-web/studies").text == "Not Found"
        assert client.get("/api/nothing").text == "Not Found"


def test_a_node_that_cannot_be_read_is_told():
    def broken(_):
        raise OSError("no disk")

    with visiting(make_console_pages(Steward(Transport("http://localhost", send=broken)), "0.1.0")) as client:
        page = client.get("/")
        assert (page.status_code, "E206" in page.text) == (503, True)
