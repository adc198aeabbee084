"""Coarse times: enough people at each, the mean stays, and who is too few is left out."""

import numpy as np
import pytest

from oncommons.algorithms.grid import coarsened, followed, moved


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


def test_of_several_events_each_must_be_there_often_enough():
    kinds = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2])
    assert followed(np.arange(9.0), kinds, 3, 2).kept.all()
    assert not followed(np.arange(9.0), np.where(kinds == 2, [0] * 8 + [2], kinds), 3, 2).kept.any()
    assert followed(np.arange(9.0), kinds * (kinds < 2), 1, 2).kept.all()


@pytest.mark.parametrize("least", [2, 5, 10])
def test_how_many_people_are_moved_is_told_in_multiples(least):
    exact = np.random.default_rng(least).exponential(10, 83)
    told = moved(exact, coarsened(exact, least), least)
    across = max(abs((exact <= at).sum() - (coarsened(exact, least) <= at).sum()) for at in exact)
    assert across <= told < across + least + 1
    assert told % least == 0
    assert moved(np.full(40, 7.0), np.full(40, 7.0), least) == least
    assert moved(exact, exact, 1) == 0
