"""Coarse times: enough people at each, the mean stays, and who is too few is left out."""

import numpy as np
import pytest

from oncommons.algorithms.grid import coarsened, followed


@pytest.mark.parametrize("least", [1, 2, 3, 10])
@pytest.mark.parametrize("seed", range(5))
def test_enough_people_stand_at_each_time_and_their_mean_stays(least, seed):
    random = np.random.default_rng(seed)
    times = np.ceil(random.exponential(30, 57))
    coarse = coarsened(times, least)
    different, numbers = np.unique(coarse, return_counts=True)
    assert numbers.min() >= least
    assert coarse.mean() == pytest.approx(times.mean())
    assert (np.diff(coarse[np.argsort(times, kind="stable")]) >= 0).all()
    assert set(different) == set(times) or least > 1


def test_with_one_person_times_stay_as_they_are_bit_for_bit():
    times = np.array([0.1, 0.2, 0.1, 0.7, 0.3])
    assert coarsened(times, 1).tolist() == times.tolist()


def test_the_same_times_are_never_parted():
    assert coarsened(np.array([1.0, 2, 2, 2, 3, 9]), 2).tolist() == [1.75] * 4 + [6.0] * 2


@pytest.mark.parametrize(
    ("events", "least", "kept"),
    [
        ([1, 1, 1, 0, 0, 0], 3, 6), ([1, 1, 1, 1, 0, 0], 3, 4), ([1, 1, 0, 0, 0, 0], 3, 0), ([0] * 6, 3, 0),
        ([0] * 6, 1, 6), ([1, 0, 0, 0, 0, 0], 1, 6), ([1] * 6, 3, 6),
    ],
)  # fmt: skip
def test_who_is_too_few_is_left_out_and_with_too_few_events_everybody_is(events, least, kept):
    found = followed(np.arange(6.0), np.array(events, dtype=bool), least)
    assert (found.kept.sum(), len(found.times), len(found.events)) == (kept, kept, kept)
