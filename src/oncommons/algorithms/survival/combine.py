"""At the hub: curves, bands, medians, restricted means and the log-rank test, from the numbers of all nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from oncommons.algorithms.leaving import log_rank, together
from oncommons.algorithms.pair import Numbers, Result, State, Unanswerable

_HALF = 0.5


@dataclass(frozen=True)
class Life:
    """One group: at each time at which somebody left, who was at risk, had the event, was seen for the last time.

    Attributes:
        times: Rising, shape ``(times,)``.
        risk: People at risk just before.
        events: People with the event then.
    """

    times: Numbers
    risk: Numbers
    events: Numbers

    @property
    def survival(self) -> Numbers:
        """The product-limit estimate just after each time (Kaplan and Meier 1958)."""
        return np.asarray(np.cumprod(1 - self.events / self.risk), dtype=np.float64)

    @property
    def hazard(self) -> Numbers:
        """The cumulative hazard (Nelson 1969; Aalen 1978)."""
        return np.cumsum(self.events / self.risk)

    @property
    def spread(self) -> Numbers:
        """Greenwood's sum: the variance of the estimate by the square of the estimate; without bound at its end."""
        left = self.risk - self.events
        with np.errstate(divide="ignore"):
            return np.cumsum(np.where(self.events > 0, self.events / (self.risk * left), 0.0))

    def bands(self, level: float) -> tuple[Numbers, Numbers]:
        """Confidence band of the estimate on the scale of log(-log) (Kalbfleisch and Prentice 1980).

        Before the first event and once nobody is left it is as wide as can be, or the estimate itself.

        Args:
            level: How sure, of one.
        """
        estimate, z = self.survival, float(stats.norm.ppf((1 + level) / 2))
        inner = (estimate > 0) & (estimate < 1)
        log = np.log(np.where(inner, estimate, 0.5))
        with np.errstate(invalid="ignore", over="ignore"):
            wide = np.exp(z * np.sqrt(np.where(inner, self.spread, 0.0)) / np.abs(log))
        low = np.where(inner, np.exp(log * wide), estimate)
        high = np.where(inner, np.exp(log / wide), estimate)
        return low, high

    def quantile(self, share: float) -> float | None:
        """The first time at which the estimate is ``share`` or less; none where it stays above."""
        reached = np.flatnonzero(self.survival <= share + 1e-12)
        return float(self.times[reached[0]]) if len(reached) else None

    def mean_until(self, until: float) -> tuple[float, float]:
        """The mean time without the event up to a time, and its standard error (Irwin 1949; Klein and Moeschberger 4.5)."""
        inside = self.times < until
        edges = np.concatenate([[0.0], self.times[inside], [until]])
        heights = np.concatenate([[1.0], self.survival[inside]])
        areas = np.diff(edges) * heights
        after = np.cumsum(areas[::-1])[::-1][1:]
        events, risk = self.events[inside], self.risk[inside]
        left = risk - events
        terms = np.where((events > 0) & (left > 0), after**2 * events / (risk * np.where(left > 0, left, 1.0)), 0.0)
        return float(areas.sum()), float(np.sqrt(terms.sum()))


def combine(settings: Mapping[str, Any], _state: State | None, partials: Mapping[str, Mapping[str, Any]]) -> Result:
    """Curves of each group and, of several, the log-rank test.

    Args:
        settings: ``level`` and ``until``.
        partials: What each node gave.

    Raises:
        Unanswerable: no node could tell of any group.
    """
    names = sorted({group for one in partials.values() for group in one["groups"]})
    if not names:
        raise Unanswerable("No node has enough people with the event in any group.")
    parts = {name: [one["groups"][name] for one in partials.values() if name in one["groups"]] for name in names}
    people = {name: together([one["last"], one["events"]] for one in some) for name, some in parts.items()}
    lives = {name: Life(one.times, one.risk, one.left[1]) for name, one in people.items()}
    until = settings["until"] or max(
        (float(one.times[one.events > 0][-1]) for one in lives.values() if one.events.any()), default=0.0
    )
    groups = {name: _summary(life, settings["level"], until) for name, life in lives.items()}
    tables = {"curve": _curve(lives, settings["level"])}
    values: dict[str, Any] = {"groups": groups, "until": until, "level": settings["level"]}
    if len(lives) > 1:
        values["log_rank"] = log_rank(list(people.values()))
    return Result(values, tables)


def _summary(life: Life, level: float, until: float) -> dict[str, Any]:
    low, high = life.bands(level)
    mean, error = life.mean_until(min(until, float(life.times[-1])))
    return {
        "people": int(life.risk[0]),
        "events": int(life.events.sum()),
        "median": life.quantile(_HALF),
        "median_low": _first(life.times, low <= _HALF),
        "median_high": _first(life.times, high <= _HALF),
        "restricted_mean": mean,
        "restricted_mean_error": error,
    }


def _first(times: Numbers, wanted: Any) -> float | None:
    return float(times[int(np.argmax(wanted))]) if wanted.any() else None


def _curve(lives: Mapping[str, Life], level: float) -> list[list[Any]]:
    rows: list[list[Any]] = [["group", "time", "at_risk", "events", "survival", "low", "high", "cumulative_hazard"]]
    for name, life in lives.items():
        low, high = life.bands(level)
        columns = (life.times, life.risk, life.events, life.survival, low, high, life.hazard)
        rows += [[name, *row] for row in zip(*(column.tolist() for column in columns), strict=True)]
    return rows
