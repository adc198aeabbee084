"""Who leaves when, at one node and of several: counted again by hand."""

import numpy as np
import pytest
from tests.algorithms.federation import split, splits
from tests.algorithms.tables import transplanted

from oncommons.algorithms.leaving import cells_of, leaving, log_rank, together

NAMES = ("time", "event", "group")


@pytest.mark.parametrize("how", ["even", "skewed", "single"])
def test_numbers_of_all_nodes_are_those_of_everybody(how):
    whole = transplanted()
    told = [leaving(part, NAMES, 1, 2)[0] for part in split(whole, splits(177, 5)[how]).values()]
    for place, group in enumerate(("ALL", "AML")):
        found, some = together([one[group] for one in told if group in one]), whole.columns["group"] == place
        time, event = whole.columns["time"][some], whole.columns["event"][some]
        assert found.times.tolist() == np.unique(time).tolist()
        assert found.risk.tolist() == [(time >= at).sum() for at in found.times]
        for kind in range(3):
            assert found.left[kind].tolist() == [((time == at) & (event == kind)).sum() for at in found.times]


def test_cells_are_the_numbers_that_are_told():
    assert cells_of({"a": [[[1.0, 2.0], [3, 4]], [[5.0], [6]]], "b": [[[], []], [[1.0], [7]]]}) == (3, 4, 6, 7)


def test_people_of_a_group_that_have_one_event_too_rarely_are_left_out():
    assert leaving(transplanted(), NAMES, 28, 2)[0].keys() == {"ALL", "AML"}
    assert leaving(transplanted(), NAMES, 29, 2) == ({}, {})


def test_groups_that_are_the_same_do_not_differ():
    one = together([[[[3.0], [2]], [[1.0, 2.0], [1, 1]]]])
    assert log_rank([one, one])["statistic"] == pytest.approx(0.0, abs=1e-12)
    assert log_rank([one, one, one])["degrees"] == 2
