"""Bins of numbers that tell of nobody: parted by each node as long as enough people are on both sides.

Edges are multiples of a step of 1, 2 or 5 by a power of ten, and follow from mean and spread.  What a node tells follows
from its own people alone, so that the same people asked of in another company give the same bins, and none can be set
off against others.  It parts them where as many are below as above, and then each part; so no edge is where few people
end.  The outermost bins have no end, and no extreme is told.  What all nodes together have is told on one grid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, inf, isfinite, log10, sqrt
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from oncommons.algorithms.pair import Numbers

BINS = 64
_STEPS = (1, 2, 5, 10)
_BY_SPREAD = 8
"""So many steps at most are one standard deviation."""
_SAME = 1e-7
"""Spread by mean from which on sums of squares in double precision tell that values differ."""
_TINY = 1e-12


@dataclass(frozen=True)
class Grid:
    """The finest bins of a variable, :data:`BINS` of them.

    Attributes:
        step: 1, 2 or 5.
        power: Of ten, by which the step is multiplied.
        middle: The edge in the middle, in steps.
    """

    step: int
    power: int
    middle: int

    @classmethod
    def of(cls, people: float, total: float, squares: float) -> Grid | None:
        """The grid for numbers; it reaches four standard deviations to each side of their mean.

        Args:
            people: How many numbers there are.
            total: Their sum.
            squares: The sum of their squares.

        Returns:
            Nothing where all of them are the same, or there are none.
        """
        mean = total / people if people else 0.0
        spread = sqrt(max(squares / people - mean**2, 0.0)) if people else 0.0
        if spread <= _SAME * max(abs(mean), _SAME):
            return None
        least = spread / _BY_SPREAD
        power = floor(log10(least))
        step = next(one for one in _STEPS if one >= least / 10.0**power * (1 - _TINY))
        if step == _STEPS[-1]:
            step, power = 1, power + 1
        return cls(step, power, round(mean / (step * 10.0**power)))

    def to_json(self) -> list[int]:
        """The grid as JSON."""
        return [self.step, self.power, self.middle]

    @classmethod
    def from_json(cls, body: Sequence[int]) -> Grid:
        """Read a grid as :meth:`to_json` writes it.

        Raises:
            ValueError: the step is not one of the few.
        """
        step, power, middle = (int(one) for one in body)
        if step not in _STEPS[:-1]:
            raise ValueError("a step is 1, 2 or 5 by a power of ten")
        return cls(step, power, middle)

    @property
    def edges(self) -> Numbers:
        """The edges between bins, rising, shape ``(BINS - 1,)``; the first and the last bin have no end."""
        whole = (self.middle + np.arange(1 - BINS // 2, BINS // 2)) * self.step
        return np.asarray(whole * 10.0**self.power if self.power >= 0 else whole / 10.0**-self.power, dtype=np.float64)

    def counts(self, values: Numbers) -> list[int]:
        """Values in each bin; one on an edge is in the bin above it."""
        found = np.bincount(np.searchsorted(self.edges, values, side="right"), minlength=BINS)
        return [int(number) for number in found]


@dataclass(frozen=True)
class Bins:
    """What one node tells.

    Attributes:
        edges: Between bins, rising; the first and the last bin have no end.
        people: In each bin, one more than edges.
    """

    edges: tuple[float, ...]
    people: tuple[int, ...]

    def to_json(self) -> list[list[Any]]:
        """The bins as JSON."""
        return [list(self.edges), list(self.people)]

    @classmethod
    def from_json(cls, body: Sequence[Sequence[Any]]) -> Bins:
        """Read bins as :meth:`to_json` writes them.

        Raises:
            ValueError: they are none.
        """
        edges, people = tuple(float(one) for one in body[0]), tuple(int(one) for one in body[1])
        if len(people) != len(edges) + 1 or list(edges) != sorted(set(edges)) or min(people) < 0:
            raise ValueError("bins have rising edges between them, and people in each")
        return cls(edges, people)


def binned(values: Numbers, agreed: Grid, least: int) -> Bins:
    """Bins of enough people.

    Args:
        values: Of one node.
        agreed: The grid that all nodes know; used where one person may be told.
        least: How many people a number must rest upon.
    """
    if least <= 1:
        return Bins(tuple(agreed.edges.tolist()), tuple(agreed.counts(values)))
    own = Grid.of(len(values), float(values.sum()), float((values**2).sum()))
    if own is None:
        return Bins((), (len(values),))
    ends = _parted([own.counts(values)], least, 0, BINS)
    edges = own.edges
    return Bins(tuple(float(edges[end - 1]) for end, _ in ends[:-1]), tuple(number for _, number in ends))


def parted(values: Numbers, kinds: NDArray[np.int64], least: int) -> tuple[Numbers, NDArray[np.int64]]:
    """Bins in each of which there are enough people of each of two kinds.

    Args:
        values: Of one node.
        kinds: 0 or 1 for each.
        least: How many people of each kind; where there are fewer in all, there is one bin.

    Returns:
        The edges between bins, rising, and of each value the number of its bin.
    """
    own = Grid.of(len(values), float(values.sum()), float((values**2).sum()))
    if own is None:
        return np.zeros(0), np.zeros(len(values), dtype=np.int64)
    ends = merged([own.counts(values[kinds == kind]) for kind in range(2)], max(least, 2))
    edges = own.edges[[end - 1 for end in ends[:-1]]]
    return edges, np.searchsorted(edges, values, side="right").astype(np.int64)


def merged(counts: Sequence[Sequence[int]], least: int) -> list[int]:
    """Where bins end that are taken together from the finest, so that enough people of each of two kinds are in each.

    Args:
        counts: People of both kinds in the finest bins, shape ``(2, BINS)``.
        least: How many people of each kind; where one may be told, only bins of nobody are taken to the one before.

    Returns:
        Of each bin the one of the finest after its last; the last is :data:`BINS`.
    """
    if least > 1:
        return [end for end, _ in _parted(counts, least, 0, BINS)]
    there = np.flatnonzero(np.sum(counts, axis=0) > 0)
    return [*there[1:].tolist(), BINS]


def _parted(counts: Sequence[Sequence[int]], least: int, begin: int, end: int) -> list[tuple[int, int]]:
    """Of each bin the one of the finest after its last, and its people; of equally good places to part the middle one.

    Args:
        counts: People of each kind in the finest bins.
        least: So many of each kind must be in a bin.
        begin: The first of the finest bins.
        end: The one after the last.
    """
    below = np.cumsum(np.asarray(counts)[:, begin:end], axis=1)
    even = np.minimum(below, below[:, -1:] - below).min(axis=0)[:-1].tolist()
    most = max(even, default=0)
    if most < least:
        return [(end, int(below[:, -1].sum()))]
    best = [place for place, number in enumerate(even) if number == most]
    cut = begin + best[(len(best) - 1) // 2] + 1
    return _parted(counts, least, begin, cut) + _parted(counts, least, cut, end)


@dataclass(frozen=True)
class Spread:
    """How numbers of several nodes are spread: people below each edge of the grid.

    Attributes:
        grid: The grid.
        people: All of them.
        least: Below each edge there are at least so many, shape ``(BINS - 1,)``.
        most: At most so many.
        about: So many, were numbers within a bin that a node told spread as normal ones.
    """

    grid: Grid
    people: int
    least: Numbers
    most: Numbers
    about: Numbers

    def quantile(self, share: float) -> tuple[float | None, float | None, float | None]:
        """The smallest number that has a share of people at or below it: between which edges it is, and about where.

        Args:
            share: Of one.

        Returns:
            It is this or more, less than this, and about this; nothing where that is in a bin without an end.
        """
        rank, edges = max(1, int(np.ceil(share * self.people - 1e-9))), self.grid.edges
        above, below = np.flatnonzero(self.most < rank), np.flatnonzero(self.least >= rank)
        low = float(edges[above[-1]]) if len(above) else None
        high = float(edges[below[0]]) if len(below) else None
        if low is None or high is None:
            return low, high, None
        target = rank - 0.5
        place = int(np.searchsorted(self.about, target))
        before, after = float(self.about[place - 1]), float(self.about[place])
        part = (target - before) / (after - before)
        return low, high, float(edges[place - 1] + part * (edges[place] - edges[place - 1]))


def spread_of(grid: Grid, parts: Sequence[Bins], moments: Mapping[str, Any]) -> Spread:
    """Put together what several nodes told.

    Args:
        grid: On which it is told.
        parts: Of each node.
        moments: ``mean`` and ``sd`` of all numbers.
    """
    edges = grid.edges
    least, most, about = (np.zeros(BINS - 1) for _ in range(3))
    for part in parts:
        ends = (-inf, *part.edges, inf)
        for begin, end, number in zip(ends, ends[1:], part.people, strict=False):
            least += np.where(edges >= end, number, 0)
            most += np.where(edges > begin, number, 0)
            about += number * _below(edges, begin, end, moments)
    return Spread(grid, sum(sum(part.people) for part in parts), least, most, about)


def _below(edges: Numbers, begin: float, end: float, moments: Mapping[str, Any]) -> Numbers:
    """Which part of a bin is below each edge; where the bin is far from the mean, evenly, or all at its one end."""
    within = np.clip(edges, begin, end)
    first, last, here = (scipy.special.ndtr((one - moments["mean"]) / moments["sd"]) for one in (begin, end, within))
    if last - first > _TINY:
        return np.asarray((here - first) / (last - first), dtype=np.float64)
    if isfinite(begin) and isfinite(end):
        return np.asarray((within - begin) / (end - begin), dtype=np.float64)
    return np.asarray(edges > begin if isfinite(begin) else edges >= end, dtype=np.float64)
