"""At a node: people at both levels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from oncommons.algorithms.groups import levels_of, places
from oncommons.algorithms.pair import Basis, Partial, State, Table


def local(table: Table, settings: Mapping[str, Any], _state: State | None, _least: int) -> Partial:
    """How many people are in each cell; a cell of nobody is one of too few, too, since it tells what people are not.

    Args:
        table: The cohort.
        settings: Names of the variables ``rows`` and ``columns``.
    """
    rows, columns = places(table, settings["rows"]), places(table, settings["columns"])
    known = (rows >= 0) & (columns >= 0)
    high, wide = len(levels_of(settings, settings["rows"])), len(levels_of(settings, settings["columns"]))
    counts = np.bincount(rows[known] * wide + columns[known], minlength=high * wide)
    lines = [*(known & (rows == i) for i in range(high)), *(known & (columns == i) for i in range(wide))]
    people = int(known.sum())
    crowds = tuple(one for one in (known, *lines) if one.any())
    basis = Basis(people, tuple(counts.tolist()) if people else (), crowds=crowds)
    return Partial({"cells": counts.reshape(high, wide).tolist()}, basis)
