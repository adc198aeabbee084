"""What a node with its own baseline tells: sums over its people, in shapes that do not depend upon them."""

import numpy as np
import pytest
from tests.algorithms.tables import GROUPS

from oncommons.algorithms.cox import COX
from oncommons.algorithms.cox.hospital import strata_of
from oncommons.algorithms.cox.local import local
from oncommons.algorithms.design import Frame
from oncommons.algorithms.pair import Table, Unanswerable

RANDOM = np.random.default_rng(4)
PEOPLE = 50
COLUMNS = {
    "t": np.ceil(RANDOM.exponential(40, PEOPLE)), "e": (RANDOM.uniform(size=PEOPLE) < 0.7).astype(float),
    "x": RANDOM.normal(size=PEOPLE), "g": RANDOM.integers(0, 3, PEOPLE).astype(float),
    "y": RANDOM.integers(0, 2, PEOPLE).astype(float), "b": np.full(PEOPLE, -1.0),
}  # fmt: skip
TABLE = Table(COLUMNS, {"g": GROUPS})
NOBODY = Table({name: column[:0] for name, column in COLUMNS.items()}, TABLE.levels)
SETTINGS = {one.name: one.default for one in COX.settings} | {
    "time": "t", "event": "e", "covariates": ["x", "g"], "strata": ["y"], "entry": "b", "errors": "robust",
}  # fmt: skip
SOURCES = (("x", ""), ("g", "b"), ("g", "c"))
FRAME = Frame(("x", "g=b", "g=c"), SOURCES, (0.1, 0.3, 0.3), (1.0, 1.0, 1.0)).to_json()
STATE = {"frame": FRAME, "beta": [0.2, -0.1, 0.4]}


def shapes(told):
    return {name: np.shape(value) for name, value in told.items()}


@pytest.mark.parametrize("last", [False, True])
def test_a_node_of_nobody_tells_nothing_in_the_same_shapes(last):
    state = STATE | {"last": last}
    told, nothing = (local(table, SETTINGS, state, 1).found for table in (TABLE, NOBODY))
    assert shapes(told) == shapes(nothing)
    assert not any(np.any(value) for value in nothing.values())
    assert all(np.all(np.isfinite(value)) for value in told.values())


def test_nothing_by_time_leaves_and_matrices_without_what_stands_in_them_twice():
    sizes = shapes(local(TABLE, SETTINGS, STATE | {"last": True}, 1).found)
    assert sizes == dict.fromkeys(
        ("events", "likelihood", "concordant", "tied", "discordant", "trend_clock", "late"), ()
    ) | dict.fromkeys(("score", "trend_score", "agreement"), (3,)) | dict.fromkeys(
        ("information", "squares", "trend_cross", "trend_square"), (6,)
    )


def test_what_is_not_asked_for_is_not_told():
    told = local(TABLE, SETTINGS | {"errors": "model", "check": "none"}, STATE | {"last": True}, 1).found
    assert not {name for name in told if name.startswith("trend") or name == "squares"}
    assert "concordant" in told
    assert "concordant" not in local(TABLE, SETTINGS, STATE, 1).found


def test_where_columns_are_centred_changes_no_sum():
    elsewhere = STATE | {"frame": FRAME | {"centre": [50.0, 0.0, 0.9]}, "last": True}
    here, there = (local(TABLE, SETTINGS, state, 1).found for state in (STATE | {"last": True}, elsewhere))
    for name, value in here.items():
        assert there[name] == pytest.approx(value, rel=1e-9, abs=1e-9), name


def test_who_is_expected_to_have_the_event_is_told_to_the_rules():
    basis = local(TABLE, SETTINGS, STATE, 1).basis
    assert (basis.people, basis.parameters, basis.events) == (50, 3, COLUMNS["e"].sum())
    assert 10 < basis.counting < 50
    wild = local(TABLE, SETTINGS, STATE | {"beta": [12.0, 0.0, 0.0]}, 1).basis
    assert wild.counting < 10
    assert wild.share > 0.8 > basis.share


@pytest.mark.parametrize("state", [{"frame": FRAME, "beta": [900.0, 0, 0]}, {"frame": FRAME}, {"beta": [1.0]}])
def test_a_state_that_is_none_of_this_fit_is_refused(state):
    with pytest.raises(Unanswerable, match="no state of this fit"):
        local(TABLE, SETTINGS, state, 1)


def test_risks_that_take_all_digits_from_those_who_stay_are_told():
    """One person's risk is taken off again from a running sum that holds nothing else any more."""
    late = Table(
        {"t": np.array([2.0, 5, 6]), "e": np.ones(3), "x": np.array([0.0, 90.0, 1.0]), "b": np.array([0.0, 4, 0])}
    )
    settings = SETTINGS | {"covariates": ["x"], "strata": []}
    state = {"frame": Frame(("x",), (("x", ""),), (0.0,), (1.0,)).to_json(), "beta": [1.0]}
    with pytest.raises(Unanswerable, match="no digits left"):
        local(late, settings, state, 1)


def test_strata_are_what_is_the_same_in_each_variable():
    table = Table({"a": np.array([0.0, 1, 0, 1, 0]), "b": np.array([2.0, 2, 2, 0, 0])})
    assert strata_of(table, ("a", "b")).tolist() == [1, 3, 1, 2, 0]
    assert strata_of(table, ()).tolist() == [0] * 5
