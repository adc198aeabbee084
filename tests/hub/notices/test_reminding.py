"""Reminders: to whom, when, and only once, against a calendar that was reckoned by hand."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from tests.hub.callers import START
from tests.hub.notices.test_outbox import out
from tests.hub.notices.test_telling import DAY, notice, told

from oncommons.hub.notices.inbox import Inbox
from oncommons.hub.notices.outbox import Round
from oncommons.hub.notices.reminding import remind
from oncommons.hub.notices.tables import NOTICE
from oncommons.hub.notices.telling import settle


def reminded(database):
    with database.read() as connection:
        query = select(NOTICE.c.person, NOTICE.c.once).where(NOTICE.c.reminded.is_not(None))
        return sorted((row.person, row.once) for row in connection.execute(query))


def waits(person, once="duty", days=60, subject="s"):
    return notice(person, once, until=START + days * DAY, subject=subject)


def test_who_must_act_is_reminded_once_some_days_before_the_end(database, people):
    ana, ben, _ = people
    told(database, waits(ana), waits(ben, days=90), notice(ana, "news"))
    assert remind(database, 7, START + 53 * DAY - 1) == 0
    assert remind(database, 7, START + 53 * DAY) == 1
    assert reminded(database) == [(ana, "duty")]
    assert remind(database, 7, START + 54 * DAY) == 0


@pytest.mark.parametrize(("days", "at"), [(7, 3.5), (2, 5), (0, None)])
def test_a_short_clock_is_reminded_of_in_its_second_half(database, people, days, at):
    told(database, waits(people[0], days=7))
    if at is not None:
        assert remind(database, days, START + at * DAY - 1) == 0
    assert remind(database, days, START + (at or 6.9) * DAY) == (at is not None)


def test_what_is_done_or_over_is_not_reminded_of(database, people):
    ana, ben, _ = people
    told(database, waits(ana), waits(ben, subject="t"))
    with database.write() as connection:
        settle(connection, "s", START + DAY)
    assert remind(database, 7, START + 60 * DAY) == 0  # it has run out: it is escalated instead
    assert remind(database, 7, START + 59 * DAY) == 1
    assert reminded(database) == [(ben, "duty")]


def test_of_several_who_look_at_once_one_reminds(database, people):
    told(database, *(waits(one, f"duty {i}") for one in people for i in range(5)))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: remind(database, 7, START + 55 * DAY), range(4)))
    assert sum(found) == 15


def test_a_reminder_is_written_of_once_though_it_was_read_before(database, people):
    ana = people[0]
    inbox, (post, outbox) = Inbox(database), out(database)
    told(database, waits(ana))
    assert outbox.round(START) == Round(1)
    inbox.read(ana, None, START + DAY)
    remind(database, 7, START + 55 * DAY)
    assert outbox.round(START + 55 * DAY) == Round(1)
    assert outbox.round(START + 56 * DAY) == Round()
    first, second = (one.get_content() for one in post.taken)
    assert ("- Reminder: " in first, "- Reminder: " in second) == (False, True)
    assert inbox.counts(ana) == {"waiting": 1, "unread": 0}
    assert [bool(one["reminded"]) for one in inbox.waiting(ana)] == [True]


def test_what_is_done_before_the_reminder_is_written_is_not_written_of(database, people):
    post, outbox = out(database)
    told(database, waits(people[0]))
    outbox.round(START)
    remind(database, 7, START + 55 * DAY)
    with database.write() as connection:
        settle(connection, "s", START + 55 * DAY)
    assert outbox.round(START + 55 * DAY) == Round()
    assert len(post.taken) == 1
