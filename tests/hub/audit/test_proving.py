"""The hub tells whether its own log is whole, and reads on from where it was."""

import pytest
from sqlalchemy import delete, update
from tests.hub.audit.logs import a_story

from oncommons.hub.audit import proving
from oncommons.hub.audit.proving import Prover
from oncommons.storage.audit_hub import AUDIT_ENTRY, AUDIT_HEAD, HubLog


@pytest.fixture
def url(sqlite_url):
    """SQLite only: what is read is the same on PostgreSQL."""
    return sqlite_url


@pytest.fixture
def prover(database):
    return Prover(HubLog(database))


def told(prover, **how):
    found = prover.prove(0.0, **how)
    return found.state, found.size, found.head.size, [fault.what for fault in found.faults]


def change(database, number, by="athens", to="athene"):
    with database.write() as connection:
        line = connection.execute(AUDIT_ENTRY.select().where(AUDIT_ENTRY.c.number == number)).one().line
        connection.execute(update(AUDIT_ENTRY).where(AUDIT_ENTRY.c.number == number).values(line=line.replace(by, to)))


def test_an_empty_log_and_one_that_grows_are_whole(database, prover):
    assert told(prover) == ("whole", 0, 0, [])
    story = a_story(database, 20)
    assert told(prover) == ("whole", 20, 20, [])
    assert told(prover) == ("whole", 20, 20, [])
    story.issue(9e9, "P-7")
    found = prover.prove(5.0)
    assert (found.state, found.head, found.to_json()["at"]) == (
        "whole",
        HubLog(database).head(),
        "1970-01-01T00:00:05.000Z",
    )


def test_a_changed_entry_is_found_once_it_is_read(database, prover):
    a_story(database, 9)
    told(prover)
    change(database, 1)
    assert told(prover)[0] == "whole"  # it was read before; that is told as the time when
    state, _, _, faults = told(prover, anew=True)
    assert (state, faults[0]) == ("not whole", "changed")
    assert told(prover)[0] == "not whole"  # and is not forgotten


def test_a_removed_entry_is_found(database, prover):
    a_story(database, 9)
    with database.write() as connection:
        connection.execute(delete(AUDIT_ENTRY).where(AUDIT_ENTRY.c.number == 4))
    assert told(prover) == ("not whole", 9, 9, ["removed"])


@pytest.mark.parametrize("read_before", [False, True])
def test_a_log_that_is_cut_is_found(database, prover, read_before):
    a_story(database, 9)
    if read_before:
        told(prover)
    with database.write() as connection:
        connection.execute(delete(AUDIT_ENTRY).where(AUDIT_ENTRY.c.number > 6))
    assert told(prover, anew=True)[0] == "not whole"


def test_a_log_that_was_emptied_or_whose_head_was_turned_is_found(database, prover):
    a_story(database, 9)
    told(prover)
    with database.write() as connection:
        connection.execute(update(AUDIT_HEAD).values(digest="ab" * 32))
    assert told(prover)[0] == "not whole"
    with database.write() as connection:
        connection.execute(delete(AUDIT_ENTRY))
    assert told(prover, anew=True)[0] == "not whole"


def test_a_long_log_is_read_in_parts(database, prover, monkeypatch):
    monkeypatch.setattr(proving, "MOST_READ", 8)
    a_story(database, 20)
    assert told(prover) == ("whole so far", 20, 8, [])
    assert told(prover) == ("whole so far", 20, 16, [])
    assert told(prover) == ("whole", 20, 20, [])
    change(database, 2)
    assert told(prover, anew=True)[0] == "not whole"
