"""At a node: people, sums and levels by group; then squares about the means of all nodes, and bins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from oncommons.algorithms.bins import Grid, binned
from oncommons.algorithms.groups import levels_of, places, share_in_groups, summed
from oncommons.algorithms.pair import Basis, Partial, State, Table, Unanswerable
from oncommons.algorithms.weighing import STRANGE, crowds_of, means_in


def local(table: Table, settings: Mapping[str, Any], state: State | None, least: int) -> Partial:
    """What one round needs of a node: first people and sums, then how numbers are spread.

    Each variable is described of those of whom it is known, so each has a crowd of its own; so has each group of it.

    Args:
        table: The cohort.
        settings: Names of the ``variables`` and, for groups, ``by``.
        state: ``None`` at first; then ``means`` of groups and ``grids``, by variable.
        least: How many people a number must rest upon.

    Raises:
        Unanswerable: the state is none of this analysis.
    """
    groups = len(levels_of(settings, settings.get("by")))
    at = places(table, settings.get("by"))
    first = _counted(table, settings, at, groups)
    if state is None:
        return first
    told: dict[str, Any] = {}
    cells: list[int] = []
    for name, grid in _grids_in(state, first.found["numbers"]).items():
        known = (at >= 0) & ~np.isnan(table.columns[name])
        values, place = table.columns[name][known], at[known]
        means = means_in(state["means"].get(name), groups)
        bins = [binned(values[place == group], grid, least) for group in range(groups)]
        told[name] = {
            "squares": summed((values - means[place]) ** 2, place, groups).tolist(),
            "bins": [one.to_json() for one in bins],
        }
        cells += [number for one in bins for number in one.people if number]
    return Partial({"numbers": told}, replace(first.basis, cells=(*first.basis.cells, *cells)))


def _grids_in(state: State, numbers: Mapping[str, Any]) -> dict[str, Grid]:
    """The grids of a state, which are of numbers that are described, and of no other column of the table."""
    try:
        grids = {name: Grid.from_json(grid) for name, grid in state["grids"].items()}
        finite = all(np.isfinite(grid.edges).all() for grid in grids.values())
    except (KeyError, AttributeError, TypeError, ValueError, OverflowError, ZeroDivisionError):
        raise Unanswerable(STRANGE) from None
    if not finite or not grids.keys() <= numbers.keys() or not isinstance(state.get("means"), Mapping):
        raise Unanswerable(STRANGE)
    return grids


def _counted(table: Table, settings: Mapping[str, Any], at: Any, groups: int) -> Partial:
    numbers, levels, share = {}, {}, 0.0
    people = np.bincount(at[at >= 0], minlength=groups)
    cells = people.tolist() if settings.get("by") else []
    yes_or_code = {*table.levels, *settings.get("yes", {})}
    for name in settings["variables"]:
        known = (at >= 0) & ~np.isnan(table.columns[name])
        values, place = table.columns[name][known], at[known]
        lost = people - np.bincount(place, minlength=groups)
        cells += [int(number) for number in lost if number]
        if name in yes_or_code:
            different = len(levels_of(settings, name))
            counts = np.bincount(place * different + values.astype(int), minlength=groups * different)
            levels[name] = counts.reshape(groups, different).tolist()
            cells += counts.tolist()
        else:
            counts = np.bincount(place, minlength=groups)
            sums, squares = summed(values, place, groups), summed(values**2, place, groups)
            numbers[name] = {"people": counts.tolist(), "sums": sums.tolist(), "squares": squares.tolist()}
            cells += counts.tolist()
            share = max(share, share_in_groups(values, place, groups))
    total, crowds = int(people.sum()), _crowds(table, settings)
    basis = Basis(total, tuple(cells) if total else (), share=share, crowds=crowds)
    return Partial({"people": people.tolist(), "numbers": numbers, "levels": levels}, basis)


def _crowds(table: Table, settings: Mapping[str, Any]) -> tuple[Any, ...]:
    """Whose rows sums rest upon: of each variable those of whom it is known, all and by group."""
    by = (settings["by"],) if settings.get("by") else ()
    return tuple(crowd for name in settings["variables"] for crowd in crowds_of(table, (name, *by), by))
