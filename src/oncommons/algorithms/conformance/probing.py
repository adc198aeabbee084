"""How many people each number of a partial result rests upon, by trial: people are changed one by one, and what changes is seen.

Three changes are made of each person: its numbers move by a hair; its numbers go to the middle of all, and its codes to
the next level; its numbers go far away.  A sum moves for everybody.  What somebody alone decides, such as an extreme, a
value or a row, moves along with that person only; and a count of few falls when one of them goes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from oncommons.algorithms.conformance.federating import Broken, leaves
from oncommons.algorithms.conformance.reference import picked
from oncommons.algorithms.pair import Basis, Numbers, Table, Unanswerable
from oncommons.policy.disclosure.output import withheld

Tell = Callable[[Table], Mapping[str, Any]]
"""From a node's rows to what it tells."""
_HAIR = 1e-4
"""Of a column's spread."""
_FAR = 100.0
"""Of a column's spread: so far that whoever goes there is the first or the last."""
_NOISE = 1e-9
"""What rounding may do to a number, of its size."""
_BENT = 0.05
"""How far from proportion two smooth changes may be."""


_MOST = 20
"""So many numbers that jump are looked at closely; the first that is wrong is enough."""
_SAMPLE = 3
"""So many people go far, in steps, to see whether an extreme is told."""


@dataclass(frozen=True)
class Few:
    """A number that rests upon too few people.

    Attributes:
        path: Where it stands.
        people: So many move it.
    """

    path: str
    people: int


def released(basis: Basis, least: int) -> str:
    """The output rule that keeps a partial result at its node; empty where it may leave.

    Args:
        basis: What it says that it rests upon.
        least: The fewest people that a number may rest upon.
    """
    found = withheld(basis, least)
    return found.rule if found is not None else ""


def fewest(tell: Tell, table: Table, yes: frozenset[str], least: int) -> Few | None:
    """The number that rests upon the fewest people, where these are too few.

    Args:
        tell: What a node tells of its rows.
        table: Its rows.
        yes: Columns that are yes or no.
        least: The fewest people that a number may rest upon.
    """
    probe = _Probe(tell, table, yes, dict(leaves(tell(table))))
    few = [Few(path, people) for path, people in probe.few(least).items() if people < least]
    return min(few, key=lambda one: (one.people, one.path), default=None)


def influential(tell: Tell, table: Table) -> int:
    """Of so many people something that is told changes when they are left out.

    Args:
        tell: What a node tells of its rows.
        table: Its rows.
    """
    before = dict(leaves(tell(table)))
    rest = (picked(table, np.arange(table.people) != row) for row in range(table.people))
    return sum(bool((after := _told(tell, one)) is not None and _changed(before, after)) for one in rest)


@dataclass(frozen=True)
class _Seen:
    """What changed, by path: the rows by which it did.

    Attributes:
        hair: By a hair.
        smooth: Of these, what moved in proportion.
        inward: When they went to the middle.
        less: When they did, so often it was one less.
        moved: In any way.
    """

    hair: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    smooth: set[str] = field(default_factory=set)
    inward: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    less: Counter[str] = field(default_factory=Counter)
    moved: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))


@dataclass(frozen=True)
class _Probe:
    """What changes when one person does.

    Attributes:
        tell: What a node tells of its rows.
        table: Its rows.
        yes: Columns that are yes or no.
        before: What it tells of them as they are.
    """

    tell: Tell
    table: Table
    yes: frozenset[str]
    before: Mapping[str, Any]

    @cached_property
    def _numbers(self) -> dict[str, Numbers]:
        """Columns of numbers."""
        return {n: one for n, one in self.table.columns.items() if n not in self.table.levels and n not in self.yes}

    @cached_property
    def _spreads(self) -> dict[str, float]:
        """Of each of them how far people are spread."""
        return {name: float(np.nanstd(column)) for name, column in self._numbers.items()}

    @cached_property
    def _middles(self) -> dict[str, float]:
        """Of each of them the middle."""
        return {name: float(np.nanmean(column)) for name, column in self._numbers.items()}

    def few(self, least: int) -> dict[str, int]:
        """Paths of what rests upon too few people, each to so many."""
        seen = self._seen()
        found = {path: len(seen.hair[path]) for path in seen.smooth}
        found |= {path: number for path, number in seen.less.items() if number and number == self.before[path]}
        for path, rows in seen.moved.items():
            counted = type(self.before[path]) is int and self.before[path] >= least
            if not counted:  # or it may be a count, into which few have come from elsewhere
                found[path] = min(found.get(path, least), len(rows))
        found |= {path: 1 for path in seen.hair if isinstance(self.before[path], str)}
        return found | dict.fromkeys(self._extremes(seen, least), 1)

    def _seen(self) -> _Seen:
        seen = _Seen()
        for row in range(self.table.people):
            whole, half = (self._aside(row, part * _HAIR) for part in (1.0, 0.5))
            seen.smooth.update(_moved(self.before, whole, half))
            for path in _changed(self.before, whole):
                seen.hair[path].add(row)
            inward = self._inward(row)
            for path in _changed(self.before, inward):
                seen.inward[path].add(row)
                seen.less[path] += _falls(self.before[path], (inward or {}).get(path))
            for after in (whole, inward, self._aside(row, _FAR), self._aside(row, -_FAR)):
                for path in _changed(self.before, after):
                    seen.moved[path].add(row)
        return seen

    def _extremes(self, seen: _Seen, least: int) -> Iterator[str]:
        """What is not smooth, and goes as far as somebody does in one direction, or with those few that change it.

        Numbers between which people stand, such as edges of bins, change with who happens to stand at them, and go far
        with nobody.
        """
        jumping = [path for path in seen.moved if len(seen.hair[path]) < least and _is_number(self.before[path])]
        asked = [path for path in jumping if len(seen.moved[path]) >= least][:_MOST]
        rows = {row for path in asked if len(seen.inward[path]) < least for row in seen.inward[path]}
        for row in sorted({*rows, *range(min(_SAMPLE, self.table.people if asked else 0))}):
            up, down = ([self._aside(row, sign * _FAR * times) for times in (1, 2, 4)] for sign in (1, -1))
            for path in asked:
                along = [_along(self.before[path], [(one or {}).get(path) for one in way]) for way in (up, down)]
                if any(along) and (not all(along) or len(seen.inward[path]) < least):
                    yield path

    def _inward(self, row: int) -> Mapping[str, Any] | None:
        return self._after({name: self._inside(name, row) for name in self.table.columns}, row)

    def _aside(self, row: int, far: float) -> Mapping[str, Any] | None:
        columns = self.table.columns
        return self._after({name: columns[name][row] + far * spread for name, spread in self._spreads.items()}, row)

    def _inside(self, name: str, row: int) -> float:
        column = self.table.columns[name]
        if np.isnan(column[row]):
            return float(column[row])
        if name in self.table.levels:
            return float((column[row] + 1) % len(self.table.levels[name]))
        return float(1 - column[row]) if name in self.yes else self._middles[name]

    def _after(self, values: Mapping[str, float], row: int) -> Mapping[str, Any] | None:
        columns: dict[str, Numbers] = dict(self.table.columns)
        for name, value in values.items():
            columns[name] = columns[name].copy()
            columns[name][row] = value
        return _told(self.tell, Table(columns, self.table.levels))


def _told(tell: Tell, table: Table) -> Mapping[str, Any] | None:
    """What is told, by path; nothing where there is no answer of such rows."""
    try:
        with np.errstate(all="ignore"):
            return dict(leaves(tell(table)))
    except (Unanswerable, Broken):
        return None


def _falls(before: Any, after: Any) -> bool:
    """Whether a whole number is one less."""
    return type(before) is int and type(after) is int and after == before - 1


def _along(before: Any, after: list[Any]) -> bool:
    """Whether a number goes as far as somebody does, who goes so far, twice and four times as far."""
    if not all(_is_number(one) for one in (before, *after)):
        return False
    steps: list[float] = [float(one) - float(before) for one in after]
    wanted = [steps[0] * times for times in (1, 2, 4)]
    return bool(steps[0]) and all(abs(a - b) <= _BENT * abs(b) for a, b in zip(steps, wanted, strict=True))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any] | None) -> list[str]:
    """Paths of what is there no more, or is another."""
    if after is None:
        return []
    return [path for path, value in before.items() if path not in after or _differs(value, after[path])]


def _moved(before: Mapping[str, Any], whole: Mapping[str, Any] | None, half: Mapping[str, Any] | None) -> set[str]:
    """Paths of numbers that moved in proportion."""
    found = set()
    for path in _changed(before, whole):
        told = [(one or {}).get(path) for one in (whole, half)]
        if all(_is_number(one) for one in (before[path], *told)):
            far, near = (float(one) - float(before[path]) for one in told if one is not None)
            if abs(far - 2 * near) <= _BENT * abs(far):
                found.add(path)
    return found


def _differs(one: Any, other: Any) -> bool:
    if _is_number(one) and _is_number(other):
        return abs(float(one) - float(other)) > _NOISE * max(1.0, abs(float(one)))
    return bool(one != other)
