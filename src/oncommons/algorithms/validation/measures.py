"""What can be said of a score from people in bins of it: apart, calibrated, useful."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oncommons.algorithms.intervals import around, reach
from oncommons.algorithms.pair import Numbers

_STEPS, _CLOSE = 100, 1e-12


@dataclass(frozen=True)
class Scored:
    """People of all nodes in bins of the score, each of one node.

    Attributes:
        score: The mean of each bin, shape ``(bins,)``.
        low: No score of the bin is below that.
        high: None is as high as that; or all are just that, where ``exact``.
        exact: Whether all people of the bin have one score.
        others: People without the event.
        events: People with it.
    """

    score: Numbers
    low: Numbers
    high: Numbers
    exact: NDArray[np.bool_]
    others: Numbers
    events: Numbers

    @classmethod
    def of(cls, parts: list[Mapping[str, Any]]) -> Scored:
        """Put together what several nodes told."""
        found: list[list[Numbers]] = [[] for _ in range(6)]
        for one in parts:
            score, edges = np.asarray(one["score"], float), np.asarray(one["edges"], float)
            exact = np.full(len(score), bool(one["exact"]))
            ends = np.concatenate([[-np.inf], edges, [np.inf]])[: len(score) + 1] if not one["exact"] else score
            low, high = (score, score) if one["exact"] else (ends[:-1], ends[1:])
            others, events = np.asarray(one["people"], float)
            for column, more in zip(found, (score, low, high, exact, others, events), strict=True):
                column.append(more)
        score, low, high, exact, others, events = (np.concatenate(column) for column in found)
        return cls(score, low, high, exact.astype(bool), others, events)

    @property
    def people(self) -> float:
        """All of them."""
        return float(self.others.sum() + self.events.sum())

    def together(self) -> tuple[Numbers, Numbers, Numbers]:
        """Different scores, rising, with people without and with the event at each."""
        different, place = np.unique(self.score, return_inverse=True)
        place = place.reshape(-1)
        others, events = (np.bincount(place, one).astype(np.float64) for one in (self.others, self.events))
        return different, others, events


def area(scored: Scored, level: float) -> dict[str, float]:
    """The area below the ROC curve, with the interval of DeLong et al. (1988), and between which bounds it is for certain.

    Args:
        scored: With and without the event.
        level: How sure the interval is, of one.
    """
    _, others, events = scored.together()
    below = (np.cumsum(others) - others / 2) / others.sum()
    above = (np.cumsum(events[::-1])[::-1] - events / 2) / events.sum()
    found = float(events @ below / events.sum())
    spread = 0.0
    for number, part in ((events, below), (others, above)):
        whole = float(number.sum())
        spread += float(number @ (part - found) ** 2) / max(whole - 1, 1) / whole
    low, high = around(found, sqrt(spread), level)
    least = _surely(scored, scored.low, scored.events, scored.others)
    most = 1 - _surely(scored, scored.low, scored.others, scored.events)
    bounds = {"at_least": least, "at_most": most}
    return {
        "area": found,
        "error": sqrt(spread),
        "low": max(low, 0.0),
        "high": min(high, 1.0),
    } | bounds


def _surely(scored: Scored, low: Numbers, upper: Numbers, lower: Numbers) -> float:
    """Which part of pairs has the first, of ``upper``, above the second, of ``lower``, for certain; ties count a half."""
    found = np.zeros(len(low))
    for exact, sides in ((False, ("right", "right")), (True, ("left", "right"))):
        some = scored.exact == exact
        order = np.argsort(scored.high[some], kind="stable")
        ends, number = scored.high[some][order], np.concatenate([[0.0], np.cumsum(lower[some][order])])
        for side in sides:
            found += number[np.searchsorted(ends, low, side=side)] / 2  # type: ignore[call-overload]
    return float(upper @ found) / float(upper.sum() * lower.sum())


def roc(scored: Scored) -> list[list[Any]]:
    """Of each threshold, from high to low, who is taken to be positive, without and with the event; corners only."""
    score, others, events = (one[::-1] for one in scored.together())
    rates = np.array([np.concatenate([[0.0], np.cumsum(one) / one.sum()]) for one in (others, events)])
    ends = np.ones(rates.shape[1], dtype=bool)
    ends[1:-1] = (others[:-1] * events[1:] != others[1:] * events[:-1])[: rates.shape[1] - 2]
    rows = [[None, 0.0, 0.0], *([float(at), *rate] for at, rate in zip(score, rates[:, 1:].T.tolist(), strict=True))]
    kept = [row for row, corner in zip(rows, ends.tolist(), strict=True) if corner]
    return [["threshold", "false_positive_rate", "true_positive_rate"], *kept]


@dataclass(frozen=True)
class Groups:
    """Bins taken together to groups of about equal size, from low to high scores.

    Attributes:
        people: In each group.
        predicted: The mean score of each.
        observed: The part with the event.
    """

    people: Numbers
    predicted: Numbers
    observed: Numbers

    @classmethod
    def of(cls, scored: Scored, groups: int) -> Groups:
        """Take bins together, those with lower means first; a bin is in one group."""
        score, others, events = scored.together()
        number = others + events
        middle = (np.cumsum(number) - number / 2) / number.sum()
        place = np.unique(np.minimum((middle * groups).astype(int), groups - 1), return_inverse=True)[1].reshape(-1)
        people = np.bincount(place, number).astype(np.float64)
        return cls(people, np.bincount(place, number * score) / people, np.bincount(place, events) / people)

    def table(self, level: float) -> list[list[Any]]:
        """A row for each group, with the interval of Wilson (1927) of how often the event came."""
        low, high = wilson(self.observed * self.people, self.people, level)
        columns = (self.people, self.predicted, self.observed, low, high)
        rows = [list(row) for row in zip(*(column.tolist() for column in columns), strict=True)]
        return [["people", "predicted", "observed", "low", "high"], *([int(row[0]), *row[1:]] for row in rows)]

    def parts(self, brier: float) -> dict[str, float]:
        """The Brier score and its parts (Murphy 1973): it is reliability, less resolution, plus uncertainty and the rest.

        Args:
            brier: The mean square of score less outcome.
        """
        whole = self.people.sum()
        mean = float(self.people @ self.observed / whole)
        reliability = float(self.people @ (self.predicted - self.observed) ** 2 / whole)
        resolution, uncertainty = float(self.people @ (self.observed - mean) ** 2 / whole), mean * (1 - mean)
        within = brier - reliability + resolution - uncertainty
        found = {"brier": brier, "reliability": reliability, "resolution": resolution, "uncertainty": uncertainty}
        return found | {"within": within, "scaled": 1 - brier / uncertainty}


def wilson(some: Numbers, number: Numbers, level: float) -> tuple[Numbers, Numbers]:
    """The interval of a share (Wilson 1927).

    Args:
        some: So many.
        number: Of so many.
        level: How sure, of one.
    """
    z, share = reach(level), some / number
    middle = (share + z**2 / (2 * number)) / (1 + z**2 / number)
    wide = z * np.sqrt(share * (1 - share) / number + z**2 / (4 * number**2)) / (1 + z**2 / number)
    return np.clip(middle - wide, 0.0, share), np.clip(middle + wide, share, 1.0)


def recalibrated(scored: Scored, level: float) -> dict[str, Any] | None:
    """Intercept and slope of the outcome by the logit of the score (Cox 1958), and the intercept where the slope is one.

    Args:
        scored: Scores are probabilities.
        level: How sure intervals are, of one.

    Returns:
        Nothing where a score is 0 or 1, or the events are told apart by the score, so that no slope can be found.
    """
    score, others, events = scored.together()
    if not ((score > 0) & (score < 1)).all() or len(score) < 2:  # noqa: PLR2004 - a line needs two points
        return None
    logit, number = np.log(score / (1 - score)), others + events
    line = _fitted(np.stack([np.ones_like(logit), logit], axis=1), np.zeros_like(logit), events, number)
    large = _fitted(np.ones((len(logit), 1)), logit, events, number)
    if line is None or large is None:
        return None
    named = (("intercept", line, 0), ("slope", line, 1), ("in_the_large", large, 0))
    found = {}
    for name, (values, errors), at in named:
        low, high = around(values[at], errors[at], level)
        found[name] = {"value": values[at], "error": errors[at], "low": low, "high": high}
    return found


def _fitted(x: Numbers, offset: Numbers, events: Numbers, number: Numbers) -> tuple[list[float], list[float]] | None:
    """Coefficients and errors of a logistic model of grouped outcomes, by Newton's method; nothing without an end."""
    beta = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        risk = 1 / (1 + np.exp(-np.clip(x @ beta + offset, -500.0, 500.0)))
        information = (x * (number * risk * (1 - risk))[:, None]).T @ x
        if np.linalg.cond(information) > 1 / _CLOSE:
            return None
        step = np.linalg.solve(information, x.T @ (events - number * risk))
        beta = beta + step * min(1.0, 2.0 / max(float(np.abs(step).max()), _CLOSE))
        if np.abs(step).max() <= _CLOSE * max(1.0, float(np.abs(beta).max())):
            return beta.tolist(), np.sqrt(np.diag(np.linalg.inv(information))).tolist()
    return None


def benefit(scored: Scored) -> list[list[Any]]:
    """Net benefit at each risk from which one would treat (Vickers and Elkin 2006), by the score, and of treating everybody.

    Between ``at_least`` and ``at_most`` it is for certain, wherever people are within their bins.
    """
    rows: list[list[Any]] = [["threshold", "score", "all", "at_least", "at_most"]]
    whole, event = scored.people, float(scored.events.sum()) / scored.people
    for at in np.arange(1, _STEPS) / _STEPS:
        odds = float(at / (1 - at))
        surely, maybe = scored.low >= at, (scored.high > at) | (scored.exact & (scored.high >= at))
        value, least, most = (
            float(scored.events[who].sum() - odds * scored.others[whom].sum()) / whole
            for who, whom in ((scored.score >= at, scored.score >= at), (surely, maybe), (maybe, surely))
        )
        rows.append([float(at), value, event - odds * (1 - event), least, most])
    return rows
