"""The partial likelihood of one hospital: its value, its slopes, and what each person adds to them.

Ties by Breslow take everybody with the event at a time as at risk throughout; by Efron the l-th of d of them leaves l/d
of the risks of all d behind (Efron 1977, JASA 72:557; Therneau and Grambsch 2000, Modeling Survival Data, 3.3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oncommons.algorithms.cox.risk_sets import RiskSets
from oncommons.algorithms.pair import Numbers, Unanswerable

_LOST = 1e-9
"""Part of the risks of those who have the event by which the risks of everybody at that time may be too low by rounding."""


@dataclass(frozen=True)
class Likelihood:
    """The partial likelihood where a fit stands.

    Attributes:
        sets: Who is at risk when.
        matrix: Columns of each person, shape ``(people, columns)``.
        predictor: Log of each person's risk.
        place: Of each event its set, shape ``(events,)``, set after set.
        parts: How much of the risks of those with the event at its time has left before it.
        whole: The risks of everybody who is then left.
        means: Their mean of each column, weighted by risks, shape ``(events, columns)``.
    """

    sets: RiskSets
    matrix: Numbers
    predictor: Numbers
    place: NDArray[np.int64]
    parts: Numbers
    whole: Numbers
    means: Numbers

    @property
    def risks(self) -> Numbers:
        """Of each person."""
        return np.asarray(np.exp(self.predictor), dtype=np.float64)

    @property
    def value(self) -> float:
        """The log of the partial likelihood."""
        return float(self.predictor[self.sets.dying].sum() - np.log(self.whole).sum())

    def score(self, weights: Numbers | None = None) -> Numbers:
        """Its slope by each coefficient.

        Args:
            weights: How much each set counts, shape ``(places,)``; all as one where left out.
        """
        some = self._weights(weights)
        dying = self.matrix[self.sets.dying] * some[self.sets.own, None]
        return np.asarray(dying.sum(axis=0) - (self.means * some[self.place, None]).sum(axis=0), dtype=np.float64)

    def information(self, weights: Numbers | None = None) -> Numbers:
        """Its second slopes, with the sign turned round; weights as in :meth:`score`."""
        factor = self.hazard(weights)
        means = self.means * self._weights(weights)[self.place, None]
        return np.asarray((self.matrix * factor[:, None]).T @ self.matrix - self.means.T @ means, dtype=np.float64)

    def hazard(self, weights: Numbers | None = None) -> Numbers:
        """The cumulative hazard of each person, as events expected of them; weights as in :meth:`score`."""
        some = self._weights(weights)[self.place]
        at, less = self._by_set(some / self.whole), self._by_set(some * self.parts / self.whole)
        factor = self.risks * self.sets.over(at[:, None])[:, 0]
        factor[self.sets.dying] -= self.risks[self.sets.dying] * less[self.sets.own]
        return np.asarray(factor, dtype=np.float64)

    def residuals(self) -> Numbers:
        """What each person adds to the score: shape ``(people, columns)``, with the score as their sum.

        As ``residuals(fit, type="score")`` of R's survival (Therneau and Grambsch 2000, 4.3 and 7.2).
        """
        at = np.stack([self._by_set(one / self.whole) for one in self.means.T], axis=1)
        less = np.stack([self._by_set(self.parts * one / self.whole) for one in self.means.T], axis=1)
        ended = self.sets.over(at)
        ended[self.sets.dying] -= less[self.sets.own]
        found = self.risks[:, None] * ended - self.matrix * self.hazard()[:, None]
        numbers = np.maximum(self._by_set(np.ones(len(self.place))), 1.0)
        mean = np.stack([self._by_set(one) for one in self.means.T], axis=1) / numbers[:, None]
        found[self.sets.dying] += self.matrix[self.sets.dying] - mean[self.sets.own]
        return np.asarray(found, dtype=np.float64)

    def outweighed(self) -> float:
        """The largest part of the risks of a set that one person makes up, on average over events."""
        if not len(self.place):
            return 0.0
        everybody = self.sets.within(self.risks[:, None])[self.place, 0]
        return float((self.sets.largest(self.risks)[self.place] / everybody).mean())

    def _weights(self, weights: Numbers | None) -> Numbers:
        return np.ones(len(self.sets.times)) if weights is None else weights

    def _by_set(self, values: Numbers) -> Numbers:
        return np.bincount(self.place, values, minlength=len(self.sets.times)).astype(np.float64)


def likelihood(sets: RiskSets, matrix: Numbers, predictor: Numbers, ties: str) -> Likelihood:
    """The partial likelihood of some people.

    Args:
        sets: Who is at risk when.
        matrix: Columns of each, shape ``(people, columns)``.
        predictor: Log of each person's risk.
        ties: ``efron`` or ``breslow``.

    Raises:
        Unanswerable: risks differ so much that sums have no digits left, as where one of the greatest enters late.
    """
    risks = np.exp(predictor)
    weighted = np.concatenate([risks[:, None], risks[:, None] * matrix], axis=1)
    at, leaving = sets.within(weighted), sets.leaving(weighted)
    if (at[sets.own, 0] < (1 - _LOST) * leaving[sets.own, 0]).any():
        raise Unanswerable(
            "Risks differ so much here that sums of them have no digits left, where some people enter late."
        )
    numbers = np.bincount(sets.own, minlength=len(sets.times))
    place = np.repeat(np.arange(len(numbers)), numbers)
    order = np.arange(len(place)) - np.repeat(np.cumsum(numbers) - numbers, numbers)
    parts = order / numbers[place] if ties == "efron" else np.zeros(len(place))
    left = at[place] - parts[:, None] * leaving[place]
    return Likelihood(sets, matrix, predictor, place, parts, left[:, 0], left[:, 1:] / left[:, :1])
