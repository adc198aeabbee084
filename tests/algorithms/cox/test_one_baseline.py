"""One baseline for all nodes: sums over who is at risk, written out person by person, and the pooled fit of others."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from lifelines import CoxPHFitter
from tests.algorithms.federation import run, split, splits
from tests.algorithms.tables import made, rossi

from oncommons.algorithms.cox import COX
from oncommons.algorithms.cox.one_baseline import common_part
from oncommons.algorithms.design import Frame
from oncommons.algorithms.pair import Table

TIMES, EVENTS = [3.0, 1.0, 2.0, 2.0, 5.0], [1.0, 0.0, 1.0, 1.0, 0.0]
X = [0.5, -1.0, 2.0, 0.0, 1.0]
TABLE = Table({"t": np.array(TIMES), "e": np.array(EVENTS), "x": np.array(X)})
SETTINGS = {"time": "t", "event": "e", "covariates": ["x"]}
COVARIATES = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]
ROSSI = {"time": "week", "event": "arrest", "covariates": COVARIATES}
STATE = {"frame": Frame(("x",), (("x", ""),), (0.0,), (1.0,)).to_json(), "beta": [0.3]}


def test_who_is_at_risk_is_summed_by_time():
    told = common_part(TABLE, SETTINGS, STATE, 1).found
    risks = [np.exp(0.3 * x) for x in X]
    assert told["times"] == [1.0, 2.0, 3.0, 5.0]
    for at, (all_, weighted) in zip(told["times"], told["risk"], strict=True):
        still = [i for i, time in enumerate(TIMES) if time >= at]
        assert all_ == pytest.approx(sum(risks[i] for i in still))
        assert weighted == pytest.approx(sum(risks[i] * X[i] for i in still))
    assert told["events"] == [0, 2, 1, 0]
    assert told["dying"][0] == pytest.approx([risks[2] + risks[3], risks[2] * 2])
    assert told["columns"] == pytest.approx([2.5])


def test_sums_of_the_second_order_leave_as_one_matrix():
    first = common_part(TABLE, SETTINGS, STATE, 1).found
    assert all(np.ndim(one) < 3 for one in first.values())
    weights = {"times": [2.0, 3.0], "at": [0.7, 0.2], "dying": [0.1, 0.05]}
    told = common_part(TABLE, SETTINGS, {**STATE, "weights": weights}, 1).found
    by_hand = 0.0
    for time, event, x in zip(TIMES, EVENTS, X, strict=True):
        factor = sum(w for at, w in zip(weights["times"], weights["at"], strict=True) if at <= time)
        factor -= dict(zip(weights["times"], weights["dying"], strict=True)).get(time, 0) if event else 0
        by_hand += np.exp(0.3 * x) * factor * x * x
    assert told == {"information": [[pytest.approx(by_hand)]]}


def test_the_first_round_tells_people_and_events_and_what_they_rest_upon():
    found = common_part(TABLE, SETTINGS, None, 1)
    assert found.found == {"people": 5, "numbers": {"x": [2.5, 6.25]}, "levels": {}, "events": 3}
    assert (found.basis.people, found.basis.events, found.basis.parameters) == (5, 3, 0)
    assert common_part(TABLE, SETTINGS, STATE, 1).basis.parameters == 1
    assert common_part(TABLE, SETTINGS, None, 4).found["people"] == 0


def test_who_outweighs_the_others_of_a_stretch_of_time_is_told_to_the_rules_on_average():
    basis = common_part(TABLE, SETTINGS, STATE, 1).basis
    alone = [1.0, 1.0, 1.0]  # at 1, 3 and 5
    two = np.exp(0.3 * 2) / (np.exp(0.3 * 2) + 1)
    assert basis.share == pytest.approx(np.mean([*alone, two]))


def test_as_how_many_people_count_in_the_information_is_told_to_the_rules():
    weights = {"times": [2.0, 3.0], "at": [0.7, 0.2], "dying": [0.0, 0.0]}
    factors = [np.exp(0.3 * x) * at for x, at in zip(X, [0.9, 0, 0.7, 0.7, 0.9], strict=True)]
    basis = common_part(TABLE, SETTINGS, {**STATE, "weights": weights}, 1).basis
    assert basis.counting == pytest.approx(sum(factors) ** 2 / sum(f**2 for f in factors))
    assert basis.share == pytest.approx(max([4 / 6.25, max(factors) / sum(factors)]))


def fitted(table, nodes=5, least=1, **settings):
    return run(COX, split(table, splits(table.people, nodes)["even"]), settings | {"baseline": "common"}, least)


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


def test_coarse_times_are_near_the_exact_ones():
    exact, coarse = fitted(rossi(), 2, **ROSSI), fitted(rossi(), 2, 5, **ROSSI)
    for name in COVARIATES:
        error = exact.tables["terms"][COVARIATES.index(name) + 1][2]
        assert abs(exact.found["coefficients"][name] - coarse.found["coefficients"][name]) < error / 4
