"""What a node tells for a harmonisation: sums by batch, and what they rest upon."""

import numpy as np
import pytest
from tests.algorithms.combat.pooled import measured

from oncommons.algorithms.combat.local import local
from oncommons.algorithms.design import Frame
from oncommons.algorithms.pair import Table, Unanswerable

LEVELS = {"g": ("a", "b", "c")}
TABLE = Table(
    {"x": np.array([1.0, 2, 4, 3, 0]), "y": np.array([2.0, 1, 0, 5, 7]), "g": np.array([0.0, 1, 1, 0, np.nan])}, LEVELS
)
SETTINGS = {"variables": ["y"], "covariates": ["x"], "levels": LEVELS}
STATE = {"frame": Frame(("x", "y"), (("x", ""), ("y", "")), (2.0, 1.0), (1.0, 2.0)).to_json()}


def test_sums_stand_by_batch():
    told = local(TABLE, SETTINGS | {"batch": "g"}, STATE, 5).found
    assert told["batch_people"] == [2, 2, 0]
    for place, rows in enumerate(([(1, 2), (3, 5)], [(2, 1), (4, 0)], [])):
        x, y = np.array([x - 2 for x, _ in rows]), np.array([(y - 1) / 2 for _, y in rows])
        assert told["sums"][place] == pytest.approx([x.sum(), y.sum()])
        assert told["covariates"][place] == [[pytest.approx(x @ x)]]
        assert told["cross"][place] == [[pytest.approx(x @ y)]]
        assert told["squares"][place] == [pytest.approx(y @ y)]


def test_a_hospital_is_one_batch():
    told = local(TABLE, SETTINGS, STATE, 5).found
    assert (told["batch_people"], len(told["sums"])) == ([5], 1)


def test_products_of_two_variables_are_not_told():
    told = local(TABLE, SETTINGS | {"variables": ["x", "y"], "covariates": []}, STATE, 5).found
    assert (told["covariates"], told["cross"], np.shape(told["squares"])) == ([[]], [[]], (1, 2))


def test_columns_count_as_covariates_by_what_they_are_and_not_by_where_the_hub_put_them():
    state = {"frame": Frame(("y", "x"), (("y", ""), ("x", "")), (1.0, 2.0), (2.0, 1.0)).to_json()}
    assert local(TABLE, SETTINGS, state, 5).found == local(TABLE, SETTINGS, STATE, 5).found
    with pytest.raises(Unanswerable, match="no state"):
        local(TABLE, SETTINGS, {"frame": Frame(("g",), (("g", "a"),), (0.0,), (1.0,)).to_json()}, 5)


def test_a_node_with_nobody_tells_nothing_in_the_same_shapes():
    nobody = Table({name: one[:0] for name, one in TABLE.columns.items()}, LEVELS)
    for more in ({}, {"batch": "g"}):
        empty, some = (local(table, SETTINGS | more, STATE, 5) for table in (nobody, TABLE))
        assert {n: np.shape(v) for n, v in empty.found.items()} == {n: np.shape(v) for n, v in some.found.items()}
        assert (empty.basis.people, empty.basis.share) == (0, 0.0)


def test_rules_are_told_the_smallest_batch_and_each_group_in_it():
    whole = measured()
    settings = {"variables": ["skew"], "covariates": ["sex"], "batch": "device", "levels": whole.levels}
    basis = local(whole, settings, None, 5).basis
    sex, device = whole.columns["sex"], whole.columns["device"]
    pairs = [int(((device == one) & (sex == other)).sum()) for one in (0, 1) for other in (0, 1)]
    assert set(pairs) <= set(basis.cells)
    assert basis.counting == min(np.bincount(device.astype(int)))
    assert {int(one.sum()) for one in basis.crowds} >= {240, int(device.sum()), int(sex.sum())}


@pytest.mark.parametrize(("state", "parameters"), [(None, 0), (STATE, 3)])
def test_a_model_of_each_variable_is_what_products_are_for(state, parameters):
    assert local(TABLE, SETTINGS, state, 5).basis.parameters == parameters


def test_one_person_who_makes_up_a_variable_in_a_batch_is_told():
    changed = Table({**TABLE.columns, "y": np.array([0.0, 1, 1, 9, 1])}, LEVELS)
    assert local(changed, SETTINGS | {"batch": "g"}, None, 5).basis.share == 1.0
