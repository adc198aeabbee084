"""What a node tells of correlations and principal components: sums, then products about the means of all nodes."""

import numpy as np
import pytest

from oncommons.algorithms.design import Frame
from oncommons.algorithms.pair import Table, Unanswerable
from oncommons.algorithms.products import products

TABLE = Table({"x": np.array([1.0, 2, 4, np.nan]), "y": np.array([2.0, 1, 0, 5])})
SETTINGS = {"variables": ["x", "y"]}
STATE = {"frame": Frame(("x", "y"), (("x", ""), ("y", "")), (2.0, 1.0), (1.0, 2.0)).to_json()}


def test_sums_are_of_those_of_whom_all_is_known():
    told = products(TABLE, SETTINGS, None, 5)
    assert told.found == {"people": 3, "numbers": {"x": [7.0, 21.0], "y": [3.0, 5.0]}, "levels": {}}


def test_products_are_sums_over_people_of_whom_all_is_known():
    told = products(TABLE, SETTINGS, STATE, 5).found["products"]
    rows = [np.array([x - 2, (y - 1) / 2]) for x, y in ((1, 2), (2, 1), (4, 0))]
    assert np.array(told) == pytest.approx(sum(np.outer(row, row) for row in rows))


@pytest.mark.parametrize("state", [None, STATE])
def test_rules_are_told_people_parameters_crowds_and_the_share_of_one(state):
    basis = products(TABLE, SETTINGS, state, 5).basis
    assert (basis.people, basis.parameters, basis.crowds[0].tolist()) == (3, 2, [True, True, True, False])
    assert basis.share == pytest.approx(2 / 3)  # of y, one person's 2 of 3


def test_a_node_with_nobody_tells_nothing_in_the_same_shape():
    nobody = Table({"x": np.zeros(0), "y": np.zeros(0)})
    assert products(nobody, SETTINGS, STATE, 5).found["products"] == [[0.0, 0.0], [0.0, 0.0]]


def test_a_yes_of_few_is_a_cell():
    yes = Table({"x": np.array([0.0, 1, 0, 0]), "y": np.array([2.0, 1, 0, 5])})
    assert products(yes, SETTINGS, None, 5).basis.cells == (3, 1)


def test_columns_that_nobody_asked_for_are_no_state():
    other = {"frame": Frame(("z",), (("z", ""),), (0.0,), (1.0,)).to_json()}
    with pytest.raises(Unanswerable, match="no state"):
        products(TABLE, SETTINGS, other, 5)
