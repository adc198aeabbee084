"""Cross-tables against scipy, statsmodels, and Fisher's tea, by sums over all tables."""

from math import comb, log

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from tests.algorithms.federation import run, split, splits
from tests.algorithms.tables import GROUPS, made

from oncommons.algorithms.crosstab import CROSSTAB
from oncommons.algorithms.pair import Table, Unanswerable

LEVELS = {"levels": {"g": GROUPS}}


def table_of(cells):
    """People of a table of two yes or no."""
    people = [(i, j) for i, row in enumerate(cells) for j, number in enumerate(row) for _ in range(number)]
    return Table({"a": np.array([i for i, _ in people], float), "b": np.array([j for _, j in people], float)})


def crossed(cells, **settings):
    return run(CROSSTAB, {"a": table_of(cells)}, {"rows": "a", "columns": "b", **settings})


def exact(cells):
    """Fisher's p, with whole numbers."""
    (a, b), (c, d) = cells
    ways = [comb(a + b, i) * comb(c + d, a + c - i) for i in range(max(0, a - d), min(a + b, a + c) + 1)]
    here = comb(a + b, a) * comb(c + d, c)
    return sum(one for one in ways if one <= here) / sum(ways)


def test_chi_squared_is_that_of_scipy():
    whole = made().complete("g", "s")
    cells = np.zeros((4, 2))
    np.add.at(cells, (whole.columns["g"].astype(int), whole.columns["s"].astype(int)), 1)
    found = run(CROSSTAB, split(made(), splits(600, 6)["skewed"]), {"rows": "g", "columns": "s", **LEVELS})
    oracle = stats.chi2_contingency(cells, correction=False)
    test = found.found["chi_squared"]
    assert (test["statistic"], test["p"]) == pytest.approx((oracle.statistic, oracle.pvalue), rel=1e-12)
    assert test["degrees"] == oracle.dof
    assert test["v"] == pytest.approx(stats.contingency.association(cells.astype(int), method="cramer"))
    assert "fisher" not in found.found
    assert [row[1:3] for row in found.tables["cells"][1:5]] == cells.tolist()
    assert found.tables["cells"][-1] == ["", *cells.sum(axis=0).tolist(), whole.people]


@pytest.mark.parametrize("cells", [[[3, 1], [1, 3]], [[12, 5], [4, 19]], [[1, 9], [11, 3]], [[0, 6], [5, 2]]])
def test_fishers_test_is_the_sum_over_tables_that_are_no_likelier(cells):
    assert crossed(cells).found["fisher"]["p"] == pytest.approx(exact(cells), rel=1e-10)


def test_the_lady_tasting_tea_has_her_published_p():
    """Fisher 1935, The Design of Experiments, II: three of four cups right have 17 of 70 ways on one side."""
    assert crossed([[3, 1], [1, 3]]).found["fisher"]["p"] == pytest.approx(34 / 70)


def test_the_odds_ratio_and_its_interval_are_those_of_statsmodels():
    cells = [[12, 5], [4, 19]]
    found, oracle = crossed(cells, level=0.9).found["fisher"], sm.stats.Table2x2(np.array(cells))
    assert found["odds_ratio"] == pytest.approx(oracle.oddsratio)
    assert (found["low"], found["high"]) == pytest.approx(oracle.oddsratio_confint(0.1))
    assert log(found["odds_ratio"]) == pytest.approx(oracle.log_oddsratio)


def test_where_a_cell_is_empty_there_is_no_odds_ratio():
    assert crossed([[0, 6], [5, 2]]).found["fisher"]["odds_ratio"] is None


def test_rows_of_nobody_are_shown_and_not_tested():
    table = Table({"g": np.array([0.0, 0, 1, 1]), "b": np.array([0.0, 1, 0, 1])}, {"g": GROUPS})
    found = run(CROSSTAB, {"a": table}, {"rows": "g", "columns": "b", **LEVELS})
    assert found.found["chi_squared"]["degrees"] == 1
    assert len(found.tables["cells"]) == 6


def test_of_few_people_it_warns():
    assert "not to be trusted" in crossed([[3, 1], [1, 3]]).warnings[0]
    assert crossed([[30, 10], [10, 30]]).warnings == ()


@pytest.mark.parametrize("cells", [[[3, 1]], [[3, 0], [1, 0]], []])
def test_where_nothing_is_compared_it_says_so(cells):
    with pytest.raises(Unanswerable, match="Nothing is compared"):
        crossed(cells)


def test_tests_are_a_table_too_which_is_what_is_printed():
    found = crossed(((8, 2), (1, 9)))
    squares, exact_test = found.found["chi_squared"], found.found["fisher"]
    assert found.tables["tests"][1] == ["chi-squared", squares["statistic"], squares["degrees"], squares["p"]]
    assert found.tables["tests"][2] == ["Fisher's exact", None, None, exact_test["p"]]
    assert found.tables["odds"][1] == [exact_test["odds_ratio"], exact_test["low"], exact_test["high"]]
    wide = run(CROSSTAB, {"a": made()}, {"rows": "g", "columns": "s", **LEVELS}).tables
    assert ("odds" in wide, len(wide["tests"])) == (False, 2)
