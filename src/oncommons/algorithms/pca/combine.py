"""At the hub: the columns of all nodes, then the components of their matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from oncommons.algorithms.design import Frame, frame_of
from oncommons.algorithms.pair import Numbers, Result, State, Unanswerable, added

_NOTHING = 1e-12
"""Variance by that of all components up to which one is nothing but rounding."""
_SAME = 1e-9
"""Difference of two variances, by that of all components, up to which they are one."""
_TIED = 1e-6
"""Loadings that differ by less are equally large, so that rounding does not choose between them."""
_FEWEST = 2


def combine(
    settings: Mapping[str, Any], state: State | None, partials: Mapping[str, Mapping[str, Any]]
) -> State | Result:
    """The second round, or the components.

    Args:
        settings: ``variables``, ``matrix`` and ``components``.
        state: What the nodes were told.
        partials: What each gave.

    Raises:
        Unanswerable: there are fewer than two variables or people, or a variable is the same for everybody.
    """
    if state is None:
        people = int(added(partials, "people"))
        if len(settings["variables"]) < _FEWEST or people < _FEWEST:
            raise Unanswerable("Components are made of two variables at least, of two people at least.")
        return {"frame": frame_of(partials, tuple(settings["variables"]), {}).to_json(), "people": people}
    frame, people = Frame.from_json(state["frame"]), int(state["people"])
    products = added(partials, "products") / (people - 1)
    spread = np.sqrt(np.diag(products))
    units = np.asarray(frame.scale) if settings["matrix"] == "covariance" else 1 / spread
    matrix = products * np.outer(units, units)
    variances, loadings = components(matrix)
    kept = len(variances) if not settings["components"] else min(len(variances), int(settings["components"]))
    whole = float(np.trace(matrix))
    shares = variances / whole
    names = [f"pc{place + 1}" for place in range(kept)]
    told = np.stack([variances, shares, np.cumsum(shares)], axis=1)[:kept].tolist()
    about = np.stack([frame.centre, spread * np.asarray(frame.scale)], axis=1).tolist()
    tables: dict[str, list[list[Any]]] = {
        "variables": [["variable", "mean", "deviation"], *_rows(frame.names, about)],
        "components": [["component", "variance", "share", "together"], *_rows(names, told)],
        "loadings": [["variable", *names], *_rows(frame.names, loadings[:, :kept].tolist())],
        "matrix": [["variable", *frame.names], *_rows(frame.names, matrix.tolist())],
    }
    found = {"people": people, "variance": whole, "rank": len(variances)}
    return Result(found, tables, _warnings(shares, kept))


def components(matrix: Numbers) -> tuple[Numbers, Numbers]:
    """Variances and loadings of the components of a matrix, the largest first; those that are rounding are left out.

    The sign is so that the largest loading of each component is positive; of several that are as large, the first.

    Args:
        matrix: Symmetric, shape ``(variables, variables)``.

    Returns:
        Variances, shape ``(components,)``, and loadings of length one, shape ``(variables, components)``.
    """
    variances, vectors = np.linalg.eigh(matrix)
    variances, vectors = variances[::-1], vectors[:, ::-1]
    kept = variances > _NOTHING * float(np.trace(matrix))
    variances, vectors = variances[kept], vectors[:, kept]
    sizes = np.abs(vectors)
    first = np.argmax(sizes >= sizes.max(axis=0) - _TIED, axis=0)
    signs = np.sign(vectors[first, np.arange(vectors.shape[1])])
    return variances, np.asarray(vectors * signs, dtype=np.float64)


def _rows(names: Sequence[str], numbers: list[list[float]]) -> list[list[Any]]:
    return [[name, *row] for name, row in zip(names, numbers, strict=True)]


def _warnings(shares: Numbers, kept: int) -> tuple[str, ...]:
    same = np.flatnonzero(np.abs(np.diff(shares)) <= _SAME)
    return tuple(
        f"pc{place + 1} and pc{place + 2} have the same variance: any two directions in their plane are as right."
        for place in same.tolist()
        if place < kept
    )
