"""What somebody finds in the inbox."""

import pytest
from tests.hub.callers import START
from tests.hub.notices.test_telling import DAY, notice, told

from oncommons.hub.notices import inbox as module
from oncommons.hub.notices.inbox import Inbox


@pytest.fixture
def url(sqlite_url):
    """SQLite only: what PostgreSQL could do otherwise is in test_on_both."""
    return sqlite_url


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
