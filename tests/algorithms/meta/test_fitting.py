"""A model that is fitted where the data are, against statsmodels and lifelines on the same rows."""

import numpy as np
import pytest
import statsmodels.api as sm
from lifelines import CoxPHFitter
from lifelines.datasets import load_rossi
from tests.algorithms.tables import made, rossi

from oncommons.algorithms.meta.fitting import fitted, roles_of
from oncommons.algorithms.pair import Table, Unanswerable

FAMILIES = {"gaussian": sm.families.Gaussian, "binomial": sm.families.Binomial, "poisson": sm.families.Poisson}


@pytest.mark.parametrize("family", FAMILIES)
def test_it_is_what_statsmodels_finds(family):
    rows = made().complete("x", "s", family, "offset")
    matrix = sm.add_constant(np.column_stack([rows.columns["x"], rows.columns["s"]]))
    oracle = sm.GLM(rows.columns[family], matrix, FAMILIES[family](), offset=rows.columns["offset"]).fit(tol=1e-13)
    found = fitted(rows, {"model": family, "outcome": family, "covariates": ["x", "s"], "offset": "offset"})
    assert list(found.terms) == ["x", "s"]
    assert np.array([*found.terms.values()]) == pytest.approx(
        np.stack([oracle.params, oracle.bse], axis=1)[1:], rel=1e-8
    )
    assert (found.basis.people, found.basis.parameters) == (rows.people, 3)


def test_coxs_model_is_that_of_lifelines_on_times_as_they_are():
    settings = {"model": "cox", "time": "week", "event": "arrest", "covariates": ["fin", "age", "prio"]}
    found = fitted(rossi().complete("week", "arrest", "fin", "age", "prio"), settings)
    frame = load_rossi()[["week", "arrest", "fin", "age", "prio"]]
    oracle = CoxPHFitter().fit(frame, "week", "arrest", fit_options={"precision": 1e-14})
    expected = np.stack([oracle.params_, oracle.standard_errors_], axis=1)
    assert np.array([*found.terms.values()]) == pytest.approx(expected, rel=1e-7)


def test_a_code_has_a_term_for_each_level_but_the_first():
    rows = made().complete("g", "gaussian")
    settings = {"model": "gaussian", "outcome": "gaussian", "covariates": ["g"], "levels": {"g": ("a", "b", "c", "d")}}
    assert list(fitted(rows, settings).terms) == ["g=b", "g=c", "g=d"]


def test_a_fit_without_end_says_so():
    rows = Table({"y": np.arange(40.0) > 20, "x": np.arange(40.0)})
    with pytest.raises(Unanswerable, match="without bound"):
        fitted(rows, {"model": "binomial", "outcome": "y", "covariates": ["x"]})


def test_a_model_needs_its_variables():
    assert roles_of({"model": "cox", "time": "t", "event": "e", "covariates": ["x"], "offset": "o"}) == ("t", "e", "x")
    assert roles_of({"model": "poisson", "outcome": "y", "covariates": ["x"], "offset": "o"}) == ("y", "o", "x")
    with pytest.raises(Unanswerable, match="needs the setting time and event"):
        roles_of({"model": "cox", "covariates": ["x"], "outcome": "y"})
