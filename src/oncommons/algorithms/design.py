"""Model matrices that are the same at every node: numbers as they are, yes as 1, a code as one column for each level.

Which levels there are, and the middle and spread of each column, is agreed upon in the first round from sums of all
nodes.  Columns are centred and scaled by these, which changes no result and keeps sums of squares exact; what is found
is brought back to the units of the variables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from oncommons.algorithms.groups import two_values
from oncommons.algorithms.pair import Numbers, Table, Unanswerable, added

_SAME = 1e-7
"""Spread by mean from which on sums of squares in double precision tell that values differ."""
_DEPENDENT, _PART = 1e-10, 0.1
"""The least of the eigenvalues of a matrix of correlations by which columns say the same, and who has a part in that."""
_Column = tuple[str, tuple[str, str], float, float]
"""Name, source, centre and scale."""


@dataclass(frozen=True)
class Frame:
    """The columns of a model.

    Attributes:
        names: Of the columns, such as ``age`` or ``stage=IV``.
        sources: Variable of each column, and the code that it stands for; empty for a number.
        centre: What is subtracted from each.
        scale: What it is divided by then.
    """

    names: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """The frame as JSON."""
        return {
            "names": list(self.names),
            "sources": [list(one) for one in self.sources],
            "centre": list(self.centre),
            "scale": list(self.scale),
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Frame:
        """Read a frame as :meth:`to_json` writes it."""
        sources = tuple((str(variable), str(code)) for variable, code in body["sources"])
        return cls(tuple(body["names"]), sources, tuple(body["centre"]), tuple(body["scale"]))

    def matrix(self, table: Table) -> Numbers:
        """The columns for each row, centred and scaled, shape ``(rows, columns)``."""
        columns = [_column(table, variable, code) for variable, code in self.sources]
        found = np.stack(columns, axis=1) if columns else np.zeros((table.people, 0))
        return np.asarray((found - np.asarray(self.centre)) / np.asarray(self.scale), dtype=np.float64)

    def original(self, beta: Numbers, covariance: Numbers) -> tuple[Numbers, Numbers]:
        """Coefficients and their covariance in the units of the variables."""
        scale = np.asarray(self.scale)
        return beta / scale, covariance / np.outer(scale, scale)


def survey(table: Table, variables: Sequence[str]) -> tuple[dict[str, Any], tuple[int, ...]]:
    """What the first round tells of a node: rows, sums and squares of numbers, people at each level; and their cells.

    Args:
        table: Its complete rows.
        variables: Those of the model.
    """
    told: dict[str, Any] = {"people": table.people, "numbers": {}, "levels": {}}
    cells: list[int] = []
    for name in variables:
        column = table.columns[name]
        if name in table.levels:
            counts = np.bincount(column.astype(int), minlength=len(table.levels[name]))
            told["levels"][name] = counts.tolist()
            cells += [int(n) for n in counts if n]
        else:
            told["numbers"][name] = [float(column.sum()), float((column**2).sum())]
            cells += apart(column)
    return told, tuple(cells)


def apart(column: Numbers) -> tuple[int, ...]:
    """People with each of two values of a number, which its sum tells apart, as of yes and no; nobody where it has more.

    Args:
        column: Shape ``(rows,)``.
    """
    return tuple(int(np.count_nonzero(column == value)) for value in two_values(column))


def frame_of(
    partials: Mapping[str, Mapping[str, Any]], variables: Sequence[str], levels: Mapping[str, Sequence[str]]
) -> Frame:
    """The columns that all nodes use; a level that nobody has at any node has none.

    Args:
        partials: What each node told, see :func:`survey`.
        variables: Those of the model, in order.
        levels: Variable to its levels; the first that somebody has is what others are compared with.

    Raises:
        Unanswerable: there is nobody, or a variable is the same for everybody.
    """
    people = float(added(partials, "people"))
    if not people:
        raise Unanswerable("Nobody is left: of each person of the cohort some variable is missing.")
    parts: list[_Column] = []
    for name in variables:
        if name in levels:
            counts = added({node: one["levels"] for node, one in partials.items()}, name)
            parts += _of_levels(name, levels[name], counts / people)
        else:
            sums = added({node: one["numbers"] for node, one in partials.items()}, name)
            parts.append(_of_number(name, sums / people))
    if not parts:
        return Frame((), (), (), ())
    names, sources, centre, scale = zip(*parts, strict=True)
    return Frame(names, sources, centre, scale)


def _of_levels(name: str, levels: Sequence[str], shares: Numbers) -> list[_Column]:
    there = [(level, share) for level, share in zip(levels, shares.tolist(), strict=True) if share]
    if len(there) == 1:
        raise Unanswerable(f"{name} is {there[0][0]} for everybody; leave it out.")
    return [(f"{name}={level}", (name, level), share, 1.0) for level, share in there[1:]]


def _of_number(name: str, means: Numbers) -> _Column:
    mean, square = means.tolist()
    spread = sqrt(max(square - mean**2, 0.0))
    if spread <= _SAME * max(abs(mean), _SAME):
        raise Unanswerable(f"{name} is the same for everybody; leave it out.")
    return name, (name, ""), mean, spread


def check_apart(names: Sequence[str], information: Numbers) -> None:
    """See that every column of a model tells something of its own.

    Args:
        names: Of the columns.
        information: Their information matrix.

    Raises:
        Unanswerable: one does not differ, or is made of others; the message names it.
    """
    spread = np.sqrt(np.maximum(np.diag(information), 0.0))
    if np.any(spread <= 0):
        raise Unanswerable(f"{names[int(np.argmin(spread))]} does not differ; leave it out.")
    shares, vectors = np.linalg.eigh(information / np.outer(spread, spread))
    if shares[0] < _DEPENDENT:
        same = [name for name, part in zip(names, vectors[:, 0], strict=True) if abs(part) > _PART]
        raise Unanswerable(f"{', '.join(same)} say the same; leave one of them out.")


def _column(table: Table, variable: str, code: str) -> Numbers:
    column = table.columns[variable]
    if not code:
        return column
    levels = table.levels[variable]
    return np.asarray(column == (levels.index(code) if code in levels else -1), dtype=np.float64)
