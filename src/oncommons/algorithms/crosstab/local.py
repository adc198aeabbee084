"""At a node: people at both levels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from oncommons.algorithms.groups import levels_of, places
from oncommons.algorithms.pair import Basis, Partial, State, Table
from oncommons.algorithms.weighing import crowds_of


def local(table: Table, settings: Mapping[str, Any], _state: State | None, _least: int) -> Partial:
    """How many people are in each cell; a cell of nobody is one of too few, too, since it tells what people are not.

    Args:
        table: The cohort.
        settings: Names of the variables ``rows`` and ``columns``.
    """
    names = (settings["rows"], settings["columns"])
    known = table.complete(*names)
    rows, columns = (places(known, name) for name in names)
    high, wide = (len(levels_of(settings, name)) for name in names)
    counts = np.bincount(rows * wide + columns, minlength=high * wide)
    crowds = crowds_of(table, names, names)
    basis = Basis(known.people, tuple(counts.tolist()) if known.people else (), crowds=crowds)
    return Partial({"cells": counts.reshape(high, wide).tolist()}, basis)
