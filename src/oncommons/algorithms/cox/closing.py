"""What a hospital tells of a fit that has ended: squares of residuals, whether hazards are proportional, concordance.

All of it is sums over its people or pairs of them, at the coefficients of all hospitals.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from oncommons.algorithms.cox.likelihood import Likelihood
from oncommons.algorithms.cox.risk_sets import RiskSets
from oncommons.algorithms.pair import Numbers

_DIGITS = 10
"""Predictors that are the same to so many digits are one: sums of products differ in their last ones."""


def triangle(matrix: Numbers) -> list[float]:
    """A symmetric matrix without what stands in it twice: its upper part, row by row."""
    found: list[float] = matrix[np.triu_indices(len(matrix))].tolist()
    return found


def square_of(told: Numbers, size: int) -> Numbers:
    """A symmetric matrix of a size from its :func:`triangle`."""
    found = np.zeros((size, size))
    found[np.triu_indices(size)] = told
    return found + np.triu(found, 1).T


def trend(fit: Likelihood, clock: Numbers) -> dict[str, Any]:
    """Slopes by coefficients that change with a clock, at no change: what the score test of the hub is made of.

    Grambsch and Therneau 1994, Biometrika 81:515, in the form of ``cox.zph`` of R's survival from version 3 on: the score
    test of each column times the clock.

    Args:
        fit: Where it stands.
        clock: What it shows at each set, shape ``(places,)``.
    """
    shown = clock[fit.sets.own]
    return {
        "trend_score": fit.score(clock).tolist(),
        "trend_cross": triangle(fit.information(clock)),
        "trend_square": triangle(fit.information(clock**2)),
        "trend_clock": float(shown.sum()),
    }


def clock_of(check: str, fit: Likelihood, people: tuple[Numbers, Numbers | None]) -> Numbers:
    """What the clock of a check shows at each set.

    Args:
        check: ``identity``, the time; ``log``, its log; ``km``, the share of the hospital that had the event before.
        fit: Where it stands.
        people: Until when, and from when on, each person was followed; ``None`` where that is the beginning.
    """
    times = fit.sets.times
    if check == "identity":
        return times
    if check == "log":
        return np.asarray(np.log(np.where(times > 0, times, 1.0)), dtype=np.float64)
    until, entry = people
    different, numbers = np.unique(until[fit.sets.dying], return_counts=True)
    at = len(until) - np.searchsorted(np.sort(until), different, side="left")
    if entry is not None:
        at = at - (len(entry) - np.searchsorted(np.sort(entry), different, side="left"))
    gone = np.concatenate([[0.0], 1 - np.cumprod(1 - numbers / at)])
    return np.asarray(gone[np.searchsorted(different, times, side="left")], dtype=np.float64)


def squares(fit: Likelihood) -> Numbers:
    """Of each person the products of what they add to the score, summed (Lin and Wei 1989, JASA 84:1074)."""
    residuals = fit.residuals()
    return np.asarray(residuals.T @ residuals, dtype=np.float64)


def pairs(sets: RiskSets, predictor: Numbers) -> dict[str, Any]:
    """Pairs of people of whom one has the event while the other is at risk and stays on.

    Harrell et al. 1982, JAMA 247:2543: concordant where the greater risk goes first; who is seen for the last time at the
    time of the event stays on; two events at one time are no pair.

    Args:
        sets: Who is at risk when.
        predictor: Log of each person's risk.

    Returns:
        Numbers of pairs; and ``agreement``, for the error of their share: sums over people of the squares of the
        concordant pairs that each is in, ties by half, of products with all their pairs, and of the squares of these.
    """
    rank = np.unique(np.round(predictor, _DIGITS), return_inverse=True)[1]
    of = np.zeros((len(predictor), 3))
    total = np.zeros(3)
    for stratum in sets.strata:
        some = np.flatnonzero((sets.first >= stratum.start) & (sets.first < stratum.stop) & (sets.first < sets.beyond))
        dying = some[sets.dying[some]]
        # At risk in the set of an event, and not dying there: who leaves later, less who comes later.
        beyond = np.where(sets.dying[some], sets.beyond[some] - 1, sets.beyond[some])
        for places, sign in ((beyond, 1), (sets.first[some], -1)):
            asked, others = _later((sets.beyond[dying] - 1, rank[dying]), (places, rank[some]))
            of[dying] += sign * asked
            of[some] += sign * others
            total += sign * asked.sum(axis=0)
    agreeing, every = of[:, 0] + of[:, 1] / 2, of.sum(axis=1)
    agreement = [float(agreeing @ agreeing), float(agreeing @ every), float(every @ every)]
    return {**dict(zip(("concordant", "tied", "discordant"), total.tolist(), strict=True)), "agreement": agreement}


def _later(asking: tuple[Any, Any], others: tuple[Any, Any]) -> tuple[Numbers, Numbers]:
    """Pairs of who asks and who stands at a later place; by halves of halves, as a merge sort counts.

    Args:
        asking: Places and ranks of those who ask.
        others: The same of those they are paired with.

    Returns:
        Of each who asks, and of each of the others, pairs in which the other's rank is lower, the same, and higher.
    """
    answers = np.repeat([False, True], [len(asking[0]), len(others[0])])
    place, rank = (np.concatenate([one, other]) for one, other in zip(asking, others, strict=True))
    order = np.lexsort((~answers, place))  # of one place, the others stand before who asks: they are not later
    answers, rank = answers[order], rank[order]
    top = int(rank.max(initial=0)) + 1
    found, size = np.zeros((len(rank), 3)), 1
    while size < len(rank):
        block = np.arange(len(rank)) // size
        left, right = ~answers & (block % 2 == 0), answers & (block % 2 == 1)
        found[left] += _by_rank(block[left] + 1, rank[left], np.sort((block * top + rank)[right]), top)
        found[right] += _by_rank(block[right] - 1, rank[right], np.sort((block * top + rank)[left]), top)[:, ::-1]
        size *= 2
    back = np.empty_like(found)
    back[order] = found
    return back[: len(asking[0])], back[len(asking[0]) :]


def _by_rank(block: Any, rank: Any, keys: Any, top: int) -> Numbers:
    """How many in a block have a lower rank, the same, a higher one; ``keys`` are blocks times ``top``, and ranks, sorted."""
    begin = block * top
    edges = (begin, begin + rank, begin + rank + 1, begin + top)
    return np.diff(np.stack([np.searchsorted(keys, edge) for edge in edges], axis=1), axis=1).astype(np.float64)
