"""The steps of ComBat on sums, each against rows."""

import numpy as np
import pytest

from oncommons.algorithms.combat.estimating import Effects, Moments, model_of, moments, raw, shrunk
from oncommons.algorithms.pair import Unanswerable

RANDOM = np.random.default_rng(4)
X, Y = RANDOM.normal(3, 2, (30, 2)), RANDOM.normal(5, 1, (30, 3))


def of(x, y):
    return moments(len(x), np.append(x.sum(axis=0), y.sum(axis=0)), x.T @ x, x.T @ y, (y**2).sum(axis=0))


def test_moments_are_about_the_means():
    found, x, y = of(X, Y), X - X.mean(axis=0), Y - Y.mean(axis=0)
    assert found.people == 30
    for ours, theirs in (
        (found.x, X.mean(axis=0)),
        (found.y, Y.mean(axis=0)),
        (found.xx, x.T @ x),
        (found.xy, x.T @ y),
    ):
        assert ours == pytest.approx(theirs)
    assert found.yy == pytest.approx((y**2).sum(axis=0))
    beta = RANDOM.normal(0, 1, (2, 3))
    assert found.rest(beta) == pytest.approx(((y - x @ beta) ** 2).sum(axis=0))


def test_the_model_is_least_squares_with_a_mean_for_each_batch():
    parts = [(X[:12], Y[:12]), (X[12:], Y[12:] + 7)]
    model = model_of([of(x, y) for x, y in parts], ("a", "b"), ("u", "v", "w"))
    dummies = np.repeat([[1.0, 0.0], [0.0, 1.0]], [12, 18], axis=0)
    design = np.concatenate([dummies, X], axis=1)
    y = np.concatenate([y for _, y in parts])
    coefficients = np.linalg.lstsq(design, y, rcond=None)[0]
    assert model.beta == pytest.approx(coefficients[2:])
    assert model.alpha == pytest.approx(0.4 * coefficients[0] + 0.6 * coefficients[1])
    assert model.spread == pytest.approx(np.sqrt(((y - design @ coefficients) ** 2).mean(axis=0)))
    effects = raw([of(x, y) for x, y in parts], model)
    rest = (y - design @ coefficients)[:12] / model.spread
    assert effects.gamma == pytest.approx((coefficients[:2] - model.alpha) / model.spread)
    assert effects.delta[0] == pytest.approx(rest.var(axis=0, ddof=1))


def test_drawn_effects_stand_where_both_equations_hold():
    gamma, delta, n = np.array([[0.5, -0.2, 0.9]]), np.array([[0.8, 1.5, 1.1]]), 20
    found = shrunk(Effects(gamma, delta), [n], location=False)
    high, wide = found.gamma[0], found.delta[0]
    t2, m, s2 = gamma.var(ddof=1), delta.mean(), delta.var(ddof=1)
    assert high == pytest.approx((n * t2 * gamma[0] + wide * gamma.mean()) / (n * t2 + wide), rel=1e-12)
    left = ((n - 1) * delta[0] + n * (gamma[0] - high) ** 2) / 2
    assert wide == pytest.approx((left + m + m**3 / s2) / (n / 2 + 1 + m**2 / s2), rel=1e-12)
    assert np.ptp(high) < np.ptp(gamma)
    assert np.ptp(wide) < np.ptp(delta)


def test_batches_that_differ_in_height_alone_are_as_wide_as_all():
    found = shrunk(Effects(np.array([[0.5, -0.2]]), np.array([[0.8, 1.5]])), [20], location=True)
    t2 = 0.49 / 2
    assert found.delta.tolist() == [[1.0, 1.0]]
    assert found.gamma[0] == pytest.approx((t2 * np.array([0.5, -0.2]) + 0.15) / (t2 + 1))


def test_variables_that_are_all_alike_are_drawn_to_themselves():
    found = shrunk(Effects(np.array([[0.5, 0.5]]), np.array([[0.8, 0.8]])), [20], location=False)
    assert found.gamma.ravel() == pytest.approx([0.5, 0.5])
    assert found.delta.ravel() == pytest.approx([0.8, 0.8])


def test_what_does_not_differ_is_named():
    same = Moments(3, np.zeros(1), np.zeros(1), np.zeros((1, 1)), np.zeros((1, 1)), np.ones(1))
    with pytest.raises(Unanswerable, match="Within batches, a does not differ"):
        model_of([same, same], ("a",), ("u",))
    nothing = Moments(3, np.zeros(0), np.zeros(1), np.zeros((0, 0)), np.zeros((0, 1)), np.zeros(1))
    with pytest.raises(Unanswerable, match="u does not differ"):
        model_of([nothing, Moments(3, nothing.x, np.ones(1), nothing.xx, nothing.xy, nothing.yy)], (), ("u",))


def test_squares_of_what_is_the_same_are_none():
    y = np.full((30, 1), 0.1)
    assert of(X, y).yy.tolist() == [0.0]
