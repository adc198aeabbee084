"""Whether numbers that a node has told can be at all: counts are counts, and squares not below nothing.

An analysis says of its values by their names what kind they are.  A node that lies within these kinds is not seen; one
that tells what no table can have is, and is named.

================ ======================================================================================================
kind             its numbers
================ ======================================================================================================
``people``       whole, from nothing to as many people as the node has
``counts``       whole, from nothing up, of people who are not among those
``squares``      never below nothing, as sums of squares and deviances are
``moments``      by variable a sum and a sum of squares of those ``people`` that stand beside: the square of the sum is at
                 most the sum of squares for each of them (Cauchy and Schwarz)
``products``     matrices of sums of products: none is larger than those of its row and its column with themselves let it
                 be (Cauchy and Schwarz); whole, or the upper part row by row
``times``        two lists of one length: times, none below nothing, and people at each; or lists of such
================ ======================================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import numpy as np

Kind = Literal["people", "counts", "squares", "moments", "products", "times"]
_ROUNDING = 1e-6
"""By how much of itself a number may be off."""
_MOST = 1_000_000_000


def impossible(kinds: Mapping[str, Kind], found: Mapping[str, Any], people: int) -> str:
    """The name of the first value that no table of so many people gives; empty where all can be.

    Args:
        kinds: Name of a value, at whatever depth, to what it is; others are not judged.
        found: What a node has told.
        people: How many people it says that there are.
    """
    told = [one for one in _named(found) if one[0] in kinds]
    for name, value, beside in sorted(told, key=lambda one: kinds[one[0]] != "people"):  # which others are judged by
        try:
            if not _JUDGES[kinds[name]](value, people, beside):
                return name
        except (ValueError, TypeError, IndexError, KeyError, AttributeError, OverflowError):
            return name
    return ""


def _named(found: Mapping[str, Any]) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    for name in sorted(found):
        yield name, found[name], found
        if isinstance(found[name], dict):
            yield from _named(found[name])


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for name in sorted(value):
            yield from _numbers(value[name])
    elif isinstance(value, list):
        for one in value:
            yield from _numbers(one)
    elif isinstance(value, str):
        raise TypeError("no number")
    else:
        yield float(value)


def _people(value: Any, people: int, _: Mapping[str, Any]) -> bool:
    return all(one == int(one) and 0 <= one <= people for one in _numbers(value))


def _counts(value: Any, _: int, beside: Mapping[str, Any]) -> bool:
    return _people(value, _MOST, beside)


def _squares(value: Any, _people: int, _: Mapping[str, Any]) -> bool:
    return all(one >= -_ROUNDING for one in _numbers(value))


def _moments(value: Any, _: int, beside: Mapping[str, Any]) -> bool:
    people = float(beside["people"])
    for one in value.values():
        total, squares = map(float, one)
        if abs(total) > (people * squares) ** 0.5 * (1 + _ROUNDING):
            return False
    return True


def _products(value: Any, people: int, beside: Mapping[str, Any]) -> bool:
    if value and isinstance(value[0], list) and value[0] and isinstance(value[0][0], list):
        return all(_products(one, people, beside) for one in value)
    told = np.asarray(value, dtype=np.float64)
    if not told.size:
        return True
    if told.ndim == 1:
        size = int(((8 * len(told) + 1) ** 0.5 - 1) / 2)
        square = np.zeros((size, size))
        square[np.triu_indices(size)] = told
    else:
        square = told.reshape(len(told), len(told))
    own = np.diag(square)
    room = np.sqrt(np.outer(own, own)) * (1 + _ROUNDING) + _ROUNDING * own.max(initial=0.0)
    return bool((own >= 0).all() and (np.abs(square) <= room).all())


def _times(value: Any, people: int, beside: Mapping[str, Any]) -> bool:
    if isinstance(value, dict):
        return all(_times(value[name], people, beside) for name in sorted(value))
    if value and value[0] and isinstance(value[0][0], list):
        return all(_times(one, people, beside) for one in value)
    times, numbers = value
    return len(times) == len(numbers) and _squares(times, people, beside) and _people(numbers, people, beside)


_JUDGES: Mapping[Kind, Callable[[Any, int, Mapping[str, Any]], bool]] = {
    "people": _people,
    "counts": _counts,
    "squares": _squares,
    "moments": _moments,
    "products": _products,
    "times": _times,
}
