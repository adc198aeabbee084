"""Whether rounds after the first can be told as sums that nobody sees in parts.

Nodes whose data are not open hide each number of such a round, so that the hub learns the sum of all nodes only.  That
needs numbers and nothing else, of shapes that every node has alike, and a combining half that reads sums alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from oncommons.algorithms.conformance.federating import Told, combined, leaves
from oncommons.algorithms.pair import Analysis, Partial, Result, State, Unanswerable

_CLOSE = 1e-9
_ALL = "all nodes"


def summed(partials: Mapping[str, Partial]) -> dict[str, Any]:
    """The sum over nodes of each number, as one node would tell it.

    Args:
        partials: What each told, of the same shapes.
    """
    nodes = sorted(partials)
    names = partials[nodes[0]].found
    return {name: np.sum([np.asarray(partials[node].found[name]) for node in nodes], axis=0).tolist() for name in names}


def unsummable(analysis: Analysis, settings: Mapping[str, Any], rounds: tuple[Told, ...]) -> Iterator[str]:
    """Why rounds could not be told as sums; nothing where they can.

    Args:
        analysis: The analysis.
        settings: As it was asked.
        rounds: What was told in each.
    """
    for number, told in enumerate(rounds[1:], start=2):
        shapes = {node: _shapes(partial.found) for node, partial in told.partials.items()}
        if wrong := next((shape for shape in shapes.values() if isinstance(shape, str)), None):
            yield f"in round {number} {wrong}"
            return
        first = next(iter(shapes.values()))
        if other := next((node for node, shape in shapes.items() if shape != first), None):
            yield f"in round {number} what {other} tells has another shape than what the others tell"
            return
        if not _reads_sums(analysis, settings, told):
            yield f"in round {number} its combining half sees more than sums over all nodes"
            return


def _shapes(found: Mapping[str, Any]) -> dict[str, tuple[int, ...]] | str:
    """The shape of each number; in words why it has none."""
    shapes = {}
    for name, value in found.items():
        if isinstance(value, Mapping) or any(not isinstance(one, int | float) for _, one in leaves(value)):
            return f"{name} is not a number or a list of numbers"
        try:
            shapes[name] = np.asarray(value, dtype=np.float64).shape
        except ValueError:
            return f"{name} has lists of different lengths"
    return shapes


def _reads_sums(analysis: Analysis, settings: Mapping[str, Any], told: Told) -> bool:
    apart = _step(analysis, settings, told.state, told.partials)
    basis = next(iter(told.partials.values())).basis
    together = _step(analysis, settings, told.state, {_ALL: Partial(summed(told.partials), basis)})
    return near(apart, together, _CLOSE) == ""


def _step(
    analysis: Analysis, settings: Mapping[str, Any], state: State | None, partials: Mapping[str, Partial]
) -> Any:  # fmt: skip
    try:
        step = combined(analysis, settings, state, partials)
    except Unanswerable as fault:
        return {"why": str(fault)}
    return {"found": step.found, "tables": step.tables} if isinstance(step, Result) else step


def near(one: Any, other: Any, close: float) -> str:
    """Where two JSON values differ by more than rounding; empty where they do not.

    Args:
        one: A value.
        other: Another.
        close: The largest difference of two numbers, of their size where they are larger than one.
    """
    first, second = dict(leaves(one)), dict(leaves(other))
    if missing := sorted(first.keys() ^ second.keys()):
        return missing[0]
    for path, value in first.items():
        told = second[path]
        if isinstance(value, int | float) and isinstance(told, int | float):
            if abs(value - told) > close * max(1.0, abs(value)):
                return path
        elif value != told:
            return path
    return ""
