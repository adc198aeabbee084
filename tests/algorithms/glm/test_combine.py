"""Generalised linear models against statsmodels, and where they have no answer."""

import numpy as np
import pytest
import statsmodels.api as sm
from tests.algorithms.federation import run, split, splits
from tests.algorithms.tables import made

from oncommons.algorithms.glm import GLM
from oncommons.algorithms.pair import Table, Unanswerable

FAMILIES = {"gaussian": sm.families.Gaussian, "binomial": sm.families.Binomial, "poisson": sm.families.Poisson}
LEVELS = {"levels": {"g": ("a", "b", "c", "d")}}


@pytest.mark.parametrize("errors", ["model", "robust"])
@pytest.mark.parametrize("family", FAMILIES)
def test_it_is_what_statsmodels_finds(family, errors):
    whole = made().complete("x", "s", "g", family)
    columns = [whole.columns["x"], whole.columns["s"], *(whole.columns["g"] == level for level in (1, 2, 3))]
    matrix = sm.add_constant(np.column_stack(columns).astype(float))
    model = sm.GLM(whole.columns[family], matrix, family=FAMILIES[family]())
    oracle = model.fit(tol=1e-14, maxiter=100, cov_type="HC0" if errors == "robust" else "nonrobust")
    settings = {"outcome": family, "covariates": ["x", "s", "g"], "family": family, "errors": errors, **LEVELS}
    found = run(GLM, split(made(), splits(600, 5)["skewed"]), settings)
    terms = np.array([row[1:] for row in found.tables["terms"][1:]])
    assert np.abs(terms[:, 0] - oracle.params).max() < 1e-11
    assert np.abs(terms[:, 1] - oracle.bse).max() < 1e-9
    assert found.found["deviance"] == pytest.approx(oracle.deviance, abs=1e-8)
    assert (found.found["people"], found.found["degrees"]) == (whole.people, oracle.df_resid)


def test_offset_and_weights_are_those_of_statsmodels():
    whole = made().complete("x", "poisson", "offset", "weights")
    matrix = sm.add_constant(whole.columns["x"])
    oracle = sm.GLM(
        whole.columns["poisson"], matrix, family=sm.families.Poisson(),
        offset=whole.columns["offset"], var_weights=whole.columns["weights"],
    ).fit(tol=1e-14, maxiter=100)  # fmt: skip
    settings = {
        "outcome": "poisson",
        "covariates": ["x"],
        "family": "poisson",
        "offset": "offset",
        "weights": "weights",
    }
    found = run(GLM, split(made(), splits(600, 3)["even"]), settings)
    assert np.abs([row[1] for row in found.tables["terms"][1:]] - oracle.params).max() < 1e-11
    assert found.found["deviance"] == pytest.approx(oracle.deviance, abs=1e-8)


def of(**columns):
    return Table({name: np.array(column, dtype=float) for name, column in columns.items()})


X = np.arange(40.0)
BAD = {
    "separated": (of(y=X > 20, x=X), "binomial", "without bound"),
    "separated by a group": (of(y=(X % 3 == 0) & (X < 20), x=X >= 20), "binomial", "coefficient of x grows without"),
    "nothing in a group": (of(y=np.where(X < 20, X % 4, 0), x=X >= 20), "poisson", "coefficient of x grows without"),
    "not yes or no": (of(y=X, x=X % 7), "binomial", "yes or no"),
    "not a number of things": (of(y=X - 1, x=X % 7), "poisson", "whole numbers"),
    "the same": (of(y=X, x=np.full(40, 3.0)), "gaussian", "the same for everybody"),
    "nobody": (of(y=np.full(40, np.nan), x=X), "gaussian", "Nobody is left"),
}


@pytest.mark.parametrize("name", BAD)
def test_where_there_is_no_answer_it_says_why(name):
    table, family, says = BAD[name]
    with pytest.raises(Unanswerable, match=says):
        run(GLM, {"a": table}, {"outcome": "y", "covariates": ["x"], "family": family})


def test_a_ridge_holds_what_has_no_bound():
    table, _, _ = BAD["separated"]
    found = run(GLM, {"a": table}, {"outcome": "y", "covariates": ["x"], "family": "binomial", "ridge": 1.0})
    assert 0 < found.found["coefficients"]["x"] < 1


def test_an_outcome_may_be_in_any_unit():
    table = of(y=1e7 * X + 3 * (X % 5), x=X, z=X % 7)
    found = run(GLM, {"a": table}, {"outcome": "y", "covariates": ["x", "z"], "family": "gaussian"})
    assert found.found["coefficients"]["x"] == pytest.approx(1e7, rel=1e-6)
