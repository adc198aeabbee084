"""Gray's test of whether groups have the same cumulative incidence of an event, from numbers at risk and of events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from oncommons.algorithms.leaving import Leaving
from oncommons.algorithms.pair import Numbers
from oncommons.algorithms.tails import chi_squared_test

_TINY = 1e-12


@dataclass(frozen=True)
class _Seen:
    """Groups at the times at which anybody has an event, each of shape ``(groups, times)``.

    Attributes:
        risk: People at risk.
        own: People with the event.
        others: People with another one.
        free: How many have had none before, of one (Kaplan and Meier 1958).
        after: How many have had none then.
        without: How many have not had this event before, of one.
    """

    risk: Numbers
    own: Numbers
    others: Numbers
    free: Numbers
    after: Numbers
    without: Numbers

    @classmethod
    def of(cls, groups: Sequence[Leaving], cause: int) -> _Seen:
        times = np.unique(np.concatenate([one.times[one.left[1:].any(axis=0)] for one in groups]))
        risk, left = (np.array(part) for part in zip(*(one.on(times) for one in groups), strict=True))
        own, every = left[:, cause], left[:, 1:].sum(axis=1)
        some, start = np.maximum(risk, 1.0), np.ones((len(groups), 1))
        after = np.cumprod(1 - every / some, axis=1)
        free = np.concatenate([start, after[:, :-1]], axis=1)
        without = 1 - np.concatenate([0 * start, np.cumsum(free * own / some, axis=1)[:, :-1]], axis=1)
        return cls(risk, own, every - own, free, after, without)


def gray(groups: Sequence[Leaving], cause: int) -> dict[str, float]:
    """The test of Gray (1988, Ann Stat 16:1141) with weights of one, as R's ``cuminc`` makes it.

    Who had another event stays at risk, by the part of people who would have been followed.  The score is a sum over
    groups and times of what the estimated incidences add; its variance follows from that of these (Gray's section 3).

    Args:
        groups: Two or more.
        cause: Which event, from 1.

    Returns:
        ``statistic``, ``degrees`` of freedom, and ``p``.
    """
    seen = _Seen.of(groups, cause)
    there = seen.risk > 0
    staying = np.where(there, seen.risk / np.where(there, seen.free, 1.0), 0.0)
    weight, happened = staying * seen.without, seen.own.sum(axis=0)
    score = (seen.own - weight * happened / np.maximum(weight.sum(axis=0), _TINY)).sum(axis=1)
    spread = _spread(seen, staying, happened)
    reduced = score[:-1]
    statistic = float(reduced @ np.linalg.pinv(spread[:-1, :-1]) @ reduced)
    degrees = len(groups) - 1
    return chi_squared_test(statistic, degrees)


def _spread(seen: _Seen, staying: Numbers, happened: Numbers) -> Numbers:
    """Variance of the score, shape ``(groups, groups)``: of each group's two kinds of events, weighted by what they add."""
    groups, whole = len(staying), staying.sum(axis=0)
    incidence = np.cumsum(happened / whole)
    left = np.maximum(1 - np.concatenate([[0.0], incidence[:-1]]), _TINY)
    adds = np.eye(groups)[:, :, None] * staying[:, None] - staying[:, None] * staying / whole
    since = np.cumsum(adds * happened / (whole * left), axis=2)
    later = since[:, :, -1:] - since
    found = np.zeros((groups, groups))
    for place in range(groups):
        risk, free, after, others = (one[place] for one in (seen.risk, seen.free, seen.after, seen.others))
        lost = np.where(after > _TINY, (1 - incidence) / np.where(after > _TINY, after, 1.0), 0.0)
        there = risk > 0
        number = np.where(there, risk, 1.0)
        of_own = np.where(there, free * happened / (whole * number), 0.0) * _ties(happened, whole * free)
        of_others = np.where(there & (after > _TINY), free**2 * others / number**2, 0.0) * _ties(others, risk)
        first, second = adds[:, place] + later[:, place] * (1 - lost), -later[:, place] * lost
        found += (first * of_own) @ first.T + (second * of_others) @ second.T
    return found


def _ties(events: Numbers, risk: Numbers) -> Numbers:
    """What several events at one time take from the variance, as in the log-rank test."""
    several = (events > 1) & (risk > 1)
    return np.where(several, np.clip(1 - (events - 1) / np.where(several, risk - 1, 1.0), 0.0, 1.0), 1.0)
