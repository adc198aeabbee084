"""What a node tells for a generalised linear model: cross-products, written out row by row."""

import numpy as np
import pytest

from oncommons.algorithms.design import Frame
from oncommons.algorithms.glm.local import local
from oncommons.algorithms.pair import Table

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
