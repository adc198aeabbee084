"""At a node: how many of each group had the event, or were last seen, at each coarse time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oncommons.algorithms.leaving import cells_of, leaving
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
    told, moved = leaving(known, names, least)
    cells, crowds = cells_of(told), crowds_of(table, names, names[1:])
    groups = {name: {"last": last, "events": events} for name, (last, events) in told.items()}
    return Partial({"groups": groups, "moved": moved}, Basis(sum(cells), cells, crowds=crowds))
