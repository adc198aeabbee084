"""Model matrices: the same columns at every node, and back to the units of the variables."""

import numpy as np
import pytest

from oncommons.algorithms.design import Frame, check_apart, frame_of, survey
from oncommons.algorithms.pair import Table, Unanswerable

LEVELS = {"g": ("a", "b", "c")}
ONE = Table({"x": np.array([1.0, 2.0, 3.0]), "g": np.array([0.0, 1.0, 1.0])}, LEVELS)
TWO = Table({"x": np.array([4.0]), "g": np.array([0.0])}, LEVELS)


def framed(*tables, variables=("x", "g")):
    told = {f"n{i}": survey(table, variables)[0] for i, table in enumerate(tables)}
    return frame_of(told, variables, LEVELS)


def test_columns_are_agreed_upon_from_sums_and_a_level_that_nobody_has_is_none():
    frame = framed(ONE, TWO)
    assert frame.names == ("x", "g=b")
    assert frame.centre == (2.5, 0.5)
    assert frame.scale == pytest.approx((np.std([1, 2, 3, 4]), 1.0))
    assert Frame.from_json(frame.to_json()) == frame
    whole = np.concatenate([frame.matrix(ONE), frame.matrix(TWO)])
    assert whole.mean(axis=0) == pytest.approx([0, 0])
    assert whole[:, 0].std() == pytest.approx(1)


def test_a_survey_counts_people_by_level():
    told, cells = survey(ONE, ("x", "g"))
    assert told == {"people": 3, "numbers": {"x": [6.0, 14.0]}, "levels": {"g": [1, 2, 0]}}
    assert cells == (1, 2)


def test_a_number_of_two_values_is_counted_like_yes_and_no():
    yes = Table({"s": np.array([1.0, 0.0, 1.0]), "x": np.arange(3.0), "z": np.ones(3)})
    assert survey(yes, ("s", "x", "z"))[1] == (1, 2)


def test_coefficients_come_back_to_the_units_of_the_variables():
    frame = Frame(("x",), (("x", ""),), (2.0,), (4.0,))
    values, spread = frame.original(np.array([8.0]), np.array([[16.0]]))
    assert (values.tolist(), spread.tolist()) == ([2.0], [[1.0]])


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (Table({"x": np.full(4, 0.1), "g": np.array([0.0, 1, 0, 1])}, LEVELS), "x is the same"),
        (Table({"x": np.arange(4.0), "g": np.ones(4)}, LEVELS), "g is b for everybody"),
        (Table({"x": np.zeros(0), "g": np.zeros(0)}, LEVELS), "Nobody is left"),
    ],
)
def test_columns_that_tell_nothing_are_named(table, says):
    with pytest.raises(Unanswerable, match=says):
        framed(table)


def test_without_variables_there_are_no_columns():
    assert framed(ONE, variables=()).matrix(ONE).shape == (3, 0)


def test_what_is_made_of_other_columns_is_named():
    check_apart(("a", "b"), np.eye(2))
    with pytest.raises(Unanswerable, match="a, b say the same"):
        check_apart(("a", "b"), np.ones((2, 2)))
    with pytest.raises(Unanswerable, match="b does not differ"):
        check_apart(("a", "b"), np.diag([1.0, 0.0]))
