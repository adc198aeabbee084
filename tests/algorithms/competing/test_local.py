"""What a node tells of several events: numbers by group, event and time, and of a rare event nothing."""

import numpy as np
import pytest
from tests.algorithms.tables import transplanted

from oncommons.algorithms.competing.local import local
from oncommons.algorithms.pair import Table

SETTINGS = {"time": "time", "event": "event", "by": "group"}


def test_numbers_stand_by_group_event_and_time():
    columns = {"time": [1.0, 2, 2, 3, 4, 5], "event": [1.0, 2, 0, 1, 0, np.nan], "group": [0.0, 1, 1, 1, 1, 0]}
    levels = {"event": ("none", "relapse", "death"), "group": ("low", "high")}
    found = local(Table({n: np.array(c) for n, c in columns.items()}, levels), SETTINGS, None, 1)
    assert found.found["groups"] == {
        "low": [[[], []], [[1.0], [1]], [[], []]],
        "high": [[[2.0, 4.0], [1, 1]], [[3.0], [1]], [[2.0], [1]]],
    }
    assert (found.basis.people, found.basis.cells) == (5, (1, 1, 1, 1, 1))


@pytest.mark.parametrize("least", [3, 5, 10, 28])
def test_every_number_rests_upon_enough_people(least):
    told = local(transplanted(), SETTINGS, None, least)
    assert min(told.basis.cells) >= least
    assert told.found["groups"].keys() == {"ALL", "AML"}


def test_where_few_had_one_of_the_events_nothing_is_told_of_the_group():
    assert local(transplanted(), SETTINGS, None, 29).found["groups"] == {}
    assert local(transplanted(), SETTINGS | {"by": None}, None, 29).found["groups"].keys() == {""}


def test_people_are_told_apart_by_their_event_in_the_ledger_too():
    known = transplanted().columns["event"]
    crowds = [mask.tobytes() for mask in local(transplanted(), SETTINGS, None, 5).basis.crowds]
    assert all((known == place).tobytes() in crowds for place in range(3))
