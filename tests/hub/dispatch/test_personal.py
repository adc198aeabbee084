"""What runs keep of a person."""

import pytest
from sqlalchemy import select
from tests.hub.dispatch.test_book import ANA, BEN, RUN, begun
from tests.hub.people.guests import PASSWORD, guest, opened
from tests.schema.test_run import RUN as RUN_JSON
from tests.storage.test_worklist import a_job

from oncommons.hub.dispatch.book import RunBook
from oncommons.hub.dispatch.personal import keeper
from oncommons.hub.dispatch.tables import RUN as TABLE
from oncommons.hub.people.register import Leaving
from oncommons.hub.search.permitted import Under
from oncommons.storage.worklist import SqlWorkList


@pytest.fixture
def book(database):
    book = RunBook(database, "one")
    for under in (ANA, BEN):
        begun(book, under)
    return book


def test_a_person_sees_their_runs_and_nobody_elses(book):
    (mine,) = keeper(book.database).told("ana")
    assert (mine["id"], mine["permit"], mine["state"], mine["run"]) == ("mine", "P-7", "running", RUN_JSON)
    assert mine["title"] == RUN.title
    assert keeper(book.database).told("") == []


def test_runs_of_a_person_go_with_what_nodes_answered_and_others_stay(book):
    work = SqlWorkList(book.database)
    names = [f"{book.one(under, 'mine').key}-0-0" for under in (ANA, BEN)]
    for name in names:
        work.add(a_job(name), ["athens"])
    with book.database.write() as connection:
        for person in ("ana", ""):
            keeper(book.database).forget(connection, Leaving(person, "", 0.0))
    with book.database.read() as connection:
        assert connection.execute(select(TABLE.c.person)).scalars().all() == ["ben"]
    assert [work.job(name) is None for name in names] == [True, False]


def test_they_stand_in_the_account_of_their_person(tmp_path):
    with opened(tmp_path) as hub:
        ana = guest(hub)
        begun(RunBook(hub.hub.database, "one"), Under("P-7", ana.id))
        assert [one["permit"] for one in ana.about()["runs"]] == ["P-7"]
        assert ana("DELETE", "/api/account", json={"password": PASSWORD}).status_code == 200
        assert RunBook(hub.hub.database, "one").of(Under("P-7", ana.id)) == []
