"""Tails and quantiles are those of ``scipy.stats``, which takes longer to load."""

import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from oncommons.algorithms.tails import both_tails, chi_squared_tail, f_tail, quantile

STATISTICS = np.concatenate([[0.0, 1e-9], np.geomspace(1e-3, 1e3, 40), [np.inf]])


@pytest.mark.parametrize("degrees", [1, 2, 7, 400])
def test_the_tail_of_chi_squared(degrees):
    told = [chi_squared_tail(one, degrees) for one in STATISTICS]
    np.testing.assert_allclose(told, stats.chi2.sf(STATISTICS, degrees), rtol=1e-14)


@pytest.mark.parametrize(("between", "within"), [(1, 3), (2, 77.7), (9.4, 5000)])
def test_the_tail_of_f(between, within):
    told = [f_tail(one, between, within) for one in STATISTICS]
    np.testing.assert_allclose(told, stats.f.sf(STATISTICS, between, within), rtol=1e-13)


@pytest.mark.parametrize("degrees", [None, 1, 3.5, 2000])
def test_both_tails_and_quantiles_of_the_normal_and_of_students_distribution(degrees):
    model = stats.norm if degrees is None else stats.t(degrees)
    np.testing.assert_allclose(both_tails(-STATISTICS, degrees), 2 * model.sf(STATISTICS), rtol=1e-13)
    for share in (0.5, 0.8, 0.975, 0.9995):
        assert quantile(share, degrees) == pytest.approx(model.ppf(share), rel=1e-12, abs=1e-15)


def test_a_statistic_that_rounding_brought_below_zero_is_none_and_one_of_no_degrees_has_no_chance():
    assert (chi_squared_tail(-1e-17, 2), f_tail(-1e-17, 2, 5)) == (1.0, 1.0)
    assert np.isnan([chi_squared_tail(1.0, 0), chi_squared_tail(np.nan, 2), f_tail(np.nan, 2, 5)]).all()


def test_no_analysis_waits_for_scipy_stats_when_it_is_loaded_or_tells_a_model():
    code = """
import sys, oncommons.algorithms.cox.result, oncommons.algorithms.glm.combine, oncommons.algorithms.survival
from oncommons.algorithms.intervals import reach
assert round(reach(0.95), 3) == 1.96 and "scipy.stats" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
