"""What is asked of an analysis when it is tried: each two choices of its roles and settings together at least once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import gcd, prod
from typing import Any

from oncommons.algorithms.conformance.reference import Reference
from oncommons.algorithms.pair import Analysis, Role, Setting

FITTING: Mapping[str, str] = {
    "time": "time", "event": "event", "entry": "entry", "weights": "weight", "offset": "exposure", "score": "score",
    "risk": "score", "cause": "cause", "batch": "site", "strata": "site", "cluster": "site",
}  # fmt: skip
"""Roles to the column of a reference table that fits them by its meaning; others take the first column of their kind."""
COUNT = "visits"
_MIXED, _COUNT, _NOTHING = "mixed", "count", ""
_GOLDEN = 0.618
_SPARE = frozenset(FITTING.values()) - {"site"}


@dataclass(frozen=True)
class Case:
    """An analysis asked of a reference table.

    Attributes:
        reference: The table.
        settings: What both halves are given, as :func:`oncommons.algorithms.asking.chosen` gives it.
    """

    reference: Reference
    settings: Mapping[str, Any]

    @property
    def words(self) -> str:
        """What it is, for a message: the table, and what is set."""
        told = ", ".join(f"{name} {value}" for name, value in self.settings.items() if name not in {"levels", "yes"})
        return f"{self.reference.name} ({told})"


def cases(analysis: Analysis, reference: Reference, most: int = 16) -> tuple[Case, ...]:
    """What is asked of a table; nothing where it has no columns for the roles.

    Args:
        analysis: The analysis.
        reference: The table.
        most: So many at most.
    """
    options = [_options(role, reference) for role in analysis.roles] + [_values(one) for one in analysis.settings]
    found: list[Case] = []
    for picked in _paired(options):
        settings = _settled(analysis, reference, picked)
        if settings is not None:
            found.append(Case(reference, settings))
        if len(found) == most:
            break
    return tuple(found)


def _paired(options: list[list[Any]]) -> Iterator[tuple[Any, ...]]:
    """Choices, until each two of different things have stood together; from far apart, so that few are enough."""
    number, seen = prod(map(len, options)), set[tuple[int, Any, int, Any]]()
    stride = next((n for n in range(int(number * _GOLDEN), number) if gcd(n, number) == 1), 1)
    for at in range(number):
        picked, left = [], at * stride % number
        for values in reversed(options):
            left, place = divmod(left, len(values))
            picked.append(values[place])
        picked.reverse()
        pairs = {(i, picked[i], j, picked[j]) for i, j in combinations(range(len(picked)), 2)}
        if not pairs <= seen or not seen:
            seen |= pairs
            yield tuple(picked)


def _options(role: Role, reference: Reference) -> list[Any]:
    kinds = [kind for kind in ("number", "yes", "code") if kind in role.kinds and reference.of(kind)]
    nothing = [] if role.needed else [_NOTHING]
    if role.many:
        return [*([_MIXED] if len(kinds) > 1 else []), *kinds[:1], *nothing]
    counted = "number" in kinds and role.name not in FITTING and COUNT in reference.table.columns
    return [*kinds, *([_COUNT] if counted else []), *nothing]


def _values(setting: Setting) -> list[Any]:
    if isinstance(setting.default, str):
        return [setting.default, *(one for one in setting.choices if one != setting.default)]
    low, high = setting.choices
    return [float(setting.default), *([1.0] if low <= 1 <= high and setting.default != 1 else [])]


def _settled(analysis: Analysis, reference: Reference, picked: tuple[Any, ...]) -> dict[str, Any] | None:
    """The settings of a choice; nothing where the table has too few columns."""
    settings: dict[str, Any] = {}
    used: set[str] = set()
    for role, choice in zip(analysis.roles, picked, strict=False):
        names = _columns(role, choice, reference, used)
        if names is None:
            return None
        used |= set(names)
        settings[role.name] = names if role.many else (names[0] if names else None)
    values = picked[len(analysis.roles) :]
    settings |= {one.name: value for one, value in zip(analysis.settings, values, strict=True)}
    yes = dict.fromkeys(reference.of("yes"), ("no", "yes"))
    return settings | {"levels": dict(reference.table.levels), "yes": yes}


def _columns(role: Role, choice: str, reference: Reference, used: set[str]) -> list[str] | None:
    if choice == _NOTHING:
        return []
    kinds = ("number", "yes", "code") if choice == _MIXED else ("number" if choice == _COUNT else choice,)
    left = {
        kind: sorted((n for n in reference.of(kind) if n not in used), key=lambda name: name in _SPARE)
        for kind in kinds
        if kind in role.kinds
    }
    if role.many:
        found = [name for names in left.values() for name in names[: 1 if choice == _MIXED else 2]]
        return found or None
    wanted = COUNT if choice == _COUNT else FITTING.get(role.name)
    names = left[kinds[0]]
    return ([wanted] if wanted in names else names[:1]) or None
