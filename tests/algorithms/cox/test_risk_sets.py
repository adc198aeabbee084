"""Who is at risk when, against lists of people made one by one."""

import numpy as np
import pytest

from oncommons.algorithms.cox.risk_sets import risk_sets

RANDOM = np.random.default_rng(7)
PEOPLE = 90
TIMES, EVENTS = np.ceil(RANDOM.exponential(8, PEOPLE)), RANDOM.uniform(size=PEOPLE) < 0.6
ENTRY, STRATA = TIMES - np.ceil(RANDOM.exponential(6, PEOPLE)), RANDOM.integers(0, 3, PEOPLE)
VALUES = np.column_stack([RANDOM.normal(size=PEOPLE), np.exp(RANDOM.normal(size=PEOPLE))])


def members(entry):
    """Of each stratum and time with an event: who is at risk, and who of them has the event."""
    for stratum in range(3):
        for time in sorted({t for t, e, s in zip(TIMES, EVENTS, STRATA, strict=True) if e and s == stratum}):
            at = [i for i in range(PEOPLE) if STRATA[i] == stratum and entry[i] < time <= TIMES[i]]
            yield stratum, time, at, [i for i in at if EVENTS[i] and TIMES[i] == time]


@pytest.mark.parametrize("late", [True, False])
def test_sums_over_sets_are_those_over_their_people(late):
    entry = ENTRY if late else np.full(PEOPLE, -np.inf)
    sets = risk_sets(TIMES, EVENTS, ENTRY if late else None, STRATA)
    within, leaving, largest = sets.within(VALUES), sets.leaving(VALUES), sets.largest(VALUES[:, 1])
    weights = RANDOM.normal(size=(len(sets.times), 1))
    over = np.zeros(PEOPLE)
    for stratum, time, at, dying in members(entry):
        own = sets.strata[stratum]
        place = own.start + int(np.searchsorted(sets.times[own][:-1], time))
        assert sets.times[place] == time
        assert within[place] == pytest.approx(VALUES[at].sum(axis=0))
        assert leaving[place] == pytest.approx(VALUES[dying].sum(axis=0))
        assert largest[place] == VALUES[at, 1].max()
        over[at] += weights[place, 0]
    assert sets.over(weights)[:, 0] == pytest.approx(over)


def test_a_stratum_without_an_event_and_nobody_at_all_have_no_sets():
    sets = risk_sets(TIMES, EVENTS & (STRATA != 1), None, STRATA)
    assert [one.stop - one.start for one in sets.strata][1] == 1
    assert not (sets.first < sets.beyond)[STRATA == 1].any()
    nobody = risk_sets(np.zeros(0), np.zeros(0, dtype=bool), None, np.zeros(0, dtype=np.int64))
    assert nobody.within(np.zeros((0, 2))).shape == nobody.leaving(np.zeros((0, 2))).shape == (0, 2)
    assert nobody.over(np.zeros((0, 1))).shape == (0, 1)


def test_great_risks_of_one_stratum_take_no_digits_from_another():
    values = np.where(STRATA == 0, 1e20, VALUES[:, 1])[:, None]
    whole, alone = (
        risk_sets(TIMES, EVENTS, None, STRATA),
        risk_sets(*(a[STRATA == 2] for a in (TIMES, EVENTS)), None, STRATA[STRATA == 2]),
    )
    own = whole.strata[2]
    assert whole.within(values)[own].tolist() == alone.within(values[STRATA == 2]).tolist()
