"""Times of events and of last contact, made so coarse that no number rests upon too few people.

Each node does so by itself: people with the event are taken together, from the first to the last, as soon as they are
enough, and stand at the mean of their times; those who were seen for the last time are, apart from them.  A small node
is coarser than a large one, and none makes another one coarser.  What is computed from several nodes equals the pooled
computation on the same times; where one person may be told, times stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oncommons.algorithms.pair import Numbers


@dataclass(frozen=True)
class Followed:
    """People with the time that each was followed, made coarse.

    Attributes:
        kept: Which rows of the table they are, shape ``(rows,)``; the others are too few to be told of.
        times: Of those who are kept, made coarse.
        events: Whether each of them had the event; or which of several.
    """

    kept: NDArray[np.bool_]
    times: Numbers
    events: NDArray[Any]


def followed(times: Numbers, events: NDArray[Any], least: int, causes: int = 1) -> Followed:
    """Make times coarse, of those with each event and of the others apart.

    Who was seen for the last time is left out where they are too few.  Where those with an event are, everybody is:
    without them it would look as if nobody had it.

    Args:
        times: Shape ``(rows,)``.
        events: Whether each had the event; of several events the number of it, from 1, and 0 for none.
        least: How many people a number must rest upon.
        causes: How many different events there are.
    """
    kept = np.zeros(len(times), dtype=bool)
    coarse = np.array(times, dtype=np.float64)
    numbers = [int((events == kind).sum()) for kind in range(causes + 1)]
    if least > 1 and min(numbers[1:]) < least:
        return Followed(kept, coarse[kept], events[kept])
    for kind, number in enumerate(numbers):
        if number and number >= least:
            some = events == kind
            kept |= some
            coarse[some] = coarsened(times[some], least)
    return Followed(kept, coarse[kept], events[kept])


def coarsened(times: Numbers, least: int) -> Numbers:
    """Each time as the mean of a stretch of at least so many people; the same times are always in one stretch.

    The last stretch has more, since those who are left over are too few for one of their own.

    Args:
        times: Shape ``(rows,)``, at least so many.
        least: So many at least.
    """
    different, place, numbers = np.unique(times, return_inverse=True, return_counts=True)
    stretch = np.zeros(len(different), dtype=int)
    number = waiting = 0
    for at, people in enumerate(numbers.tolist()):
        stretch[at] = number
        waiting += people
        if waiting >= least:
            number, waiting = number + 1, 0
    if waiting:
        stretch[stretch == number] = number - 1
    people = np.bincount(stretch, numbers)
    alone = np.bincount(stretch) == 1  # one time needs no mean, which might differ from it by rounding
    means = np.where(
        alone,
        np.bincount(stretch, np.where(alone[stretch], different, 0.0)),
        np.bincount(stretch, different * numbers) / people,
    )
    return means[stretch[place]]


def moved(exact: Numbers, coarse: Numbers, least: int) -> int:
    """How many people making times coarse has moved across any time, rounded up so that it tells of no time.

    Args:
        exact: Times of people.
        coarse: The same times made coarse.
        least: How many people a number must rest upon; it is rounded up to a multiple, and is at least that.

    Returns:
        0 where times stay as they are.
    """
    if least <= 1 or not len(exact):
        return 0
    at = np.union1d(exact, coarse)
    left, told = (np.searchsorted(np.sort(times), at, side="right") for times in (exact, coarse))
    return max(ceil(int(np.abs(left - told).max()) / least), 1) * least
