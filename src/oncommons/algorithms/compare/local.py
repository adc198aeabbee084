"""At a node: people and sums by group, then squares about the means of all nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from oncommons.algorithms.groups import levels_of, places, share_in_groups, summed
from oncommons.algorithms.pair import Basis, Partial, State, Table
from oncommons.algorithms.weighing import means_in


def local(table: Table, settings: Mapping[str, Any], state: State | None, _least: int) -> Partial:
    """What one round needs of a node.

    Args:
        table: The cohort.
        settings: Names of the variables ``outcome`` and ``by``.
        state: ``None`` at first; then the ``means`` of groups.

    Raises:
        Unanswerable: the state is none of this analysis.
    """
    rows, groups = table.complete(settings["outcome"], settings["by"]), len(levels_of(settings, settings["by"]))
    values, at = rows.columns[settings["outcome"]], places(rows, settings["by"])
    counts = np.bincount(at, minlength=groups)
    known = ~np.isnan(table.columns[settings["outcome"]])
    place = np.where(known, places(table, settings["by"]), -1)
    crowds = tuple(one for one in (place >= 0, *(place == group for group in range(groups))) if one.any())
    share = share_in_groups(values, at, groups)
    basis = Basis(rows.people, tuple(counts.tolist()) if rows.people else (), share=share, crowds=crowds)
    if state is None:
        return Partial({"people": counts.tolist(), "sums": summed(values, at, groups).tolist()}, basis)
    means = means_in(state.get("means"), groups)
    return Partial({"squares": summed((values - means[at]) ** 2, at, groups).tolist()}, basis)
