"""At the hub: cumulative incidences with intervals, time lost, Gray's and log-rank tests, from the numbers of all nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oncommons.algorithms.certain import Off
from oncommons.algorithms.competing.gray import gray
from oncommons.algorithms.groups import levels_of
from oncommons.algorithms.intervals import around_shares
from oncommons.algorithms.leaving import Leaving, log_rank, together, untold
from oncommons.algorithms.pair import Numbers, Result, State, Unanswerable


@dataclass(frozen=True)
class Incidence:
    """One event of one group, at each time at which somebody leaves.

    Attributes:
        people: Of the group.
        cause: Which event it is, from 1.
    """

    people: Leaving
    cause: int

    @property
    def events(self) -> Numbers:
        """People with this event, shape ``(times,)``."""
        return np.asarray(self.people.left[self.cause], dtype=np.float64)

    @property
    def before(self) -> Numbers:
        """How many have had no event just before each time (Kaplan and Meier 1958), of one."""
        return np.concatenate([[1.0], self._free[:-1]])

    @property
    def _free(self) -> Numbers:
        return np.asarray(np.cumprod(1 - self.people.left[1:].sum(axis=0) / self.people.risk), dtype=np.float64)

    @property
    def estimate(self) -> Numbers:
        """The part with this event as their first up to each time (Aalen and Johansen 1978)."""
        return np.cumsum(self.before * self.events / self.people.risk)

    @property
    def variance(self) -> Numbers:
        """Of the estimate, by the delta method (Marubini and Valsecchi 1995, 10.4; Andersen et al. 1993, 4.4.20).

        It is that of Greenwood where there is one event, that of a binomial share where nobody is lost, and in all cases
        that of the infinitesimal jackknife, which R's ``survfit`` has.
        """
        risk, own, every = self.people.risk, self.events, self.people.left[1:].sum(axis=0)
        left, estimate = risk - every, self.estimate
        spread = np.where(left > 0, every / (risk * np.where(left > 0, left, 1.0)), 0.0)
        alone = self.before**2 * own * (risk - own) / risk**3
        shared = self.before * own / risk**2
        after = estimate**2 * np.cumsum(spread) - 2 * estimate * np.cumsum(estimate * spread + shared)
        found = after + np.cumsum(estimate**2 * spread + alone + 2 * estimate * shared)
        return np.asarray(np.maximum(found, 0.0), dtype=np.float64)

    def bands(self, level: float) -> tuple[Numbers, Numbers]:
        """Pointwise interval of the estimate on the scale of log(-log); the estimate itself where that is 0 or 1.

        Args:
            level: How sure, of one.
        """
        return around_shares(self.estimate, np.sqrt(self.variance), level)

    def lost(self, until: float) -> float:
        """The time that is lost to this event up to a time, on average: the area below the estimate (Andersen 2013)."""
        inside = self.people.times < until
        edges = np.concatenate([self.people.times[inside], [until]])
        return float(np.diff(edges) @ self.estimate[inside])


def combine(settings: Mapping[str, Any], _state: State | None, partials: Mapping[str, Mapping[str, Any]]) -> Result:
    """Incidences of each event in each group and, of several groups.

    Args:
        settings: Names of the variables ``event`` and ``by``, ``level`` and ``until``.
        partials: What each node gave.

    Raises:
        Unanswerable: no node could tell of any group.
    """
    groups = _groups(levels_of(settings, settings.get("by")), partials)
    if not groups:
        raise Unanswerable("No node has enough people with each of the events in any group; join events.")
    causes, level = levels_of(settings, settings["event"])[1:], settings["level"]
    until = settings["until"] or max(
        float(one.times[one.left[1:].any(axis=0)].max(initial=0.0)) for one in groups.values()
    )
    numbered = dict(enumerate(causes, 1))
    paths = {(name, cause): Incidence(one, at) for name, one in groups.items() for at, cause in numbered.items()}
    tables = {"curve": _curve(paths, level), "incidence": _incidence(paths, level, until)}
    people = {name: int(one.risk[0]) for name, one in groups.items()}
    found: dict[str, Any] = {"people": people, "until": until, "level": level}
    if len(groups) > 1:
        tables["tests"] = [["test", "cause", "statistic", "degrees", "p"]]
        for name, test in (("gray", gray), ("log_rank", log_rank)):
            found[name] = {cause: test(list(groups.values()), at) for at, cause in numbered.items()}
            tables["tests"] += [[name.replace("_", "-"), cause, *one.values()] for cause, one in found[name].items()]
    said = [untold(list(groups), partials)]
    for (name, cause), one in paths.items():
        curve = f"the curve of {cause} in {name}" if name else f"the curve of {cause}"
        said.append(Off.of(one.people, one.cause).warning(curve))
    return Result(found, tables, tuple(filter(None, said)))


def _groups(names: Sequence[str], partials: Mapping[str, Mapping[str, Any]]) -> dict[str, Leaving]:
    """Groups in the order of their levels, those that any node tells of."""
    found = {}
    for name in names:
        telling = [one for one in partials.values() if name in one["groups"]]
        if telling:
            found[name] = together([one["groups"][name] for one in telling], [one["moved"][name] for one in telling])
    return found


_Paths = Mapping[tuple[str, str], Incidence]


def _curve(paths: _Paths, level: float) -> list[list[Any]]:
    rows: list[list[Any]] = [["group", "cause", "time", "at_risk", "events", "incidence", "low", "high"]]
    for (name, cause), one in paths.items():
        columns = (one.people.times, one.people.risk, one.events, one.estimate, *one.bands(level))
        rows += [[name, cause, *row] for row in zip(*(column.tolist() for column in columns), strict=True)]
    return rows


def _incidence(paths: _Paths, level: float, until: float) -> list[list[Any]]:
    """A row for each event of each group; nothing is known after the last time at which somebody leaves."""
    rows: list[list[Any]] = [
        [
            "group",
            "cause",
            "people",
            "events",
            "time",
            "incidence",
            "error",
            "low",
            "high",
            "time_lost",
            "off",
            "near_until",
        ]
    ]
    for (name, cause), one in paths.items():
        time, low, high = min(until, float(one.people.times[-1])), *one.bands(level)
        place = int(np.searchsorted(one.people.times, time, side="right")) - 1
        columns = (one.estimate, np.sqrt(one.variance), low, high)
        told = [float(column[place]) if place >= 0 else 0.0 for column in columns]
        off = Off.of(one.people, one.cause)
        counts = [int(one.people.risk[0]), int(one.events.sum())]
        rows.append([name, cause, *counts, time, *told, one.lost(time), off.off, off.near_until])
    return rows
