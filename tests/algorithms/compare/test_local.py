"""What a node tells of a number by group: people and sums, then squares about means it is told."""

import numpy as np
import pytest

from oncommons.algorithms.compare.local import local
from oncommons.algorithms.pair import Table

TABLE = Table({"x": np.array([1.0, 3, 4, np.nan, 9]), "g": np.array([0.0, 0, 1, 1, np.nan])}, {"g": ("a", "b", "c")})
SETTINGS = {"outcome": "x", "by": "g", "levels": TABLE.levels}


def test_people_and_sums_stand_by_group():
    told = local(TABLE, SETTINGS, None, 5)
    assert told.found == {"people": [2, 1, 0], "sums": [4.0, 4.0, 0.0]}
    assert (told.basis.people, told.basis.cells, told.basis.share) == (3, (2, 1, 0), 1.0)


def test_squares_are_about_the_means_of_all_nodes():
    told = local(TABLE, SETTINGS, {"means": [1.0, 6.0, 0.0]}, 5)
    assert told.found == {"squares": [4.0, 4.0, 0.0]}
    assert told.basis.cells == (2, 1, 0)


def test_crowds_are_everybody_and_each_group():
    crowds = {tuple(one.astype(int)) for one in local(TABLE, SETTINGS, None, 5).basis.crowds}
    assert crowds == {(1, 1, 1, 0, 0), (1, 1, 0, 0, 0), (0, 0, 1, 0, 0)}


def test_who_makes_up_a_groups_sum_is_told_to_the_rules():
    table = Table({"x": np.array([1.0, 1, 98, 1, 2, 3]), "g": np.array([0.0, 0, 0, 1, 1, 1])})
    assert local(table, {"outcome": "x", "by": "g"}, None, 5).basis.share == pytest.approx(0.98)


def test_of_nobody_nothing_is_a_cell():
    nobody = Table({name: column[:0] for name, column in TABLE.columns.items()}, TABLE.levels)
    assert local(nobody, SETTINGS, None, 5).basis.cells == ()
