"""Filters of a Beacon become our question; what cannot be said is refused, never dropped.

Beacon joins filters by *and*, and does not say of which rows they speak.  Our rule is told with every answer:
see :data:`SCOPE_RULE`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from types import MappingProxyType

from oncommons.schema.dialects.entry_types import named
from oncommons.schema.dialects.rows import Said, check_possible, joined, rows_of
from oncommons.schema.dialects.terms import Meaning, fields_by, meanings_of, name_of, unknown_term, without_descendants
from oncommons.schema.dictionary import Field, lineage
from oncommons.schema.errors_of_protocols import Untranslatable
from oncommons.schema.parsing import parse_question
from oncommons.schema.question import Between, Criterion, In, Missing, Not, Question, Some

SCOPE_RULE: tuple[str, ...] = (
    "Filters are joined by and.",
    "A filter on the entry that is asked for, or on one that it belongs to, speaks of that entry.",
    "Filters on any other entity speak together of one row of it, which belongs to the entry, or else to its person.",
    "So modality CT and body part CHEST is one series that is both.",
    "One coded field named by several filters, and no other field of its entity, speaks of a row for each filter.",
    "A filter with ! on another entity says that no row of it has the value.",
)
"""Of which rows filters speak."""

_DURATION = re.compile(r"P(\d{1,9})Y")
_WHOLE = re.compile(r"[+-]?\d{1,9}")
_DECIMAL = re.compile(r"[+-]?\d{1,9}(\.\d{1,9})?")


@dataclass(frozen=True)
class Filter:
    """A filter as it was sent.

    Attributes:
        id: A term, or the name of a field.
        operator: Empty for a term.
        value: What the field is compared with.
        scope: The entry type that the client says it applies to; empty where it says none.
        descendants: Whether narrower terms are included.
        at: Where in the request it stands.
    """

    id: str
    operator: str = ""
    value: str = ""
    scope: str = ""
    descendants: bool = True
    at: str = ""

    def __str__(self) -> str:
        return f"{self.id}{self.operator}{self.value}"


@dataclass(frozen=True)
class _Test:
    """What a filter says of one row; ``negated`` where it says that it is not so."""

    filter: Filter
    field: Field
    criterion: Criterion
    negated: bool = False

    @property
    def said(self) -> Said:
        """The same, for whoever joins conditions."""
        return Said(self.field, self.criterion, self.filter.at)


def translate(entity: str, filters: Sequence[Filter]) -> Question:
    """The question that filters ask.

    Args:
        entity: The dictionary's entity whose rows are counted.
        filters: The filters.

    Raises:
        Untranslatable: a filter cannot be said, or could mean two things.
        QuestionError: the question is too large.
    """
    tests = [_read(f, entity) for f in filters]
    here = set(lineage(entity))
    criteria: list[Criterion] = []
    check_possible([t.said for t in tests if t.field.entity in here and not t.negated])
    criteria += [Not(t.criterion) if t.negated else t.criterion for t in tests if t.field.entity in here]
    for other in dict.fromkeys(t.field.entity for t in tests if t.field.entity not in here):
        criteria += _rows_of(other, [t for t in tests if t.field.entity == other])
    return parse_question(Question(entity, joined(criteria) if criteria else None).to_json())


def _rows_of(entity: str, tests: Sequence[_Test]) -> list[Criterion]:
    """What filters say of rows of an entity that is not the counted one, nor above it."""
    said = [t.said for t in tests if not t.negated]
    none: list[Criterion] = [Not(Some(entity, t.criterion)) for t in tests if t.negated]
    return [*(rows_of(entity, said) if said else []), *none]


def _read(one: Filter, entity: str) -> _Test:
    if one.operator:
        field = _one_of(one, [f for f in fields_by(one.id) if _in_scope(one, f, entity)], entity)
        read = _OPERATORS.get(field.type)
        if read is None:
            raise Untranslatable(f"{name_of(field)} cannot be compared by a filter.", at=one.at)
        return read(one, field)
    found = [m for m in meanings_of(one.id) if _in_scope(one, m.field, entity)]
    if not found and meanings_of(one.id):
        raise _out_of_scope(one, [m.field for m in meanings_of(one.id)])
    if not found and fields_by(one.id):
        raise Untranslatable(f"{one.id!r} is a field; it needs an operator and a value.", at=one.at)
    if not found:
        raise unknown_term(one.id, one.at)
    if len(found) > 1:
        raise _two_fields(one, [m.field for m in found])
    return _term(one, found[0])


def _term(one: Filter, meaning: Meaning) -> _Test:
    if meaning.code is None:
        return _Test(one, meaning.field, Missing(meaning.field, missing=True))
    codes = (meaning.code,) if one.descendants else without_descendants(meaning.field, meaning.code, one.at)
    return _Test(one, meaning.field, In(meaning.field, codes))


def _one_of(one: Filter, found: Sequence[Field], entity: str) -> Field:
    every = fields_by(one.id)
    if not every:
        raise unknown_term(one.id, one.at)
    if not found:
        raise _out_of_scope(one, every)
    near = [f for f in found if f.entity in lineage(entity)]
    if len(found) > 1 and len(near) != 1:
        raise _two_fields(one, found)
    return near[0] if near else found[0]


def _in_scope(one: Filter, field: Field, entity: str) -> bool:
    """Whether a filter can speak of a field: its scope is the field's entity, or the entry that is asked for."""
    if not one.scope:
        return True
    scope = named(one.scope)
    if scope is None:
        raise Untranslatable(f"There is no entry type {one.scope[:60]!r} for a filter to apply to.", at=one.at)
    return scope.entity in {field.entity, entity}


def _out_of_scope(one: Filter, fields: Sequence[Field]) -> Untranslatable:
    homes = " or ".join(dict.fromkeys(f.entity for f in fields))
    return Untranslatable(
        f"The filter {one.id[:60]!r} is about {homes}; it cannot be applied to {one.scope[:60]!r}.", at=one.at
    )


def _two_fields(one: Filter, fields: Sequence[Field]) -> Untranslatable:
    names = " or ".join(name_of(f) for f in fields)
    return Untranslatable(f"The filter {one.id[:60]!r} could mean {names}; name one of them.", at=one.at)


def _coded(one: Filter, field: Field) -> _Test:
    if one.operator not in {"=", "!"}:
        raise Untranslatable(
            f"{name_of(field)} is a coded field, which can be = or !, not {one.operator}.",
            at=one.at,
        )
    return _Test(one, field, In(field, _codes(one, field)), negated=one.operator == "!")


def _codes(one: Filter, field: Field) -> tuple[str, ...]:
    """The codes that a value names: a code, a pattern with %, or a term of the field."""
    vocabulary = field.codes
    if "%" in one.value:
        pattern = one.value.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]").replace("%", "*").casefold()
        found = tuple(c for c in vocabulary.codes if fnmatchcase(c.casefold(), pattern))
        if not found:
            raise Untranslatable(f"No code of {name_of(field)} fits {one.value[:60]!r}.", at=one.at)
        return found
    by_term = [m.code for m in meanings_of(one.value) if m.field == field and m.code is not None]
    code = by_term[0] if by_term else one.value
    if not vocabulary.has(code):
        raise Untranslatable(
            f"{one.value[:60]!r} is not a value of {name_of(field)}; one such value is {vocabulary.example!r}.",
            at=one.at,
        )
    return (code,) if one.descendants else without_descendants(field, code, one.at)


def _whole(one: Filter, field: Field) -> int:
    """The number in a value; an age may be written as a duration in years (ISO 8601), such as P70Y."""
    if _WHOLE.fullmatch(one.value):
        return int(one.value)
    years = _DURATION.fullmatch(one.value)
    if years and field.unit == "a":
        return int(years[1])
    raise Untranslatable(f"{name_of(field)} is compared with a whole number, not {one.value[:60]!r}.", at=one.at)


def above(number: float) -> float:
    """The smallest number that a question can tell from this one and is larger; a question includes its bounds."""
    return math.nextafter(number, math.inf)


def below(number: float) -> float:
    """The largest number that is smaller, as :func:`above`."""
    return math.nextafter(number, -math.inf)


def _measured(one: Filter, field: Field) -> _Test:
    if not _DECIMAL.fullmatch(one.value):
        raise Untranslatable(f"{name_of(field)} is compared with a number, not {one.value[:60]!r}.", at=one.at)
    number = float(one.value)
    low, high = {">": (above(number), None), "<": (None, below(number))}.get(one.operator) or _RANGES[one.operator](
        number
    )
    return _Test(one, field, Between(field, low, high), negated=one.operator == "!")


def _ranged(one: Filter, field: Field) -> _Test:
    low, high = _RANGES[one.operator](_whole(one, field))
    return _Test(one, field, Between(field, low, high), negated=one.operator == "!")


_Range = tuple[float | None, float | None]
_RANGES: Mapping[str, Callable[[float], _Range]] = MappingProxyType(
    {
        "=": lambda n: (n, n),
        "!": lambda n: (n, n),
        ">": lambda n: (n + 1, None),
        ">=": lambda n: (n, None),
        "<": lambda n: (None, n - 1),
        "<=": lambda n: (None, n),
    },
)
OPERATORS: tuple[str, ...] = tuple(_RANGES)
"""Operators of an alphanumeric filter (Beacon v2.1.1, filteringTerms.json)."""

_OPERATORS: Mapping[str, Callable[[Filter, Field], _Test]] = MappingProxyType(
    {"code": _coded, "integer": _ranged, "number": _measured}
)
