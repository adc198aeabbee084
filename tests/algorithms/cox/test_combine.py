"""Cox's model with a baseline of each hospital against stratified fits of other packages, and where it has no answer."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from lifelines import CoxPHFitter
from tests.algorithms.federation import run, split, splits
from tests.algorithms.tables import GROUPS, made, rossi

from oncommons.algorithms.cox import COX
from oncommons.algorithms.pair import Table, Unanswerable

COVARIATES = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]
ROSSI = {"time": "week", "event": "arrest", "covariates": COVARIATES}
FULL = {
    "time": "time",
    "event": "event",
    "covariates": ["x", "s"],
    "strata": ["g"],
    "entry": "entry",
    "levels": {"g": GROUPS},
}
WAYS = ["even", "skewed", "single", "empty", "ordered"]


def shared(table, nodes, how):
    return np.minimum(splits(table.people, nodes)[how], max(nodes - 1, 1))


def terms(result):
    return np.array([row[1:] for row in result.tables["terms"][1:]])


def late():
    """People of whom some come when they are already gone; nobody comes at a time with an event."""
    whole = made().complete("x", "s", "g", "time", "event")
    entry = np.floor(np.random.default_rng(3).uniform(0, 30, whole.people)) + 0.5
    return Table({**whole.columns, "entry": entry}, whole.levels)


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("nodes", [1, 2, 5, 20])
def test_with_ties_by_efron_it_is_the_pooled_fit_stratified_by_hospital(nodes, how):
    sites = shared(rossi(), nodes, how)
    found = run(COX, split(rossi(), sites), ROSSI)
    matrix = np.column_stack([rossi().columns[name] for name in COVARIATES])
    oracle = sm.PHReg(rossi().columns["week"], matrix, status=rossi().columns["arrest"], ties="efron", strata=sites)
    oracle = oracle.fit(method="newton", tol=1e-14)
    assert np.abs(terms(found)[:, 0] - oracle.params).max() < 1e-12
    assert np.abs(terms(found)[:, 1] - oracle.bse).max() < 1e-12
    assert found.found["log_likelihood"] == pytest.approx(oracle.llf, abs=1e-10)


def test_likelihood_tests_and_concordance_are_those_of_lifelines():
    sites = shared(rossi(), 5, "ordered")
    found = run(COX, split(rossi(), sites), ROSSI).found
    frame = pd.DataFrame(rossi().columns).assign(site=sites)
    oracle = CoxPHFitter().fit(frame, "week", "arrest", strata=["site"], fit_options={"precision": 1e-14})
    assert found["concordance"]["value"] == pytest.approx(oracle.concordance_index_, abs=1e-12)
    assert found["likelihood_ratio"]["statistic"] == pytest.approx(oracle.log_likelihood_ratio_test().test_statistic)
    values, covariance = oracle.params_.to_numpy(), oracle.variance_matrix_.to_numpy()
    assert found["wald"]["statistic"] == pytest.approx(values @ np.linalg.solve(covariance, values), rel=1e-6)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_with_strata_and_entry_it_is_the_pooled_fit_of_both_strata(ties):
    sites = shared(late(), 4, "skewed")
    found = run(COX, split(late(), sites), FULL | {"ties": ties})
    columns = late().columns
    some = columns["entry"] < columns["time"]
    oracle = sm.PHReg(
        columns["time"][some], np.column_stack([columns["x"], columns["s"]])[some], status=columns["event"][some],
        entry=columns["entry"][some], strata=(10 * sites + columns["g"]).astype(int)[some], ties=ties,
    ).fit(method="newton", tol=1e-14)  # fmt: skip
    assert np.abs(terms(found)[:, 0] - oracle.params).max() < 1e-12
    assert np.abs(terms(found)[:, 1] - oracle.bse).max() < 1e-12
    assert found.found["log_likelihood"] == pytest.approx(oracle.llf, abs=1e-10)
    assert found.found["people"] == some.sum()
    assert found.warnings[-1].startswith(f"{(~some).sum()} people entered when they were already gone")


def test_who_comes_at_the_time_of_an_event_is_not_yet_at_risk():
    whole = Table({**late().columns, "entry": np.floor(late().columns["entry"])}, late().levels)
    found = run(COX, {"a": whole}, FULL)
    frame = pd.DataFrame(whole.columns)[["x", "s", "g", "time", "event", "entry"]]
    frame = frame[frame["entry"] < frame["time"]]
    oracle = CoxPHFitter().fit(
        frame, "time", "event", strata=["g"], entry_col="entry", fit_options={"precision": 1e-14}
    )
    assert np.abs(terms(found)[:, 0] - oracle.params_.to_numpy()).max() < 1e-7
    assert found.found["log_likelihood"] == pytest.approx(oracle.log_likelihood_, abs=1e-8)


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_hospitals_are_the_same_as_strata_at_one_hospital_in_every_number(ties, how):
    sites = shared(late(), 7, how)
    settings = FULL | {"ties": ties, "errors": "robust", "check": "identity"}
    apart = run(COX, split(late(), sites), settings)
    levels = tuple(f"h{site}" for site in range(max(sites) + 1))
    whole = Table({**late().columns, "site": sites.astype(float)}, {**late().levels, "site": levels})
    settings |= {"strata": ["g", "site"], "levels": {"g": GROUPS, "site": levels}}
    pooled = run(COX, {"all": whole}, settings)
    assert apart.found["concordance"] == pooled.found["concordance"]
    assert np.abs(terms(apart) - terms(pooled)).max() < 1e-12
    tests = [np.array([row[1:] for row in one.tables["proportional"][1:]]) for one in (apart, pooled)]
    assert np.abs(tests[0] - tests[1]).max() < 1e-9


def test_a_fit_takes_few_rounds_and_the_last_tells_most():
    seen = []

    def listening(table, settings, state, least):
        seen.append(state)
        return COX.local(table, settings, state, least)

    run(replace(COX, local=listening), {"a": rossi()}, ROSSI)
    assert len(seen) <= 7
    assert [bool(state and state.get("last")) for state in seen] == [False] * (len(seen) - 1) + [True]


def test_no_coefficient_goes_further_than_half_a_spread_in_a_round_and_back_where_that_is_too_far():
    whole = {name: column.copy() for name, column in rossi().columns.items()}
    whole["strong"] = np.where(np.random.default_rng(2).uniform(size=432) < 0.2, 52 - whole["week"], whole["week"] % 5)
    seen = []

    def listening(table, settings, state, least):
        seen.append(state["beta"][0] if state else 0.0)
        return COX.local(table, settings, state, least)

    run(replace(COX, local=listening), {"a": Table(whole)}, {**ROSSI, "covariates": ["strong"]})
    strides = np.abs(np.diff(seen))
    assert strides.max() == pytest.approx(0.5)
    assert strides[-1] < 1e-5


def test_where_a_step_was_too_far_half_of_it_is_gone_back():
    frame = {"names": ["x"], "sources": [["x", ""]], "centre": [0.0], "scale": [1.0]}
    chosen = {one.name: one.default for one in COX.settings} | {"covariates": ["x"]}
    state = {"frame": frame, "beta": [0.4], "round": 2, "people": 9, "events": 5, "first": [-9.0, 1.0]}
    state |= {"from": [0.0], "moved": [0.4], "before": -5.0, "last": False}
    part = {"events": 5, "late": 0, "score": [-1.0], "information": [2.0], "likelihood": -6.0}
    step = COX.combine(chosen, state, {"a": part})
    assert (step["beta"], step["moved"], step["before"]) == ([0.2], [0.2], -5.0)
    further = COX.combine(chosen, state, {"a": part | {"likelihood": -4.0}})
    assert further["beta"] == [pytest.approx(-0.1)]


def of(**columns):
    return Table({name: np.array(column, dtype=float) for name, column in columns.items()})


RANDOM = np.random.default_rng(0)
TIMES, EVENTS, HALF = RANDOM.permutation(80) + 1.0, np.ones(80), np.arange(80) < 40
BAD = {
    "separated": (of(t=[*range(1, 41)] * 2, e=[0] * 40 + [1] * 40, x=[0] * 40 + [1] * 40), "without bound"),
    "the same": (of(t=TIMES, e=EVENTS, x=np.ones(80)), "the same for everybody"),
    "nobody had it": (of(t=TIMES, e=np.zeros(80), x=TIMES % 7), "Nobody had the event"),
    "nobody": (of(t=[], e=[], x=[]), "Nobody is left"),
}


@pytest.mark.parametrize("baseline", ["hospital", "common"])
@pytest.mark.parametrize("name", BAD)
def test_where_there_is_no_answer_it_says_why(name, baseline):
    table, says = BAD[name]
    settings = {"time": "t", "event": "e", "covariates": ["x"], "baseline": baseline}
    with pytest.raises(Unanswerable, match=says):
        run(COX, {"a": table, "b": of(t=[], e=[], x=[])}, settings)


def test_a_coefficient_without_bound_is_found_before_it_is_large():
    seen = []

    def listening(table, settings, state, least):
        seen.append(state["beta"][0] if state else 0.0)
        return COX.local(table, settings, state, least)

    with pytest.raises(Unanswerable, match="without bound"):
        run(replace(COX, local=listening), {"a": BAD["separated"][0]}, {"time": "t", "event": "e", "covariates": ["x"]})
    assert len(seen) <= 15
    assert max(seen) < 12


@pytest.mark.parametrize("baseline", ["hospital", "common"])
def test_columns_that_say_the_same_are_named(baseline):
    table = of(t=TIMES, e=EVENTS, x=TIMES % 7, y=2 * (TIMES % 7) + 1, z=TIMES % 5)
    settings = {"time": "t", "event": "e", "covariates": ["x", "y", "z"], "baseline": baseline}
    with pytest.raises(Unanswerable, match="x, y say the same"):
        run(COX, {"a": table}, settings)


def test_what_differs_between_hospitals_only_is_named():
    level = np.where(HALF, 0.3, 1.7)
    table = of(t=TIMES, e=EVENTS, x=TIMES % 7, which=level)
    settings = {"time": "t", "event": "e", "covariates": ["x", "which"]}
    with pytest.raises(Unanswerable, match="which does not differ among people at risk within any hospital"):
        run(COX, split(table, (~HALF).astype(int)), settings)
    assert run(COX, split(table, (~HALF).astype(int)), settings | {"baseline": "common"}).found["people"] == 80


def test_a_level_at_one_hospital_only_is_estimated_there():
    level = np.where(HALF, RANDOM.integers(0, 2, 80) * 2.0, RANDOM.integers(0, 2, 80))
    table = Table({"t": TIMES, "e": EVENTS, "g": level, "x": TIMES % 7}, {"g": ("a", "b", "c")})
    settings = {"time": "t", "event": "e", "covariates": ["x", "g"], "levels": {"g": ("a", "b", "c")}}
    found = run(COX, split(table, (~HALF).astype(int)), settings)
    matrix = np.column_stack([TIMES % 7, level == 1, level == 2]).astype(float)
    oracle = sm.PHReg(TIMES, matrix, status=EVENTS, ties="efron", strata=HALF).fit(method="newton", tol=1e-14)
    assert [row[0] for row in found.tables["terms"][1:]] == ["x", "g=b", "g=c"]
    assert np.abs(terms(found)[:, 0] - oracle.params).max() < 1e-12


def test_a_hospital_where_nobody_had_the_event_changes_no_coefficient():
    table = of(t=TIMES, e=EVENTS * HALF, x=TIMES % 7)
    settings, parts = {"time": "t", "event": "e", "covariates": ["x"]}, split(table, (~HALF).astype(int))
    both, one = run(COX, parts, settings), run(COX, {"node-00": parts["node-00"]}, settings)
    assert np.abs(terms(both) - terms(one)).max() < 1e-12
    assert (both.found["people"], one.found["people"]) == (80, 40)
