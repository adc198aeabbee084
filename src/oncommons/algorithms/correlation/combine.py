"""At the hub: the columns of all nodes, then the correlation of each two."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from math import atanh, sqrt, tanh
from typing import Any

import numpy as np

from oncommons.algorithms.design import Frame, frame_of
from oncommons.algorithms.intervals import around
from oncommons.algorithms.pair import Result, State, Unanswerable, added
from oncommons.algorithms.tails import both_tails

_FEWEST = 4
"""People from which on a correlation has an interval (Fisher's z has the variance ``1 / (n - 3)``)."""
_WHOLE = 1 - 1e-12
"""A correlation from which on two variables say the same."""


def combine(
    settings: Mapping[str, Any], state: State | None, partials: Mapping[str, Mapping[str, Any]]
) -> State | Result:
    """The second round, or the correlations.

    Args:
        settings: ``variables`` and ``level``.
        state: What the nodes were told.
        partials: What each gave.

    Raises:
        Unanswerable: there are fewer than two variables or four people, or a variable is the same for everybody.
    """
    if state is None:
        people = int(added(partials, "people"))
        if len(settings["variables"]) < 2 or people < _FEWEST:  # noqa: PLR2004
            raise Unanswerable(f"Two variables at least are correlated, of {_FEWEST} people at least.")
        return {"frame": frame_of(partials, tuple(settings["variables"]), {}).to_json(), "people": people}
    names, people = Frame.from_json(state["frame"]).names, int(state["people"])
    products = added(partials, "products")
    spread = np.sqrt(np.diag(products))
    matrix = np.clip(products / np.outer(spread, spread), -1.0, 1.0)
    pairs: list[list[Any]] = [["one", "other", "correlation", "low", "high", "statistic", "p"]]
    for i, j in combinations(range(len(names)), 2):
        pairs += [[names[i], names[j], *tested(float(matrix[i, j]), people, settings["level"])]]
    square = [["variable", *names], *([name, *row] for name, row in zip(names, matrix.tolist(), strict=True))]
    return Result({"people": people, "degrees": people - 2}, {"pairs": pairs, "matrix": square})


def tested(found: float, people: int, level: float) -> list[float | None]:
    """A correlation with its interval and test.

    Args:
        found: The correlation.
        people: Behind it, four at least.
        level: How sure the interval is, of one.

    Returns:
        The correlation, the interval's ends, the t statistic with ``people - 2`` degrees of freedom, which is nothing
        where two variables say the same, and p.
    """
    if abs(found) > _WHOLE:
        return [found, found, found, None, 0.0]
    statistic = found * sqrt((people - 2) / (1 - found**2))
    low, high = around(atanh(found), 1 / sqrt(people - 3), level)
    p = float(both_tails(statistic, people - 2))
    return [found, tanh(low), tanh(high), statistic, p]
