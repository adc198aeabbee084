"""Who waits for a number is told what changes, and nothing else; on SQLite and PostgreSQL."""

import pytest
from tests.hub.saved.test_logbook import WOMEN, drawer, hear, log  # noqa: F401  fixtures

from oncommons.hub.notices.inbox import Inbox
from oncommons.hub.people.register import Register, new_person
from oncommons.hub.saved.waiters import WATCH_SECONDS, Waiters
from oncommons.schema.answer import Count, exact
from oncommons.schema.errors import NotFound


@pytest.fixture
def waiters(database):
    return Waiters(database)


@pytest.fixture
def people(database):
    with database.write() as connection:
        return [new_person(connection, f"{name}@athens.example", name, "-", 0.0) for name in ("ana", "ben")]


@pytest.fixture
def digest(drawer, waiters, people):  # noqa: F811
    """A question of which ana waits for thirty and ben for fifty."""
    found = drawer.save("Women", WOMEN, 0.0).id
    for person, reach in zip(people, (30, 50), strict=True):
        drawer.watch(found, reach, 0.0)
        waiters.wait(found, reach, person, 0.0)
    return found


def told(waiters, person):
    return [one["says"] for one in reversed(Inbox(waiters.database).news(person)[0])]


def test_who_waits_is_told_when_it_is_reached_and_when_it_is_not_any_more(waiters, log, digest, people):  # noqa: F811
    hear(log, digest, 10.0, athens=exact(20), bologna=exact(5))
    hear(log, digest, 20.0, athens=exact(28))
    hear(log, digest, 30.0, athens=exact(29))
    hear(log, digest, 40.0, athens=exact(3))
    assert told(waiters, people[0]) == ["“Women”: 30 reached.", "“Women”: 30 no longer reached."]
    assert told(waiters, people[1]) == []


def test_no_number_is_told_but_the_one_that_is_waited_for(waiters, log, digest, people):  # noqa: F811
    hear(log, digest, 10.0, athens=exact(41), bologna=Count(0, 9, "suppressed"))
    inbox = Inbox(waiters.database)
    (one,) = inbox.news(people[1])[0]
    assert one["says"] == "“Women”: 50 perhaps reached."
    assert "41" not in str({key: one[key] for key in ("says", "where", "subject")}).replace(digest, "")


def test_nobody_is_told_who_waits_no_more(waiters, log, digest, people):  # noqa: F811
    waiters.leave(digest, people[0])
    Register(waiters.database).erase(people[1], 5.0, [waiters.keeper().forget])
    hear(log, digest, 10.0, athens=exact(99), bologna=exact(1))
    assert [told(waiters, one) for one in people] == [[], []]
    with pytest.raises(NotFound):
        waiters.leave(digest, people[0])


def test_waiting_ends_with_the_year(waiters, log, drawer, digest, people):  # noqa: F811
    assert [(one["name"], one["reach"]) for one in waiters.of(people[0])] == [("Women", 30)]
    assert waiters.keeper().told(people[0]) == waiters.of(people[0])
    log.end(WATCH_SECONDS + 1.0)
    assert waiters.of(people[0]) == []


def test_a_person_who_waits_twice_is_told_once(waiters, log, digest, people):  # noqa: F811
    waiters.wait(digest, 30, people[0], 1.0)
    hear(log, digest, 10.0, athens=exact(40))
    assert told(waiters, people[0]) == ["“Women”: 30 reached."]


def test_who_has_left_meanwhile_waits_for_nothing(waiters, digest, people):
    waiters.leave(digest, people[0])
    Register(waiters.database).erase(people[0], 5.0)
    waiters.wait(digest, 30, people[0], 6.0)
    assert waiters.kept(people[0]) == []
