"""The file of an application, read again from its history."""

import pytest
from sqlalchemy import delete, update
from tests.hub.decisions.rooms import ROLES, Room, give, take
from tests.storage.conftest import opened

from oncommons.hub.decisions.file import load, readable, roles_at, seats_at
from oncommons.hub.decisions.tables import EVENT
from oncommons.hub.decisions.writing import clocks_of
from oncommons.hub.people.tables import PERSON
from oncommons.policy.access.duties import DAY
from oncommons.schema.errors import NotFound, StorageFailed


@pytest.fixture
def room(sqlite_url):
    with opened(sqlite_url) as database:
        yield Room(database)


def test_what_was_never_handed_in_has_no_file(room):
    with room.database.read() as connection:
        assert load(connection, "a1") is None


def test_it_holds_what_was_handed_in_last(room):
    room.submit(title="One")
    room.do("return", "cora", text="x")
    room.submit(title="Two")
    with room.database.read() as connection:
        found = load(connection, "a1")
    assert (found.title, found.record.title, found.made) == ("Two", "Two", room.clock.now - 2)


def test_clocks_are_those_under_which_it_was_handed_in(sqlite_url):
    with opened(sqlite_url) as database:
        room = Room(database, clocks=clocks_of({"review": 5.0}))
        room.reviewed()
        room.docket = room.docket.__class__(database, room.clock, lambda: clocks_of({"review": 500.0}))
        room.clock.now += 6 * DAY
        assert [case.level for case in room.docket.one("a1", "cora").application.cases] == [1, 1]


def test_a_history_with_a_hole_is_not_believed(room):
    room.granted()
    with room.database.write() as connection:
        connection.execute(delete(EVENT).where(EVENT.c.application == "a1", EVENT.c.number == 3))
    with room.database.read() as connection, pytest.raises(StorageFailed, match="damaged"):
        load(connection, "a1")


def test_roles_are_those_of_people_who_are_here(room):
    with room.database.write() as connection:
        connection.execute(update(PERSON).where(PERSON.c.id == "olga").values(erased=1.0))
        take(connection, "oscar")
        give(connection, "new", "bologna", "access-officer")
    with room.database.read() as connection:
        found = roles_at(connection)
    assert found.people("access-officer") == {"new"}
    assert found.holder("athens").organisation == "athens"


def test_who_was_appointed_and_left_is_gone(room):
    room.reviewed(datasets=("cork/x",))
    found = room.do("appoint", "cora", "cork", text="new")
    with room.database.write() as connection:
        connection.execute(update(PERSON).where(PERSON.c.id == "new").values(erased=1.0))
    with room.database.read() as connection:
        assert seats_at(connection, found, room.docket.one("a1", "cora").record).gone == {"new"}
    assert room.docket.one("a1", "cora").application.case("cork").state == "unmanned"


def test_who_may_look_at_many_at_once_is_who_may_look_at_each(room):
    names = ("both", "one", "appointed", "withdrawn", "acted")
    for name in names:
        room.submit(application=name, datasets=("athens/x",) if name == "one" else ("athens/x", "cork/y"))
        room.do("pass", "cora", application=name)
    room.do("appoint", "cora", "cork", application="appointed", text="eve")
    room.do("ask", "olga", "athens", application="acted", text="Why?")
    for name in names[1:]:
        room.do("withdraw", "ana", application=name)
    with room.database.write() as connection:
        take(connection, "olga")
        take(connection, "mia")
        give(connection, "new", "athens", "committee-member")
    with room.database.read() as connection:
        many = {person: readable(connection, names, person) for person in ROLES}
    assert many == {person: {one for one in names if is_shown(room, one, person)} for person in ROLES}
    assert (many["olga"], many["eve"], many["mia"]) == ({"acted"}, {"appointed"}, set())
    assert many["ana"] == many["cora"] == many["new"] == set(names)


def is_shown(room, application, person):
    try:
        room.docket.one(application, person)
    except NotFound:
        return False
    return True
