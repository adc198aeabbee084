"""What somebody finds in the inbox."""

import pytest
from tests.hub.callers import START
from tests.hub.notices.test_telling import DAY, notice, number, told

from oncommons.hub.notices import inbox as module
from oncommons.hub.notices.inbox import Inbox
from oncommons.hub.notices.telling import settle
from oncommons.hub.people.register import Register


@pytest.fixture
def inbox(database):
    return Inbox(database)


def says(notices):
    return [one["says"] for one in notices]


def test_what_waits_stands_apart_what_is_due_first_comes_first(database, people, inbox):
    ana = people[0]
    told(database, notice(ana, "late", says="Late.", until=START + 9 * DAY), notice(ana, "news", says="News."))
    told(database, notice(ana, "soon", says="Soon.", until=START + DAY), now=START + 5)
    assert says(inbox.waiting(ana)) == ["Soon.", "Late."]
    assert says(inbox.news(ana)[0]) == ["News."]
    assert inbox.counts(ana) == {"waiting": 2, "unread": 1}
    assert inbox.counts(people[1]) == {"waiting": 0, "unread": 0}


def test_unread_news_come_first_and_then_the_newest(database, people, inbox):
    for i in range(4):
        told(database, notice(people[0], str(i), says=f"News {i}."), now=START + i)
    inbox.read(people[0], [inbox.news(people[0])[0][0]["id"]], START + 9)
    assert says(inbox.news(people[0])[0]) == ["News 2.", "News 1.", "News 0.", "News 3."]


def test_news_come_in_pages(database, people, inbox):
    told(database, *[notice(people[0], str(i), says=f"News {i}.") for i in range(module.PAGE + 1)])
    first, more = inbox.news(people[0])
    second, end = inbox.news(people[0], 2)
    assert (len(first), more, len(second), end) == (module.PAGE, True, 1, False)
    assert len({one["id"] for one in first + second}) == module.PAGE + 1


def test_nobody_marks_what_is_told_to_somebody_else(database, people, inbox):
    told(database, notice(people[0]), notice(people[1]))
    foreign = inbox.news(people[1])[0][0]["id"]
    assert inbox.read(people[0], [foreign, "nothing"], START) == 0
    assert inbox.read(people[0], None, START) == 1
    assert inbox.counts(people[1])["unread"] == 1


def test_what_is_read_still_waits(database, people, inbox):
    told(database, notice(people[0], until=START + DAY))
    inbox.read(people[0], None, START)
    assert inbox.counts(people[0]) == {"waiting": 1, "unread": 0}


def test_wishes_are_kept_by_kind_and_the_rest_comes_at_once(inbox, people):
    inbox.wish(people[0], {"decision": "daily"})
    inbox.wish(people[0], {"decision": "none", "permit": "daily"})
    assert inbox.wishes(people[0]) == {
        "application": "at once", "decision": "none", "permit": "daily", "data": "at once"
    }  # fmt: skip
    assert set(inbox.wishes(people[1]).values()) == {"at once"}


def test_a_person_sees_all_that_is_kept_and_erasure_takes_it_along(database, people, inbox):
    ana, ben, _ = people
    told(database, notice(ana, until=START + DAY), notice(ana, "news"), notice(ben))
    inbox.wish(ana, {"data": "none"})
    seen = inbox.keeper().told(ana)
    assert (len(seen["told"]), seen["by_email"]["data"]) == (2, "none")
    assert seen["told"][0]["made"] == "2026-09-21T14:13:20+00:00"
    Register(database).erase(ana, START, [inbox.keeper().forget])
    assert inbox.keeper().told(ana) == {"by_email": dict.fromkeys(seen["by_email"], "at once"), "told": []}
    assert number(database) == 1


def test_what_is_long_over_is_deleted_and_what_waits_or_is_unread_stays(database, people, inbox):
    ana = people[0]
    told(
        database,
        notice(ana, "waits", says="Waits.", until=START + DAY),
        notice(ana, "done", until=START, subject="A-8"),
    )
    told(database, notice(ana, "read", says="Read."), notice(ana, "new", says="New."))
    read = next(one["id"] for one in inbox.news(ana)[0] if one["says"] == "Read.")
    waits = inbox.waiting(ana)[0]["id"]
    inbox.read(ana, [read, waits], START)
    with database.write() as connection:
        settle(connection, "A-8", START)
    assert inbox.tidy(START + module.KEEP_SECONDS - 1) == 0
    assert inbox.tidy(START + module.KEEP_SECONDS) == 2
    assert says(inbox.waiting(ana) + inbox.news(ana)[0]) == ["Waits.", "New."]
