"""What becomes of the applications of somebody who leaves."""

import time
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import event, insert
from tests.hub.applications.writers import attach, begun, joined, look
from tests.hub.people.guests import PASSWORD, desk_of, guest, link, sign_in

from oncommons.hub.applications.book import Book
from oncommons.hub.applications.documents import KEEP_SECONDS, Documents
from oncommons.hub.applications.leaving import keeper
from oncommons.hub.applications.tables import AUTHOR
from oncommons.hub.people.register import Leaving, new_person
from oncommons.schema.errors import NotFound


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
    assert book.one(done, dora.id).application.applicant == dora.id
    for gone in (alone, theirs):
        assert ana("GET", f"/api/applications/{gone}").status_code == 404
    assert len(list(small.app.state.applications.documents.folder.iterdir())) == files - 1
    assert ana("POST", "/api/application-invitations", json={"invitation": link.rpartition("/")[2]}).status_code == 404


def test_all_that_goes_with_an_account_goes_in_one_transaction_with_it(small, ana):
    """A machine that died after the account was gone left drafts with its address behind, for good."""
    dora = guest(small, "dora2@x.example")
    ours, invited = begun(dora), begun(ana)
    attach(dora, begun(dora))
    joined(dora, ana, ours)
    ana("POST", f"/api/applications/{invited}/invitations", json={"email": dora.email})
    link(small, dora.email, "coordinator")
    sign_in(small, dora.email, "a wrong password")
    with dead_after_one_commit(small.hub.database), suppress(Stopped):
        desk_of(small).erase_person(dora.id)
    left = small.app.state.applications
    assert left.book.mine(dora.id) == []
    assert left.authors.waiting_for(dora.email, small.clock()) == []
    assert not [one for one in desk_of(small).links.waiting(None, small.clock()) if one.email == dora.email]
    with pytest.raises(NotFound):
        desk_of(small).register.person(dora.id)


def test_who_has_no_address_takes_no_invitations_of_others_along(small, ana):
    """An empty address is that of every invitation by a link."""
    book = small.app.state.applications
    hers = begun(ana)
    book.authors.invite(hers, ana.id, "", small.clock())
    with small.hub.database.write() as connection:
        nobody = new_person(connection, None, "No Body", "", small.clock())
    desk_of(small).erase_person(nobody)
    assert len(book.authors.waiting(hers, ana.id, small.clock())) == 1


class Stopped(Exception):
    """The machine stands still."""


@contextmanager
def dead_after_one_commit(database):
    """A machine that dies as soon as something was kept."""
    kept = []

    def stop(_connection):
        if kept:
            raise Stopped

    keep = kept.append
    event.listen(database.engine, "commit", keep)
    event.listen(database.engine, "begin", stop)
    try:
        yield
    finally:
        event.remove(database.engine, "commit", keep)
        event.remove(database.engine, "begin", stop)


def test_files_of_who_has_left_are_found_where_the_machine_died_before_they_were_deleted(small):
    eli = guest(small, "eli@x.example")
    attach(eli, begun(eli))
    documents = small.app.state.applications.documents
    before = set(documents.folder.iterdir())
    with small.hub.database.write() as connection:
        keeper(Book(small.hub.database), documents).forget(connection, Leaving(eli.id, eli.email, 1.0))
    documents.sweep(time.time() + KEEP_SECONDS + 1)
    assert len(before - set(documents.folder.iterdir())) == 1


def test_what_is_shared_goes_over_and_what_is_not_goes(database, tmp_path):
    book = Book(database)
    alone, shared = (book.begin("dora", 1, {}, 1.0) for _ in range(2))
    with database.write() as connection:
        connection.execute(insert(AUTHOR), {"application": shared, "person": "ana", "made": 1.0})
        keeper(book, Documents(database, tmp_path)).forget(connection, Leaving("dora", "", 2.0))
    assert book.mine("dora") == []
    assert [(one.id, one.applicant, one.authors) for one in book.mine("ana")] == [(shared, "ana", ())]
    with pytest.raises(NotFound):
        book.one(alone, "dora")
