"""Descriptions against numpy, however people are shared out."""

import numpy as np
import pytest
from tests.algorithms.federation import run, split, splits
from tests.algorithms.tables import GROUPS, made

from oncommons.algorithms.describe import DESCRIBE
from oncommons.algorithms.pair import Table, Unanswerable

SETTINGS = {"variables": ["x", "s", "g"], "yes": {"s": ()}, "levels": {"g": GROUPS}}


def described(settings, least=1, nodes=5):
    return run(DESCRIBE, split(made(), splits(600, nodes)["even"]), SETTINGS | settings, least)


def rows(result, table, **where):
    names = result.tables[table][0]
    found = [dict(zip(names, row, strict=True)) for row in result.tables[table][1:]]
    return [row for row in found if all(row[name] == value for name, value in where.items())]


@pytest.mark.parametrize("group", range(4))
def test_means_and_deviations_are_those_of_numpy(group):
    found = described({"by": "g"}).found["variables"]["x"][GROUPS[group]]
    some = made().columns["x"][made().columns["g"] == group]
    known = some[~np.isnan(some)]
    assert (found["people"], found["missing"]) == (len(known), len(some) - len(known))
    assert found["mean"] == pytest.approx(known.mean(), rel=1e-13)
    assert found["sd"] == pytest.approx(known.std(ddof=1), rel=1e-13)


def test_levels_are_counted_with_their_shares_of_those_who_are_known():
    found, s = described({}), made().columns["s"]
    yes = rows(found, "levels", variable="s", level="yes")[0]
    assert yes["people"] == (s == 1).sum()
    assert yes["share"] == pytest.approx(np.nanmean(s))
    assert yes["missing"] == np.isnan(s).sum()
    counts = {row["level"]: row["people"] for row in rows(found, "levels", variable="g")}
    assert counts == {level: (made().columns["g"] == place).sum() for place, level in enumerate(GROUPS)}


@pytest.mark.parametrize("least", [1, 5, 20])
def test_quantiles_are_between_what_is_told_and_near(least):
    known = made().complete("x").columns["x"]
    for row in rows(described({}, least), "quantiles", variable="x"):
        oracle = np.quantile(known, row["share"], method="inverted_cdf")
        assert (row["at_least"] or -np.inf) <= oracle < (row["below"] or np.inf)
        bounded = None not in (row["at_least"], row["below"])
        assert row["about"] == (pytest.approx(oracle, abs=0.1 * known.std()) if bounded else None)
        assert bounded or row["share"] in ({0.1, 0.9} if least < 20 else {0.1, 0.25, 0.75, 0.9})


def test_a_histogram_has_everybody_and_where_one_may_be_told_is_that_of_the_numbers():
    found, known = rows(described({}), "histogram", variable="x"), made().complete("x").columns["x"]
    for row in found:
        assert row["people"] == ((known >= (row["from"] or -np.inf)) & (known < (row["to"] or np.inf))).sum()
    coarse = rows(described({}, 20), "histogram", variable="x")
    assert sum(row["people"] for row in coarse) == pytest.approx(len(known))


def test_without_numbers_one_round_is_enough():
    assert set(described({"variables": ["g"]}).tables) == {"levels"}


def test_what_is_the_same_for_everybody_has_a_mean_and_no_bins():
    table = Table({"x": np.full(5, 3.0), "y": np.full(5, np.nan)})
    found = run(DESCRIBE, {"a": table}, {"variables": ["x", "y"]})
    assert found.found["variables"]["x"][""] == {"people": 5, "missing": 0, "mean": 3.0, "sd": 0.0}
    assert found.found["variables"]["y"][""] == {"people": 0, "missing": 5, "mean": None, "sd": None}
    assert set(found.tables) == {"numbers"}


def test_a_group_of_nobody_and_of_one_are_told_as_such():
    table = Table({"x": np.array([1.0, 2, 3]), "g": np.array([0.0, 0, 1])}, {"g": GROUPS})
    found = run(DESCRIBE, {"a": table}, {"variables": ["x", "g"], "by": "g", "levels": {"g": GROUPS}})
    assert found.found["variables"]["x"]["b"] == {"people": 1, "missing": 0, "mean": 3.0, "sd": None}
    assert found.found["variables"]["x"]["c"]["mean"] is None
    assert rows(found, "levels", group="c")[0]["share"] is None


def test_of_nobody_it_says_so():
    with pytest.raises(Unanswerable, match="Nobody is left"):
        run(DESCRIBE, {"a": Table({"x": np.zeros(0)})}, {"variables": ["x"]})
