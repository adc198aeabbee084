"""What a node tells for a cross-table: people at both levels, and nobody, too."""

import numpy as np

from oncommons.algorithms.crosstab.local import local
from oncommons.algorithms.pair import Table

TABLE = Table(
    {"g": np.array([0.0, 0, 1, 1, np.nan, 0]), "s": np.array([0.0, 0, 1, 1, 1, np.nan])}, {"g": ("a", "b", "c")}
)
SETTINGS = {"rows": "g", "columns": "s", "levels": TABLE.levels}


def test_cells_are_people_at_both_levels_and_nobody_is_a_cell():
    told = local(TABLE, SETTINGS, None, 5)
    assert told.found == {"cells": [[2, 0], [0, 2], [0, 0]]}
    assert (told.basis.people, sorted(told.basis.cells)) == (4, [0, 0, 0, 0, 2, 2])


def test_crowds_are_everybody_and_each_row_and_column():
    crowds = {tuple(one.astype(int)) for one in local(TABLE, SETTINGS, None, 5).basis.crowds}
    assert crowds == {(1, 1, 1, 1, 0, 0), (1, 1, 0, 0, 0, 0), (0, 0, 1, 1, 0, 0)}


def test_of_nobody_nothing_is_a_cell():
    nobody = Table({name: column[:0] for name, column in TABLE.columns.items()}, TABLE.levels)
    assert local(nobody, SETTINGS, None, 5).basis.cells == ()
