"""Pages for writing applications over a real hub in this process."""

import json
import re
from contextlib import contextmanager
from html import unescape

import pytest
from tests.hub.applications.writers import PDF, attach, begun, fill, joined, look, save
from tests.hub.people.guests import guest, opened
from tests.schema.forms import BODY
from tests.web.test_people_pages import EVIL, FORM, WOMEN, Browser, text

from oncommons.client.inside import connect_inside
from oncommons.web.app import mount_pages

ANA, BOB = "ana@athens.example", "bob@berlin.example"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@contextmanager
def running(folder):
    with opened(folder, people="required") as hub:
        fill(hub)
        mount_pages(hub.app, connect_inside(hub.app), "1.2.3")
        yield hub


def seen_by(hub, email):
    found = Browser(hub)
    found.sign_in(email)
    return found


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A hub for tests that only write applications of their own."""
    with running(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


@pytest.fixture(scope="module")
def ana(hub):
    return guest(hub)


@pytest.fixture(scope="module")
def bob(hub):
    return guest(hub, BOB)


@pytest.fixture
def browser(hub, ana):
    return seen_by(hub, ANA)


def shown(browser, path):
    """The hidden fields of a page, as its form sends them."""
    got = browser.get(path)
    assert got.status_code == 200, got.text
    return {name: unescape(value) for name, value in HIDDEN.findall(got.text)}


def typed(browser, made, section, fields=None, headers=None, page=None, **answers):
    """Save a section as its page holds it, with some answers typed."""
    path = f"/applications/{made}/write/{section}"
    held = page or shown(browser, path)
    return browser.post(path, held | {f"a-{k}": v for k, v in answers.items()} | (fields or {}), headers)


def test_from_an_answer_to_an_application(browser, hub, ana):
    token = FORM.search(browser.get("/applications").text)[1]
    fields = {"form": token, "do": "begin", "question": json.dumps(WOMEN), "dataset": ["athens/lung", "berlin/chest"]}
    got = browser.post("/applications", fields)
    assert got.status_code == 303
    seen = look(ana, got.headers["location"].rpartition("/")[2])["application"]
    assert seen["answers"] == {"question": json.dumps(WOMEN), "datasets": ["athens/lung", "berlin/chest"]}
    assert "Do the terms of use fit? Holder Dataset Outcome Why athens Lung ✕ does not fit" in text(
        browser.get(got.headers["location"])
    )
    assert "Whose data: the cohort as a question Count people where sex is F" in text(
        browser.get(f"{got.headers['location']}/print")
    )


def test_an_answer_leads_to_an_application(browser):
    got = browser.get(f"/ask?do=ask&question={json.dumps(WOMEN)}")
    assert 'action="/applications"' in got.text
    assert unescape(re.search(r'name="question" value="([^"]*)"', got.text)[1]).startswith("{")


def test_what_is_typed_is_saved_and_what_lacks_is_told(browser, ana):
    made = begun(ana)
    assert "26 answers are missing" in text(browser.get(f"/applications/{made}"))
    assert (
        typed(browser, made, "project", title="Lungs", summary="We look.")
        .headers["location"]
        .endswith("/write/project?saved=1")
    )
    assert look(ana, made)["application"]["answers"] == {"title": "Lungs", "summary": "We look."}
    page = browser.get(f"/applications/{made}")
    assert "24 answers are missing" in text(page)
    assert f'/applications/{made}/write/project#p-scientific"' in page.text
    assert "saved=1" not in typed(browser, made, "project", {"go": "purpose"}).headers["location"]


def test_a_section_that_was_not_touched_overwrites_nothing(browser, ana):
    made = begun(ana, title="First")
    page = shown(browser, f"/applications/{made}/write/project")
    save(ana, made, 1, title="From elsewhere")
    assert typed(browser, made, "project", page=page, title="First", summary="Mine").status_code == 303
    assert look(ana, made)["application"]["answers"] == {"title": "From elsewhere", "summary": "Mine"}


def test_a_conflict_shows_both_texts_and_the_next_save_decides(browser, ana):
    made = begun(ana, title="First")
    page = shown(browser, f"/applications/{made}/write/project")
    save(ana, made, 1, title="Theirs")
    got = typed(browser, made, "project", page=page, title="Mine", summary="Kept")
    assert got.status_code == 409
    assert "ana wrote meanwhile, and it stands: Theirs" in text(got)
    assert 'name="a-title" value="Mine"' in got.text
    assert look(ana, made)["application"]["answers"] == {"title": "Theirs", "summary": "Kept"}
    held = {name: unescape(value) for name, value in HIDDEN.findall(got.text)}
    assert typed(browser, made, "project", page=held, title="Mine", summary="Kept").status_code == 303
    assert look(ana, made)["application"]["answers"]["title"] == "Mine"
    assert "Theirs" in text(browser.get(f"/applications/{made}/earlier/title"))


def test_the_script_gets_the_same_in_json(browser, ana):
    made, headers = begun(ana, title="First"), {"accept": "application/json"}
    page = shown(browser, f"/applications/{made}/write/project")
    told = typed(browser, made, "project", page=page, headers=headers, title="Second").json()
    assert (told["stands"]["title"]["revision"], told["late"]) == (2, {})
    late = typed(browser, made, "project", page=page, headers=headers, title="Third").json()["late"]["title"]
    assert (late["value"], late["by"], late["revision"]) == ("Second", "ana", 2)


def test_a_script_of_who_is_signed_out_is_told_so(browser, ana):
    made = begun(ana)
    browser.client.cookies.clear()
    got = browser.post(f"/applications/{made}/write/project", {"form": "x"}, {"accept": "application/json"})
    assert (got.status_code, got.json()["error"]["code"]) == (401, "E382")


@pytest.mark.parametrize("session", ["", "another-session-that-was-opened-since"])
def test_what_is_typed_when_the_session_ends_is_shown(browser, ana, session):
    made = begun(ana, title="First")
    page = shown(browser, f"/applications/{made}/write/project")
    browser.client.cookies.clear()
    browser.client.cookies.set("oncommons_session", session)
    got = typed(
        browser, made, "project", page=page, title="First", summary=f"Long text {EVIL}", fields={"comment-title": "Hm"}
    )
    assert (got.status_code, "Not saved" in got.text, "Long text" in got.text, "<script>alert" in got.text) == (
        401,
        True,
        True,
        False,
    )
    assert "Hm</textarea>" in got.text
    assert "First" not in text(got)
    foreign = typed(browser, made, "project", page=page, summary="Long text", headers={"sec-fetch-site": "cross-site"})
    assert "Long text" not in foreign.text


def test_documents_are_attached_with_what_was_typed(browser, ana, hub):
    made = begun(ana)
    path = f"/applications/{made}/write/ethics"
    fields = shown(browser, path) | {"a-protection": "Typed.", "place": "p-ethics"}
    files = {"file-ethics": ("vote.pdf", PDF, "application/pdf"), "file-other_documents": ("", b"")}
    got = hub.portal.call(lambda: browser.client.post(path, data=fields, files=files))
    assert got.headers["location"].endswith("?saved=1#p-ethics")
    seen = look(ana, made)["application"]
    assert (seen["answers"], [one["name"] for one in seen["attachments"]]) == ({"protection": "Typed."}, ["vote.pdf"])
    kept = browser.get(f"/applications/{made}/documents/{seen['attachments'][0]['id']}")
    assert kept.content == PDF
    assert kept.headers["content-disposition"].startswith("attachment;")
    assert kept.headers["x-content-type-options"] == "nosniff"


def test_a_document_that_is_refused_loses_no_text(browser, ana, hub):
    made = begun(ana)
    path = f"/applications/{made}/write/ethics"
    fields = shown(browser, path) | {"a-protection": "Typed."}
    files = {"file-ethics": ("vote.pdf", b"MZ\x90", "application/pdf")}
    got = hub.portal.call(lambda: browser.client.post(path, data=fields, files=files))
    assert (got.status_code, "E393" in got.text, "Typed." in got.text) == (415, True, True)
    assert look(ana, made)["application"]["answers"] == {"protection": "Typed."}


def test_what_is_too_large_is_not_read(browser, ana, hub):
    made, sent = begun(ana), []

    async def endless():
        for _ in range(2_000):
            sent.append(1)
            yield bytes(1_000_000)

    headers = {"content-type": "multipart/form-data; boundary=X"}
    path = f"/applications/{made}/write/ethics"
    got = hub.portal.call(lambda: browser.client.post(path, content=endless(), headers=headers))
    assert (got.status_code, len(sent)) == (415, 22)


def test_authors_are_invited_and_join(browser, ana, bob, hub):
    made = begun(ana, title="Ours")
    told = browser.send(f"/applications/{made}", do="invite", email="")
    (link,) = re.findall(r"<code>(http://hub.test/applications/join/[^<]+)</code>", told.text)
    other = seen_by(hub, BOB)
    assert other.get(f"/applications/{made}").status_code == 404
    path = link.removeprefix("http://hub.test")
    assert other.send(path).headers["location"] == f"/applications/{made}"
    assert "Ours" in text(other.get("/applications"))
    browser.send(f"/applications/{made}", do="invite", email="cleo@x.example")
    page = browser.get(f"/applications/{made}")
    assert "cleo@x.example, invited until" in text(page)
    browser.send(f"/applications/{made}", do="withdraw", id=look(ana, made)["invitations"][0]["id"])
    browser.send(f"/applications/{made}", do="leave", author=look(ana, made)["application"]["authors"][0])
    assert other.get(f"/applications/{made}").status_code == 404


def test_an_address_finds_its_invitation(browser, bob):
    made = begun(bob, title="Bob's")
    bob("POST", f"/api/applications/{made}/invitations", json={"email": ANA})
    page = browser.get("/applications")
    assert "bob asks you to write an application together" in text(page)
    invitation = re.search(r'name="invitation" value="([^"]+)"', page.text)[1]
    assert (
        browser.send("/applications", do="join", invitation=invitation).headers["location"] == f"/applications/{made}"
    )


def test_comments_are_said_with_what_was_typed(browser, ana):
    made = begun(ana)
    typed(browser, made, "project", {"comment-title": "Too long?"}, title="Lungs")
    (said,) = look(ana, made)["comments"]
    assert (said["text"], look(ana, made)["application"]["answers"]["title"]) == ("Too long?", "Lungs")
    assert "1 open comment" in text(browser.get(f"/applications/{made}"))
    typed(browser, made, "project", {"resolve": said["id"]}, title="Lungs")
    assert "Comments, all resolved" in text(browser.get(f"/applications/{made}/write/project"))
    typed(browser, made, "project", {"reopen": said["id"]}, title="Lungs")
    assert look(ana, made)["comments"][0]["resolved"] == ""


def test_an_application_is_copied_taken_to_another_form_and_deleted(tmp_path):
    with running(tmp_path) as hub:
        ana = guest(hub)
        copied_and_deleted(seen_by(hub, ANA), ana, hub)


def copied_and_deleted(browser, ana, hub):
    made = begun(ana, title="Lungs", scientific="Why?")
    attach(ana, made, paragraph="other_documents")
    hub.app.state.applications.forms.put(json.dumps(BODY), 9.0)
    assert "There is a newer form" in text(browser.get(f"/applications/{made}"))
    browser.send(f"/applications/{made}", do="form")
    page = text(browser.get(f"/applications/{made}"))
    assert "Of an earlier form" in page
    assert "scientific Why? vote.pdf" in page
    copied = browser.send(f"/applications/{made}", do="copy").headers["location"]
    assert "Lungs (copy)" in text(browser.get(copied))
    assert browser.send(copied, do="delete").headers["location"] == "/applications"
    assert browser.get(copied).status_code == 404


def test_what_was_handed_in_is_read_only(browser, ana, hub):
    made = begun(ana, title="Lungs")
    with hub.app.state.database.write() as connection:
        hub.app.state.applications.book.set_state(connection, made, "check")
    page = browser.get(f"/applications/{made}/write/project")
    assert "<button" not in page.text
    assert typed(browser, made, "project", title="x").status_code == 400
    assert "cannot be written now" in text(browser.get(f"/applications/{made}"))


def test_scripts_in_every_field_stay_text(browser, ana, hub):
    made = begun(ana)
    form = look(ana, made)["form"]
    names = [p["id"] for s in form["sections"] for p in s["paragraphs"] if p["kind"] != "documents"]
    lists = {"datasets", "ehds", "research", "variables", "analyses"}
    save(ana, made, **{n: [f"a/{EVIL}"] if n in lists else EVIL for n in names})
    attach(ana, made, name=f"{EVIL}.pdf")
    for name in names:
        ana("POST", f"/api/applications/{made}/comments", json={"paragraph": name, "text": EVIL})
    ana("PUT", "/api/account/name", json={"name": EVIL.replace(chr(10), "")})
    pages = ["", "/print", "/earlier/title", *(f"/write/{s['id']}" for s in form["sections"])]
    for path in (*(f"/applications/{made}{page}" for page in pages), "/applications"):
        got = browser.get(path)
        assert got.status_code == 200, (path, got.text)
        assert "<script>alert" not in got.text
        assert "alert(1)" in got.text or path.endswith("/earlier/title")
        assert not re.findall(r'value="[^"]*"[^>]*><script>', got.text)
    ana("PUT", "/api/account/name", json={"name": "ana"})


@pytest.mark.parametrize("path", ["", "/{made}", "/{made}/write/project", "/join/x"])
def test_forms_of_other_sites_change_nothing(browser, ana, path):
    made = begun(ana, title="First")
    place = "/applications" + path.replace("{made}", made)
    page = shown(browser, f"/applications/{made}/write/project")
    fields = page | {"do": "delete"} | ({"a-title": "Stolen"} if "write" in path else {})
    for headers, form in (
        ({"origin": "http://evil.example"}, page["form"]),
        ({"sec-fetch-site": "cross-site"}, page["form"]),
        ({}, "guess"),
        ({}, ""),
    ):
        got = browser.post(place, fields | {"form": form}, headers)
        told = (401, False) if "write" in path and not headers else (403, True)
        assert (got.status_code, "E387" in got.text) == told
    assert look(ana, made)["application"]["answers"] == {"title": "First"}


@pytest.mark.parametrize(
    "path", ["/applications", "/applications/x", "/applications/x/write/y", "/applications/join/z"]
)
def test_nobody_is_led_to_signing_in(hub, path):
    stranger = Browser(hub)
    assert stranger.get(path).headers["location"] == f"/sign-in?next={path}"
    assert stranger.post(path, {}).headers["location"] == f"/sign-in?next={path}"
    assert 'href="/applications"' not in stranger.get("/").text


def test_there_is_no_such_section_or_doing(browser, ana):
    made = begun(ana)
    assert browser.get(f"/applications/{made}/write/nowhere").status_code == 404
    assert browser.get(f"/applications/{made}/documents/nothing").status_code == 404
    assert browser.send(f"/applications/{made}", do="fly").status_code == 400
    assert browser.send(f"/applications/{made}", do="leave", author="x").status_code == 404


def test_all_of_it_is_given_to_programs(browser, ana):
    made = begun(ana, title="Lungs")
    got = browser.get(f"/applications/{made}/json")
    assert got.json()["application"]["answers"] == {"title": "Lungs"}
    assert "application.json" in got.headers["content-disposition"]
    assert got.headers["cache-control"] == "private, no-store"


def test_two_write_together(browser, ana, bob):
    made = begun(bob, title="Bob's")
    joined(bob, ana, made)
    typed(browser, made, "project", title="Ours")
    assert look(bob, made)["application"]["answers"]["title"] == "Ours"
    fields = shown(browser, f"/applications/{made}") | {"do": "leave", "author": ana.id, "self": "1"}
    assert browser.post(f"/applications/{made}", fields).headers["location"] == "/applications"
