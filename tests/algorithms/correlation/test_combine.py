"""Correlations against scipy, and where there are none."""

import numpy as np
import pytest
from scipy import stats
from tests.algorithms.federation import run, split, splits
from tests.algorithms.tables import made

from oncommons.algorithms.correlation import CORRELATION
from oncommons.algorithms.pair import Table, Unanswerable

NAMES = ["x", "gaussian", "weights"]


def test_correlations_intervals_and_tests_are_those_of_scipy():
    found = run(CORRELATION, split(made(), splits(600, 5)["skewed"]), {"variables": NAMES, "level": 0.9})
    whole = made().complete(*NAMES)
    assert [row[:2] for row in found.tables["pairs"][1:]] == [
        ["x", "gaussian"],
        ["x", "weights"],
        ["gaussian", "weights"],
    ]
    for one, other, *told in found.tables["pairs"][1:]:
        oracle = stats.pearsonr(whole.columns[one], whole.columns[other])
        interval = oracle.confidence_interval(0.9)
        statistic = oracle.statistic * np.sqrt((whole.people - 2) / (1 - oracle.statistic**2))
        assert told == pytest.approx([oracle.statistic, interval.low, interval.high, statistic, oracle.pvalue])
    assert found.found == {"people": whole.people, "degrees": whole.people - 2}


def test_the_matrix_is_that_of_numpy():
    found = run(CORRELATION, split(made(), splits(600, 7)["empty"]), {"variables": NAMES})
    whole = made().complete(*NAMES)
    oracle = np.corrcoef([whole.columns[name] for name in NAMES])
    assert found.tables["matrix"][0] == ["variable", *NAMES]
    assert np.abs(np.array([row[1:] for row in found.tables["matrix"][1:]]) - oracle).max() < 1e-13


def test_what_says_the_same_has_no_test_and_no_chance():
    table = Table({"x": np.arange(9.0), "y": 5 - 2 * np.arange(9.0)})
    found = run(CORRELATION, {"a": table}, {"variables": ["x", "y"]})
    assert found.tables["pairs"][1] == ["x", "y", -1.0, -1.0, -1.0, None, 0.0]


@pytest.mark.parametrize(
    ("x", "names", "says"),
    [
        (np.arange(9.0), ["x"], "Two variables"),
        (np.arange(3.0), ["x", "y"], "of 4 people"),
        (np.ones(9), ["x", "y"], "x is the same"),
    ],
)
def test_where_nothing_is_correlated_it_says_so(x, names, says):
    with pytest.raises(Unanswerable, match=says):
        run(CORRELATION, {"a": Table({"x": x, "y": np.arange(len(x)) % 7.0})}, {"variables": names})
