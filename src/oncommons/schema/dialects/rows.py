"""Of which rows conditions speak that other dialects join by *and* without saying so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oncommons.schema.dialects.terms import name_of
from oncommons.schema.dictionary import Field
from oncommons.schema.errors_of_protocols import Untranslatable
from oncommons.schema.question import All, Between, Criterion, In, Some


@dataclass(frozen=True)
class Said:
    """A condition on one row: its field, where it is on one field only, and where in the request it stands."""

    field: Field | None
    criterion: Criterion
    at: str


def rows_of(entity: str, said: Sequence[Said]) -> list[Criterion]:
    """What is said of rows of an entity that is not the counted one, nor above it.

    All of it speaks of one row, except where one coded field is named several times and nothing else is said:
    then each speaks of a row of its own.

    Raises:
        Untranslatable: no row can have all of it.
    """
    if len(said) > 1 and is_repeated(said):
        return [Some(entity, one.criterion) for one in said]
    check_possible(said)
    return [Some(entity, joined([one.criterion for one in said]))]


def is_repeated(said: Sequence[Said]) -> bool:
    """Whether everything is said of the same coded field."""
    fields = {one.field for one in said}
    return len(fields) == 1 and None not in fields and not any(isinstance(one.criterion, Between) for one in said)


def joined(criteria: Sequence[Criterion]) -> Criterion:
    """Criteria joined by and."""
    return criteria[0] if len(criteria) == 1 else All(tuple(criteria))


def check_possible(said: Sequence[Said]) -> None:
    """Refuse two values of one coded field for one row.

    Raises:
        Untranslatable: no row can have both.
    """
    seen: dict[Field, set[str]] = {}
    for one in said:
        if isinstance(one.criterion, In):
            field, codes = one.criterion.field, set(one.criterion.codes)
            seen[field] = _common(field, seen.get(field, codes), codes)
            if not seen[field]:
                raise Untranslatable(
                    f"{name_of(field)} is asked for with two values, beside other conditions or for the entry itself. "
                    "One row cannot have both, and which conditions go with which value is not said. "
                    "Ask this in our own form, with one some for each row.",
                    at=one.at,
                )


def _common(field: Field, some: set[str], others: set[str]) -> set[str]:
    """The codes that both ask for: of two of which one lies below the other, the lower one."""
    return {one for one in some if _lies_below(field, one, others)} | {
        one for one in others if _lies_below(field, one, some)
    }


def _lies_below(field: Field, code: str, codes: set[str]) -> bool:
    found = field.codes.expand(codes)
    return code in found.codes or code.startswith(found.prefixes or ("\0",))
