"""Who is at risk when: one risk set for each time at which somebody in a stratum has the event.

Whoever is followed from ``entry`` to ``time`` is in the sets of the times after the one and up to the other, as
``Surv(start, stop, event)`` has it.  Sums over sets need no list of their people: they are differences of running sums,
within each stratum for itself, so that a stratum of great risks takes no digits from another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oncommons.algorithms.pair import Numbers

Places = NDArray[np.int64]


@dataclass(frozen=True)
class RiskSets:
    """The risk sets of one hospital, stratum after stratum; behind those of each stratum is a place for nobody.

    Attributes:
        times: Of each place, rising within a stratum.
        strata: Places of each stratum.
        first: Of each person, the place of the first set that they are in.
        beyond: And the place behind the last; not above ``first`` for whoever is in none.
        dying: Whether each person has the event while at risk; their set is the one before ``beyond``.
    """

    times: Numbers
    strata: tuple[slice, ...]
    first: Places
    beyond: Places
    dying: NDArray[np.bool_]

    @property
    def own(self) -> Places:
        """Of each person with the event the place of their set, shape ``(events,)``."""
        return self.beyond[self.dying] - 1

    def within(self, values: Numbers) -> Numbers:
        """Sums over everybody in each set.

        Args:
            values: Shape ``(people, columns)``.

        Returns:
            Shape ``(places, columns)``.
        """
        some = self.first < self.beyond
        late = some & ~np.isin(self.first, [one.start for one in self.strata])
        ends, begins = self._put(self.beyond, some, values), self._put(self.first, late, values)
        found = np.zeros_like(ends)
        for one in self.strata:
            found[one] = np.cumsum(ends[one][::-1], axis=0)[::-1] - np.cumsum(begins[one][::-1], axis=0)[::-1]
        return found

    def leaving(self, values: Numbers) -> Numbers:
        """Sums over those with the event in each set; shapes as :meth:`within`."""
        return self._put(self.beyond, self.dying, values)

    def over(self, values: Numbers) -> Numbers:
        """Of each person the sum over the sets that they are in.

        Args:
            values: Shape ``(places, columns)``.

        Returns:
            Shape ``(people, columns)``.
        """
        before = np.zeros_like(values)
        for one in self.strata:
            before[one] = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values[one], axis=0)[:-1]])
        some = self.first < self.beyond
        found = np.zeros((len(self.first), values.shape[1]))
        found[some] = before[self.beyond[some]] - before[self.first[some]]
        return found

    def largest(self, values: Numbers) -> Numbers:
        """The largest value of anybody in each set.

        Args:
            values: Shape ``(people,)``, not below nothing.

        Returns:
            Shape ``(places,)``; nothing for a set of nobody.
        """
        found = np.zeros(len(self.times))
        for one in np.argsort(values, kind="stable").tolist():
            found[self.first[one] : self.beyond[one]] = values[one]
        return found

    def _put(self, places: Places, some: NDArray[np.bool_], values: Numbers) -> Numbers:
        """Sums by the place before ``places``."""
        at, columns = places[some] - 1, values[some].T
        if not len(columns):
            return np.zeros((len(self.times), 0))
        return np.stack([np.bincount(at, one, minlength=len(self.times)) for one in columns], axis=1)


def risk_sets(times: Numbers, events: NDArray[np.bool_], entry: Numbers | None, strata: Places) -> RiskSets:
    """The risk sets of some people.

    Args:
        times: Until when each was followed, shape ``(people,)``.
        events: Whether to the event.
        entry: From when on, which is before ``times``; ``None`` where everybody was from the beginning.
        strata: The stratum of each.
    """
    first, beyond = np.zeros(len(times), dtype=np.int64), np.zeros(len(times), dtype=np.int64)
    found: list[Numbers] = []
    pieces: list[slice] = []
    start = 0
    for stratum in np.unique(strata):
        some = strata == stratum
        own = np.unique(times[some & events])
        first[some] = start if entry is None else start + np.searchsorted(own, entry[some], side="right")
        beyond[some] = start + np.searchsorted(own, times[some], side="right")
        found.append(np.append(own, own[-1:] if len(own) else 0.0))
        pieces.append(slice(start, start + len(own) + 1))
        start += len(own) + 1
    places = np.concatenate(found) if found else np.zeros(0)
    return RiskSets(places, tuple(pieces), first, beyond, np.array(events, dtype=np.bool_))
