"""Writing applications over HTTP."""

import json

import pytest
from tests.hub.applications.writers import attach, begun, joined, look, save
from tests.hub.callers import QUESTION, told
from tests.hub.people.guests import guest, opened
from tests.schema.forms import BODY

EVIL = "\"><script>alert(1)</script>\x00\u202e'; DROP TABLE application; --"


def test_an_application_is_begun_from_a_question_and_saved(hub):
    ana = guest(hub)
    made = begun(ana, question=json.dumps(QUESTION), datasets=["athens/lung"], unknown="x", title="")
    seen = look(ana, made)
    assert seen["application"]["answers"] == {"question": json.dumps(QUESTION), "datasets": ["athens/lung"]}
    saved = save(ana, made, title="Lungs", begin="soon")
    assert (saved["revision"], saved["late"]) == (2, {})
    faults = {one["paragraph"]: one["says"] for one in look(ana, made)["faults"]}
    assert faults["begin"] == "This is no day, such as 2027-01-31."
    assert {"summary", "truth"} < faults.keys()
    assert not {"title", "datasets", "question"} & faults.keys()
    (listed,) = ana("GET", "/api/applications").json()["applications"]
    assert (listed["title"], listed["holders"], listed["lacking"]) == ("Lungs", ["athens"], len(faults))


def test_terms_of_use_are_matched_at_once(small, ana):
    made = begun(ana, datasets=["athens/lung", "berlin/gone"], ehds=["RESEARCH"], research=["disease"])

    def outcomes():
        return {f"{d['node']}/{d['dataset']}": (d["chosen"], d["outcome"]) for d in look(ana, made)["datasets"]}

    assert outcomes() == {
        "athens/lung": (True, "not"), "athens/open": (False, "fits"), "berlin/chest": (False, "human"),
        "berlin/odd": (False, "human"), "berlin/gone": (True, "not"),
    }  # fmt: skip
    save(ana, made, diseases="ICD10:C34.9", commercial="no")
    attach(ana, made)
    assert (outcomes()["athens/lung"], outcomes()["berlin/chest"]) == ((True, "fits"), (False, "fits"))
    whys = {v["term"]: v["why"] for d in look(ana, made)["datasets"] for v in d["verdicts"]}
    assert whys["DUO:0000007"] == "All diseases are within ICD10:C34."


def test_two_tabs_lose_nothing(hub):
    ana = guest(hub)
    made = begun(ana, title="First")
    save(ana, made, 1, title="From one tab")
    late = save(ana, made, 1, title="From another", notes="n")["late"]
    assert (late["title"]["value"], late["title"]["by"], late["title"]["revision"]) == ("From one tab", "ana", 2)
    (aside,) = ana("GET", f"/api/applications/{made}/earlier/title").json()["earlier"]
    assert (aside["value"], aside["aside"], aside["by"]) == ("From another", True, "ana")
    save(ana, made, 2, title="From both")
    assert look(ana, made)["application"]["answers"]["title"] == "From both"


def test_what_is_typed_is_told_as_text(small, ana):
    made = begun(ana, title=EVIL)
    shown = look(ana, made)["application"]["answers"]["title"]
    assert shown == EVIL.replace("\x00", "")


@pytest.mark.parametrize(
    "body",
    [
        {}, [], {"answers": {}}, {"answers": [], "revisions": {}}, {"answers": {}, "revisions": {"a": -1}}, {"answers": {"a": 1}, "revisions": {}},
        {"answers": {}, "revisions": {"a": True}}, {"answers": {"A": "x"}, "revisions": {}}, {"answers": {"a": "x" * 20_001}, "revisions": {}},
        {"answers": {}, "revisions": {}, "more": 1},
    ],
)  # fmt: skip
def test_what_cannot_be_saved_is_refused(small, ana, body):
    made = begun(ana)
    assert told(ana("PUT", f"/api/applications/{made}/answers", json=body))[0] == 400


def test_an_application_is_copied_and_deleted(small, ana):
    made = begun(ana, title="Lungs")
    attach(ana, made)
    copied = ana("POST", f"/api/applications/{made}/copy").json()["id"]
    assert ana("DELETE", f"/api/applications/{made}").json() == {"deleted": made}
    assert ana("GET", f"/api/applications/{made}").status_code == 404
    seen = look(ana, copied)["application"]
    assert (seen["answers"]["title"], len(seen["attachments"])) == ("Lungs (copy)", 1)
    assert ana("GET", f"/api/applications/{copied}/documents/{seen['attachments'][0]['id']}").status_code == 200


def test_another_form_keeps_answers_and_documents(tmp_path):
    with opened(tmp_path, people="required") as own:
        another_form(own, guest(own))


def another_form(own, ana):
    made = begun(ana, title="Lungs", scientific="Why?")
    attach(ana, made)
    own.app.state.applications.forms.put(json.dumps(BODY), 9.0)
    assert (look(ana, made)["form"]["version"], look(ana, made)["newest"]) == (1, 2)
    assert look(ana, begun(ana))["form"]["version"] == 2
    assert ana("PUT", f"/api/applications/{made}/form").json() == {"form": 2}
    seen = look(ana, made)
    assert seen["form"]["title"] == "Application for data"
    assert seen["application"]["answers"] == {"title": "Lungs", "scientific": "Why?"}
    assert len(seen["application"]["attachments"]) == 1
    assert ana("GET", "/api/application-form", params={"version": 1}).json()["form"]["version"] == 1


def test_a_hub_that_does_not_know_its_people_takes_none(tmp_path):
    with opened(tmp_path) as hub:
        ana = guest(hub)
        assert told(ana("GET", "/api/applications")) == (404, "E404")
        assert told(ana("POST", "/api/applications", json={})) == (404, "E404")


def test_programs_write_no_applications(small, ana):
    assert told(ana.token("ask", "save")("GET", "/api/applications")) == (403, "E383")


def test_nobody_gets_anything_by_guessing(small, ana, bob):
    """Every route that names an application, for nobody and for somebody who does not write it."""
    made = begun(ana, title="Secret")
    document = attach(ana, made).json()["id"]
    thread = ana("POST", f"/api/applications/{made}/comments", json={"paragraph": "title", "text": "x"}).json()["id"]
    bodies = {
        "answers": {"answers": {"title": "x"}, "revisions": {}},
        "invitations": {},
        "comments": {"paragraph": "title", "text": "x"},
        "{thread}": {"resolved": True},
    }
    params = {"paragraph": "ethics", "name": "x.pdf"}
    tried = 0
    for path, methods in small.app.openapi()["paths"].items():
        for method in methods if path.startswith("/api/applications/") else ():
            body = bodies.get(path.rpartition("/")[2])
            words = {"identifier": made, "document": document, "thread": thread, "invitation": "x", "author": ana.id}
            place = path.format(paragraph="title", **words)
            for who, status in ((small, 401), (bob, 404)):
                got = who(method.upper(), place, json=body, params=params if path.endswith("documents") else None)
                assert got.status_code == status, (method, path, got.text)
                assert "Secret" not in got.text
            tried += 1
    assert tried == 14
    assert look(ana, made)["application"]["answers"] == {"title": "Secret"}
    assert len(look(ana, made)["application"]["attachments"]) == 1


def test_authors_write_together(small, ana, bob):
    made = begun(ana, title="Ours")
    joined(ana, bob, made)
    saved = save(bob, made, 1, title="Ours, too")
    assert (saved["late"], look(ana, made)["application"]["answers"]["title"]) == ({}, "Ours, too")
    assert bob("DELETE", f"/api/applications/{made}").status_code == 400
    assert ana("DELETE", f"/api/applications/{made}/authors/{bob.id}").status_code == 200
    assert bob("GET", f"/api/applications/{made}").status_code == 404


ODD = ["%00", "x", "a%00b", "%F0%9F%98%80", "%ED%A0%80", "..%2f..", "A" * 5_000, "0" * 24, "'%20OR%201=1"]


def test_odd_identifiers_are_not_there(hub):
    """No identifier makes the hub or its database break, wherever it stands."""
    ana = guest(hub)
    made = begun(ana)
    bodies = {"PUT": {"resolved": True}, "POST": {}}
    for odd in ODD:
        for method, path in (
            ("GET", f"/{odd}"), ("DELETE", f"/{odd}"), ("POST", f"/{odd}/copy"), ("PUT", f"/{odd}/form"), ("POST", f"/{odd}/invitations"),
            ("GET", f"/{made}/documents/{odd}"), ("DELETE", f"/{made}/documents/{odd}"), ("DELETE", f"/{made}/authors/{odd}"),
            ("GET", f"/{made}/earlier/{odd}"), ("PUT", f"/{made}/comments/{odd}"), ("DELETE", f"/{made}/invitations/{odd}"),
        ):  # fmt: skip
            got = ana(method, f"/api/applications{path}", json=bodies.get(method))
            fine = {404, 200} if "earlier" in path or "invitations/" in path else {404}
            assert got.status_code in fine, (method, path, got.text)
        shown = {"invitation": f"{odd}\x00"}
        assert ana("POST", "/api/application-invitations", json=shown).status_code == 404
    for version in (7, -1, 2**31, 10**30):
        assert ana("GET", "/api/application-form", params={"version": version}).status_code == 404
