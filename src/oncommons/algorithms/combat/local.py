"""At a node: sums, then by batch the squares of each variable, and its products with covariates.

Products of two variables are not told: what is told of one variable by batch is what a linear model of it needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oncommons.algorithms.design import survey
from oncommons.algorithms.groups import levels_of, places, share_in_groups, told_apart
from oncommons.algorithms.pair import Basis, Partial, State, Table
from oncommons.algorithms.weighing import crowds_of, frame_in, outweighing


def local(table: Table, settings: Mapping[str, Any], state: State | None, _least: int) -> Partial:
    """What one round needs of a node.

    Args:
        table: The cohort.
        settings: Names of the ``variables``, the ``covariates`` and, for some, the ``batch``.
        state: ``None`` at first; then the columns with the means and spreads of all nodes.

    Raises:
        Unanswerable: the state is none of this analysis.
    """
    variables, covariates, batch = tuple(settings["variables"]), tuple(settings["covariates"]), settings.get("batch")
    names = (*covariates, *variables)
    rows = table.complete(*names, *([batch] if batch else []))
    at, levels = places(rows, batch), levels_of(settings, batch)
    people = np.bincount(at, minlength=len(levels))
    told, cells = survey(rows, names)
    basis = Basis(
        rows.people,
        (*cells, *_cells(rows, names, at)),
        share=_share(rows, variables, covariates, at, len(levels)),
        crowds=crowds_of(table, [*names, *([batch] if batch else [])], [*names, *([batch] if batch else [])]),
        counting=float(people[people > 0].min(initial=rows.people)),
    )
    if state is None:
        return Partial(told, basis)
    frame = frame_in(state, rows, names)
    matrix, own = frame.matrix(rows), np.array([variable in covariates for variable, _ in frame.sources], dtype=bool)
    x, y = matrix[:, own], matrix[:, ~own]
    some = [at == place for place in range(len(levels))]
    found = {
        "batch_people": people.tolist(),
        "sums": [[*x[mask].sum(axis=0).tolist(), *y[mask].sum(axis=0).tolist()] for mask in some],
        "covariates": [(x[mask].T @ x[mask]).tolist() for mask in some],
        "cross": [(x[mask].T @ y[mask]).tolist() for mask in some],
        "squares": [(y[mask] ** 2).sum(axis=0).tolist() for mask in some],
    }
    return Partial(found, replace(basis, parameters=x.shape[1] + 2))


def _cells(rows: Table, names: Sequence[str], at: NDArray[np.int64]) -> list[int]:
    """People of each batch, and of each of its groups."""
    there = np.unique(at)
    cells = [int((at == place).sum()) for place in there]
    for name in names if len(there) > 1 else ():
        pairs = product(there, told_apart(rows, name))
        cells += [int(((at == place) & (rows.columns[name] == value)).sum()) for place, value in pairs]
    return cells


def _share(
    rows: Table, variables: Sequence[str], covariates: Sequence[str], at: NDArray[np.int64], batches: int
) -> float:
    parts = [
        Table({name: rows.columns[name][at == place] for name in covariates}, rows.levels) for place in range(batches)
    ]
    shares = [outweighing(part, covariates) for part in parts]
    return max(*shares, *(share_in_groups(rows.columns[name], at, batches) for name in variables))
