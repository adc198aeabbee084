"""What is told of a fit that has ended, against pairs and events one by one, and against other packages."""

import numpy as np
import pytest
import statsmodels.api as sm
from lifelines import KaplanMeierFitter

from oncommons.algorithms.cox.closing import clock_of, pairs, square_of, squares, trend, triangle
from oncommons.algorithms.cox.likelihood import likelihood
from oncommons.algorithms.cox.risk_sets import risk_sets

RANDOM = np.random.default_rng(23)
PEOPLE = 120
TIMES, EVENTS = np.ceil(RANDOM.exponential(9, PEOPLE)), RANDOM.uniform(size=PEOPLE) < 0.6
ENTRY, STRATA = np.maximum(TIMES - np.ceil(RANDOM.exponential(9, PEOPLE)), 0) - 0.5, RANDOM.integers(0, 3, PEOPLE)
MATRIX = np.column_stack([RANDOM.integers(0, 4, PEOPLE), RANDOM.normal(size=PEOPLE).round(1)])
BETA = np.array([0.3, -0.5])
SETS = risk_sets(TIMES, EVENTS, ENTRY, STRATA)


def of(ties="efron"):
    return likelihood(SETS, MATRIX, MATRIX @ BETA, ties)


@pytest.mark.parametrize("late", [True, False])
def test_pairs_are_those_that_are_counted_one_by_one(late):
    eta = (MATRIX[:, 0] * 0.3).astype(float)
    entry = ENTRY if late else np.full(PEOPLE, -np.inf)
    counted, of = {"concordant": 0, "tied": 0, "discordant": 0}, np.zeros((PEOPLE, 2))
    for i in np.flatnonzero(EVENTS):
        for j in range(PEOPLE):
            stays = TIMES[j] > TIMES[i] or (TIMES[j] == TIMES[i] and not EVENTS[j])
            if STRATA[i] == STRATA[j] and stays and entry[j] < TIMES[i]:
                name = "concordant" if eta[i] > eta[j] else "discordant" if eta[i] < eta[j] else "tied"
                counted[name] += 1
                of[[i, j]] += [{"concordant": 1, "tied": 0.5, "discordant": 0}[name], 1]
    found = pairs(risk_sets(TIMES, EVENTS, ENTRY if late else None, STRATA), eta)
    agreement = (of.T @ of)[np.triu_indices(2)]
    assert found.pop("agreement") == pytest.approx(agreement)
    assert found == counted
    assert min(counted.values()) > 0


def test_risks_that_differ_by_rounding_only_are_tied():
    eta = np.full(PEOPLE, 0.1) + RANDOM.normal(size=PEOPLE) * 1e-15
    found = pairs(SETS, eta)
    assert found["concordant"] == found["discordant"] == 0 < found["tied"]


def test_where_nobody_is_there_are_no_pairs():
    nobody = risk_sets(np.zeros(0), np.zeros(0, dtype=bool), None, np.zeros(0, dtype=np.int64))
    assert pairs(nobody, np.zeros(0)) == {"concordant": 0, "tied": 0, "discordant": 0, "agreement": [0, 0, 0]}


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("check", ["identity", "log", "km"])
def test_slopes_by_a_clock_are_those_of_columns_that_change_at_every_event(ties, check):
    """People are cut into pieces between events, in which columns times the clock stand still."""
    fit = of(ties)
    clock = clock_of(check, fit, (TIMES, ENTRY))
    shown = dict(zip(SETS.times, clock, strict=True))
    rows = []
    ends = np.unique(TIMES[EVENTS])
    for i in range(PEOPLE):
        for before, end in zip([-1.0, *ends[:-1]], ends, strict=True):
            if ENTRY[i] < end <= TIMES[i]:
                event = EVENTS[i] and end == TIMES[i]
                turned = shown.get(end, 0.0) * MATRIX[i]
                rows.append([max(before, 0) + 0.5, end, event, STRATA[i], *MATRIX[i], *turned])
    begin, end, event, stratum, *columns = np.array(rows).T
    wide = sm.PHReg(end, np.column_stack(columns), status=event, entry=begin, strata=stratum.astype(int), ties=ties)
    at = np.concatenate([BETA, [0.0, 0.0]])
    slopes, second = wide.score(at), -wide.hessian(at)
    told = trend(fit, clock)
    assert told["trend_score"] == pytest.approx(slopes[2:])
    assert square_of(told["trend_cross"], 2) == pytest.approx(second[2:, :2])
    assert square_of(told["trend_square"], 2) == pytest.approx(second[2:, 2:])
    assert told["trend_clock"] == pytest.approx(clock[SETS.own].sum())


@pytest.mark.parametrize("late", [True, False])
def test_the_clock_of_shares_is_kaplan_and_meiers_just_before(late):
    entry = ENTRY if late else None
    clock = clock_of("km", of(), (TIMES, entry))
    curve = KaplanMeierFitter().fit(TIMES, EVENTS, entry=entry)
    for time, share in zip(SETS.times, clock, strict=True):
        assert share == pytest.approx(1 - float(curve.predict(time - 1e-6)))


def test_squares_by_breslow_are_those_of_statsmodels():
    """Without entry: with it, the residuals of statsmodels 0.15 do not add up to its own score."""
    oracle = sm.PHReg(TIMES, MATRIX, status=EVENTS, strata=STRATA, ties="breslow")
    residuals = np.nan_to_num(oracle.score_residuals(BETA))
    fit = likelihood(risk_sets(TIMES, EVENTS, None, STRATA), MATRIX, MATRIX @ BETA, "breslow")
    assert squares(fit) == pytest.approx(residuals.T @ residuals)


def test_a_symmetric_matrix_is_told_without_what_stands_in_it_twice():
    matrix = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 5.0], [3.0, 5.0, 6.0]])
    assert triangle(matrix) == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert square_of(np.array(triangle(matrix)), 3).tolist() == matrix.tolist()
