"""Bounds of curves: the exact curve is never beyond them, whatever times are like, and they are not wider than need be."""

import numpy as np
import pytest
from tests.algorithms.federation import split, splits
from tests.algorithms.tables import rossi, transplanted

from oncommons.algorithms.certain import Gone, Off, furthest
from oncommons.algorithms.leaving import leaving, together
from oncommons.algorithms.pair import Table

NAMES = ("time", "event")


def gathered(table, nodes, least, causes=1, how="even"):
    told = [leaving(part, NAMES, least, causes) for part in split(table, splits(table.people, nodes)[how]).values()]
    return together([one[""] for one, _ in told if one], [one[""] for _, one in told if one])


def incidence(people, cause):
    """The incidence before the first time and from each time on, written out."""
    free, found = 1.0, [0.0]
    for risk, left in zip(people.risk, people.left.T, strict=True):
        found.append(found[-1] + free * left[cause] / risk)
        free *= 1 - left[1:].sum() / risk
    return np.array(found)


def drawn(kind, seed):
    random, people = np.random.default_rng(seed), 120
    event = random.choice(3, people, p=(0.4, 0.4, 0.2))
    time = random.exponential(10, people)
    if kind == "ties":
        time = np.ceil(time / 3)
    if kind == "one end":
        time = np.where(event == 0, 25.0, np.minimum(time, 24))
    if kind == "late":
        time = np.where(event == 0, time * 20, time)
    return Table({"time": time, "event": event * 1.0}, {"event": ("no", "a", "b")})


@pytest.mark.parametrize("kind", ["spread", "ties", "one end", "late"])
@pytest.mark.parametrize(("nodes", "least"), [(1, 3), (1, 10), (3, 3), (3, 5)])
@pytest.mark.parametrize("seed", range(3))
def test_the_exact_curve_is_never_beyond_the_bounds(kind, nodes, least, seed):
    table = drawn(kind, seed)
    exact, coarse = gathered(table, nodes, 1, 2), gathered(table, nodes, least, 2)
    assert exact.risk[0] == coarse.risk[0]
    at = np.union1d(exact.times, coarse.times)
    both = np.concatenate([[-1.0], at, np.nextafter(at, -np.inf)])
    for cause in (1, 2):
        one, two = (
            incidence(people, cause)[np.searchsorted(people.times, both, side="right")] for people in (exact, coarse)
        )
        bounds = furthest(coarse, cause)[np.searchsorted(coarse.times, both, side="right")]
        assert (np.abs(one - two) <= bounds + 1e-12).all()


def test_where_times_stay_as_they_are_there_is_no_distance():
    people = gathered(rossi_like(), 4, 1)
    assert not furthest(people).any()
    assert Off.of(people) == Off(0.0, None)
    assert Off.of(people).warning("the curve") == ""


def rossi_like():
    return Table({"time": rossi().columns["week"], "event": rossi().columns["arrest"]})


def test_many_people_at_one_time_make_nothing_coarse():
    """318 of 432 were seen for the last time after a year, all on one day."""
    off = Off.of(gathered(rossi_like(), 1, 5))
    assert 0.01 < off.off < 0.03
    assert off.near_until is None


def test_of_small_nodes_a_result_warns_and_of_large_ones_it_does_not():
    table = transplanted()
    small, large = (Off.of(gathered(table, nodes, 5, 2), 1) for nodes in (6, 1))
    assert small.off > 0.2
    assert large.off < 0.1
    assert "can be up to" in small.warning("the curve of relapse")
    assert 0 <= small.near_until < 5
    assert large.warning("the curve of relapse") == ""


def test_who_has_left_is_bounded_by_the_stretches_around():
    told = [[[2.0, 6.0, 10.0], [3, 3, 3]]]
    gone = Gone.of(told, [3], np.array([0.0, 2.0, 4.0, 6.0, 9.0, 10.0, 50.0]))
    assert gone.least.tolist() == [0, 1, 2, 4, 5, 7, 9]
    assert gone.most.tolist() == [0, 3, 5, 6, 8, 9, 9]
    assert gone.most_before.tolist() == [0, 2, 5, 5, 8, 8, 9]
