"""At a node: people and sums by group, then squares about the means of all nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from oncommons.algorithms.groups import levels_of, places, share_in_groups, summed
from oncommons.algorithms.pair import Basis, Partial, State, Table
from oncommons.algorithms.weighing import crowds_of, means_in


def local(table: Table, settings: Mapping[str, Any], state: State | None, _least: int) -> Partial:
    """What one round needs of a node.

    Args:
        table: The cohort.
        settings: Names of the variables ``outcome`` and ``by``.
        state: ``None`` at first; then the ``means`` of groups.

    Raises:
        Unanswerable: the state is none of this analysis.
    """
    outcome, by = settings["outcome"], settings["by"]
    rows, groups = table.complete(outcome, by), len(levels_of(settings, by))
    values, at = rows.columns[outcome], places(rows, by)
    counts = np.bincount(at, minlength=groups)
    share, crowds = share_in_groups(values, at, groups), crowds_of(table, (outcome, by), (by,))
    basis = Basis(rows.people, tuple(counts.tolist()) if rows.people else (), share=share, crowds=crowds)
    if state is None:
        return Partial({"people": counts.tolist(), "sums": summed(values, at, groups).tolist()}, basis)
    means = means_in(state.get("means"), groups)
    return Partial({"squares": summed((values - means[at]) ** 2, at, groups).tolist()}, basis)
