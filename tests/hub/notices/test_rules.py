"""When somebody is written to, against a calendar that was reckoned by hand."""

from datetime import UTC, datetime

import pytest

from oncommons.hub.notices.rules import MOST_TRIES, Letter, Waiting, letters, next_try

WISHES = {"decision": "at once", "application": "daily", "data": "none", "permit": "daily"}


def at(text):
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=UTC).timestamp()


def made(*waiting, now, last=0.0, last_daily=0.0):
    told = [Waiting(f"{kind[0]}{i}", kind, at(when)) for i, (kind, when) in enumerate(waiting)]
    return letters(told, WISHES, last, last_daily, at(now))


def test_at_once_is_at_once_and_what_is_not_wanted_is_not_written():
    found = made(("decision", "23T10:00"), ("data", "23T10:00"), ("application", "23T10:00"), now="23T10:00")
    assert found == [Letter(("d0",), daily=False)]


def test_what_happens_within_minutes_comes_together():
    assert made(("decision", "23T10:01"), now="23T10:04:59", last=at("23T10:00")) == []
    assert made(("decision", "23T10:01"), ("decision", "23T10:05"), now="23T10:05", last=at("23T10:00")) == [
        Letter(("d0", "d1"), daily=False)
    ]


@pytest.mark.parametrize(
    ("when", "now", "last_daily", "written"),
    [
        ("23T05:59", "23T05:59:59", "22T06:00", False),
        ("23T05:59", "23T06:00", "22T06:00", True),
        ("23T05:59", "23T09:30", "22T09:30", True),  # the hub was down at six
        ("23T06:01", "23T12:00", "22T06:00", False),
        ("23T06:01", "24T06:00", "23T06:00", True),
        ("22T20:00", "23T07:00", "23T06:00", False),  # one was written today
    ],
)
def test_the_e_mail_of_the_day_leaves_once_after_six(when, now, last_daily, written):
    found = made(("application", when), now=now, last_daily=at(last_daily))
    assert found == ([Letter(("a0",), daily=True)] if written else [])


def test_the_e_mail_of_the_day_tells_all_that_happened_until_it_leaves():
    found = made(("application", "23T05:00"), ("permit", "23T08:00"), now="23T09:00")
    assert found == [Letter(("a0", "p1"), daily=True)]


def test_the_waits_double_up_to_half_a_day_and_end_after_some_four_days():
    waits = [next_try(tries, 0.0) for tries in range(1, MOST_TRIES + 1)]
    assert waits[:3] == [60, 120, 240]
    assert waits[9:12] == [30_720, 43_200, 43_200]
    assert waits[-1] is None
    assert 3 < sum(filter(None, waits)) / 86_400 < 5
