"""A federation without a wire: both halves of an analysis over tables, JSON between them, and what was told in each round."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oncommons.algorithms.conformance.reference import picked
from oncommons.algorithms.pair import Analysis, Partial, Result, State, Table, Unanswerable
from oncommons.algorithms.possible import impossible

MOST_ROUNDS = 120
"""So many rounds a hub asks at most."""
_PLAIN = (float, int, str)


class Broken(Exception):
    """An analysis did what it must not; in words."""


@dataclass(frozen=True)
class Told:
    """One round: the state that nodes were told, and what each gave."""

    state: State | None
    partials: Mapping[str, Partial]


@dataclass(frozen=True)
class Ended:
    """An analysis that has ended.

    Attributes:
        result: What was found; nothing where there is no answer.
        why: Why there is none.
        rounds: What was told in each.
    """

    result: Result | None
    why: str
    rounds: tuple[Told, ...]


def run(analysis: Analysis, settings: Mapping[str, Any], tables: Mapping[str, Table], least: int = 1) -> Ended:
    """Make an analysis of tables.

    Args:
        analysis: The analysis.
        settings: As both halves are given them.
        tables: Node to its table; asked and handed on in this order.
        least: The fewest people that a number may rest upon.

    Raises:
        Broken: it raises what is no :class:`Unanswerable`, gives what JSON does not carry, or does not end.
    """
    state: State | None = None
    rounds: list[Told] = []
    while len(rounds) < MOST_ROUNDS:
        try:
            partials = {name: told(analysis, settings, table, state, least) for name, table in tables.items()}
            rounds.append(Told(state, partials))
            step = combined(analysis, settings, state, partials)
        except Unanswerable as fault:
            return Ended(None, str(fault), tuple(rounds))
        if isinstance(step, Result):
            return Ended(step, "", tuple(rounds))
        state = step
    raise Broken(f"it does not end within {MOST_ROUNDS} rounds")


def told(
    analysis: Analysis, settings: Mapping[str, Any], table: Table, state: State | None, least: int
) -> Partial:  # fmt: skip
    """What a node tells, as it comes over the wire.

    Raises:
        Unanswerable: it has no answer here.
        Broken: it raises something else, or tells what JSON does not carry, or what is not of the kind that it says.
    """
    try:
        partial = analysis.local(table, settings, state, least)
    except Unanswerable:
        raise
    except Exception as fault:
        raise Broken(f"its local half raises {type(fault).__name__}: {fault}") from fault
    if not isinstance(partial, Partial):
        raise Broken("its local half gives something else than a Partial")
    found = _carried(partial.found, "its local half")
    if name := impossible(analysis.kinds, found, partial.basis.people):
        raise Broken(f"it says that {name} is {analysis.kinds[name]}, and tells what cannot be that")
    return Partial(found, partial.basis)


def combined(
    analysis: Analysis, settings: Mapping[str, Any], state: State | None, partials: Mapping[str, Partial]
) -> State | Result:
    """What the hub makes of a round, as it comes over the wire.

    Raises:
        Unanswerable: there is no answer.
        Broken: it raises something else, or gives what JSON does not carry.
    """
    found = {name: one.found for name, one in partials.items()}
    try:
        with np.errstate(all="raise", under="ignore"):  # as at a hub
            step = analysis.combine(settings, state, found)
    except Unanswerable:
        raise
    except Exception as fault:
        raise Broken(f"its combining half raises {type(fault).__name__}: {fault}") from fault
    if not isinstance(step, Result):
        return dict(_carried(step, "its combining half"))
    body = _carried({"found": dict(step.found), "tables": dict(step.tables)}, "its result")
    return Result(body["found"], body["tables"], step.warnings)


def split(table: Table, sites: Iterable[int]) -> dict[str, Table]:
    """A table by the node of each row.

    Args:
        table: The table.
        sites: Of each row the number of its node.
    """
    where = np.asarray(list(sites), dtype=np.int64)
    names = range(int(where.max(initial=0)) + 1)
    return {f"node-{site:02d}": picked(table, where == site) for site in names}


def dealt(people: int, nodes: int, seed: int = 0) -> dict[str, Sequence[int]]:
    """Ways to share people out: evenly, by a skewed rule, one person at a node, nobody at a node, in order.

    Args:
        people: So many.
        nodes: To so many nodes.
        seed: Of the generator.
    """
    random = np.random.default_rng(seed)
    shares = random.dirichlet(np.full(nodes, 0.3))
    there = np.arange(people)
    sites = random.integers(0, nodes, people)
    found = {
        "even": sites,
        "skewed": random.choice(nodes, people, p=shares),
        "one person at a node": np.where(there == people // 2, 0, random.integers(1, max(nodes, 2), people)),
        "nobody at a node": np.where(sites == 0, 1, sites),
        "in order": there * nodes // max(people, 1),
    }
    return {name: one.tolist() for name, one in found.items()}


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Everything that stands in a JSON value, each with its path."""
    if isinstance(value, _PLAIN):  # most are, and to ask whether one is a mapping takes longer
        yield path, value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from leaves(one, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple):
        for place, one in enumerate(value):
            yield from leaves(one, f"{path}[{place}]")
    else:
        yield path, value


def _carried(value: Any, what: str) -> Any:
    """A value as JSON carries it."""
    if not isinstance(value, Mapping):
        raise Broken(f"{what} gives {type(value).__name__} in place of an object")
    why, found = "", None
    try:
        found = json.loads(json.dumps(value, allow_nan=False))
    except TypeError as fault:
        why = f"{what} gives what JSON does not carry: {fault}"
    except ValueError:
        why = f"{what} gives a number that is infinite or none"
    if found != value and (name := _not_named(value)):  # what came over as it was has no such name
        raise Broken(f"{what} has {name} as a name, which JSON does not carry")
    if why:
        raise Broken(why)
    return found


def _not_named(value: Any) -> str:
    """A name in a value that is no text; empty where all are."""
    if isinstance(value, Mapping):
        wrong = [repr(name) for name in value if not isinstance(name, str)]
        return wrong[0] if wrong else next(filter(None, map(_not_named, value.values())), "")
    return next(filter(None, map(_not_named, value)), "") if isinstance(value, list | tuple) else ""
