"""What becomes of the applications of somebody who leaves."""

from tests.hub.applications.writers import attach, begun, joined, look
from tests.hub.people.guests import PASSWORD, guest


def test_an_account_tells_of_its_applications(small):
    cleo = guest(small, "cleo@x.example")
    made = begun(cleo, title="Lungs")
    (told,) = cleo.about()["applications"]
    assert (told["id"], told["title"], told["state"]) == (made, "Lungs", "draft")


def test_who_leaves_takes_along_what_nobody_else_writes(small, ana):
    dora = guest(small, "dora@x.example")
    alone, ours, theirs, done = (begun(dora, title="x") for _ in range(4))
    attach(dora, alone)
    joined(dora, ana, ours)
    with small.app.state.database.write() as connection:
        small.app.state.applications.book.set_state(connection, done, "review")
    hers = begun(ana, title="y")
    joined(ana, dora, hers)
    link = dora("POST", f"/api/applications/{theirs}/invitations", json={}).json()["link"]
    files = len(list(small.app.state.applications.documents.folder.iterdir()))
    assert dora("DELETE", "/api/account", json={"password": PASSWORD}).status_code == 200
    book = small.app.state.applications.book
    seen = look(ana, ours)["application"]
    assert (seen["applicant"], seen["authors"]) == (ana.id, [])
    assert look(ana, hers)["application"]["authors"] == []
    assert book.any(done).applicant == dora.id
    for gone in (alone, theirs):
        assert ana("GET", f"/api/applications/{gone}").status_code == 404
    assert len(list(small.app.state.applications.documents.folder.iterdir())) == files - 1
    assert ana("POST", "/api/application-invitations", json={"invitation": link.rpartition("/")[2]}).status_code == 404
