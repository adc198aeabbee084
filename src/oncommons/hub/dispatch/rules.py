"""What nodes answered in a round of a run, read and checked: a pure function of the work list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import orjson

from oncommons.hub.link.registry import Node
from oncommons.hub.search.rules import node_part
from oncommons.policy.disclosure.masking import together
from oncommons.policy.disclosure.summing import FEWEST
from oncommons.schema.errors import OncommonsError, error_from_json
from oncommons.schema.errors_of_analyses import BadPartial, OutputWithheld
from oncommons.storage.worklist import Job, Work

MOST_PEOPLE = 1_000_000_000
_DEPTH = 8
TOGETHER = "+"
"""Stands in the place of a node; no node is named so."""
_ENTRY = {"key", "people", "table"}


@dataclass(frozen=True)
class Told:
    """What one node answered in a round.

    Attributes:
        node: Its name.
        status: As in answers to questions: answered, late, silent or refused.
        found: Its part of the result; nothing where it gave none.
        people: People whose rows it used.
        missing: People of whom a variable is not known there; rounded up where its data are not open.
        sums: How it takes part in a sum of which only the whole is seen; nothing where it tells its own numbers.
        reason: Why there is nothing.
        code: Code of that error.
        rounds: So many rounds of the run it answered before it was lost; 0 where it was not in it from the beginning.
    """

    node: str
    status: str
    found: Mapping[str, Any] | None = None
    people: int = 0
    missing: int = 0
    sums: Mapping[str, Any] | None = None
    reason: str = ""
    code: str = ""
    rounds: int = 0

    def after(self, rounds: int, earlier: Told | None) -> Told:
        """The same of a node that was lost: with what it told before of its people, who are not in the result.

        Args:
            rounds: So many rounds of the run it answered.
            earlier: What it told last; ``None`` where it was not in the run.
        """
        if earlier is None:
            return replace(self, rounds=rounds)
        return replace(self, rounds=rounds, people=earlier.people, missing=earlier.missing)

    def to_json(self) -> dict[str, Any]:
        """What is told of the node in a result."""
        told = {
            name: getattr(self, name) for name in ("node", "status", "people", "missing", "reason", "code", "rounds")
        }
        return {name: value for name, value in told.items() if value or name in {"node", "status"}}


def told_by(work: Work, job: Job, node: Node | None, now: float) -> Told:
    """What became of one node's part.

    Args:
        work: Its piece of work.
        job: The round.
        node: What the registry knows of it.
        now: Seconds since the epoch.
    """
    if work.state != "done":
        part = node_part(work, job, node, now)
        return Told(work.recipient, part.status, reason=part.reason, code=part.code)
    try:
        body = orjson.loads(work.result)
        if "error" in body:
            fault = error_from_json(body)
            return Told(work.recipient, "refused", reason=fault.message, code=fault.code)
        return _read(work.recipient, body)
    except (OncommonsError, ValueError, TypeError, KeyError, RecursionError):
        reason = "Sent numbers that cannot be, or something that is not a part of a result."
        return Told(work.recipient, "refused", reason=reason, code=BadPartial.code)


def all_told(job: Job, work: Sequence[Work], nodes: Sequence[Node], now: float) -> tuple[Told, ...]:
    """What every node answered, in the order of names."""
    known = {node.name: node for node in nodes}
    return tuple(told_by(one, job, known.get(one.recipient), now) for one in sorted(work, key=lambda w: w.recipient))


def secured(told: Sequence[Told]) -> tuple[Told, ...]:
    """What nodes told, without those that tell their numbers only in a sum, where they are too few for one."""
    alone = [one for one in told if one.sums]
    if len(alone) >= FEWEST:
        return tuple(told)
    reason = f"Its data are not open, and sums are secured over at least {FEWEST} such hospitals that have people."
    return tuple(
        Told(one.node, "refused", reason=reason, code=OutputWithheld.code) if one.sums else one for one in told
    )


def parts_of(told: Sequence[Told], sums: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What is put together: the parts of nodes that tell their own, and one sum of the others.

    Args:
        told: What each node told.
        sums: Those of which only the sum is seen.

    Raises:
        ValueError: the masks do not cancel, as where a node was asked something else.
        KeyError: a node did not mask its part.
    """
    found = {one.node: one.found for one in told if one.found is not None}
    masked = [found.pop(name) for name in sorted(sums)]
    return found | ({TOGETHER: together(masked)} if masked else {})


def _read(node: str, body: Mapping[str, Any]) -> Told:
    found, people, missing = body["part"], body["people"], body["missing"]
    counts = [one for one in (people, missing) if type(one) is int and 0 <= one <= MOST_PEOPLE]
    if not isinstance(found, dict) or len(counts) < 2 or not _is_finite(found, _DEPTH):  # noqa: PLR2004
        raise ValueError("not a part of a result")
    sums = body.get("sums")
    if sums is not None and not (isinstance(sums, dict) and sums.keys() == _ENTRY and sums["people"] == people):
        raise ValueError("not a way to take part in a sum")
    return Told(node, "answered", found, people, missing, sums)


def _is_finite(value: object, depth: int) -> bool:
    """Whether all that stands in a value is text, or a number that can be."""
    if isinstance(value, dict):
        return depth > 0 and all(_is_finite(one, depth - 1) for one in value.values())
    if isinstance(value, list):
        return depth > 0 and all(_is_finite(one, depth - 1) for one in value)
    return isinstance(value, str) or (isinstance(value, int | float) and isfinite(value))
