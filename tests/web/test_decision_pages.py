"""Pages for those who apply and decide, over a real hub in this process."""

import re
from itertools import count

import pytest
from tests.hub.applications.writers import PDF, attach, begun, save
from tests.hub.callers import card
from tests.hub.decisions.cases import society
from tests.hub.decisions.test_opening import TYPED
from tests.hub.people.guests import guest, opened
from tests.web.test_people_pages import EVIL, Browser, text

from oncommons.client.inside import connect_inside
from oncommons.schema.dataset import DatasetCard
from oncommons.web.app import mount_pages

_NUMBERS = count(1)
COMMITTEE = ("mia", "max", "mo", "pat")


@pytest.fixture(scope="module")
def everybody(tmp_path_factory):
    with society(tmp_path_factory.mktemp("hub")) as found:
        mount_pages(found.hub.app, connect_inside(found.hub.app), "1.2.3")
        found.browsers = {}
        yield found


@pytest.fixture
def here(everybody):
    everybody.now = f"p{next(_NUMBERS)}"
    return everybody


def at(here, name):
    """Somebody's browser, signed in."""
    if name not in here.browsers:
        here.browsers[name] = Browser(here.hub)
        here.browsers[name].sign_in(f"{name}@people.example")
    return here.browsers[name]


def page(here, name):
    got = at(here, name).get(f"/decisions/{here.now}")
    assert got.status_code == 200, got.text
    return text(got)


def send(here, name, do, holder="", **fields):
    """A form of the application's page, as the page holds it."""
    seen = str(here.seen(name)["seen"])
    return at(here, name).send(f"/decisions/{here.now}", do=do, holder=holder, **{"seen": seen, **fields})


def sent(here, name, do, holder="", **fields):
    got = send(here, name, do, holder, **fields)
    assert (got.status_code, got.headers.get("location")) == (303, f"/decisions/{here.now}"), text(got)


def test_an_application_goes_from_page_to_page_to_a_permit(here):
    here.submit()
    sent(here, "cora", "return", text="The title is short.")
    sent(here, "ana", "submit")
    assert "It is your turn" in page(here, "cora")
    sent(here, "cora", "pass")
    assert "It is your turn" not in page(here, "cora")
    sent(here, "olga", "ask", "athens", text="Why?")
    assert "Why?" in page(here, "ana")
    sent(here, "ana", "answer", "athens", text="So.")
    sent(here, "olga", "propose", "athens", yes="yes", datasets="athens/lung", conditions="One.\n\nTwo.\n")
    for name in COMMITTEE:
        sent(here, name, "vote", "athens", yes="yes", text="Sound." if name == "mia" else "")
    assert "Sound." in page(here, "max")
    assert "One." in page(here, "ana")
    sent(here, "ana", "accept", "athens")
    sent(here, "oscar", "propose", "bologna", yes="no", datasets="bologna/lung")
    assert "The permit holds" in page(here, "ana")
    permits = text(at(here, "ana").get("/permits"))
    assert "athens: One. athens: Two." in permits
    assert "not granted" in page(here, "ana")


def test_a_draft_is_handed_in_from_its_page_and_its_documents_are_read_by_who_decides(tmp_path):
    with opened(tmp_path, people="required") as hub:
        hub.join("bologna")
        shelf = hub.app.state.applications.shelf
        shelf.replace("bologna", [DatasetCard.from_json(card("lung", licence="DUO:0000042"))], hub.clock())
        mount_pages(hub.app, connect_inside(hub.app), "1.2.3")
        ana, ole = guest(hub, "ana@people.example"), guest(hub, "ole@people.example", "operator", "Hub")
        writer, reader = Browser(hub), Browser(hub)
        writer.sign_in(ana.email)
        reader.sign_in(ole.email)
        made = begun(ana, **TYPED | {"title": ""})
        attach(ana, made)
        write, decide = f"/applications/{made}", f"/decisions/{made}"
        assert "Hand it in" not in text(writer.get(write))
        refused = writer.send(decide, page=write, do="submit", holder="")
        assert (refused.status_code, "title" in text(refused)) == (422, True)
        save(ana, made, 0, title="Lungs", datasets=["bologna/lung"])
        save(ana, made, 1, datasets=["bologna/lung"])
        assert "Hand it in" in text(writer.get(write))
        assert writer.send(decide, page=write, do="submit", holder="").status_code == 303
        assert "How it stands" in text(writer.get(write))
        assert "Terms of use: fits" in text(reader.get(decide))
        document = ole("GET", f"/api/decisions/{made}").json()["record"]["attachments"][0]["id"]
        got = reader.get(f"{decide}/documents/{document}")
        assert (got.content, got.headers["content-disposition"][:10]) == (PDF, "attachment")
        assert reader.get(f"{decide}/documents/nothing").status_code == 404
        assert Browser(hub).get(f"{decide}/documents/{document}").status_code == 303


def test_what_waits_comes_first_with_its_day(here):
    here.reviewed()
    got = text(at(here, "olga").get("/decisions"))
    assert re.search("Ask the applicant, or propose a decision athens 2026-11-2. .in 60 days.", got)
    assert here.now in at(here, "olga").get("/decisions").text


def test_a_refused_step_is_told_beside_what_was_typed(here):
    here.reviewed()
    got = send(here, "olga", "propose", "athens", yes="yes", conditions="Keep me")
    assert got.status_code == 400
    assert "Mark a dataset to grant, or refuse." in text(got)
    assert "Keep me</textarea>" in got.text


def test_who_looked_at_something_else_is_told_and_decides_nothing(here):
    here.submit()
    old = str(here.seen("cora")["seen"])
    here.done("cora", "return", text="More.")
    here.submit(title="Another")
    got = send(here, "cora", "pass", seen=old)
    assert (got.status_code, here.seen("cora")["state"]) == (409, "check")
    assert "changed since you looked" in text(got)


def test_a_stranger_finds_no_page(here):
    here.reviewed()
    assert at(here, "eve").get(f"/decisions/{here.now}").status_code == 404
    assert Browser(here.hub).get(f"/decisions/{here.now}").headers["location"].startswith("/sign-in?next=/decisions/")


@pytest.mark.parametrize("path", ["/decisions", "/permits", "/uses"])
def test_who_is_not_signed_in_is_led_there(here, path):
    assert Browser(here.hub).get(path).headers["location"] == f"/sign-in?next={path}"


@pytest.mark.parametrize("path", ["/decisions/PLACE", "/permits"])
def test_a_form_of_another_site_does_nothing(here, path):
    here.submit()
    path = path.replace("PLACE", here.now)
    fields = {"do": "pass", "holder": "", "permit": here.now}
    assert at(here, "cora").post(path, {"form": "x", **fields}).status_code == 403
    evil = {"origin": "https://evil.example"}
    assert at(here, "cora").send(path, headers=evil, page="/account", **fields).status_code == 403
    assert at(here, "cora").post(path, fields).status_code == 403
    stranger = Browser(here.hub)
    assert stranger.post(path, fields).headers["location"].startswith("/sign-in")
    assert here.seen("cora")["state"] == "check"


def test_words_that_are_scripts_stay_words(here):
    here.reviewed(title=EVIL)
    here.done("olga", "ask", "athens", text=EVIL)
    here.done("ana", "answer", "athens", text=EVIL)
    here.done("ana", "comment", text=EVIL)
    here.propose("olga", "athens", "athens/lung", conditions=["<b>bold</b>"])
    here.voted(*COMMITTEE)
    here.done("ana", "accept", "athens")
    here.propose("oscar", "bologna")
    for name, path in (("ana", f"/decisions/{here.now}"), ("ana", "/decisions"), ("ana", "/permits"), ("dan", "/uses")):
        got = at(here, name).get(path)
        assert "<script>alert" not in got.text
        assert "<b>bold" not in got.text
        assert "alert(1)" in text(got)
        assert got.headers["cache-control"] == "private, no-store"


def test_a_pass_is_shown_once(here):
    here.granted()
    got = at(here, "ana").send("/permits", permit=here.now)
    assert f"{here.now}." in text(got)
    secret = text(got).split(f"{here.now}.")[1].split()[0]
    assert here.hub.app.state.permits.whose(f"{here.now}.{secret}")[1] == here.ana.id
    assert secret not in at(here, "ana").get("/permits").text
    refused = at(here, "ben").send("/permits", permit="nowhere")
    assert refused.status_code == 404


def test_a_holder_sees_what_its_data_are_used_for(here):
    here.granted(title="Seen by the data manager")
    assert "Seen by the data manager" in text(at(here, "dan").get("/uses"))
    assert "look after no organisation" in text(at(here, "eve").get("/uses"))


@pytest.mark.parametrize("fields", [{}, {"do": "fly"}, {"do": "comment", "seen": "x" * 50, "text": "  "}])
def test_a_form_that_says_nothing_is_told_so(here, fields):
    here.submit()
    assert at(here, "ana").send(f"/decisions/{here.now}", holder="", **fields).status_code == 400
