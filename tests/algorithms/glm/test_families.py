"""Families against scipy's distributions: means, spreads, deviances."""

import numpy as np
import pytest
from scipy import stats

from oncommons.algorithms.glm.families import FAMILIES

ETA = np.array([-2.0, -0.3, 0.0, 0.4, 1.7])
OF = {"gaussian": stats.norm, "binomial": stats.bernoulli, "poisson": stats.poisson}
OUTCOMES = {"gaussian": [0.3, -1, 2, 0, 5], "binomial": [0, 1, 1, 0, 1], "poisson": [0, 1, 3, 2, 7]}


@pytest.mark.parametrize("name", FAMILIES)
def test_the_variance_is_that_of_the_distribution_and_the_slope_of_the_mean(name):
    family, mean = FAMILIES[name], FAMILIES[name].mean(ETA)
    assert family.spread(mean) == pytest.approx(OF[name](mean).var())
    assert family.spread(mean) == pytest.approx((family.mean(ETA + 1e-6) - family.mean(ETA - 1e-6)) / 2e-6, rel=1e-6)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_deviance_is_twice_what_the_log_likelihood_lacks(name):
    family, outcome = FAMILIES[name], np.array(OUTCOMES[name], dtype=float)
    mean = family.mean(ETA)
    log = OF[name].logpdf if name == "gaussian" else OF[name].logpmf
    best = log(outcome, np.where((name == "poisson") & (outcome == 0), 1e-300, outcome))
    assert family.deviance(outcome, mean) == pytest.approx(2 * (best - log(outcome, mean)))


def test_outcomes_have_to_fit():
    assert not FAMILIES["binomial"].fits(np.array([0.0, 0.5]))
    assert FAMILIES["poisson"].fits(np.array([1.5]))  # as R and statsmodels, which fit rates so
    assert not FAMILIES["poisson"].fits(np.array([-1.0]))
    assert all(FAMILIES[name].fits(np.array(OUTCOMES[name], dtype=float)) for name in FAMILIES)
