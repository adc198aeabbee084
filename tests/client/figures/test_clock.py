"""Time on an axis."""

import pytest
from tests.client.figures.records import record

from oncommons.client.figures.clock import MOST_TICKS, clock_of, ticks_to

DAYS = record(run={"variables": {"time": {"value": "follow_up"}}, "settings": {"time": "time"}})


@pytest.mark.parametrize(
    ("last", "label", "ticks"),
    [
        (60, "Time (days)", (0, 10, 20, 30, 40, 50, 60)), (360, "Time (months)", (0, 2, 4, 6, 8, 10)),
        (1500, "Time (months)", (0, 12, 24, 36, 48)), (3652.5, "Time (years)", (0, 2, 4, 6, 8, 10)),
    ],
)  # fmt: skip
def test_days_become_months_and_years(last, label, ticks):
    clock = clock_of(DAYS, last)
    assert (clock.label, clock.ticks) == (label, pytest.approx(ticks))


def test_times_without_a_unit_stay_as_they_are():
    clock = clock_of(record(run={}), 5000)
    assert (clock.label, clock.said(1234.0)) == ("Time", "1,234")


@pytest.mark.parametrize("last", [1e-6, 0.3, 1, 7, 8, 99, 1e9])
def test_ticks_are_round_and_few(last):
    found = ticks_to(last)
    assert 3 <= len(found) <= MOST_TICKS + 1
    assert found[-1] <= last * (1 + 1e-9)


def test_without_a_stretch_of_time_there_is_one_tick():
    assert ticks_to(0.0) == (0.0,)
