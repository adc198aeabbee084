"""What decisions keep of a person."""

import pytest
from sqlalchemy import select
from tests.hub.decisions.rooms import Room
from tests.storage.conftest import opened

from oncommons.hub.decisions.personal import keeper
from oncommons.hub.decisions.tables import DUTY, PARTY
from oncommons.hub.people.register import Leaving


@pytest.fixture
def room(sqlite_url):
    with opened(sqlite_url) as database:
        yield Room(database)


def test_a_person_sees_what_they_did_and_nobody_elses_steps(room):
    room.voting()
    room.do("vote", "mia", "athens", yes=True)
    (mine,) = keeper(room.database).told("mia")
    assert (mine["did"], mine["yes"], mine["title"], mine["holder"]) == ("vote", True, "Lungs", "athens")
    (proposed,) = keeper(room.database).told("olga")
    assert proposed["datasets"] == ["athens/x", "athens/y"]
    assert keeper(room.database).told("eve") == []


def test_what_waits_for_a_person_goes_and_the_history_stays(room):
    found = room.voting()
    with room.database.write() as connection:
        keeper(room.database).forget(connection, Leaving("mia", "", room.clock()))
    with room.database.read() as connection:
        for table in (DUTY, PARTY):
            assert not connection.execute(select(table).where(table.c.person == "mia")).all()
    assert room.docket.one("a1", "cora").application.history == found.history
