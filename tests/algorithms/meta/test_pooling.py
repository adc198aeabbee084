"""Putting estimates together, against published numbers and statsmodels."""

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects
from tests.algorithms.meta.trials import odds, risks

from oncommons.algorithms.meta.pooling import METHODS, cochran, inconsistency, pooled


def of(effects, method, intervals="normal", level=0.95):
    estimates, variances = effects
    return pooled(estimates, np.sqrt(variances), method, intervals, level)


def test_the_vaccine_trials_are_as_published():
    """As metafor's ``rma`` prints them (Viechtbauer 2010, J Stat Softw 36(3), section 3.1)."""
    found = of(risks(), "reml")
    told = [found.estimate, found.error, found.statistic, found.low, found.high, found.variance, found.q]
    assert [round(one, 4) for one in told] == [-0.7145, 0.1798, -3.9744, -1.0669, -0.3622, 0.3132, 152.2330]
    assert found.p < 1e-4
    assert found.q_p < 1e-4
    found = of(risks(), "reml", "hartung_knapp")
    told = [found.estimate, found.error, found.statistic, found.p, found.low, found.high]
    assert [round(one, 4) for one in told] == [-0.7145, 0.1808, -3.9522, 0.0019, -1.1084, -0.3206]
    found = of(odds(), "reml")
    assert [round(one, 4) for one in (found.estimate, found.error, found.variance, found.q)] == [
        -0.7452, 0.1860, 0.3378, 163.1649,
    ]  # fmt: skip
    assert [round(of(risks(), "fixed").estimate, 4), round(of(risks(), "fixed").error, 4)] == [-0.4303, 0.0405]


def test_i_squared_of_the_trials_is_as_published():
    """92.1 % (88.3 to 94.7), as R's meta prints it."""
    found = of(risks(), "dl").i_squared
    assert [round(100 * one, 1) for one in found] == [92.1, 88.3, 94.7]


@pytest.mark.parametrize(
    ("effects", "method", "theirs"), [(risks, "dl", "chi2"), (odds, "dl", "chi2"), (risks, "pm", "iterated")]
)
def test_it_is_what_statsmodels_finds(effects, method, theirs):
    estimates, variances = effects()
    oracle = combine_effects(estimates, variances, method_re=theirs, atol=1e-14)
    found, knapp = of((estimates, variances), method), of((estimates, variances), method, "hartung_knapp")
    assert found.variance == pytest.approx(oracle.tau2, rel=1e-9)
    assert (found.estimate, found.error) == pytest.approx((oracle.mean_effect_re, oracle.sd_eff_w_re), rel=1e-9)
    assert knapp.error == pytest.approx(oracle.sd_eff_w_re_hksj, rel=1e-9)
    assert found.weights == pytest.approx(oracle.weights_rel_re, rel=1e-9)
    fixed = of((estimates, variances), "fixed")
    assert (fixed.estimate, fixed.error) == pytest.approx((oracle.mean_effect_fe, oracle.sd_eff_w_fe))
    assert (fixed.variance, fixed.predicted) == (0.0, None)
    assert found.q == pytest.approx(oracle.q)


@pytest.mark.parametrize("effects", [risks, odds])
def test_of_paule_and_mandel_q_is_what_chance_would_make_it(effects):
    assert cochran(*effects(), of(effects(), "pm").variance) == pytest.approx(12, rel=1e-12)


def likelihood(estimates, variances, between):
    """Of the restricted kind, but for what is the same everywhere."""
    weights = 1 / (variances + between)
    mean = weights @ estimates / weights.sum()
    return (np.log(weights).sum() - np.log(weights.sum()) - weights @ (estimates - mean) ** 2) / 2


@pytest.mark.parametrize("seed", range(6))
def test_the_restricted_likelihood_is_greatest(seed):
    random = np.random.default_rng(seed)
    effects = random.normal(0, 0.4, 7), random.uniform(0.01, 0.3, 7)
    found = of(effects, "reml").variance
    near = [likelihood(*effects, max(0.0, found + step)) for step in np.linspace(-0.05, 0.05, 41)]
    assert likelihood(*effects, found) >= max(near) - 1e-12


def test_what_another_hospital_would_have_is_told_of_three_at_least():
    estimates, variances = risks()
    found = of((estimates, variances), "reml")
    far = 2.200985 * np.sqrt(found.variance + found.error**2)  # the t distribution with 11 degrees of freedom
    assert found.predicted == pytest.approx((found.estimate - far, found.estimate + far), rel=1e-6)
    assert of((estimates[:2], variances[:2]), "reml").predicted is None


@pytest.mark.parametrize("method", METHODS)
def test_studies_that_agree_do_not_differ(method):
    found = of((np.array([0.5, 0.5, 0.5]), np.array([0.1, 0.2, 0.3])), method, "hartung_knapp")
    assert (found.variance, found.i_squared[0]) == (0.0, 0.0)
    assert found.q == pytest.approx(0, abs=1e-30)
    assert found.error == pytest.approx(1 / np.sqrt(10 + 5 + 10 / 3))


@pytest.mark.parametrize("method", METHODS)
def test_one_study_is_itself(method):
    found = of((np.array([0.5]), np.array([0.04])), method, "hartung_knapp")
    assert (found.estimate, found.error, found.weights, found.i_squared) == (0.5, pytest.approx(0.2), (1.0,), None)
    assert (found.variance, found.q_p, found.predicted) == (0.0, 1.0, None)


def test_where_q_is_small_the_interval_of_i_squared_has_the_other_error():
    far = 1.959964 * np.sqrt(1 / 6 * (1 - 1 / 27))  # of five studies
    assert inconsistency(3.0, 4, 0.95) == pytest.approx((0, 0, 1 - np.exp(-2 * far)), abs=1e-6)
    assert inconsistency(0.0, 1, 0.95)[2] == pytest.approx(1 - np.exp(-2 * 1.959964 * np.sqrt(0.5)), abs=1e-6)


def test_q_is_less_where_studies_may_differ():
    estimates, variances = risks()
    values = [cochran(estimates, variances, between) for between in (0, 0.1, 1)]
    assert values == sorted(values, reverse=True)
