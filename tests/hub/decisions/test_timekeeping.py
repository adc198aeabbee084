"""What time brings about is carried out in order, once, however long nobody looked."""

import asyncio

import pytest
from sqlalchemy import select
from tests.hub.decisions.rooms import Room, give, take
from tests.permits import HUB
from tests.storage.conftest import opened

from oncommons.hub.catalogue.shelf import Shelf
from oncommons.hub.decisions.granting import Granting
from oncommons.hub.decisions.tables import DECISION
from oncommons.hub.decisions.timekeeping import Timekeeper, keeping_time
from oncommons.hub.notices.tables import NOTICE
from oncommons.hub.permits.book import PermitBook
from oncommons.policy.access.duties import DAY, pass_time
from oncommons.schema.errors import StorageFailed
from oncommons.storage.audit_hub import HubLog


@pytest.fixture
def room(sqlite_url, tmp_path):
    with opened(sqlite_url) as database:
        room = Room(database)
        granting = Granting(
            database, PermitBook(tmp_path, HUB, HubLog(database)), Shelf(database), "", room.clock, "me"
        )
        room.keeper = Timekeeper(room.docket, granting, every=0.01)
        yield room


def standing(room, application="a1"):
    with room.database.read() as connection:
        return connection.execute(select(DECISION.c.state).where(DECISION.c.application == application)).scalar_one()


def test_nothing_happens_before_it_is_due(room):
    room.reviewed()
    assert room.keeper.round() == []
    room.clock.now += 59 * DAY
    assert room.keeper.round() == []


def test_a_hub_that_was_down_catches_up_at_the_times_at_which_it_was_due(room):
    before = room.reviewed()
    room.do("ask", "olga", "athens", text="Why?")
    room.clock.now += 400 * DAY
    assert room.keeper.round() == ["a1"]
    found = room.docket.one("a1", "cora").application
    times = [(e.move.body, e.move.at) for e in found.history if e.move.kind == "time"]
    begun = before.cases[1].since
    assert times == sorted(times, key=lambda one: one[1])
    assert [(body, round((at - begun) / DAY)) for body, at in times] == [
        ("athens", 28),
        ("bologna", 60),
        ("bologna", 120),
    ]
    assert found == pass_time(found, room.clock.now)


def test_doing_it_again_changes_nothing(room):
    room.reviewed()
    room.clock.now += 61 * DAY
    assert room.keeper.round() == ["a1"]
    assert room.keeper.round() == []
    assert len(room.docket.one("a1", "cora").application.history) == 4


def test_what_was_due_first_comes_first(room):
    for name in ("a2", "a1"):
        room.submit(application=name)
        room.do("return", "cora", text="x", application=name)
    room.clock.now += 29 * DAY
    assert room.keeper.round() == ["a2", "a1"]
    assert standing(room) == standing(room, "a2") == "expired"


def test_roles_that_change_are_followed_though_nobody_acts(room):
    room.reviewed()
    room.keeper.round()
    with room.database.write() as connection:
        take(connection, "olga")
    assert room.keeper.round() == ["a1"]
    assert room.docket.one("a1", "cora").application.case("athens").state == "unmanned"
    with room.database.write() as connection:
        give(connection, "new", "athens", "access-officer")
    assert room.keeper.round() == ["a1"]
    assert room.keeper.round() == []


def test_a_permit_that_was_not_made_is_made_with_the_next_round(room):
    room.granted()
    room.keeper.round()
    assert list(room.keeper.granting.book.entries()) == ["a1"]


def test_a_hub_that_serves_does_it_by_itself_and_a_fault_ends_nothing(room, caplog):
    room.submit()
    room.do("return", "cora", text="x")
    room.clock.now += 29 * DAY
    looked = []
    first = room.keeper.round

    def faulty(done):
        looked.append(1)
        if len(looked) == 1:
            raise StorageFailed("once")
        if len(looked) == 2:
            raise ValueError("twice")
        changed = first()
        done()
        return changed

    async def serve():
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        room.keeper.round = lambda: faulty(lambda: loop.call_soon_threadsafe(done.set))
        async with keeping_time(room.keeper):
            await done.wait()

    asyncio.run(asyncio.wait_for(serve(), 20))
    assert standing(room) == "expired"
    assert "once" in caplog.text


def reminded(room):
    """Who was reminded, of which holder's case, and in what state it was."""
    with room.database.read() as connection:
        rows = connection.execute(select(NOTICE).where(NOTICE.c.reminded.is_not(None))).all()
    return sorted((row.person, *row.once.split()[2:4]) for row in rows)


def test_those_who_have_not_voted_are_reminded_before_the_votes_are_counted_and_nobody_else(room):
    room.voting()
    begun = room.clock.now
    room.do("vote", "mia", "athens", yes=True)
    room.clock.now = begun + 23 * DAY - 1
    assert (room.keeper.round(), room.keeper.remind()) == ([], 0)
    room.clock.now = begun + 23 * DAY + 1
    assert room.keeper.remind() == 3
    assert reminded(room) == [(name, "athens", "vote") for name in ("max", "mo", "pat")]
    assert room.keeper.remind() == 0
    room.do("vote", "max", "athens", yes=True)
    room.clock.now += 3 * DAY
    assert room.keeper.remind() == 0


def test_after_an_escalation_those_who_have_it_now_are_reminded_anew(room):
    room.reviewed()
    room.clock.now += 53 * DAY
    room.keeper.look()
    assert reminded(room) == [("olga", "athens", "review"), ("oscar", "bologna", "review")]
    room.clock.now += 7 * DAY
    room.keeper.look()
    told = reminded(room)
    room.clock.now += 53 * DAY
    room.keeper.look()
    new = reminded(room)
    for one in told:
        new.remove(one)
    assert sorted(new) == sorted(
        (person, place, "review")
        for place, officer in (("athens", "olga"), ("bologna", "oscar"))
        for person in (officer, "cora")
    )


def test_a_hub_that_was_down_past_the_end_escalates_and_does_not_remind(room):
    room.reviewed()
    room.clock.now += 61 * DAY
    assert room.keeper.round() == ["a1"]
    assert room.keeper.remind() == 0


def test_another_process_reminds_of_nothing_that_was_reminded_of(room):
    room.submit()
    room.clock.now += 24 * DAY
    assert room.keeper.remind() == 1
    again = Timekeeper(room.docket, room.keeper.granting)
    assert again.remind() == 0


def test_a_hub_may_remind_of_nothing(room):
    room.submit()
    room.clock.now += 29 * DAY
    assert Timekeeper(room.docket, room.keeper.granting, lambda: 0.0).remind() == 0
