"""The partial likelihood and what people add to it, written out event by event."""

import numpy as np
import pytest

from oncommons.algorithms.cox.likelihood import likelihood
from oncommons.algorithms.cox.risk_sets import risk_sets

RANDOM = np.random.default_rng(11)
PEOPLE, COLUMNS = 60, 2
TIMES, EVENTS = np.ceil(RANDOM.exponential(6, PEOPLE)), RANDOM.uniform(size=PEOPLE) < 0.7
ENTRY, STRATA = TIMES - np.ceil(RANDOM.exponential(9, PEOPLE)), RANDOM.integers(0, 2, PEOPLE)
MATRIX = RANDOM.normal(size=(PEOPLE, COLUMNS))
BETA = np.array([0.7, -0.4])
SETS = risk_sets(TIMES, EVENTS, ENTRY, STRATA)


def of(ties, beta=BETA, matrix=MATRIX):
    return likelihood(SETS, matrix, matrix @ beta, ties)


def by_hand(ties, clock=lambda _: 1.0):
    """Value, slopes, second slopes, hazards and residuals, by loops over times, events and people."""
    risks, hazards, residuals = np.exp(MATRIX @ BETA), np.zeros(PEOPLE), np.zeros((PEOPLE, COLUMNS))
    value, score, second, shares = 0.0, np.zeros(COLUMNS), np.zeros((COLUMNS, COLUMNS)), []
    for stratum in (0, 1):
        for time in sorted(set(TIMES[EVENTS & (stratum == STRATA)])):
            at = [i for i in range(PEOPLE) if STRATA[i] == stratum and ENTRY[i] < time <= TIMES[i]]
            dying = [i for i in at if EVENTS[i] and TIMES[i] == time]
            for gone in range(len(dying)):
                part = gone / len(dying) if ties == "efron" else 0.0
                counts = {i: risks[i] * (1 - part if i in dying else 1.0) for i in at}
                whole = sum(counts.values())
                mean = sum(counts[i] * MATRIX[i] for i in at) / whole
                value += np.log(risks[dying[gone]]) - np.log(whole)
                score = score + clock(time) * (MATRIX[dying[gone]] - mean)
                second = second + clock(time) * sum(
                    counts[i] / whole * np.outer(MATRIX[i] - mean, MATRIX[i] - mean) for i in at
                )
                shares.append(max(risks[at]) / sum(risks[at]))
                for i in at:
                    hazards[i] += counts[i] / whole
                    residuals[i] -= counts[i] / whole * (MATRIX[i] - mean)
                for i in dying:
                    residuals[i] += (MATRIX[i] - mean) / len(dying)
    return value, score, second, hazards, residuals, np.mean(shares)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_value_and_slopes_are_those_of_loops_over_everybody(ties):
    found, (value, score, second, hazards, residuals, share) = of(ties), by_hand(ties)
    assert found.value == pytest.approx(value)
    assert found.score() == pytest.approx(score)
    assert found.information() == pytest.approx(second)
    assert found.hazard() == pytest.approx(hazards)
    assert found.residuals() == pytest.approx(residuals)
    assert found.outweighed() == pytest.approx(share)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_slopes_are_those_of_the_value(ties):
    near, step = of(ties), 1e-5
    for column in range(COLUMNS):
        moved = np.eye(COLUMNS)[column] * step
        more, less = of(ties, BETA + moved), of(ties, BETA - moved)
        assert near.score()[column] == pytest.approx((more.value - less.value) / (2 * step), rel=1e-7)
        assert near.information()[column] == pytest.approx((less.score() - more.score()) / (2 * step), rel=1e-7)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_sets_can_count_differently(ties):
    _, score, second, *_ = by_hand(ties, np.sqrt)
    weights = np.sqrt(SETS.times)
    assert of(ties).score(weights) == pytest.approx(score)
    assert of(ties).information(weights) == pytest.approx(second)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_what_people_add_to_the_score_is_the_score_and_their_hazards_are_all_events(ties):
    assert of(ties).residuals().sum(axis=0) == pytest.approx(of(ties).score())
    assert of(ties).hazard().sum() == pytest.approx(EVENTS.sum())


def test_without_an_event_there_is_nothing():
    sets = risk_sets(TIMES, np.zeros(PEOPLE, dtype=bool), None, STRATA)
    found = likelihood(sets, MATRIX, MATRIX @ BETA, "efron")
    assert (found.value, found.outweighed(), found.hazard().any(), found.residuals().any()) == (0.0, 0.0, False, False)
    assert found.score().tolist() == [0.0, 0.0]
    assert found.information().tolist() == [[0.0, 0.0], [0.0, 0.0]]
