"""What a node does with a harmonisation: its own rows are brought to the scale of all; none of them travels.

::

    record = json.loads(Path("combat/run.json").read_text())
    rows = harmonised(table, record["result"], record["tables"], "athens")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from oncommons.algorithms.pair import Numbers, Table, Unanswerable


def harmonised(
    table: Table, found: Mapping[str, Any], tables: Mapping[str, Sequence[Sequence[Any]]], batch: str = ""
) -> dict[str, Numbers]:
    """The variables of each row, as if all had been measured by the same.

    From each number what covariates make of it is taken away, then its batch's location, and what is left is divided by
    the batch's scale (Johnson, Li and Rabinovic 2007, section 3.3); then the former is added again.

    Args:
        table: Rows of a node, with the variables and covariates of the analysis, and its batch where that is a code.
        found: The numbers of the result.
        tables: Its tables: ``model`` and ``parameters``.
        batch: The hospital, where batches are hospitals.

    Returns:
        Variable to numbers, shape ``(rows,)``; NaN where a variable, a covariate or the batch is missing, or a level is
        none of those that the result knows.

    Raises:
        Unanswerable: the result does not know the batch, or the rows lack a column.
    """
    needed = (
        {source for source, _ in found["columns"]} | {row[0] for row in tables["model"][1:]} | {found["batch"]} - {""}
    )
    if lacking := sorted(needed - table.columns.keys()):
        raise Unanswerable(f"The rows lack {', '.join(lacking)}.")
    if not found["batch"] and batch not in found["batches"]:
        raise Unanswerable(f"The result knows no batch {batch[:60]!r}; it knows {', '.join(found['batches'])}.")
    columns = [_column(table, variable, code, found["levels"].get(variable)) for variable, code in found["columns"]]
    labels = _labels(table, found, batch)
    effects = {(row[0], row[1]): (row[2], row[3]) for row in tables["parameters"][1:]}
    made = {}
    for name, _, intercept, *slopes in tables["model"][1:]:
        expected = np.full(table.people, float(intercept))
        for slope, column in zip(slopes, columns, strict=True):
            expected = expected + slope * column
        pairs = np.array([effects.get((label, name), (np.nan, np.nan)) for label in labels]).reshape(-1, 2)
        made[name] = (table.columns[name] - expected - pairs[:, 0]) / pairs[:, 1] + expected
    return made


def _labels(table: Table, found: Mapping[str, Any], batch: str) -> list[str]:
    """The batch of each row, by name; one that there is none of where it is missing."""
    if not found["batch"]:
        return [batch] * table.people
    levels = table.levels.get(found["batch"], ("no", "yes"))
    places = table.columns[found["batch"]]
    return ["" if np.isnan(place) else levels[int(place)] for place in places]


def _column(table: Table, variable: str, code: str, known: Sequence[str] | None) -> Numbers:
    column = table.columns[variable]
    if not code:
        return column
    levels, allowed = table.levels[variable], set(known or ())
    meant = {place: float(level == code) for place, level in enumerate(levels) if level in allowed}
    return np.array(
        [np.nan if np.isnan(place) else meant.get(int(place), np.nan) for place in column], dtype=np.float64
    )
