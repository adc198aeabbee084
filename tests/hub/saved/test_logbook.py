"""What was heard of saved questions, and what follows for the numbers that are waited for; on SQLite and PostgreSQL."""

import pytest
from sqlalchemy import select
from tests.storage.conftest import opened

from oncommons.hub.people.register import new_person
from oncommons.hub.people.tables import PERSON
from oncommons.hub.saved import logbook
from oncommons.hub.saved.drawer import Drawer
from oncommons.hub.saved.logbook import Asked, Logbook, Watched
from oncommons.hub.saved.waiters import WATCH_SECONDS, Waiters
from oncommons.hub.search.permitted import Under
from oncommons.schema.answer import Answer, Count, DatasetAnswer, NodeAnswer, exact
from oncommons.schema.parsing import parse_question

WOMEN = parse_question({"count": "person", "where": {"field": "sex", "in": ["F"]}})
BOTH = ("athens", "bologna")


@pytest.fixture
def drawer(database):
    return Drawer(database, "Hub", "https://hub.example")


@pytest.fixture
def log(drawer):
    return drawer.log


@pytest.fixture
def watched(drawer):
    """Digest of a question of which thirty are waited for."""
    digest = drawer.save("Women", WOMEN, 0.0).id
    drawer.watch(digest, 30, 0.0)
    return digest


def said(**counts):
    """An answer; a node that says nothing is silent."""
    nodes = tuple(
        NodeAnswer(node, "silent", "Asleep.")
        if count is None
        else NodeAnswer(node, "answered", datasets=(DatasetAnswer("d", count, count),))
        for node, count in counts.items()
    )
    return Answer("i", {"count": "person"}, "Count people.", nodes)


def hear(log, digest, now, members=BOTH, **counts):
    log.ask(digest, list(counts), now)
    log.hear(digest, said(**counts), members, now)


def seen(log, digest):
    return [(one.reach, one.standing, one.count.at_least) for one in log.sightings(digest, 99)]


def test_the_sum_is_that_of_what_each_node_told_last(log, drawer, watched):
    hear(log, watched, 10.0, athens=exact(12), bologna=exact(9))
    hear(log, watched, 20.0, athens=exact(14))
    assert drawer.one(watched).count == exact(23)
    assert [(h.node, h.count) for h in log.heard(watched)] == [("athens", exact(14)), ("bologna", exact(9))]


def test_a_node_that_is_away_keeps_its_number_and_changes_nothing(log, drawer, watched):
    hear(log, watched, 10.0, athens=exact(20), bologna=exact(12))
    hear(log, watched, 20.0, athens=exact(20), bologna=None)
    assert seen(log, watched) == [(30, "reached", 32)]
    assert [h.is_current for h in log.heard(watched)] == [True, False]
    assert drawer.one(watched).heard[1].told == "1970-01-01T00:00:10+00:00"


def test_a_change_is_noted_once_with_the_nodes_that_told_it(log, watched):
    hear(log, watched, 10.0, athens=exact(9), bologna=None)
    hear(log, watched, 20.0, athens=exact(11), bologna=None)
    hear(log, watched, 30.0, bologna=Count(15, 24, "rounded"))
    hear(log, watched, 40.0, bologna=exact(24))
    hear(log, watched, 50.0, athens=exact(2))
    assert seen(log, watched) == [
        (30, "not reached", 26),
        (30, "reached", 35),
        (30, "perhaps", 26),
        (30, "not reached", 9),
    ]
    first = log.sightings(watched, 99)[-1]
    assert dict(first.nodes) == {"athens": "1970-01-01T00:00:10+00:00"}


def test_a_node_that_may_no_longer_answer_is_left_out(log, drawer, watched):
    hear(log, watched, 10.0, athens=exact(20), bologna=exact(12))
    log.hear(watched, None, ["athens"], 20.0)
    assert drawer.one(watched).count == exact(20)
    assert seen(log, watched)[0] == (30, "not reached", 20)


def test_of_nobody_heard_nothing_is_known(log, drawer, watched):
    hear(log, watched, 10.0, athens=None)
    one = drawer.one(watched)
    assert (one.count, one.watches[0].standing, log.sightings(watched, 9)) == (None, "not known", ())


def test_when_nobody_is_left_that_is_a_change_too(log, drawer, watched):
    hear(log, watched, 10.0, athens=exact(40))
    log.hear(watched, None, [], 20.0)
    log.hear(watched, None, [], 30.0)
    last, first = log.sightings(watched, 9)
    assert (last.standing, last.before, last.count.is_told, dict(last.nodes)) == ("not known", "reached", False, {})
    assert (first.standing, drawer.one(watched).count) == ("reached", None)


def test_an_answer_to_an_older_asking_is_passed_over(log, watched):
    log.ask(watched, BOTH, 10.0)
    log.ask(watched, ["athens"], 20.0)
    log.hear(watched, said(athens=exact(25)), BOTH, 21.0, 20.0)
    log.hear(watched, said(athens=exact(3), bologna=exact(4)), BOTH, 60.0, 10.0)
    assert [(h.node, h.count) for h in log.heard(watched)] == [("athens", exact(25)), ("bologna", exact(4))]


def test_the_rule_under_which_a_number_was_told_is_known(log, watched):
    log.ask(watched, ["athens"], 10.0)
    log.hear(watched, Answer("i", {}, "", (NodeAnswer("athens", "answered", policy="noise: 10"),)), BOTH, 10.0)
    assert log.asked(watched)[watched]["athens"] == Asked(10.0, 10.0, "noise")


def test_changes_within_a_second_are_told_apart(log, watched):
    hear(log, watched, 10.0, athens=exact(1))
    hear(log, watched, 10.25, athens=exact(40))
    assert [one.seen[17:] for one in log.sightings(watched, 9)] == ["10.250000+00:00", "10+00:00"]


def test_a_second_number_is_judged_by_what_is_known(log, drawer, watched):
    hear(log, watched, 10.0, athens=exact(20))
    drawer.watch(watched, 5, 11.0)
    log.hear(watched, None, BOTH, 11.0)
    assert seen(log, watched)[0] == (5, "reached", 20)
    assert drawer.one(watched).watches[0].reached == "1970-01-01T00:00:11+00:00"


def test_it_is_known_when_a_node_was_asked_and_whether_it_answered(log, watched):
    hear(log, watched, 10.0, athens=exact(1), bologna=None)
    assert log.asked(watched) == log.asked() == {watched: {"athens": Asked(10.0, 10.0), "bologna": Asked(10.0, None)}}
    assert {node: one.is_answered for node, one in log.asked()[watched].items()} == {"athens": True, "bologna": False}


def test_a_number_is_waited_for_until_a_year_after_somebody_said_so(log, drawer, watched):
    drawer.save("All", parse_question({"count": "person"}), 0.0)
    assert log.watched(WATCH_SECONDS - 1) == [Watched(watched, WOMEN)]
    assert log.watched(WATCH_SECONDS) == []
    drawer.watch(watched, 30, 5.0)
    assert log.watched(WATCH_SECONDS) == [Watched(watched, WOMEN)]


def test_what_changed_last_of_all_questions_stands_first(log, drawer, watched):
    other = drawer.save("All", parse_question({"count": "person"}), 0.0).id
    drawer.watch(other, 3, 0.0)
    hear(log, watched, 10.0, athens=exact(1))
    hear(log, other, 20.0, athens=exact(4))
    assert [(digest, one.standing) for digest, one in log.newest(9)] == [(other, "reached"), (watched, "not reached")]
    assert len(log.newest(1)) == 1


def test_a_question_that_the_dictionary_no_longer_has_is_not_asked(database, watched):
    with database.write() as connection:
        connection.exec_driver_sql('UPDATE saved_question SET question = \'{"count": "galaxy"}\'')
    assert Logbook(database).watched(1.0) == []


def test_of_two_changes_in_one_instant_the_last_stays(log, watched):
    hear(log, watched, 10.0, athens=exact(40))
    hear(log, watched, 10.0, athens=exact(4))
    assert seen(log, watched) == [(30, "not reached", 4)]


@pytest.mark.parametrize(("work", "then"), [("ask", "_put"), ("hear", "tell_waiters"), ("stop", "tell_end")])
def test_nobody_leaves_halfway_who_has_saved_or_is_told(postgres_url, monkeypatch, work, then):
    with opened(postgres_url) as database:
        with database.write() as connection:
            ana, ben, _eva = (new_person(connection, name, name, "-", 0.0) for name in ("ana", "ben", "eva"))
        drawer, under, free = Drawer(database, "Hub", "https://hub.example"), Under("P-7", ana), []
        digest = drawer.save("Women", WOMEN, 0.0, under).id
        drawer.watch(digest, 3, 0.0, under)
        Waiters(database).wait(digest, 3, ben, 0.0)
        hear(drawer.log, digest, 1.0, athens=exact(5))

        def look(*_of):
            with database.write() as connection:
                people = select(PERSON.c.name).with_for_update(skip_locked=True)
                free.append(set(connection.execute(people).scalars()))

        monkeypatch.setattr(logbook, then, look)
        told = {"ask": (["athens"], 2.0), "hear": (None, [], 2.0), "stop": (2.0,)}
        getattr(drawer.log, work)(digest, *told[work])
    assert free[0] == {"eva"}


def test_a_question_that_went_with_its_account_is_not_asked(database, log):
    log.ask("0" * 64, ["athens"], 1.0)
    assert log.asked() == {}
