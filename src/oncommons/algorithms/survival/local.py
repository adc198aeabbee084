"""At a node: how many of each group had the event, or were last seen, at each coarse time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from oncommons.algorithms.grid import followed
from oncommons.algorithms.groups import levels_of, places
from oncommons.algorithms.pair import Basis, Partial, State, Table
from oncommons.algorithms.weighing import crowds_of


def local(table: Table, settings: Mapping[str, Any], _state: State | None, least: int) -> Partial:
    """Numbers of events and of last contacts, by group and coarse time.

    Args:
        table: The cohort.
        settings: Names of the variables ``time``, ``event`` and, for groups, ``by``.
        least: How many people a number must rest upon; a group with fewer events is left out.
    """
    by = settings.get("by")
    names = [settings["time"], settings["event"], *([by] if by else [])]
    known = table.complete(*names)
    groups: dict[str, dict[str, list[list[float]]]] = {}
    cells: list[int] = []
    for group, rows in _groups(known, by).items():
        times, events = known.columns[names[0]][rows], known.columns[names[1]][rows] > 0
        found = followed(times, events, least)
        if not found.kept.any():
            continue
        groups[group] = {}
        for name, some in (("events", found.events), ("last", ~found.events)):
            at, numbers = np.unique(found.times[some], return_counts=True)
            groups[group][name] = [at.tolist(), numbers.tolist()]
            cells += numbers.tolist()
    return Partial({"groups": groups}, Basis(sum(cells), tuple(cells), crowds=crowds_of(table, names, names[2:])))


def _groups(table: Table, by: str | None) -> dict[str, Any]:
    """Group to which rows are in it; a group of nobody is none."""
    at, levels = places(table, by), levels_of({"levels": table.levels}, by)
    return {level: at == place for place, level in enumerate(levels) if (at == place).any()}
