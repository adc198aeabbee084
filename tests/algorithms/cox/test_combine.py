"""Cox's model against other packages, and where it has no answer."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from lifelines import CoxPHFitter
from tests.algorithms.federation import run, split, splits
from tests.algorithms.tables import made, rossi

from oncommons.algorithms.cox import COX
from oncommons.algorithms.pair import Table, Unanswerable

COVARIATES = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]
ROSSI = {"time": "week", "event": "arrest", "covariates": COVARIATES}


def fitted(table, nodes=5, least=1, **settings):
    return run(COX, split(table, splits(table.people, nodes)["even"]), settings, least)


def test_with_ties_by_efron_it_is_what_lifelines_finds():
    found, frame = fitted(rossi(), **ROSSI), pd.DataFrame(rossi().columns)
    oracle = CoxPHFitter().fit(frame, "week", "arrest", fit_options={"precision": 1e-14})
    terms = np.array([row[1:] for row in found.tables["terms"][1:]])
    assert np.abs(terms[:, 0] - oracle.params_.to_numpy()).max() < 1e-12
    assert np.abs(terms[:, 1] - oracle.standard_errors_.to_numpy()).max() < 1e-12
    assert np.abs(terms[:, 3:5] - np.exp(oracle.confidence_intervals_.to_numpy())).max() < 1e-11
    assert np.abs(terms[:, 6] - oracle.summary["p"].to_numpy()).max() < 1e-12
    test = oracle.log_likelihood_ratio_test()
    assert found.found["log_likelihood"] == pytest.approx(oracle.log_likelihood_, abs=1e-10)
    assert found.found["likelihood_ratio"]["statistic"] == pytest.approx(test.test_statistic, abs=1e-9)
    assert found.found["likelihood_ratio"]["p"] == pytest.approx(test.p_value, rel=1e-9)


def test_with_ties_by_breslow_it_is_what_statsmodels_finds():
    whole = made().complete("x", "s", "g", "time", "event")
    found = fitted(made(), covariates=["x", "s", "g"], time="time", event="event", ties="breslow",
                   levels={"g": ("a", "b", "c", "d")})  # fmt: skip
    dummies = [whole.columns["g"] == level for level in (1, 2, 3)]
    columns = np.column_stack([whole.columns["x"], whole.columns["s"], *dummies]).astype(float)
    oracle = sm.PHReg(whole.columns["time"], columns, status=whole.columns["event"], ties="breslow")
    oracle = oracle.fit(method="newton", tol=1e-14)
    terms = np.array([row[1:] for row in found.tables["terms"][1:]])
    assert [row[0] for row in found.tables["terms"][1:]] == ["x", "s", "g=b", "g=c", "g=d"]
    assert np.abs(terms[:, 0] - oracle.params).max() < 1e-8
    assert np.abs(terms[:, 1] - oracle.bse).max() < 1e-8


def test_no_coefficient_goes_further_than_half_a_spread_in_a_round():
    whole = {name: column.copy() for name, column in rossi().columns.items()}
    whole["strong"] = np.where(np.random.default_rng(2).uniform(size=432) < 0.2, 52 - whole["week"], whole["week"] % 5)
    seen = []

    def listening(table, settings, state, least):
        seen.append(state["beta"][0] if state else 0.0)
        return COX.local(table, settings, state, least)

    run(replace(COX, local=listening), {"a": Table(whole)}, {**ROSSI, "covariates": ["strong"]})
    strides = np.abs(np.diff(seen))
    assert strides.max() == pytest.approx(0.5)
    assert strides[-1] < 1e-6


def test_coarse_times_are_near_the_exact_ones():
    exact, coarse = fitted(rossi(), 2, **ROSSI), fitted(rossi(), 2, 5, **ROSSI)
    for name in COVARIATES:
        error = exact.tables["terms"][COVARIATES.index(name) + 1][2]
        assert abs(exact.found["coefficients"][name] - coarse.found["coefficients"][name]) < error / 4


def of(**columns):
    return Table({name: np.array(column, dtype=float) for name, column in columns.items()})


RANDOM = np.random.default_rng(0)
TIMES, EVENTS = RANDOM.permutation(80) + 1.0, np.ones(80)
BAD = {
    "separated": (of(t=[*range(1, 41)] * 2, e=[0] * 40 + [1] * 40, x=[0] * 40 + [1] * 40), "without bound"),
    "the same": (of(t=TIMES, e=EVENTS, x=np.ones(80)), "the same for everybody"),
    "nobody had it": (of(t=TIMES, e=np.zeros(80), x=TIMES % 7), "Nobody had the event"),
    "nobody": (of(t=[], e=[], x=[]), "Nobody is left"),
}


@pytest.mark.parametrize("name", BAD)
def test_where_there_is_no_answer_it_says_why(name):
    table, says = BAD[name]
    with pytest.raises(Unanswerable, match=says):
        run(COX, {"a": table, "b": of(t=[], e=[], x=[])}, {"time": "t", "event": "e", "covariates": ["x"]})


def test_columns_that_say_the_same_are_named():
    table = of(t=TIMES, e=EVENTS, x=TIMES % 7, y=2 * (TIMES % 7) + 1, z=TIMES % 5)
    with pytest.raises(Unanswerable, match="x, y say the same"):
        run(COX, {"a": table}, {"time": "t", "event": "e", "covariates": ["x", "y", "z"]})
