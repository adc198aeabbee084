"""How far curves on coarse times can be from those on the exact ones: bounds that hold for certain.

What a node tells of a stretch of time bounds where its people left: after the mean of the stretch before, before that of
the one after, and at its own mean on average; and the node tells how many people it moved across any time.  From how many
can have left by each time, at least and at most, follow bounds of the incidence, since that is the sum over people with
the event of one by how likely it was to be still followed then (Satten and Datta 2001, Am Stat 55:207).  They hold for
people whose times are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from oncommons.algorithms.leaving import Leaving, Told
from oncommons.algorithms.pair import Numbers

FEW = 0.1
"""Once a smaller part of a group is followed, curves are those of few people, and no bound is told."""
NEAR = 0.1
"""Of what is farther than this from the exact curve, a result warns."""
_TINY = 1e-9
Whole: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class Gone:
    """People of one kind who have left by some times, of all nodes: at least and at most so many.

    Attributes:
        least: Up to each time, shape ``(times,)``.
        most: Up to each time.
        least_before: Before each time.
        most_before: Before each time.
    """

    least: Whole
    most: Whole
    least_before: Whole
    most_before: Whole

    @classmethod
    def of(cls, told: Sequence[Told], moved: Sequence[int], times: Numbers) -> Gone:
        """Add up what several nodes told.

        Args:
            told: Of each node.
            moved: Of each node, how many people it moved across a time at most.
            times: By which people have left.
        """
        found = np.zeros((4, len(times)))
        for one, most in zip(told, moved, strict=True):
            at, numbers = np.asarray(one, dtype=np.float64)
            found += [*_by(at, numbers, most, (times, "right")), *_by(at, numbers, most, (times, "left"))]
        least, most_, least_before, most_before = np.rint(found).astype(np.int64)
        return cls(least, most_, least_before, most_before)


def _by(at: Numbers, numbers: Numbers, moved: int, when: tuple[Numbers, str]) -> tuple[Numbers, Numbers]:
    """How many of one node have left at least, and at most, by each time (``right``) or before it (``left``)."""
    times, side = when
    gone, place = np.concatenate([[0.0], np.cumsum(numbers)]), np.searchsorted(at, times, side=side)  # type: ignore[call-overload]
    told = gone[place]
    if not moved or not len(at):
        return told, told
    begin, after = np.minimum(at[0], 0.0), np.append(at, np.inf)
    before, number = np.concatenate([[begin], at]), np.append(numbers, 0.0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        last = np.maximum(place - 1, 0)  # the stretch that has begun, of which some may still be there
        share = (at[last] - before[last]) / (times - before[last])
        still = np.where(times > at[last], np.ceil(number[last] * share - _TINY) - 1, number[last] - 1)
        still = np.where(place > 0, np.clip(np.nan_to_num(still), 0, np.maximum(number[last] - 1, 0)), 0)
        ends = np.append(after[1:], np.inf)[place]  # and the one that has not, of which some may have left
        share = np.where(np.isfinite(ends), (ends - after[place]) / (ends - times), 1.0)
        early = np.floor(number[place] * np.nan_to_num(share, nan=1.0) + _TINY)
        early = np.where(times > before[place], np.clip(early, 0, np.maximum(number[place] - 1, 0)), 0)
    return np.maximum(told - still, np.maximum(told - moved, 0)), np.minimum(told + early, told + moved)


@dataclass(frozen=True)
class Still:
    """How likely people are to be still followed, between two bounds: by how many have been lost.

    Attributes:
        least: After so many were lost, where as many as can be had the event before; shape ``(lost + 1,)``.
        most: Where as few as can be had.
    """

    least: Numbers
    most: Numbers

    @classmethod
    def of(cls, lost: Gone, events: Gone, people: int, number: int) -> Still:
        """Follow from how many are lost, and had an event, by each time.

        Args:
            lost: Who was seen for the last time.
            events: Who had any event.
            people: Everybody.
            number: How many are lost in the end.
        """
        order = np.arange(number)
        had = np.append(events.most, people - number)[np.searchsorted(lost.least, order + 1)]
        little = np.concatenate([[0], events.least])[np.minimum(np.searchsorted(lost.most, order + 1), len(lost.most))]
        parts = [np.clip(1 - 1 / np.maximum(people - one - order, 1), 0, 1) for one in (had, little)]
        least, most = (np.concatenate([[1.0], np.cumprod(part)]) for part in parts)
        return cls(least, most)


def furthest(people: Leaving, cause: int = 1) -> Numbers:
    """How far the incidence of an event can be from that on exact times, from each time until the next.

    Args:
        people: The group.
        cause: Which event, from 1.

    Returns:
        Shape ``(times + 1,)``, first before the first time; all 0 where no node made times coarse.
    """
    if not any(any(one) for one in people.moved):
        return np.zeros(len(people.times) + 1)
    told, kinds = list(zip(*people.parts, strict=True)), list(zip(*people.moved, strict=True))
    gone = [Gone.of(one, most, people.times) for one, most in zip(told, kinds, strict=True)]
    every = Gone(*(sum(getattr(one, name) for one in gone[1:]) for name in Gone.__dataclass_fields__))
    number = int(people.risk[0])
    followed = Still.of(gone[0], every, number, int(people.left[0].sum()))
    low, high = _between(gone[cause], gone[0], followed, number)
    all_events = people.left[1:].sum(axis=0)
    free = np.concatenate([[1.0], np.cumprod(1 - all_events / people.risk)])
    estimate = np.concatenate([[0.0], np.cumsum(free[:-1] * people.left[cause] / people.risk)])
    return np.asarray(np.maximum(estimate - low, high - estimate), dtype=np.float64)


def _between(events: Gone, lost: Gone, followed: Still, people: int) -> tuple[Numbers, Numbers]:
    """The least and most incidence from each time until the next, first before the first, shape ``(times + 1,)`` each."""
    order, ends = np.arange(int(events.most[-1])), len(followed.least) - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        rare = 1 / followed.least[np.append(lost.most_before, ends)]
        late = np.cumsum(np.append(0.0, rare[np.searchsorted(events.least, order + 1)]))
        sure, few = events.least_before, events.most_before - events.least_before
        high = (late[sure] + np.where(few > 0, few * rare[:-1], 0.0)) / people
    high = np.append(high, late[-1] / people)
    soon = 1 / followed.most[np.append(0, lost.least)][np.searchsorted(events.most, order + 1)]
    low = np.cumsum(np.append(0.0, soon))[np.append(0, events.least)] / people
    return low, np.clip(np.nan_to_num(high, nan=1.0, posinf=1.0), 0.0, 1.0)


@dataclass(frozen=True)
class Off:
    """How far a curve can be from that on exact times.

    Attributes:
        off: At most so far, as long as a tenth of the people is followed.
        near_until: Up to this time it is within a tenth; nothing where it is as long as anybody is told of.
    """

    off: float
    near_until: float | None

    @classmethod
    def of(cls, people: Leaving, cause: int = 1) -> Off:
        """Sum up :func:`furthest` of one event."""
        far = furthest(people, cause)[:-1][people.risk >= FEW * people.risk[0]]
        wide = np.flatnonzero(far > NEAR)
        until = float(np.append(0.0, people.times)[wide[0]]) if len(wide) else None
        return cls(float(far.max()), until)

    def warning(self, curve: str) -> str:
        """What whoever reads the curve should mind; empty where it is near.

        Args:
            curve: Which one it is.
        """
        if self.near_until is None:
            return ""
        until = f"; up to the time {self.near_until:g} it is within {NEAR:g}" if self.near_until else ""
        return (
            f"Nodes told times so coarsely that {curve} can be up to {self.off:.2f} from that on exact times, as long as a "
            f"tenth of the people is followed{until}."
        )
