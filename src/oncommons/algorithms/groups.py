"""Groups of people by a code, or by yes and no; and what one person makes up of a group's sums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oncommons.algorithms.pair import Numbers, Table

EVERYBODY = ""
"""The group of everybody, where none are compared."""


def levels_of(settings: Mapping[str, Any], variable: str | None) -> tuple[str, ...]:
    """The levels of a code, ``no`` and ``yes`` of another variable, and one of everybody where there is none.

    Args:
        settings: ``levels``, coded variable to its levels.
        variable: Its name.
    """
    if not variable:
        return (EVERYBODY,)
    return tuple(settings.get("levels", {}).get(variable, ("no", "yes")))


def places(table: Table, variable: str | None) -> NDArray[np.int64]:
    """Place of each row's level among the levels of a variable, -1 where it is missing; all 0 without a variable."""
    if not variable:
        return np.zeros(table.people, dtype=np.int64)
    column = table.columns[variable]
    return np.where(np.isnan(column), -1, np.nan_to_num(column)).astype(np.int64)


def told_apart(rows: Table, name: str) -> list[float]:
    """The values by which a variable makes groups: those of a code that are there, or the two of a number that has two.

    Args:
        rows: Complete rows.
        name: The variable.
    """
    column = rows.columns[name]
    return [*np.unique(column).tolist()] if name in rows.levels else [*two_values(column)]


def two_values(column: Numbers) -> tuple[float, ...]:
    """The two values of a number that has no more, in order; none where it has one or many, for which it is not sorted.

    Args:
        column: Of complete rows, shape ``(rows,)``.
    """
    low, high = column.min(initial=np.inf), column.max(initial=-np.inf)
    return (float(low), float(high)) if low < high and ((column == low) | (column == high)).all() else ()


def summed(values: Numbers, at: NDArray[np.int64], groups: int) -> Numbers:
    """Sums by group, each added up in pairs, so that they keep their digits.

    Args:
        values: Shape ``(rows,)``.
        at: Group of each row.
        groups: So many there are.
    """
    return np.array([values[at == group].sum() for group in range(groups)], dtype=np.float64)


def share_in_groups(values: Numbers, at: NDArray[np.int64], groups: int) -> float:
    """The largest part that one person makes up of a group's sum, or of the sum of its squares about the mean.

    Where all values of a group are the same, its mean is that of everybody, and the share is one.

    Args:
        values: Shape ``(rows,)``.
        at: Group of each row.
        groups: So many there are.
    """
    shares = [0.0]
    for group in range(groups):
        some = values[at == group]
        if not len(some):
            continue
        for parts in (np.abs(some), (some - some.mean()) ** 2):
            whole = float(parts.sum())
            shares.append(float(parts.max()) / whole if whole else 1.0)
    return max(shares)
