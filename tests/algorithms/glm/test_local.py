"""What a node tells for a generalised linear model: cross-products, written out row by row."""

import numpy as np
import pytest

from oncommons.algorithms.design import Frame
from oncommons.algorithms.glm.dispersed import pieces
from oncommons.algorithms.glm.local import local
from oncommons.algorithms.pair import Table, Unanswerable

X, Y, W = [0.5, -1.0, 2.0], [1.0, 0.0, 1.0], [1.0, 2.0, 0.5]
TABLE = Table({"x": np.array(X), "y": np.array(Y), "w": np.array(W)})
SETTINGS = {"outcome": "y", "covariates": ["x"], "family": "binomial", "errors": "robust", "weights": "w"}
STATE = {"frame": Frame(("x",), (("x", ""),), (0.0,), (1.0,)).to_json(), "beta": [0.1, 0.4]}


def test_cross_products_are_sums_over_people():
    told = local(TABLE, SETTINGS, {**STATE, "last": True}, 1).found
    information, target, meat, deviance = np.zeros((2, 2)), np.zeros(2), np.zeros((2, 2)), 0.0
    for x, y, w in zip(X, Y, W, strict=True):
        row, mean = np.array([1, x]), 1 / (1 + np.exp(-(0.1 + 0.4 * x)))
        slope = mean * (1 - mean)
        information += w * slope * np.outer(row, row)
        target += w * (slope * (0.1 + 0.4 * x) + y - mean) * row
        meat += (w * (y - mean)) ** 2 * np.outer(row, row)
        deviance += -2 * w * np.log(mean if y else 1 - mean)
    assert np.array(told["information"]) == pytest.approx(information)
    assert np.array(told["target"]) == pytest.approx(target)
    assert np.array(told["meat"]) == pytest.approx(meat)
    assert told["deviance"] == pytest.approx(deviance)


def test_robust_sums_leave_only_when_the_fit_has_ended():
    assert "meat" not in local(TABLE, SETTINGS, STATE, 1).found


def test_of_yes_and_no_each_answer_is_a_cell():
    found = local(TABLE, SETTINGS, None, 1)
    assert sorted(found.basis.cells) == [1, 2]
    assert local(TABLE, SETTINGS, STATE, 1).basis.parameters == 2


COUNTS = Table({"x": np.array([0.5, -1.0, 2.0, 0.0]), "y": np.array([3.0, 0.0, 7.0, 1.0])})
NEGATIVE = {"outcome": "y", "covariates": ["x"], "family": "negative_binomial", "errors": "robust"}
AT = {**STATE, "log_alpha": -0.5, "last": True}


def test_of_a_negative_binomial_model_derivatives_are_summed():
    told = local(COUNTS, NEGATIVE, AT, 1)
    eta, alpha = 0.1 + 0.4 * COUNTS.columns["x"], np.exp(-0.5)
    found = pieces(COUNTS.columns["y"], np.exp(eta), alpha)
    assert told.found["log_likelihood"] == pytest.approx(found.likelihood.sum())
    assert told.found["dispersing"] == pytest.approx([found.slope.sum(), found.curve.sum()])
    assert told.found["cross"] == pytest.approx([found.cross.sum(), found.cross @ COUNTS.columns["x"]])
    pull = (COUNTS.columns["y"] - np.exp(eta)) / (1 + alpha * np.exp(eta))
    scores = np.stack([pull, pull * COUNTS.columns["x"], found.slope], axis=1)
    assert np.array(told.found["meat"]) == pytest.approx(sum(np.outer(one, one) for one in scores))
    assert told.basis.parameters == 3


def test_a_node_with_nobody_tells_nothing_in_the_same_shapes():
    nobody = Table({"x": np.zeros(0), "y": np.zeros(0)})
    empty, some = (local(table, NEGATIVE, AT, 1).found for table in (nobody, COUNTS))
    assert {name: np.shape(one) for name, one in empty.items()} == {name: np.shape(one) for name, one in some.items()}
    assert not any(np.any(one) for one in empty.values())


@pytest.mark.parametrize("log", ["1", None, True, 21.0, float("nan")])
def test_a_dispersion_that_none_can_have_is_no_state(log):
    with pytest.raises(Unanswerable, match="no state"):
        local(COUNTS, NEGATIVE, {**STATE, "log_alpha": log}, 1)


def test_a_dispersion_at_which_one_person_outweighs_the_others_is_told():
    counts = np.array([1.0, 0, 2, 1, 0, 1, 90, 2, 0, 1])
    table = Table({"x": np.arange(10.0) % 4, "y": counts})
    found = pieces(counts, np.exp(np.full(10, 0.1)), np.exp(-3.0))
    shares = [np.abs(one).max() / np.abs(one).sum() for one in (found.slope, found.curve)]
    state = {**STATE, "beta": [0.1, 0.0], "log_alpha": -3.0}
    assert local(table, NEGATIVE, state, 1).basis.share >= max(shares) > 0.8
