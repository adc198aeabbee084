"""An answer is shown with its question, its permit, the rule, and what was released."""

import pytest
from sqlalchemy import update
from tests.hub.audit.logs import PERMITS, Story
from tests.hub.callers import START, exact

from oncommons.hub.audit.index import Index
from oncommons.hub.audit.rules import Wanted
from oncommons.hub.audit.showing import NOTHING, Shower
from oncommons.storage.audit_hub import AUDIT_ENTRY
from oncommons.storage.worklist import WORK


@pytest.fixture
def url(sqlite_url):
    """SQLite only: the queries run on PostgreSQL in test_on_both."""
    return sqlite_url


@pytest.fixture
def story(database):
    found = Story(database)
    found.ask(START, "q1", ["athens", "bergen"], "P-7")
    found.answer(START + 1, found.happened[0], "athens")
    found.answer(START + 2, found.happened[0], "bergen", refused=True)
    return found


def show(database, seen=None, **wanted):
    index = Index(database, lambda: PERMITS)
    return Shower(database, index).show(index.find(Wanted(**wanted), seen)[0], seen)


def test_an_answer_is_whole(database, story):
    refused, released, asked = show(database)
    assert (released["sentence"], released["question"]["count"]) == (asked["sentence"], "person")
    assert "sex is F" in asked["sentence"]
    assert (released["permit"], released["project"], released["nodes"]) == ("P-7", "lung", ["athens"])
    assert (released["kept"], released["rule"]) == (True, "threshold")
    assert released["released"] == [{"certain": exact(7), "possible": exact(7), "dataset": "d"}]
    assert (refused["refusal"], refused["released"], refused["more"]) == (
        {"code": "E374", "message": "No."},
        [],
        {"refused": "E374"},
    )
    assert all(one.keys() == NOTHING.keys() | {"number", "kind"} for one in (refused, released, asked))


@pytest.mark.parametrize("result", ["", "{", "[]", '{"datasets": [], "policy": "open"}'])
def test_an_answer_that_is_not_the_one_that_was_entered_is_not_shown(database, story, result):
    with database.write() as connection:
        connection.execute(update(WORK).values(result=result))
    released = show(database)[1]
    assert (released["kept"], released["released"], len(released["answer"])) == (False, (), 64)


def test_an_officer_is_not_shown_what_others_released(database, story):
    found = show(database, ["bergen"])
    assert [one["kind"] for one in found] == ["answered", "asked"]
    assert found[0]["nodes"] == ["bergen"]


def test_what_cannot_be_read_is_shown_as_such(database, story):
    with database.write() as connection:
        connection.execute(update(AUDIT_ENTRY).where(AUDIT_ENTRY.c.number == 1).values(line="{"))
    found = show(database)
    assert [one["kind"] for one in found] == ["answered", "answered", "unreadable"]
    assert found[0]["sentence"] == ""
    assert found[2].keys() == found[0].keys()
