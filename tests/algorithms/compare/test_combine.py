"""Means by group against scipy, and where nothing can be compared."""

import numpy as np
import pytest
from scipy import stats
from tests.algorithms.federation import run, split, splits
from tests.algorithms.tables import GROUPS, made, rossi

from oncommons.algorithms.compare import COMPARE
from oncommons.algorithms.pair import Table, Unanswerable


@pytest.mark.parametrize(("test", "same"), [("welch", False), ("pooled", True)])
def test_t_tests_are_those_of_scipy(test, same):
    whole = rossi().columns
    found = run(COMPARE, split(rossi(), splits(432, 5)["skewed"]), {"outcome": "age", "by": "arrest", "level": 0.9})
    groups = [whole["age"][whole["arrest"] == place] for place in (1, 0)]
    oracle, told = stats.ttest_ind(*groups, equal_var=same), found.found[test]
    assert (told["statistic"], told["p"], told["degrees"]) == pytest.approx(
        (oracle.statistic, oracle.pvalue, oracle.df)
    )
    interval = oracle.confidence_interval(0.9)
    assert (told["low"], told["high"]) == pytest.approx((interval.low, interval.high))
    assert told["difference"] == pytest.approx(groups[0].mean() - groups[1].mean())


def test_the_analysis_of_variance_is_that_of_scipy():
    whole = made().complete("x", "g").columns
    found = run(COMPARE, split(made(), splits(600, 5)["single"]), {"outcome": "x", "by": "g", "levels": {"g": GROUPS}})
    groups = [whole["x"][whole["g"] == place] for place in range(4)]
    oracle, told = stats.f_oneway(*groups), found.found["variance"]
    assert (told["statistic"], told["p"]) == pytest.approx((oracle.statistic, oracle.pvalue), rel=1e-11)
    assert (told["between"], told["within"]) == (3, len(whole["x"]) - 4)
    assert "welch" not in found.found
    for row, group in zip(found.tables["groups"][1:], groups, strict=True):
        interval = stats.t.interval(0.95, len(group) - 1, group.mean(), stats.sem(group))
        assert row[1:] == pytest.approx([len(group), group.mean(), group.std(ddof=1), stats.sem(group), *interval])


def test_students_sleep_has_its_published_t():
    """Student 1908; as two groups, R's t.test(extra ~ group, sleep) prints t = -1.8608, df = 17.776, p = 0.07939."""
    extra = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0, 1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    table = Table({"extra": np.array(extra), "group": np.repeat([0.0, 1.0], 10)})
    told = run(COMPARE, {"a": table}, {"outcome": "extra", "by": "group"}).found["welch"]
    assert (round(told["statistic"], 4), round(told["degrees"], 3), round(told["p"], 5)) == (1.8608, 17.776, 0.07939)


def test_groups_of_nobody_and_of_one_are_left_out_and_named():
    table = Table({"x": np.array([1.0, 2, 3, 5, 8]), "g": np.array([0.0, 0, 1, 1, 3])}, {"g": GROUPS})
    found = run(COMPARE, {"a": table}, {"outcome": "x", "by": "g", "levels": {"g": GROUPS}})
    assert [row[0] for row in found.tables["groups"][1:]] == ["a", "b"]
    assert found.found["people"] == 4
    assert found.warnings == ("Left out, with fewer than two people: c, d.",)


@pytest.mark.parametrize(
    ("x", "g", "says"),
    [
        ([1.0, 2, 3], [0.0, 0, 1], "two people each"),
        ([], [], "two people each"),
        ([1.0, 1, 3, 4], [0.0, 0, 1, 1], "the same"),
    ],
)
def test_where_nothing_is_compared_it_says_so(x, g, says):
    with pytest.raises(Unanswerable, match=says):
        run(COMPARE, {"a": Table({"x": np.array(x), "g": np.array(g)})}, {"outcome": "x", "by": "g"})


def test_tests_are_a_table_too_which_is_what_is_printed():
    found = run(COMPARE, {"a": rossi()}, {"outcome": "age", "by": "arrest"})
    told = {row[0]: row[1:] for row in found.tables["tests"][1:]}
    assert told["analysis of variance"] == list(found.found["variance"].values())
    assert told["Welch's t"] == [
        found.found["welch"]["statistic"],
        found.found["welch"]["degrees"],
        None,
        found.found["welch"]["p"],
    ]
    assert found.tables["differences"][2] == [
        "pooled t",
        *(found.found["pooled"][n] for n in ("difference", "low", "high")),
    ]
    many = run(COMPARE, {"a": made()}, {"outcome": "x", "by": "g", "levels": {"g": GROUPS}})
    assert ("differences" in many.tables, len(many.tables["tests"])) == (False, 2)
