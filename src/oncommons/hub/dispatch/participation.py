"""Who took part in a run and who did not, and what that does to its result: numbers, and sentences."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from oncommons.hub.dispatch.rules import Told

WAYS = {
    "refused": "refused",
    "late": "answered too late",
    "silent": "did not answer in time",
    "waiting": "waits for the consent of its data manager",
}
"""Status of a node that is left out to what it did."""
MOST_REASONS = 5
"""How many reasons are told of why nodes do not take part, where there is no result."""
SHIFTED = "Where the people of nodes that did not take part differ from the others, the result is not that of all."


def participation(nodes: Sequence[Told]) -> dict[str, Any]:
    """Who took part in a run that has a result.

    Args:
        nodes: What became of each node that was asked.

    Returns:
        ``asked`` and ``took_part``, numbers of nodes; ``people``, of those that took part; ``people_left_out``, of the
        others as far as they told it; ``not_told``, names of those that did not; ``says``, all of it in sentences.
    """
    part = [one for one in nodes if one.found is not None]
    others = [one for one in nodes if one.found is None]
    people, left = (sum(one.people for one in of) for of in (part, others))
    said = [f"{len(part)} of {len(nodes)} nodes took part, with {people:,} people."]
    return {
        "asked": len(nodes),
        "took_part": len(part),
        "people": people,
        "people_left_out": left,
        "not_told": [one.node for one in others if not one.people],
        "says": said + [_says(one) for one in others] + _lacking(left, people) + ([SHIFTED] if others else []),
    }


def reasons(nodes: Collection[Told]) -> str:
    """Why nodes do not take part in a run: each reason once, with the names of those of whom it is true.

    Args:
        nodes: What became of each.
    """
    whose: dict[str, list[str]] = {}
    for one in sorted(nodes, key=lambda one: one.node):
        whose.setdefault(one.reason or f"It {WAYS.get(one.status, one.status)}.", []).append(one.node)
    said = [f"{', '.join(names)}: {reason}" for reason, names in whose.items()]
    return " ".join(said[:MOST_REASONS])


def _lacking(left: int, people: int) -> list[str]:
    whole = left + people
    return [f"{left / whole:.0%} of the {whole:,} people that nodes told of are not in the result."] if left else []


def _says(one: Told) -> str:
    did = WAYS.get(one.status, one.status)
    when = f" after {one.rounds} round{'s' if one.rounds > 1 else ''}" if one.rounds else ""
    why = f": {one.reason.rstrip('.')}." if one.reason else "."
    lost = (
        f" Its {one.people:,} people are not in the result." if one.people else " How many people it has is not told."
    )
    return f"{one.node} {did}{when}{why}{lost}"
