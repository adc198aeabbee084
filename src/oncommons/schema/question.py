"""The cohort question: frozen records, their JSON form, and a walk over their criteria.

A question counts the rows of one entity for which ``where`` is true.
Truth is Kleene's: each criterion has a *certain* reading (known to be true) and a *possible* reading
(not known to be false).  ``parse_question`` in :mod:`oncommons.schema.parsing` is the way in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from oncommons.schema.dictionary import Field


@dataclass(frozen=True)
class All:
    """True where every criterion is true."""

    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class AnyOf:
    """True where at least one criterion is true."""

    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class Not:
    """True where the criterion is false."""

    criterion: Criterion


@dataclass(frozen=True)
class Some:
    """True where some row of ``entity`` fulfils ``where``.

    The rows are those that belong to the row in scope when ``entity`` lies below it,
    otherwise all rows of the same person.  ``where`` is ``None`` when any row will do.
    """

    entity: str
    where: Criterion | None


@dataclass(frozen=True)
class In:
    """True where the field holds one of the codes; unknown where the field is missing."""

    field: Field
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Between:
    """True where ``low <= field <= high``; ``None`` leaves an end open; unknown where the field is missing."""

    field: Field
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Missing:
    """Whether the field is missing (``missing`` true) or present (false); always known."""

    field: Field
    missing: bool


Criterion: TypeAlias = All | AnyOf | Not | Some | In | Between | Missing
Test: TypeAlias = In | Between | Missing


@dataclass(frozen=True)
class Question:
    """What is asked: rows of ``count`` for which ``where`` holds, ``by`` dataset and coded fields.

    Attributes:
        count: Entity whose rows are counted.
        where: Criterion judged for each row; ``None`` counts all.
        by: Coded fields to group by, none to two, each of the counted entity or one above it.
        by_dataset: Whether ``dataset`` was named; answers are given per dataset in any case.
        coarsen: Whether groups too small to be told may be put together instead of left out.
        nodes: Names of the nodes that the hub asks, in order; none for all. Nodes are never handed this part.
    """

    count: str
    where: Criterion | None
    by: tuple[Field, ...] = ()
    by_dataset: bool = False
    coarsen: bool = False
    nodes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The question as JSON; parsing it gives the same question again."""
        body: dict[str, Any] = {"count": self.count}
        if self.where is not None:
            body["where"] = criterion_to_json(self.where)
        by = (["dataset"] if self.by_dataset else []) + [f.name for f in self.by]
        if by:
            body["by"] = by
        if self.coarsen:
            body["coarsen"] = True
        if self.nodes:
            body["nodes"] = list(self.nodes)
        return body


@dataclass(frozen=True)
class Leaf:
    """A field test or a bare ``some`` met on the walk, where it stands and in which entity's scope."""

    path: str
    scope: str
    criterion: Test | Some


def criterion_to_json(criterion: Criterion) -> dict[str, Any]:
    """One criterion as JSON."""
    match criterion:
        case All(criteria):
            return {"all": [criterion_to_json(c) for c in criteria]}
        case AnyOf(criteria):
            return {"any": [criterion_to_json(c) for c in criteria]}
        case Not(inner):
            return {"not": criterion_to_json(inner)}
        case Some(entity, where):
            return {"some": entity} | ({} if where is None else {"where": criterion_to_json(where)})
        case In(field, codes):
            return {"field": field.name, "in": list(codes)}
        case Between(field, low, high):
            return {"field": field.name, "between": [low, high]}
        case Missing(field, missing):
            return {"field": field.name, "missing": missing}


def leaves(question: Question) -> Iterator[Leaf]:
    """Every field test, and every ``some`` (its entity may be unknown at a node), in reading order."""
    if question.where is not None:
        yield from _leaves_of(question.where, "where", question.count)


def fields_of(question: Question) -> tuple[Field, ...]:
    """The distinct fields that the question tests or groups by, in order of first use."""
    tested = [leaf.criterion.field for leaf in leaves(question) if not isinstance(leaf.criterion, Some)]
    return tuple(dict.fromkeys([*tested, *question.by]))


def _leaves_of(criterion: Criterion, path: str, scope: str) -> Iterator[Leaf]:
    match criterion:
        case All(criteria) | AnyOf(criteria):
            key = "all" if isinstance(criterion, All) else "any"
            for i, inner in enumerate(criteria):
                yield from _leaves_of(inner, f"{path}.{key}[{i}]", scope)
        case Not(inner):
            yield from _leaves_of(inner, f"{path}.not", scope)
        case Some(entity, where):
            yield Leaf(path, scope, criterion)
            if where is not None:
                yield from _leaves_of(where, f"{path}.where", entity)
        case In() | Between() | Missing():
            yield Leaf(path, scope, criterion)
