"""A small builder that reads like the sentence it builds.

>>> from oncommons import between, has, some
>>> where = some("series", modality="MR", body_part="BREAST") & has(sex="F", age=between(40, 50))
>>> (where & ~some("condition", code="ICDO3:8520/3")).to_json()["all"][1]
{'field': 'sex', 'in': ['F']}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Range:
    """An inclusive range; ``None`` leaves an end open."""

    low: float | None
    high: float | None


@dataclass(frozen=True)
class Recorded:
    """Whether a field is missing."""

    missing: bool


Value: TypeAlias = "str | int | list[str] | tuple[str, ...] | Range | Recorded"


@dataclass(frozen=True)
class Where:
    """A criterion under construction; ``&``, ``|`` and ``~`` combine it with others."""

    body: Mapping[str, Any]

    def __and__(self, other: Where) -> Where:
        return Where({"all": [*self._parts("all"), *other._parts("all")]})

    def __or__(self, other: Where) -> Where:
        return Where({"any": [*self._parts("any"), *other._parts("any")]})

    def __invert__(self) -> Where:
        return Where({"not": self.body})

    def to_json(self) -> dict[str, Any]:
        """The criterion as the question language writes it."""
        return dict(self.body)

    def _parts(self, key: str) -> list[Any]:
        return list(self.body[key]) if set(self.body) == {key} else [self.body]


def has(**fields: Value) -> Where:
    """The row in scope, or one above it, has these values.

    Args:
        fields: Field to a code, several codes (any of them), :func:`between`, :func:`missing` or :func:`recorded`.
    """
    if not fields:
        raise ValueError("has() needs at least one field")
    tests = [_test(name, value) for name, value in fields.items()]
    return Where(tests[0] if len(tests) == 1 else {"all": tests})


def some(entity: str, *criteria: Where, **fields: Value) -> Where:
    """Some row of an entity fulfils all of this.

    Args:
        entity: Such as ``series``.
        criteria: Further criteria, judged for that row.
        fields: As for :func:`has`.
    """
    parts = [part for c in criteria for part in c._parts("all")]  # noqa: SLF001  one module, one class
    parts += has(**fields)._parts("all") if fields else []  # noqa: SLF001
    if not parts:
        return Where({"some": entity})
    return Where({"some": entity, "where": parts[0] if len(parts) == 1 else {"all": parts}})


def between(low: float | None, high: float | None) -> Range:
    """From ``low`` to ``high``, both included; ``None`` leaves an end open."""
    return Range(low, high)


def missing() -> Recorded:
    """The field is not recorded."""
    return Recorded(missing=True)


def recorded() -> Recorded:
    """The field is recorded, whatever it holds."""
    return Recorded(missing=False)


def _test(field: str, value: Value) -> dict[str, Any]:
    match value:
        case Range(low, high):
            return {"field": field, "between": [low, high]}
        case Recorded(flag):
            return {"field": field, "missing": flag}
        case int():
            return {"field": field, "between": [value, value]}
        case str():
            return {"field": field, "in": [value]}
        case _:
            return {"field": field, "in": list(value)}
