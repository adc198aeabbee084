"""Generalised linear models against statsmodels, and where they have no answer."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from tests.algorithms.federation import run, split, splits
from tests.algorithms.tables import made

from oncommons.algorithms.glm import GLM
from oncommons.algorithms.glm.dispersed import pieces
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
    "not a number of things": (of(y=X - 1, x=X % 7), "poisson", "numbers from zero up"),
    "the same": (of(y=X, x=np.full(40, 3.0)), "gaussian", "the same for everybody"),
    "nobody": (of(y=np.full(40, np.nan), x=X), "gaussian", "Nobody is left"),
}


@pytest.mark.parametrize("name", BAD)
def test_where_there_is_no_answer_it_says_why(name):
    table, family, says = BAD[name]
    with pytest.raises(Unanswerable, match=says):
        run(GLM, {"a": table}, {"outcome": "y", "covariates": ["x"], "family": family})


def test_a_weight_below_nothing_is_none():
    table = of(y=X, x=X % 7, w=np.where(X == 3, -1.0, 1.0))
    with pytest.raises(Unanswerable, match="Weights are numbers from zero up"):
        run(GLM, {"a": table}, {"outcome": "y", "covariates": ["x"], "family": "gaussian", "weights": "w"})


def test_a_column_that_tells_the_outcome_is_found_before_many_rounds_have_told_sums():
    seen = []

    def listening(table, settings, state, least):
        seen.append(state)
        return GLM.local(table, settings, state, least)

    table = of(y=X % 3 == 0, x=X % 3 == 0, z=X % 7)
    with pytest.raises(Unanswerable, match="the coefficient of x grows without bound"):
        run(
            replace(GLM, local=listening),
            {"a": table},
            {"outcome": "y", "covariates": ["x", "z"], "family": "binomial"},
        )
    assert len(seen) <= 12


def test_a_ridge_holds_what_has_no_bound():
    table, _, _ = BAD["separated"]
    found = run(GLM, {"a": table}, {"outcome": "y", "covariates": ["x"], "family": "binomial", "ridge": 1.0})
    assert 0 < found.found["coefficients"]["x"] < 1


def test_an_outcome_may_be_in_any_unit():
    table = of(y=1e7 * X + 3 * (X % 5), x=X, z=X % 7)
    found = run(GLM, {"a": table}, {"outcome": "y", "covariates": ["x", "z"], "family": "gaussian"})
    assert found.found["coefficients"]["x"] == pytest.approx(1e7, rel=1e-6)


def counted(alpha=0.7, people=600):
    """The table with a count that spreads more than Poisson's."""
    table, random = made(people), np.random.default_rng(3)
    mean = np.exp(0.4 + np.nan_to_num(table.columns["x"], nan=50.0) / 60)
    return Table(
        {**table.columns, "y": random.negative_binomial(1 / alpha, 1 / (1 + alpha * mean)) * 1.0}, table.levels
    )


@pytest.mark.parametrize("errors", ["model", "robust"])
@pytest.mark.parametrize("alpha", [0.03, 0.7, 6.0])
def test_a_negative_binomial_model_is_what_statsmodels_finds(errors, alpha):
    table = counted(alpha)
    whole = table.complete("x", "s", "y", "offset")
    matrix = sm.add_constant(np.column_stack([whole.columns["x"], whole.columns["s"]]))
    settings = {"outcome": "y", "covariates": ["x", "s"], "offset": "offset", "family": "negative_binomial"}
    found = run(GLM, split(table, splits(600, 5)["skewed"]), settings | {"errors": errors})
    terms = np.array([row[1:3] for row in found.tables["terms"][1:]])
    near = (
        np.append(terms[:, 0], found.found["alpha"]["estimate"]) * 1.01
    )  # Newton's method of statsmodels needs a start
    cov_type = "HC0" if errors == "robust" else "nonrobust"
    oracle = sm.NegativeBinomial(whole.columns["y"], matrix, offset=whole.columns["offset"]).fit(
        start_params=near, method="newton", tol=1e-14, maxiter=100, disp=0, cov_type=cov_type
    )
    assert np.abs(terms[:, 0] - oracle.params[:-1]).max() < 1e-11
    assert np.abs(terms[:, 1] - oracle.bse[:-1]).max() < 1e-9
    told = found.found["alpha"]
    assert (told["estimate"], told["error"]) == pytest.approx((oracle.params[-1], oracle.bse[-1]), rel=1e-9)
    assert found.found["log_likelihood"] == pytest.approx(oracle.llf, abs=1e-8)
    fixed = sm.families.NegativeBinomial(alpha=told["estimate"])
    deviance = sm.GLM(whole.columns["y"], matrix, family=fixed, offset=whole.columns["offset"]).fit(tol=1e-14).deviance
    assert found.found["deviance"] == pytest.approx(deviance, abs=1e-8)


def test_weights_are_people_who_stand_for_several():
    table, times = counted(), np.random.default_rng(1).integers(1, 4, 600) * 1.0
    settings = {"outcome": "y", "covariates": ["x"], "family": "negative_binomial"}
    weighted = Table({**table.columns, "w": times}, table.levels)
    often = Table({name: np.repeat(one, times.astype(int)) for name, one in table.columns.items()}, table.levels)
    one = run(GLM, split(weighted, splits(600, 3)["even"]), settings | {"weights": "w"})
    assert np.array(one.tables["terms"][2][1:]) == pytest.approx(
        run(GLM, {"a": often}, settings).tables["terms"][2][1:]
    )


def test_mites_on_apple_leaves_are_as_published():
    """Bliss and Fisher 1953, Biometrics 9:176: 1 / alpha is 1.02459 where likelihood is greatest, of a mean of 1.14667."""
    mites = np.repeat(np.arange(8.0), [70, 38, 17, 10, 9, 3, 2, 1])
    found = run(
        GLM,
        split(of(y=mites), splits(150, 4)["even"]),
        {"outcome": "y", "covariates": [], "family": "negative_binomial"},
    )
    assert round(1 / found.found["alpha"]["estimate"], 5) == 1.02459
    assert np.exp(found.found["coefficients"]["intercept"]) == pytest.approx(mites.mean(), rel=1e-12)


def test_counts_that_spread_less_than_poissons_have_no_dispersion():
    with pytest.raises(Unanswerable, match="take the family poisson"):
        run(GLM, {"a": of(y=X % 3 + 4, x=X % 7)}, {"outcome": "y", "covariates": ["x"], "family": "negative_binomial"})


RIDGE = 7.0


def test_a_ridge_is_that_of_its_formula():
    whole = made().complete("x", "s", "gaussian")
    columns = np.column_stack([whole.columns["x"], whole.columns["s"]])
    middle, spread = columns.mean(axis=0), columns.std(axis=0)
    matrix = (columns - middle) / spread
    beta = np.linalg.solve(matrix.T @ matrix + RIDGE * np.eye(2), matrix.T @ whole.columns["gaussian"]) / spread
    settings = {"outcome": "gaussian", "covariates": ["x", "s"], "ridge": RIDGE}
    found = run(GLM, split(made(), splits(600, 5)["skewed"]), settings).found["coefficients"]
    assert [found["x"], found["s"]] == pytest.approx(beta, rel=1e-10)
    assert found["intercept"] == pytest.approx(whole.columns["gaussian"].mean() - middle @ beta, rel=1e-10)


LOSSES = {
    "binomial": lambda y, eta: np.log1p(np.exp(eta)) - y * eta,
    "poisson": lambda y, eta: np.exp(eta) - y * eta,
}


@pytest.mark.parametrize("family", [*LOSSES, "negative_binomial"])
def test_of_a_ridge_nothing_near_has_less_loss(family):
    outcome = "y" if family == "negative_binomial" else family
    table = counted()
    whole = table.complete("x", "s", outcome)
    columns = np.column_stack([whole.columns["x"], whole.columns["s"]])
    matrix = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    settings = {"outcome": outcome, "covariates": ["x", "s"], "family": family, "ridge": RIDGE}
    found = run(GLM, split(table, splits(600, 5)["skewed"]), settings).found
    beta = np.array([found["coefficients"][name] for name in ("x", "s")]) * columns.std(axis=0)
    intercept = found["coefficients"]["intercept"] + beta @ (columns.mean(axis=0) / columns.std(axis=0))

    def loss(intercept, beta):
        eta = intercept + matrix @ beta
        if family == "negative_binomial":
            return (
                -pieces(whole.columns["y"], np.exp(eta), found["alpha"]["estimate"]).likelihood.sum()
                + RIDGE / 2 * beta @ beta
            )
        return LOSSES[family](whole.columns[outcome], eta).sum() + RIDGE / 2 * beta @ beta

    for step in (1e-4, -1e-4):
        for move in np.eye(3) * step:
            assert loss(intercept + move[0], beta + move[1:]) > loss(intercept, beta)
    slopes = [
        (loss(intercept + move[0], beta + move[1:]) - loss(intercept - move[0], beta - move[1:])) / 2e-4
        for move in np.eye(3) * 1e-4
    ]
    assert np.abs(slopes).max() < 1e-4
