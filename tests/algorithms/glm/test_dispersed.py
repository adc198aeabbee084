"""The negative binomial distribution against scipy's, with its derivatives, down to where it is almost Poisson's."""

import numpy as np
import pytest
from scipy import stats

from oncommons.algorithms.glm.dispersed import NAME, advanced, family_of, pieces, told_alpha
from oncommons.algorithms.pair import Unanswerable

OUTCOME = np.array([0.0, 1, 3, 2, 40, 0])
ETA = np.array([-2.0, -0.3, 0.0, 0.4, 3.1, 5.0])
STEP = 1e-5


def logs(eta, log_alpha):
    """The log-likelihood, as scipy has it."""
    alpha, mean = np.exp(log_alpha), np.exp(eta)
    return stats.nbinom.logpmf(OUTCOME, 1 / alpha, 1 / (1 + alpha * mean))


@pytest.mark.parametrize("alpha", [0.03, 0.7, 12.0])
def test_likelihood_and_derivatives_are_those_of_the_distribution(alpha):
    found, log = pieces(OUTCOME, np.exp(ETA), alpha), np.log(alpha)
    assert found.likelihood == pytest.approx(logs(ETA, log), rel=1e-11)
    assert found.slope == pytest.approx((logs(ETA, log + STEP) - logs(ETA, log - STEP)) / 2 / STEP, rel=1e-5, abs=1e-8)
    higher, lower = (
        pieces(OUTCOME, np.exp(ETA), alpha * np.exp(STEP)),
        pieces(OUTCOME, np.exp(ETA), alpha * np.exp(-STEP)),
    )
    assert found.curve == pytest.approx(-(higher.slope - lower.slope) / 2 / STEP, rel=1e-6, abs=1e-9)
    more, less = pieces(OUTCOME, np.exp(ETA + STEP), alpha), pieces(OUTCOME, np.exp(ETA - STEP), alpha)
    assert found.cross == pytest.approx(-(more.slope - less.slope) / 2 / STEP, rel=1e-6, abs=1e-9)


def test_it_is_poissons_where_alpha_is_nothing():
    found = pieces(OUTCOME, np.exp(ETA), 1e-9)
    assert found.likelihood == pytest.approx(stats.poisson.logpmf(OUTCOME, np.exp(ETA)), rel=1e-6)
    mean = np.exp(ETA)
    assert found.slope / 1e-9 == pytest.approx(((OUTCOME - mean) ** 2 - OUTCOME) / 2, rel=1e-6)  # no digit is lost


@pytest.mark.parametrize("alpha", [0.03, 0.7, 12.0])
def test_the_family_has_its_variance_deviance_and_slopes(alpha):
    family, mean = family_of(NAME, alpha), np.exp(ETA)
    assert family.spread(mean) == pytest.approx(stats.nbinom(1 / alpha, 1 / (1 + alpha * mean)).var())
    best = stats.nbinom.logpmf(OUTCOME, 1 / alpha, 1 / (1 + alpha * OUTCOME))
    assert family.deviance(OUTCOME, mean) == pytest.approx(2 * (best - logs(ETA, np.log(alpha))), rel=1e-9, abs=1e-12)
    log = np.log(alpha)
    assert family.pull(OUTCOME, mean) == pytest.approx(
        (logs(ETA + STEP, log) - logs(ETA - STEP, log)) / 2 / STEP, rel=1e-6
    )
    slopes = [family.pull(OUTCOME, np.exp(ETA + side * STEP)) for side in (1, -1)]
    assert family.weigh(OUTCOME, mean) == pytest.approx(-(slopes[0] - slopes[1]) / 2 / STEP, rel=1e-6)


def test_outcomes_are_counted():
    family = family_of(NAME)
    assert family.fits(OUTCOME)
    assert not any(family.fits(np.array([one])) for one in (-1.0, 0.5, 1e6 + 1))
    assert family_of("poisson").says == "numbers from zero up"


STATE = {"beta": [0.5], "log_alpha": 0.0}


def test_a_step_is_newtons():
    whole = np.array([[4.0, 1.0], [1.0, 2.0]])
    found = advanced(STATE, whole, np.array([4 * 0.5 + 0.1]), 0.2, -10.0)
    expected = np.array([0.5, 0]) + np.linalg.solve(whole, [0.1, 0.2])
    assert [*found["beta"], found["log_alpha"]] == pytest.approx(expected)


def test_where_the_likelihood_does_not_bend_alpha_goes_uphill():
    found = advanced(STATE, np.array([[4.0, 1.0], [1.0, -2.0]]), np.array([2.1]), -0.2, -10.0)
    assert [*found["beta"], found["log_alpha"]] == pytest.approx([0.525, -1.0])


def test_a_step_that_went_too_far_is_halved():
    state = STATE | {"before": -9.0, "from": [0.1, 0.2], "moved": [0.4, -0.2]}
    found = advanced(state, np.eye(2), np.zeros(1), 0.0, -10.0)
    assert [*found["beta"], found["log_alpha"]] == pytest.approx([0.3, 0.1])
    assert (found["before"], found["from"]) == (-9.0, [0.1, 0.2])


@pytest.mark.parametrize(("log", "slope", "says"), [(-16.0, -1.0, "Poisson"), (11.4, 1.0, "almost always nothing")])
def test_a_dispersion_that_runs_away_is_told(log, slope, says):
    with pytest.raises(Unanswerable, match=says):
        advanced({"beta": [0.5], "log_alpha": log}, np.eye(2), np.array([0.5]), slope, -10.0)


def test_the_interval_of_alpha_is_that_of_its_log():
    found = told_alpha(np.log(2.0), 0.5, 0.9544997361036416)  # of two errors
    assert found == pytest.approx({"estimate": 2.0, "error": 1.0, "low": 2 / np.e, "high": 2 * np.e})
