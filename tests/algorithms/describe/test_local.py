"""What a node tells for a description: sums by group of those of whom a variable is known, and whose they are."""

import numpy as np
import pytest

from oncommons.algorithms.bins import Grid
from oncommons.algorithms.describe.local import local
from oncommons.algorithms.pair import Table

NAN = np.nan
TABLE = Table(
    {
        "x": np.array([1.0, 2, 4, NAN, 8, 16]),
        "s": np.array([1.0, 0, NAN, 1, 1, 1]),
        "g": np.array([0.0, 0, 0, 1, 1, NAN]),
    },
    {"g": ("a", "b", "c")},
)
SETTINGS = {"variables": ["x", "s"], "by": "g", "yes": {"s": ("no", "yes")}, "levels": TABLE.levels}


def test_people_and_sums_stand_by_group_of_whom_the_variable_is_known():
    assert local(TABLE, SETTINGS, None, 1).found == {
        "people": [3, 2, 0],
        "numbers": {"x": {"people": [3, 1, 0], "sums": [7.0, 8.0, 0.0], "squares": [21.0, 64.0, 0.0]}},
        "levels": {"s": [[1, 1], [0, 2], [0, 0]]},
    }


def test_each_number_is_a_cell_also_of_nobody_and_who_is_missing_where_somebody_is():
    basis = local(TABLE, SETTINGS, None, 1).basis
    groups, missing, known, levels = [3, 2, 0], [1, 1], [3, 1, 0], [1, 1, 0, 2, 0, 0]
    assert sorted(basis.cells) == sorted(groups + missing + known + levels)
    assert (basis.people, basis.share) == (5, 1.0)
    assert local(TABLE, {**SETTINGS, "by": None}, None, 1).basis.people == 6


def test_crowds_are_those_of_each_variable_and_of_its_groups():
    crowds = {tuple(one.astype(int)) for one in local(TABLE, SETTINGS, None, 1).basis.crowds}
    assert crowds == {
        (1, 1, 1, 0, 1, 0), (1, 1, 1, 0, 0, 0), (0, 0, 0, 0, 1, 0),
        (1, 1, 0, 1, 1, 0), (1, 1, 0, 0, 0, 0), (0, 0, 0, 1, 1, 0),
    }  # fmt: skip


def test_then_squares_about_the_means_and_bins_of_enough_people():
    state = {"means": {"x": [2.0, 9.0, 0.0]}, "grids": {"x": Grid(1, 0, 0).to_json()}}
    told = local(TABLE, SETTINGS, state, 1)
    assert told.found["numbers"]["x"]["squares"] == [5.0, 1.0, 0.0]
    assert sum(told.found["numbers"]["x"]["bins"][0][1]) == 3
    assert local(TABLE, SETTINGS, state, 3).found["numbers"]["x"]["bins"] == [[[], [3]], [[], [1]], [[], [0]]]
    first = local(TABLE, SETTINGS, None, 3).basis
    assert local(TABLE, SETTINGS, state, 3).basis.cells == (*first.cells, 3, 1)
    assert local(TABLE, SETTINGS, state, 3).basis.share == first.share == 1.0
    first = local(TABLE, SETTINGS, None, 3).basis
    assert (told.basis.people, len(told.basis.crowds)) == (first.people, len(first.crowds))
    assert all((one == other).all() for one, other in zip(told.basis.crowds, first.crowds, strict=True))


def test_of_nobody_nothing_is_a_cell():
    nobody = Table({name: column[:0] for name, column in TABLE.columns.items()}, TABLE.levels)
    basis = local(nobody, SETTINGS, None, 5).basis
    assert (basis.people, basis.cells, basis.crowds) == (0, (), ())


@pytest.mark.parametrize("least", [3, 10])
def test_no_bin_has_fewer_people_than_may_be_told(least):
    values = np.random.default_rng(1).normal(50, 10, 300)
    table = Table({"x": values})
    state = {"means": {"x": [50.0]}, "grids": {"x": Grid(2, 0, 25).to_json()}}
    assert min(local(table, {"variables": ["x"]}, state, least).basis.cells) >= least
