"""What decisions tell other parts of the hub."""

import pytest
from sqlalchemy import update
from tests.hub.decisions.rooms import Room
from tests.storage.conftest import opened

from oncommons.hub.decisions.stories import named_holders, stories
from oncommons.hub.decisions.tables import SUBMISSION
from oncommons.hub.projects.rules import Report, Story


@pytest.fixture
def room(sqlite_url):
    with opened(sqlite_url) as database:
        yield Room(database)


def test_what_was_granted_has_the_summary_handed_in_last_and_what_came_of_it(room):
    room.submit(summary="First.")
    room.do("return", "cora", text="more")
    room.granted(summary="Last.")
    assert stories(room.database, ["a1", "P-7"]) == {"a1": Story("Last.")}
    room.do("report", "ana", text="We found it.")
    told = Report("We found it.", room.clock.now)
    room.do("end", "cora")
    assert stories(room.database, ["a1", "P-7"]) == {"a1": Story("Last.", (told,))}


def test_only_what_is_asked_for_is_read_and_of_that_what_was_handed_in_last(room):
    """To show one project, every version of all others was read."""
    room.submit(summary="First.")
    room.do("return", "cora", text="more")
    room.granted(summary="Last.")
    damage = update(SUBMISSION).values(record="{")
    with room.database.write() as connection:
        connection.execute(damage.where(SUBMISSION.c.number == 1))
    assert stories(room.database, ["a1"]) == {"a1": Story("Last.")}
    with room.database.write() as connection:
        connection.execute(damage)
    assert stories(room.database, ["a2"]) == {}
    assert stories(room.database, []) == {}


def test_nothing_is_public_of_what_was_not_granted(room):
    room.voting()
    assert stories(room.database, ["a1", "P-7"]) == {}


def test_the_organisations_that_were_named_are_told(room):
    assert named_holders(room.database) == {"athens": "athens"}


def test_a_hub_shows_what_came_of_a_project_to_everybody(here):
    here.granted(summary="We look at lungs of two cities.")
    here.done("ana", "report", text="They breathe.")
    found = here.hub("GET", f"/api/projects/{here.now}").text
    assert "We look at lungs of two cities." in found
    assert "They breathe." in found
