"""At a node: its own fit, and what its estimates rest upon.

Estimates with their errors are told once, and nothing of the way to them.  Of one yes or no and an outcome of yes or no
they come close to the four counts, so each of these has to be told of enough people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from oncommons.algorithms.design import survey
from oncommons.algorithms.groups import share_in_groups, told_apart
from oncommons.algorithms.meta.fitting import Fitted, fitted, roles_of
from oncommons.algorithms.pair import Basis, Numbers, Partial, State, Table, Unanswerable
from oncommons.algorithms.weighing import crowds_of, outweighing

_TWO = 2


def local(table: Table, settings: Mapping[str, Any], _state: State | None, least: int) -> Partial:
    """The estimates of a node; its one round.

    Where the model cannot be fitted to people of whom not everything may be told, the reason would tell what it is (that
    nobody in a group has the outcome): it is refused as a number is that rests upon nobody, by the node's rule on cells.

    Args:
        table: The cohort.
        settings: ``model``, and which variable plays which role.
        least: The fewest people that a number may rest upon; 1 where all may be told.

    Raises:
        Unanswerable: a variable that the model needs is not named; under a ``least`` of 1, why there is no fit.
    """
    names = roles_of(settings)
    rows = table.complete(*names)
    if not rows.people:
        return Partial({"people": 0, "terms": {}}, Basis(0))
    basis = _basis(table, rows, settings)
    try:
        _check_levels(rows, settings)
        found = fitted(rows, settings)
    except Unanswerable:
        if least <= 1:
            raise
        return Partial({"people": rows.people, "terms": {}}, replace(basis, cells=(0,)))
    told = {name: list(one) for name, one in found.terms.items()}
    return Partial({"people": rows.people, "terms": told}, _with(basis, found))


def _basis(table: Table, rows: Table, settings: Mapping[str, Any]) -> Basis:
    names, covariates = roles_of(settings), tuple(settings["covariates"])
    ends = (settings["event"],) if settings["model"] == "cox" else (settings["outcome"],)
    cells = [*survey(rows, names)[1], *crossed(rows, covariates, ends[0], both=settings["model"] != "cox")]
    shares = [outweighing(rows, names)]
    if settings["model"] != "cox":
        shares += [_by_group(rows, name, ends[0]) for name in covariates]
    events = int((rows.columns[ends[0]] > 0).sum()) if settings["model"] == "cox" else None
    return Basis(rows.people, tuple(cells), events=events, share=max(shares), crowds=crowds_of(table, names, names))


def crossed(rows: Table, covariates: Sequence[str], end: str, *, both: bool) -> tuple[int, ...]:
    """People in each group with an outcome of yes, and with no; nobody is a cell, too.

    Args:
        rows: Complete rows.
        covariates: Codes, and numbers of two values, make groups.
        end: An outcome; where it is no yes or no, there are no cells.
        both: Whether those without it are told apart, too.
    """
    outcome = rows.columns[end]
    values = np.unique(outcome)
    if len(values) > _TWO or not set(values.tolist()) <= {0.0, 1.0}:
        return ()
    asked = (1.0, 0.0) if both else (1.0,)
    cells = [int((outcome == value).sum()) for value in asked]
    for name in covariates:
        column = rows.columns[name]
        if groups := told_apart(rows, name):
            cells += [int(((column == group) & (outcome == value)).sum()) for group, value in product(groups, asked)]
    return tuple(cells)


def _by_group(rows: Table, name: str, outcome: str) -> float:
    """The largest part that one person makes up of the sum of an outcome in a group; nothing where there is no sum."""
    groups, column = told_apart(rows, name), rows.columns[name]
    values: Numbers = rows.columns[outcome]
    sums = [values[column == group] for group in groups]
    return max(
        (share_in_groups(one, np.zeros(len(one), dtype=np.int64), 1) for one in sums if np.ptp(one)), default=0.0
    )


def _check_levels(rows: Table, settings: Mapping[str, Any]) -> None:
    for name in settings["covariates"]:
        if name in rows.levels and not (rows.columns[name] == 0).any():
            raise Unanswerable(f"Nobody here has {name} {rows.levels[name][0]}, with which others are compared.")


def _with(basis: Basis, found: Fitted) -> Basis:
    """What the end of a fit rests upon; of the way there nothing is told."""
    last = found.basis
    return replace(basis, parameters=last.parameters, share=max(basis.share, last.share), counting=last.counting)
