"""What an analysis is: a pair of pure functions, ``local`` where the data are and ``combine`` where partial results meet.

::

    state = None                         at the hub
    while True:
        partials = {node: local(table, state, k) ...}      at each node
        step = combine(settings, state, partials)          at the hub
        if step is a Result: done
        state = step                                       the next round

Neither does input or output, both are deterministic: the same tables give the same result, bit for bit, whichever node
answers first.  What ``local`` gives is released by the node's output rules or not at all; so it says of its numbers
what they rest upon.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oncommons.algorithms.possible import Kind

Numbers = NDArray[np.float64]
"""Double precision; what JSON carries exactly."""
State = Mapping[str, Any]
"""What nodes are told in a round: JSON."""


@dataclass(frozen=True)
class Table:
    """The people of a cohort at one node, a row each.

    Attributes:
        columns: Variable to values, shape ``(people,)``; NaN where missing.  Yes is 1 and no 0; a code is its place in
            ``levels``.
        levels: Coded variable to its codes, in the order of the dictionary; the same at every node.
    """

    columns: Mapping[str, Numbers]
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def people(self) -> int:
        """Number of rows."""
        return len(next(iter(self.columns.values()), ()))

    def known(self, *names: str) -> NDArray[np.bool_]:
        """In which rows none of some variables is missing, shape ``(people,)``."""
        found = np.ones(self.people, dtype=np.bool_)
        for name in names:
            found &= ~np.isnan(self.columns[name])
        return found

    def complete(self, *names: str) -> Table:
        """The rows in which none of some variables is missing."""
        kept = self.known(*names)
        return Table({name: self.columns[name][kept] for name in names}, self.levels)


@dataclass(frozen=True)
class Basis:
    """What the numbers of a partial result rest upon, for the output rules; it never leaves the node.

    Attributes:
        people: People whose rows were used.
        cells: People behind each number that can be told apart from the others.  Nobody behind one is a cell, too,
            where that would tell of a criterion that nobody fulfils it.
        parameters: Parameters of the model that is fitted; 0 where none is.
        events: Events that a model of times to an event has; ``None`` for other models.
        share: The largest part of a sum that one person makes up, 0 to 1.
        crowds: Whose rows, each of shape ``(rows,)``, sums rest upon; nothing where that is everybody of whom each
            variable that plays a role is known.
        counting: As how many people they count in weighted sums; ``None`` where all count the same.
    """

    people: int
    cells: tuple[int, ...] = ()
    parameters: int = 0
    events: int | None = None
    share: float = 0.0
    crowds: tuple[NDArray[np.bool_], ...] = ()
    counting: float | None = None


@dataclass(frozen=True)
class Partial:
    """What one node has worked out: JSON, and what it rests upon."""

    found: Mapping[str, Any]
    basis: Basis


@dataclass(frozen=True)
class Result:
    """The end of an analysis.

    Attributes:
        found: What was found, as JSON.
        tables: Name to rows, the first of which names the columns.
        warnings: What to mind, in words.
    """

    found: Mapping[str, Any]
    tables: Mapping[str, list[list[Any]]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Role:
    """A part that a variable plays in an analysis.

    Attributes:
        name: Its name in the settings.
        kinds: Which variables can play it: ``number``, ``yes`` (yes or no), ``code``.
        says: What it is.
        many: Whether several can.
        needed: Whether there must be one.
    """

    name: str
    kinds: frozenset[str]
    says: str
    many: bool = False
    needed: bool = True


@dataclass(frozen=True)
class Setting:
    """Something else that is chosen.

    Attributes:
        name: Its name.
        says: What it does, with its unit.
        default: Its value where nothing is said.
        choices: What it may be; a range ``(least, most)`` where it is a number.
    """

    name: str
    says: str
    default: Any
    choices: tuple[Any, ...] = ()


Local = Callable[[Table, Mapping[str, Any], State | None, int], Partial]
"""From the node's table, the settings, the round's state and the fewest people that a number may rest upon."""
Combine = Callable[[Mapping[str, Any], State | None, Mapping[str, Mapping[str, Any]]], State | Result]
"""From the settings, the round's state and what each node gave to the next round's state, or to the result."""


@dataclass(frozen=True)
class Analysis:
    """One analysis, of this package or of another that is installed.

    Attributes:
        name: As a permit names it.
        version: Raised whenever it computes something else.
        title: For people.
        says: What it computes, in a sentence.
        source: Where the method is described.
        roles: Variables that it takes.
        settings: What else can be chosen.
        exact: Whether its result equals that on the pooled data.
        local: Where the data are.
        combine: Where partial results meet.
        nodes: The fewest nodes that it makes sense with.
        once: Whether a node tells its sums of one state only, with some settings.  Sums over the same people at several
            states can be solved for the people, so nodes whose data are not public tell these only added to those of
            others: after the first round, names and shapes of what ``local`` gives follow from settings and state alone,
            and ``combine`` reads it by :func:`added`, since it gets the sum in the place of one node.
        open_only: Whether only nodes with open data make it, with some settings: it tells more than sums over everybody,
            such as who is at risk by time.
        by_node: Whether each node is a stratum of its own, with some settings, such as where hospitals have their own
            baselines: then the result depends upon who is where, and equals the pooled one with the node as a stratum.
        approximate: Tables of the result that are only near those of the pooled data, where ``exact`` holds of the rest.
        kinds: Names of values that ``local`` gives, at whatever depth, to what they are, so that numbers that cannot be
            are seen: see :mod:`oncommons.algorithms.possible`.
    """

    name: str
    version: int
    title: str
    says: str
    source: str
    roles: tuple[Role, ...]
    settings: tuple[Setting, ...]
    exact: bool
    local: Local
    combine: Combine
    nodes: int = 1
    once: Callable[[Mapping[str, Any]], bool] = lambda _: True
    open_only: Callable[[Mapping[str, Any]], bool] = lambda _: False
    by_node: Callable[[Mapping[str, Any]], bool] = lambda _: False
    approximate: tuple[str, ...] = ()
    kinds: Mapping[str, Kind] = field(default_factory=dict)

    @property
    def always_once(self) -> bool:
        """Whether a node tells its sums of one state only, whichever settings are chosen."""
        plain: dict[str, Any] = {role.name: [] if role.many else None for role in self.roles} | {
            "levels": {},
            "yes": {},
        }
        plain |= {one.name: one.default for one in self.settings}
        chosen = [{one.name: choice} for one in self.settings for choice in one.choices]
        return all(self.once(plain | more) for more in ({}, *chosen))

    def to_json(self) -> dict[str, Any]:
        """What is told of it: all that whoever makes or admits it has to know."""
        told = {name: getattr(self, name) for name in ("name", "version", "title", "says", "source", "exact")}
        return told | {
            "approximate": list(self.approximate),
            "fewest_nodes": self.nodes,
            "once": self.always_once,
            "roles": [vars(role) | {"kinds": sorted(role.kinds)} for role in self.roles],
            "settings": [vars(setting) | {"choices": list(setting.choices)} for setting in self.settings],
        }


class Unanswerable(ValueError):
    """An analysis cannot go on: what happened, and what would help, in words for whoever asked."""


def added(partials: Mapping[str, Mapping[str, Any]], name: str) -> Numbers:
    """The sum of one value over all nodes, always in the order of their names.

    Args:
        partials: What each node gave.
        name: Which value; a number, or lists of one shape.
    """
    parts = [np.asarray(partials[node][name], dtype=np.float64) for node in sorted(partials)]
    return np.asarray(np.sum(parts, axis=0), dtype=np.float64)
