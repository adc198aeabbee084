"""The docket: nothing is lost when people act at once, and what is kept is what the pure table says."""

import hashlib
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import func, select, update
from tests.hub.decisions.rooms import Room, give, record, take
from tests.policy.access.test_duties import check
from tests.storage.conftest import opened

from oncommons.hub.decisions.docket import record_text
from oncommons.hub.decisions.file import load, seats_at
from oncommons.hub.decisions.tables import DECISION, DUTY, EVENT, SUBMISSION
from oncommons.hub.notices.tables import NOTICE
from oncommons.policy.access.application import Move, Proposal
from oncommons.policy.access.duties import DAY, duties, pass_time
from oncommons.policy.access.seating import reseat
from oncommons.policy.access.states import moves_of, step
from oncommons.schema.errors import NotFound, StorageFailed
from oncommons.schema.errors_of_decisions import MovedOn, NobodyDecides
from oncommons.schema.errors_of_permits import NotTheirMove
from oncommons.storage.audit_hub import HubLog
from oncommons.storage.chain import Entry

BOTH = Proposal(frozenset({"athens/x", "athens/y"}))


@pytest.fixture
def room(database):
    return Room(database)


@pytest.fixture
def small(sqlite_url):
    with opened(sqlite_url) as database:
        yield Room(database)


def kept(room, application="a1"):
    with room.database.read() as connection:
        return load(connection, application)


def at_once(*calls):
    """What each call gives or raises, all begun at the same time."""
    barrier = Barrier(len(calls))

    def one(call):
        barrier.wait(20)
        try:
            return call()
        except (NotTheirMove, MovedOn) as fault:
            return fault

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def entries(room):
    return [Entry.from_line(line) for line in HubLog(room.database).lines()]


def test_history_alone_says_how_it_stands(room):
    found = room.granted()
    assert kept(room).application == found
    assert found.state == "granted"
    assert found.granted == {"athens": BOTH.datasets, "bologna": {"bologna/z"}}


def test_of_two_officers_who_propose_at_once_one_wins_and_the_other_is_told(room):
    room.reviewed()
    with room.database.write() as connection:
        give(connection, "new", "athens", "access-officer")
    moves = [Move("propose", who, 0, "athens", proposal=Proposal(BOTH.datasets, (who,))) for who in ("olga", "new")]
    got = at_once(*(lambda m=m: room.docket.act("a1", m) for m in moves))
    (fault,) = (one for one in got if isinstance(one, Exception))
    (won,) = (one for one in got if not isinstance(one, Exception))
    assert "must act" in fault.message
    proposals = [e.move for e in kept(room).application.history if e.move.kind == "propose"]
    assert [m.proposal for m in proposals] == [won.application.case("athens").proposal]


def test_votes_that_are_cast_at_once_all_count(room):
    room.voting()
    names = ("mia", "max", "mo", "pat")
    got = at_once(*(lambda n=n: room.docket.act("a1", Move("vote", n, 0, "athens", yes=True)) for n in names))
    assert not [one for one in got if isinstance(one, Exception)]
    case = kept(room).application.case("athens")
    assert ({p for p, _ in case.votes}, case.state) == (set(names), "granted")


def test_who_votes_twice_at_once_votes_once(room):
    room.voting()
    vote = Move("vote", "mia", 0, "athens", yes=True)
    got = at_once(*(lambda: room.docket.act("a1", vote) for _ in range(4)))
    assert Counter(isinstance(one, NotTheirMove) for one in got) == {True: 3, False: 1}


def test_two_hubs_that_serve_one_database_write_one_history(room):
    room.reviewed()
    other = replace(room.docket)
    said = [(docket, f"{i}") for i in range(4) for docket in (room.docket, other)]
    at_once(*(lambda d=d, t=t: d.act("a1", Move("comment", "ana", 0, text=t)) for d, t in said))
    texts = [e.move.text for e in kept(room).application.history if e.move.kind == "comment"]
    assert sorted(texts) == sorted(t for _, t in said)
    numbers = [one.number for one in entries(room)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_each_thing_that_happened_is_in_the_audit_log_once(small):
    found = small.granted()
    logged = [one.body for one in entries(small) if one.kind == "decision"]
    assert [(b["number"], b["did"], b["after"]) for b in logged] == [
        (i + 1, e.move.kind, e.after) for i, e in enumerate(found.history)
    ]
    assert not any("yes" in b or "text" in b for b in logged)


def test_what_is_refused_leaves_nothing_behind(small):
    before = small.reviewed()
    size = len(entries(small))
    with pytest.raises(NotTheirMove):
        small.do("vote", "mia", "athens", yes=True)
    assert (kept(small).application, len(entries(small))) == (before, size)


def test_a_stranger_is_told_that_there_is_none(small):
    small.reviewed()
    for who in ("eve", "nobody"):
        with pytest.raises(NotFound):
            small.do("comment", who, text="x")
        with pytest.raises(NotFound):
            small.docket.one("a1", who)
    with pytest.raises(NotFound):
        small.docket.submit(record(), "eve")
    with pytest.raises(NotFound):
        small.docket.one("a2", "ana")


def test_who_loses_the_role_decides_no_more_and_sees_no_more(small):
    small.reviewed()
    with small.database.write() as connection:
        take(connection, "olga")
        give(connection, "new", "athens", "access-officer")
    with pytest.raises(NotFound):
        small.propose("olga", "athens", "athens/x")
    assert small.propose("new", "athens", "athens/x").case("athens").state == "vote"
    assert [e.move.kind for e in kept(small).application.history] == ["submit", "pass", "seats", "propose"]


def test_what_was_over_is_not_shown_to_who_lost_the_role(small):
    small.reviewed()
    small.do("withdraw", "ana")
    assert small.docket.one("a1", "olga").application.state == "withdrawn"
    with small.database.write() as connection:
        take(connection, "olga")
    with pytest.raises(NotFound):
        small.docket.one("a1", "olga")


def test_an_application_of_all_operators_is_decided_by_nobody(small):
    with pytest.raises(NobodyDecides):
        small.submit("ole", writers=("ole",))


def test_a_step_on_what_has_changed_since_is_refused(small):
    small.submit()
    seen = len(small.do("return", "cora", text="more").history)
    small.submit()
    with pytest.raises(MovedOn, match="coordinator must act"):
        small.do("pass", "cora", seen=seen)
    assert small.do("pass", "cora", seen=seen + 1).state == "review"


def test_each_time_it_is_handed_in_is_kept(small):
    small.submit(title="One")
    small.do("return", "cora", text="more")
    small.submit(title="Two", datasets=("bologna/z",))
    with small.database.read() as connection:
        texts = connection.execute(select(SUBMISSION.c.record).order_by(SUBMISSION.c.number)).scalars().all()
    assert ['"title":"One"' in texts[0], '"title":"Two"' in texts[1]] == [True, True]
    assert [c.body.name for c in kept(small).application.cases] == ["bologna"]


def test_each_state_is_told_to_where_it_is_written_with_the_step(small):
    heard = []
    told = replace(small.docket, follow=lambda _, application, state, __: heard.append((application, state)))
    told.submit(record(), "ana")
    told.act("a1", Move("comment", "ana", 0, text="x"))
    told.act("a1", Move("return", "cora", 0, text="x"))
    assert heard == [("a1", "check"), ("a1", "incomplete")]


def test_a_history_that_was_changed_is_not_believed(small):
    small.granted()
    with small.database.write() as connection:
        here = EVENT.c.application == "a1", EVENT.c.kind == "vote", EVENT.c.person == "mia"
        text = connection.execute(select(EVENT.c.event).where(*here)).scalar_one()
        connection.execute(update(EVENT).where(*here).values(event=text.replace('"mia"', '"eve"')))
    with pytest.raises(StorageFailed, match="damaged"):
        kept(small)


# Random walks through the store, with the pure table as the oracle.

KINDS = ["pass", "return", "ask", "propose", "vote", "conflict", "answer", "accept", "decline", "appoint", "close"]
PEOPLE = ["ana", "ben", "cora", "ole", "olga", "mia", "max", "mo", "pat", "oscar", "new", "eve"]


def a_move(rng, found):
    """Mostly what somebody must do, sometimes what somebody can do, sometimes anything by anybody."""
    who, drawn = rng.choice(PEOPLE), rng.random()
    if drawn < 0.75 and (due := duties(found)):
        duty = rng.choice(due)
        who, holder, kind = rng.choice(sorted(duty.people)), duty.body, rng.choice(duty.moves)
    elif drawn < 0.85 and (can := moves_of(found, who)):
        holder, row = rng.choice(can)
        kind = row.move if row.move != "withdraw" or rng.random() < 0.2 else "comment"
    else:
        holder, kind = rng.choice(["", "athens", "bologna"]), rng.choice(KINDS)
    mine = {"athens": ["athens/x", "athens/y"], "bologna": ["bologna/z"]}.get(holder, ["athens/x"])
    some = frozenset(rng.sample(mine, rng.randrange(len(mine) + 1)))
    proposal = Proposal(some, ("publish",) if rng.random() < 0.3 else ())
    text = rng.choice(["new", "ana", "mia"]) if kind == "appoint" else "words"
    return Move(kind, who, 0.0, holder, text, rng.random() < 0.6, proposal, rng.choice(["officer", "member"]))


def change_roles(rng, room):
    """Now and then somebody gets a role or loses it."""
    who = rng.choice(["olga", "mia", "oscar", "new"])
    with room.database.write() as connection:
        take(connection, who)
        if rng.random() < 0.7:
            give(connection, who, rng.choice(["athens", "bologna"]), rng.choice(["access-officer", "committee-member"]))


def seats_now(room, found):
    """Who decides, by the roles as they are."""
    with room.database.read() as connection:
        return seats_at(connection, found, record(found.id))


def walked(room, rng, name):
    """One walk; the application at its end."""
    room.clock.now += 1
    found = room.docket.submit(record(name), "ana").application
    seats = seats_now(room, found)
    for _ in range(rng.randrange(3, 10)):
        room.clock.now += rng.choice([1, 1, 1, DAY, 9 * DAY, 40 * DAY])
        if rng.random() < 0.05:
            change_roles(rng, room)
            seats = seats_now(room, found)
        move = a_move(rng, found)
        if move.kind == "submit":
            digest = hashlib.sha256(record_text(record(name)).encode()).hexdigest()
            move = Move("submit", move.person, 0.0, text=digest)
        wanted = expected(found, move, seats, room.clock.now)
        after = taken(room, name, move)
        assert after == wanted, move
        if after is None:
            continue
        check(found, after, move)
        found = after
        if found.over:
            break
    return found


def taken(room, name, move):
    """What the store makes of a step; nothing where it refuses."""
    try:
        if move.kind == "submit":
            return room.docket.submit(record(name), move.person).application
        return room.docket.act(name, move).application
    except (NotTheirMove, NotFound):
        return None


def expected(found, move, seats, now):
    """What the pure functions make of a step; nothing where they refuse."""
    at = max(now, found.history[-1].move.at)
    timely = reseat(pass_time(found, at), seats, at)
    try:
        return step(timely, replace(move, at=at))
    except NotTheirMove:
        return None


def test_random_walks_through_the_store_are_those_of_the_pure_table():
    rng, states = random.Random(7), Counter()
    with opened("sqlite://") as database:
        room = Room(database)
        for i in range(150):
            found = walked(room, rng, f"w{i}")
            states.update({e.after for e in found.history})
            assert kept(room, f"w{i}").application == found
        derived(room)
    ends = {"granted", "refused", "withdrawn", "closed", "vote", "conditions", "asked", "incomplete", "unmanned"}
    assert ends <= states.keys()


def derived(room):
    """What is derived is what the histories say, and nobody was told the same twice."""
    with room.database.read() as connection:
        for row in connection.execute(select(DECISION)).all():
            found = load(connection, row.application).application
            here = connection.execute(select(DUTY).where(DUTY.c.application == row.application)).all()
            wanted = {(p, d.body, d.role) for d in duties(found) for p in d.people}
            assert ({(r.person, r.holder, r.role) for r in here}, row.state) == (wanted, found.state)
        twice = select(func.count()).select_from(NOTICE).group_by(NOTICE.c.person, NOTICE.c.once)
        assert set(connection.execute(twice).scalars()) == {1}
