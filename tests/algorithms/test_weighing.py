"""How much single people count, by hand; and states of a fit, read strictly."""

import numpy as np
import pytest

from oncommons.algorithms.design import Frame
from oncommons.algorithms.pair import Table, Unanswerable
from oncommons.algorithms.weighing import (
    counting,
    crowds_of,
    frame_in,
    hazards,
    largest_share,
    number_in,
    outweighing,
    predictor,
)

X = np.array([1.0, 1.0, 2.0, -4.0])
TABLE = Table(
    {"x": X, "g": np.array([0.0, 1.0, 1.0, 2.0]), "s": np.array([0.0, 1.0, 1.0, np.nan])}, {"g": ("a", "b", "c")}
)


def test_the_largest_share_is_that_of_the_sum_in_which_somebody_has_most():
    assert largest_share(X, np.ones(4)) == 0.5
    assert largest_share(np.zeros(3), np.array([])) == 0.0


def test_people_who_weigh_the_same_count_all_and_one_who_outweighs_the_others_alone():
    assert counting(np.full(7, 1e-300)) == pytest.approx(7)
    assert counting(np.array([1.0, 1.0, 2.0])) == pytest.approx(16 / 6)
    assert counting(np.array([1e200, 1.0, 1.0])) == pytest.approx(1)
    assert counting(np.array([])) == counting(np.zeros(3)) == 0


def test_numbers_have_sums_and_squares_and_codes_have_none():
    assert outweighing(TABLE, ("x",)) == 16 / 22
    assert outweighing(TABLE, ("g",)) == 0


def test_crowds_are_who_is_known_and_of_these_who_is_at_each_level():
    found = [mask.tolist() for mask in crowds_of(TABLE, ("x", "g", "s"), ("x", "g", "s"))]
    assert found[0] == [True, True, True, False]
    assert sorted(found[1:]) == sorted(
        [
            [True, True, False, False], [False, False, True, False],
            [True, False, False, False], [False, True, True, False],
            [True, False, False, False], [False, True, True, False],
        ]
    )  # fmt: skip


def test_a_number_of_many_values_tells_nobody_apart():
    assert len(crowds_of(TABLE, ("x",), ("x",))) == 1


def test_nobody_is_no_crowd():
    assert crowds_of(Table({"x": np.array([np.nan, np.nan])}), ("x",), ("x",)) == ()


def test_a_frame_of_the_model_is_read_as_it_was_written():
    frame = Frame(("x", "g=b"), (("x", ""), ("g", "b")), (0.5, 0.2), (2.0, 1.0))
    assert frame_in({"frame": frame.to_json()}, TABLE, ("x", "g")) == frame
    with pytest.raises(Unanswerable, match="no state"):
        frame_in({"frame": frame.to_json()}, TABLE, ("x",))


@pytest.mark.parametrize("beta", [None, [1.0, 2.0], [[1.0]], [float("nan")], [float("inf")], [126.0], "much", {"x": 1}])
def test_coefficients_of_another_fit_or_of_none_are_refused(beta):
    with pytest.raises(Unanswerable, match="no state"):
        predictor(X[:, None], beta)


def test_a_linear_predictor_is_a_sum_by_person():
    assert predictor(X[:, None], [125.0]).tolist() == (125 * X).tolist()


def test_what_is_in_the_unit_of_an_outcome_may_be_as_large():
    assert predictor(X[:, None], [1e6], logs=False).tolist() == (1e6 * X).tolist()
    with pytest.raises(Unanswerable, match="no state"):
        predictor(X[:, None], [float("inf")], logs=False)


GOOD = {"times": [1.0, 2.0], "at": [0.5, 0.25], "dying": [0.0, 0.25]}


def test_weights_of_all_nodes_are_read():
    assert [one.tolist() for one in hazards(GOOD, np.array([2.0]))] == list(GOOD.values())


@pytest.mark.parametrize(
    "body",
    [
        None, {}, "much", GOOD | {"times": [2.0, 1.0]}, GOOD | {"times": [1.0, 1.0]}, GOOD | {"times": [1.0, 3.0]},
        GOOD | {"at": [0.5, -0.25]}, GOOD | {"dying": [0.6, 0.0]}, GOOD | {"dying": [-0.1, 0.0]}, GOOD | {"at": [0.5]},
        GOOD | {"at": [float("inf"), 0.25]}, GOOD | {"at": [float("nan"), 0.25]}, dict.fromkeys(GOOD, 1.0),
    ],
)  # fmt: skip
def test_weights_that_cannot_be_are_refused(body):
    with pytest.raises(Unanswerable, match="no state"):
        hazards(body, np.array([2.0]))


@pytest.mark.parametrize("told", [None, "1", True, 5.1, float("nan"), [1.0]])
def test_a_number_of_a_state_is_one_within_its_bounds(told):
    assert number_in({"log": 5}, "log", (-5.0, 5.0)) == 5.0
    with pytest.raises(Unanswerable, match="no state"):
        number_in({"log": told}, "log", (-5.0, 5.0))
