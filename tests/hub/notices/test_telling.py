"""People are told once, of what was kept, and of nothing that was undone."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select
from tests.hub.callers import START

from oncommons.hub.notices.inbox import Inbox
from oncommons.hub.notices.tables import NOTICE
from oncommons.hub.notices.telling import keep_waiting, settle, tell
from oncommons.hub.people.register import Register
from oncommons.schema.notices import Notice

DAY = 86_400.0


def notice(person, once="A-7 review", **parts):
    plain = {"kind": "decision", "says": "Look at it.", "where": "/decisions/A-7", "subject": "A-7"}
    return Notice(person, once=once, **plain | parts)


def told(database, *notices, now=START):
    with database.write() as connection:
        return tell(connection, notices, now)


def number(database):
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(NOTICE)).scalar_one()


def waiting(database, person):
    return [one["says"] for one in Inbox(database).waiting(person)]


def test_each_person_is_told_once(database, people):
    ana, ben, _ = people
    assert told(database, notice(ana), notice(ben), notice(ana)) == 2
    assert told(database, notice(ana), notice(ben, "another")) == 1
    assert number(database) == 3


def test_what_is_undone_was_told_to_nobody(database, people):
    def die(connection):
        tell(connection, [notice(people[0])], START)
        raise RuntimeError("dies")

    with pytest.raises(RuntimeError), database.write() as connection:
        die(connection)
    assert number(database) == 0


def test_nobody_is_told_who_has_no_account_or_had_it_erased(database, people):
    Register(database).erase(people[0], START)
    assert (
        told(database, notice(people[0]), notice("x" * 24), notice("https://else.example#ana"), notice(people[1])) == 1
    )


def test_those_who_tell_the_same_at_once_tell_it_once(database, people):
    gate = Barrier(4)

    def work(i):
        gate.wait()
        return told(database, *[notice(one) for one in (people if i % 2 else people[::-1])])

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 3
    assert number(database) == 3


def test_what_is_settled_waits_no_more_and_news_stay_as_they_are(database, people):
    ana, ben, _ = people
    told(database, notice(ana, until=START + DAY), notice(ben, until=START + DAY), notice(ana, "news", says="News."))
    told(database, notice(ana, "other", subject="A-8", says="Other.", until=START + DAY))
    with database.write() as connection:
        settle(connection, "A-7", START + 1, {(ben, "A-7 review")})
    assert (waiting(database, ana), waiting(database, ben)) == (["Other."], ["Look at it."])
    assert [one["says"] for one in Inbox(database).news(ana)[0]] == [
        "News.",
        "Look at it.",
    ]  # what is over counts as read
    assert Inbox(database).counts(ana) == {"waiting": 1, "unread": 1}


def test_just_what_is_to_be_done_now_waits(database, people):
    ana, ben, _ = people

    def now_wait(at, *notices):
        with database.write() as connection:
            return keep_waiting(connection, "A-7", notices, at)

    first = [notice(ana, "check", says="Check.", until=START + DAY)]
    assert now_wait(START, *first) == 1
    assert now_wait(START + 1, *first) == 0
    assert now_wait(START + 2, notice(ben, "vote", says="Vote.", until=START + DAY)) == 1
    assert (waiting(database, ana), waiting(database, ben)) == ([], ["Vote."])
    assert now_wait(START + 3) == 0
    assert waiting(database, ben) == []


@pytest.mark.parametrize("parts", [{"subject": "A-8", "until": START}, {}])
def test_what_does_not_wait_for_the_subject_is_refused(database, people, parts):
    with pytest.raises(ValueError, match="subject"), database.write() as connection:
        keep_waiting(connection, "A-7", [notice(people[0], **parts)], START)
