"""What nodes told in a round, judged and put together; where that cannot be, it is said whose part it is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from oncommons.algorithms.pair import Analysis, Result, State, Unanswerable
from oncommons.algorithms.possible import Kind, impossible
from oncommons.hub.dispatch.rules import TOGETHER, Told, parts_of
from oncommons.hub.dispatch.standing import Standing
from oncommons.policy.disclosure.masking import shaped
from oncommons.schema.errors_of_analyses import AnalysisError, BadPartial

_BREAKS = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, np.linalg.LinAlgError)
"""What an analysis raises where parts are of other names or shapes than it knows, or too large for a number."""


def judged(told: Sequence[Told], kinds: Mapping[str, Kind], sums: Mapping[str, Any]) -> tuple[Told, ...]:
    """What nodes told, without the parts that no table gives; each of these is named with the value that cannot be.

    Args:
        told: What each told.
        kinds: What the values of the analysis are.
        sums: The nodes whose numbers are under masks in this round, so that nobody can judge them.
    """
    return tuple(one if one.found is None or one.node in sums else _judged(one, kinds) for one in told)


def combined(analysis: Analysis, settings: Mapping[str, Any], at: Standing, told: Sequence[Told]) -> State | Result:
    """The next state, or the result.

    Args:
        analysis: What puts parts together.
        settings: What was chosen.
        at: Where the run stands.
        told: What each node told.

    Raises:
        AnalysisError: there is no answer.
        BadPartial: the parts do not fit together; the message names the node whose part it is, where that can be known.
    """
    parts = _parts(told, at.sums)
    if TOGETHER in parts:
        people = sum(int(one["people"]) for one in at.sums.values())
        if impossible(analysis.kinds, parts[TOGETHER], people):
            raise BadPartial(_sum_cannot_be(at.sums))
    try:
        return _made(analysis, settings, at, parts)
    except Unanswerable as fault:
        raise AnalysisError(str(fault)) from None
    except _BREAKS as fault:
        blamed = [name for name in sorted(parts) if len(parts) == 1 or _fits(analysis, settings, at, parts, name)]
        raise BadPartial(_why(blamed, at.sums), detail=repr(fault)) from fault


def _judged(one: Told, kinds: Mapping[str, Kind]) -> Told:
    name = impossible(kinds, one.found or {}, one.people)
    if not name:
        return one
    return Told(one.node, "refused", reason=f"Sent numbers that no table gives, in {name}.", code=BadPartial.code)


def _parts(told: Sequence[Told], sums: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    try:
        return parts_of(told, sums)
    except _BREAKS as fault:
        shapes = {one.node: shaped(one.found or {}) for one in told if one.node in sums}
        written = {name: json.dumps(one, sort_keys=True) for name, one in shapes.items() if one is not None}
        usual = Counter(written.values()).most_common(1)
        odd = [name for name in sorted(shapes) if not usual or written.get(name) != usual[0][0]]
        said = _why(odd, {}) if 0 < len(odd) <= len(shapes) / 2 else _sum_cannot_be(sums)
        raise BadPartial(said, detail=repr(fault)) from fault


def _made(
    analysis: Analysis, settings: Mapping[str, Any], at: Standing, parts: Mapping[str, Mapping[str, Any]]
) -> State | Result:
    with np.errstate(all="raise", under="ignore"):
        return analysis.combine(settings, at.state, parts)


def _fits(
    analysis: Analysis, settings: Mapping[str, Any], at: Standing, parts: Mapping[str, Mapping[str, Any]], without: str
) -> bool:
    """Whether the other parts fit together."""
    try:
        _made(analysis, settings, at, {name: part for name, part in parts.items() if name != without})
    except Unanswerable:
        return True
    except _BREAKS:
        return False
    return True


def _why(blamed: Sequence[str], sums: Mapping[str, Any]) -> str:
    if list(blamed) == [TOGETHER]:
        return _sum_cannot_be(sums)
    if not blamed or TOGETHER in blamed:
        return "The parts of the nodes do not fit together."
    whose = " and ".join(blamed) if len(blamed) < 3 else f"{', '.join(blamed[:-1])} and {blamed[-1]}"  # noqa: PLR2004
    return f"The parts of the nodes do not fit together; it is that of {whose}."


def _sum_cannot_be(sums: Mapping[str, Any]) -> str:
    return (
        f"The sum over {', '.join(sorted(sums))} is one that no tables give, or their masks do not cancel. "
        "Whose part it is cannot be seen."
    )
