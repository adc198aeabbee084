"""At the hub: curves, bands, medians, restricted means and the log-rank test, from the numbers of all nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from oncommons.algorithms.certain import Off
from oncommons.algorithms.intervals import around_shares
from oncommons.algorithms.leaving import Leaving, log_rank, together, untold
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
        """Confidence band of the estimate on the scale of log(-log); the estimate itself where that is 0 or 1.

        Args:
            level: How sure, of one.
        """
        estimate = self.survival
        spread = np.where(estimate > 0, self.spread, 0.0)
        return around_shares(estimate, estimate * np.sqrt(spread), level)

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
    people = _people(partials)
    if not people:
        raise Unanswerable("No node has enough people with the event in any group.")
    lives = {name: Life(one.times, one.risk, one.left[1]) for name, one in people.items()}
    until = settings["until"] or max(
        (float(one.times[one.events > 0][-1]) for one in lives.values() if one.events.any()), default=0.0
    )
    off = {name: Off.of(one) for name, one in people.items()}
    groups = {name: _summary(life, settings["level"], until) | vars(off[name]) for name, life in lives.items()}
    columns = list(next(iter(groups.values())))
    tables = {"curve": _curve(lives, settings["level"])}
    tables["groups"] = [["group", *columns], *([name, *one.values()] for name, one in groups.items())]
    values: dict[str, Any] = {"groups": groups, "until": until, "level": settings["level"]}
    if len(lives) > 1:
        values["log_rank"] = log_rank(list(people.values()))
        tables["tests"] = [["test", *values["log_rank"]], ["log-rank", *values["log_rank"].values()]]
    said = [untold(list(people), partials)]
    said += [one.warning(f"the curve of {name}" if name else "the curve") for name, one in off.items()]
    return Result(values, tables, tuple(filter(None, said)))


def _people(partials: Mapping[str, Mapping[str, Any]]) -> dict[str, Leaving]:
    """Groups by their names, those that any node tells of."""
    found = {}
    for name in sorted({group for one in partials.values() for group in one["groups"]}):
        telling = [one for one in partials.values() if name in one["groups"]]
        parts = [[one["groups"][name][kind] for kind in ("last", "events")] for one in telling]
        found[name] = together(parts, [one["moved"][name] for one in telling])
    return found


def _summary(life: Life, level: float, until: float) -> dict[str, Any]:
    (low, high), until = life.bands(level), min(until, float(life.times[-1]))
    mean, error = life.mean_until(until)
    return {
        "people": int(life.risk[0]),
        "events": int(life.events.sum()),
        "median": life.quantile(_HALF),
        "median_low": _first(life.times, low <= _HALF),
        "median_high": _first(life.times, high <= _HALF),
        "restricted_mean": mean,
        "restricted_mean_error": error,
        "restricted_until": until,
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
