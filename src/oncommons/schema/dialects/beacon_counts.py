"""Counts as a Beacon tells them: a number, how precise it is, and between which ends the true one lies.

``countPrecision`` and ``countAdjustedTo`` are those of Beacon 2.2.  ``exists`` is false only where it is certain that there
is none, since a suppressed count may hide some.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from oncommons.schema.answer import Count, Precision, total

_PRECISIONS: Mapping[Precision, str] = MappingProxyType(
    {"exact": "exact", "rounded": "rounded", "noisy": "imprecise", "probable": "imprecise", "suppressed": "imprecise"}
)
"""Our precision as ``countPrecision`` of Beacon 2.2, whose values are exact, imprecise and rounded."""


def counted(count: Count, name: str) -> dict[str, Any]:
    """A count as Beacon has it, under the name of its number; without a number where nothing bounds it.

    Args:
        count: The count as it was released.
        name: ``numTotalResults``, ``resultsCount`` or ``count``.
    """
    shown = count.value if count.value is not None else count.at_most
    told = {} if shown is None else {name: shown}
    body = {"exists": not_excluded(count), **told, "countPrecision": _PRECISIONS[count.precision]}
    if count.precision == "exact":
        return body
    if count.at_most is None:
        return body | {"countAdjustedTo": [f">={count.at_least}"]}
    if count.at_least == 0:
        return body | {"countAdjustedTo": [f"<{count.at_most + 1}"]}
    return body | {"countAdjustedTo": [count.at_least, count.at_most]}


def not_excluded(count: Count) -> bool:
    """Whether there may be some: what ``exists`` says."""
    return count.at_most != 0


def existence(count: Count) -> str:
    """How sure ``exists`` is."""
    if count.precision == "probable":
        return (
            "probable" if count.at_least > 0 else "not told: random noise is larger than the count, which may be zero"
        )
    if count.at_least > 0:
        return "certain"
    return "none" if count.at_most == 0 else "not told: a count below the threshold, which may be zero"


def summed(parts: Sequence[Count], name: str) -> tuple[Count, dict[str, Any]]:
    """The sum of counts, and how it is told: the sum of what is told; no number where nothing is, and no 0 that hides some.

    Args:
        parts: The counts.
        name: ``numTotalResults``, ``resultsCount`` or ``count``.
    """
    whole = total(parts)
    section = counted(whole, name)
    section.pop(name, None)
    number = sum(part.number for part in parts)
    if whole.at_most == 0 or number > 0:
        section[name] = number
    return whole, section
