"""At a node, what correlations and principal components are made of: sums, then products about the means of all nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from oncommons.algorithms.design import survey
from oncommons.algorithms.groups import share_in_groups
from oncommons.algorithms.pair import Basis, Partial, State, Table
from oncommons.algorithms.weighing import crowds_of, frame_in


def products(table: Table, settings: Mapping[str, Any], state: State | None, _least: int) -> Partial:
    """What one round needs of a node.

    Args:
        table: The cohort.
        settings: Names of the ``variables``.
        state: ``None`` at first; then the columns with the means and spreads of all nodes.

    Raises:
        Unanswerable: the state is none of this analysis.
    """
    names = tuple(settings["variables"])
    rows = table.complete(*names)
    told, cells = survey(rows, names)
    everybody = np.zeros(rows.people, dtype=np.int64)
    share = max(share_in_groups(rows.columns[name], everybody, 1) for name in names)
    basis = Basis(rows.people, cells, len(names), share=share, crowds=crowds_of(table, names, names))
    if state is None:
        return Partial(told, basis)
    matrix = frame_in(state, rows, names).matrix(rows)
    return Partial({"products": (matrix.T @ matrix).tolist()}, basis)
