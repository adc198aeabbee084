"""What every analysis keeps to: equal to the pooled result however people are shared out, and the same bits again."""

import json

import numpy as np
import pytest
from tests.algorithms.combat.pooled import VARIABLES, measured
from tests.algorithms.federation import run, split, splits
from tests.algorithms.tables import made, rossi

from oncommons.algorithms.combat import COMBAT
from oncommons.algorithms.compare import COMPARE
from oncommons.algorithms.correlation import CORRELATION
from oncommons.algorithms.cox import COX
from oncommons.algorithms.crosstab import CROSSTAB
from oncommons.algorithms.describe import DESCRIBE
from oncommons.algorithms.glm import GLM
from oncommons.algorithms.meta import META
from oncommons.algorithms.pair import Table, added
from oncommons.algorithms.pca import PCA
from oncommons.algorithms.survival import SURVIVAL
from oncommons.algorithms.validation import VALIDATION

LEVELS = {"levels": {"g": ("a", "b", "c", "d")}}
DEVICES = {"levels": measured().levels}
MODEL = {"covariates": ["x", "s", "g"], **LEVELS}
ONE = {"baseline": "common"}  # of its own, each hospital is a stratum: see tests/algorithms/cox/test_combine.py
CASES = {
    "survival": (SURVIVAL, rossi, {"time": "week", "event": "arrest", "by": "fin"}),
    "cox efron": (COX, rossi, {"time": "week", "event": "arrest", "covariates": ["fin", "age", "prio"], **ONE}),
    "cox breslow": (COX, made, {"time": "time", "event": "event", "ties": "breslow", **ONE, **MODEL}),
    "gaussian": (GLM, made, {"outcome": "gaussian", **MODEL}),
    "binomial": (GLM, made, {"outcome": "binomial", "family": "binomial", "errors": "robust", **MODEL}),
    "poisson": (GLM, made, {"outcome": "poisson", "family": "poisson", "offset": "offset", "weights": "weights", **MODEL}),
    "ridge": (GLM, made, {"outcome": "binomial", "family": "binomial", "ridge": 3.0, **MODEL}),
    "negative binomial": (GLM, made, {"outcome": "time", "family": "negative_binomial", "errors": "robust", **MODEL}),
    "describe": (DESCRIBE, made, {"variables": ["x", "s", "g", "gaussian"], "yes": {"s": ()}, **LEVELS}),
    "describe by": (DESCRIBE, made, {"variables": ["x", "s"], "by": "g", "yes": {"s": ()}, **LEVELS}),
    "crosstab": (CROSSTAB, made, {"rows": "g", "columns": "s", **LEVELS}),
    "crosstab two by two": (CROSSTAB, rossi, {"rows": "fin", "columns": "arrest"}),
    "compare": (COMPARE, made, {"outcome": "x", "by": "g", **LEVELS}),
    "compare two": (COMPARE, rossi, {"outcome": "age", "by": "arrest"}),
    "correlation": (CORRELATION, made, {"variables": ["x", "gaussian", "time", "weights"]}),
    "combat": (COMBAT, measured, {"variables": [*VARIABLES], "covariates": ["age", "stage"], "batch": "device", **DEVICES}),
    "pca": (PCA, made, {"variables": ["x", "gaussian", "time", "weights"]}),
    "pca of covariances": (PCA, made, {"variables": ["x", "gaussian", "time"], "matrix": "covariance"}),
}  # fmt: skip

BY_HOSPITAL = {
    "cox by hospital": (COX, made, {"time": "time", "event": "event", "errors": "robust", **MODEL, "strata": []}),
}


def numbers(result):
    """Every number of a result."""
    found = []

    def walk(value):
        if isinstance(value, dict):
            for one in value.values():
                walk(one)
        elif isinstance(value, list | tuple):
            for one in value:
                walk(one)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found.append(float(value))

    walk([result.found, result.tables])
    return np.array(found)


@pytest.mark.parametrize("how", ["even", "skewed", "single", "empty", "ordered"])
@pytest.mark.parametrize("case", CASES)
def test_the_result_is_that_of_the_pooled_data(case, how):
    analysis, table, settings = CASES[case]
    whole = table()
    pooled = numbers(run(analysis, {"all": whole}, settings))
    for nodes in (2, 7):
        apart = numbers(run(analysis, split(whole, splits(whole.people, nodes)[how]), settings))
        assert apart.shape == pooled.shape
        assert np.max(np.abs(apart - pooled) / np.maximum(1, np.abs(pooled))) < 1e-10


@pytest.mark.parametrize("case", [*CASES, "cox by hospital"])
def test_the_same_tables_give_the_same_bits_in_whatever_order_nodes_answer(case):
    analysis, table, settings = (CASES | BY_HOSPITAL)[case]
    whole = table()
    apart = split(whole, splits(whole.people, 5)["even"])
    first = run(analysis, apart, settings)
    again = run(analysis, dict(reversed(apart.items())), settings)
    assert (first.found, first.tables) == (again.found, again.tables)


@pytest.mark.parametrize("case", CASES)
def test_an_analysis_says_what_it_takes(case):
    analysis, _, settings = CASES[case]
    known = {one.name for one in (*analysis.roles, *analysis.settings)} | {"levels", "yes"}
    assert settings.keys() <= known
    assert {one.name for one in analysis.roles if one.needed} <= settings.keys()


def test_what_is_told_of_an_analysis_is_json():
    told = CORRELATION.to_json()
    assert json.loads(json.dumps(told)) == told
    assert told["roles"][0]["kinds"] == sorted(CORRELATION.roles[0].kinds)
    assert told.keys().isdisjoint({"local", "combine", "open_only"})
    assert (told["fewest_nodes"], told["once"]) == (1, True)
    assert (META.to_json()["fewest_nodes"], COX.to_json()["once"], VALIDATION.to_json()["once"]) == (2, False, False)


def test_rows_of_which_a_variable_is_missing_are_left_out():
    table = Table({"a": np.array([1.0, np.nan, 3.0]), "b": np.array([1.0, 2.0, 3.0])})
    assert table.known("a", "b").tolist() == [True, False, True]
    assert table.complete("a", "b").columns["b"].tolist() == [1.0, 3.0]
    assert (table.people, table.complete("b").people, Table({}).people) == (3, 3, 0)


def test_sums_are_made_in_the_order_of_names():
    one, other = (
        {"b": {"n": 0.1}, "a": {"n": 0.2}, "c": {"n": 0.3}},
        {"c": {"n": 0.3}, "a": {"n": 0.2}, "b": {"n": 0.1}},
    )
    assert added(one, "n") == added(other, "n") == np.sum([0.2, 0.1, 0.3])
