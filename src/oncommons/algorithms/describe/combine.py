"""At the hub: means and levels from the first round, standard deviations, quantiles and histograms from the second."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

import numpy as np

from oncommons.algorithms.bins import BINS, Bins, Grid, Spread, spread_of
from oncommons.algorithms.groups import levels_of
from oncommons.algorithms.pair import Result, State, Unanswerable, added

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
_TOGETHER = 2
"""So many of the finest bins are one of the histogram."""
_Parts = Mapping[str, Mapping[str, Any]]


def combine(settings: Mapping[str, Any], state: State | None, partials: _Parts) -> State | Result:
    """The second round, or the description.

    Args:
        settings: Names of the ``variables`` and of ``by``.
        state: What the nodes were told.
        partials: What each gave.

    Raises:
        Unanswerable: nobody is left.
    """
    if state is not None:
        return _result(settings, state, partials)
    if not added(partials, "people").any():
        raise Unanswerable("Nobody is left: there is nobody in the cohort, or nobody whose group is known.")
    numbers, first = {}, next(iter(partials.values()))
    for name in first["numbers"]:
        told = _of(partials, "numbers", name)
        numbers[name] = {part: added(told, part).tolist() for part in ("people", "sums", "squares")}
    levels = {name: added({n: one["levels"] for n, one in partials.items()}, name).tolist() for name in first["levels"]}
    begun: dict[str, Any] = {"people": added(partials, "people").tolist(), "numbers": numbers, "levels": levels}
    begun["means"] = {name: _means(one) for name, one in numbers.items()}
    grids = {name: _grid(one) for name, one in numbers.items()}
    begun["grids"] = {name: grid.to_json() for name, grid in grids.items() if grid}
    return begun if begun["grids"] else _result(settings, begun, {})


def _of(partials: _Parts, kind: str, name: str) -> _Parts:
    return {node: one[kind][name] for node, one in partials.items()}


def _means(told: Mapping[str, Any]) -> list[float]:
    """By group; 0 where it has nobody."""
    people = np.asarray(told["people"])
    means: list[float] = (np.asarray(told["sums"]) / np.maximum(people, 1)).tolist()
    return means


def _grid(told: Mapping[str, Any]) -> Grid | None:
    """The finest bins; none where all values are the same."""
    return Grid.of(*(float(np.sum(told[part])) for part in ("people", "sums", "squares")))


def _result(settings: Mapping[str, Any], state: State, partials: _Parts) -> Result:
    groups, found = levels_of(settings, settings.get("by")), {}
    tables: dict[str, list[list[Any]]] = {
        "numbers": [["variable", "group", "people", "missing", "mean", "sd"]],
        "levels": [["variable", "group", "level", "people", "share", "missing"]],
        "quantiles": [["variable", "group", "share", "at_least", "below", "about"]],
        "histogram": [["variable", "group", "from", "to", "people"]],
    }
    for name in settings["variables"]:
        by_group = {}
        for at, group in enumerate(groups):
            if name in state["levels"]:
                by_group[group], more = _levels(name, group, settings, state, at)
            else:
                by_group[group], more = _numbers(name, group, state, partials, at)
            for table, rows in more.items():
                tables[table] += rows
        found[name] = by_group
    tables = {name: rows for name, rows in tables.items() if len(rows) > 1}
    return Result({"people": int(sum(state["people"])), "variables": found}, tables)


def _levels(name: str, group: str, settings: Mapping[str, Any], state: State, at: int) -> tuple[Any, Any]:
    counts = [int(number) for number in state["levels"][name][at]]
    known, levels = sum(counts), levels_of(settings, name)
    lost = int(state["people"][at]) - known
    rows = [
        [name, group, level, number, number / known if known else None, lost]
        for level, number in zip(levels, counts, strict=True)
    ]
    return {"people": known, "missing": lost, "levels": dict(zip(levels, counts, strict=True))}, {"levels": rows}


def _numbers(name: str, group: str, state: State, partials: _Parts, at: int) -> tuple[Any, Any]:
    people = int(state["numbers"][name]["people"][at])
    lost, grid = int(state["people"][at]) - people, state["grids"].get(name)
    mean = float(state["means"][name][at]) if people else None
    told = _of(partials, "numbers", name) if grid else {}
    squares = float(added(told, "squares")[at]) if grid else 0.0
    sd = sqrt(squares / (people - 1)) if people > 1 else None
    found = {"people": people, "missing": lost, "mean": mean, "sd": sd}
    rows = {"numbers": [[name, group, people, lost, mean, sd]]}
    if grid and people:
        moments = {"mean": mean, "sd": sd or 1.0}
        bins = [Bins.from_json(told[node]["bins"][at]) for node in sorted(told)]
        spread = spread_of(Grid.from_json(grid), bins, moments)
        rows["quantiles"] = [[name, group, share, *spread.quantile(share)] for share in QUANTILES]
        rows["histogram"] = [[name, group, *row] for row in _histogram(spread)]
    return found, rows


def _histogram(spread: Spread) -> list[list[Any]]:
    """From, to, and people between; the first has no beginning and the last no end."""
    edges = spread.grid.edges[_TOGETHER - 1 :: _TOGETHER].tolist()
    below = [0.0, *spread.about[_TOGETHER - 1 :: _TOGETHER].tolist(), float(spread.people)]
    ends = [None, *edges, None]
    return [[ends[i], ends[i + 1], below[i + 1] - below[i]] for i in range(BINS // _TOGETHER)]
