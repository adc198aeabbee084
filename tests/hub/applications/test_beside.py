"""Documents, authors and comments over HTTP."""

import hashlib

import pytest
from tests.hub.applications.writers import PDF, attach, begun, joined, look
from tests.hub.callers import told

from oncommons.hub.applications.beside import saving

PIECE = bytes(1_000_000)


def files_of(hub):
    folder = hub.app.state.applications.documents.folder
    return sorted(folder.iterdir()) if folder.exists() else []


def test_a_document_is_saved_and_never_shown(small, ana):
    made = begun(ana)
    kept = attach(ana, made, name='Votum Ä".pdf').json()
    got = ana("GET", f"/api/applications/{made}/documents/{kept['id']}")
    assert (got.content, got.headers["content-type"]) == (PDF, "application/pdf")
    assert got.headers["content-disposition"].startswith('attachment; filename="Votum __.pdf"')
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["x-digest-sha256"] == kept["digest"] == hashlib.sha256(PDF).hexdigest()
    assert ana("DELETE", f"/api/applications/{made}/documents/{kept['id']}").status_code == 200
    assert ana("GET", f"/api/applications/{made}/documents/{kept['id']}").status_code == 404


def test_a_program_is_no_document(small, ana):
    made = begun(ana)
    assert told(attach(ana, made, b"MZ\x90\x00", "vote.pdf")) == (415, "E393")
    assert told(attach(ana, made, b"", "vote.pdf")) == (415, "E393")
    assert look(ana, made)["application"]["attachments"] == []


@pytest.mark.parametrize("paragraph", ["title", "nowhere", ""])
def test_documents_go_where_they_are_asked_for(small, ana, paragraph):
    assert told(attach(ana, begun(ana), paragraph=paragraph)) == (400, "E390")


def test_two_gigabytes_take_no_disk(small, ana):
    made, sent, before = begun(ana), [], files_of(small)

    async def endless():
        for _ in range(2_000):
            sent.append(len(PIECE))
            yield PIECE

    assert told(attach(ana, made, endless())) == (415, "E393")
    assert files_of(small) == before


def test_strangers_send_nothing(small, ana, bob):
    made, before = begun(ana), files_of(small)
    assert attach(bob, made).status_code == 404
    assert attach(small, made).status_code == 401
    assert files_of(small) == before


def test_who_is_invited_by_address_learns_it_and_nobody_else_does(small, ana, bob):
    made = begun(ana)
    known = ana("POST", f"/api/applications/{made}/invitations", json={"email": bob.email})
    unknown = ana("POST", f"/api/applications/{made}/invitations", json={"email": "nobody@x.example"})
    assert known.status_code == unknown.status_code == 201
    assert known.json().keys() == unknown.json().keys()
    assert "ana" in [one["by"] for one in bob("GET", "/api/applications").json()["invitations"]]
    assert {one["email"] for one in look(ana, made)["invitations"]} == {bob.email, "nobody@x.example"}


def test_a_link_makes_an_author(small, ana, bob):
    made = begun(ana)
    link = ana("POST", f"/api/applications/{made}/invitations", json={}).json()["link"]
    assert link.startswith("http://hub.test/applications/join/")
    joining = {"invitation": link.rpartition("/")[2]}
    assert bob("POST", "/api/application-invitations", json=joining).json() == {"id": made}
    assert bob("POST", "/api/application-invitations", json=joining).status_code == 404
    assert look(bob, made)["application"]["authors"] == [bob.id]


def test_an_invitation_is_withdrawn(small, ana, bob):
    made = begun(ana)
    link = ana("POST", f"/api/applications/{made}/invitations", json={}).json()["link"]
    (waiting,) = look(ana, made)["invitations"]
    ana("DELETE", f"/api/applications/{made}/invitations/{waiting['id']}")
    assert bob("POST", "/api/application-invitations", json={"invitation": link.rpartition("/")[2]}).status_code == 404


def test_authors_comment_and_resolve(small, ana, bob):
    made = begun(ana)
    joined(ana, bob, made)
    path = f"/api/applications/{made}/comments"
    thread = bob("POST", path, json={"paragraph": "title", "text": "<b>Too long</b>"}).json()["id"]
    ana("POST", path, json={"paragraph": "title", "text": "No.", "thread": thread})
    assert ana("PUT", f"{path}/{thread}", json={"resolved": True}).json() == {"resolved": True}
    found = look(bob, made)
    assert [(c["text"], bool(c["resolved"])) for c in found["comments"]] == [("<b>Too long</b>", True), ("No.", False)]
    assert found["people"] == {ana.id: "ana", bob.id: "bob"}
    assert told(bob("POST", path, json={"paragraph": "title", "text": 7})) == (400, "E405")


@pytest.mark.parametrize("name", ['a"b\\c.pdf', "ä.pdf", "plain.pdf", "x\u20ac y.pdf"])
def test_a_name_breaks_out_of_no_header(name):
    shown = saving(name)["content-disposition"]
    assert shown.isascii()
    assert shown.isprintable()
    assert shown.count('"') == 2
