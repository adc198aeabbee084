"""A question in plain English, so that whoever asked can see what was understood."""

from __future__ import annotations

from collections.abc import Sequence

from oncommons.schema.dictionary import ENTITIES, Field
from oncommons.schema.question import All, AnyOf, Between, Criterion, In, Missing, Not, Question, Some

MOST_NODES = 5
"""A sentence names so many nodes; of more it names one fewer, and says how many others there are."""


def sentence(question: Question) -> str:
    """The question as one sentence: what is counted, where, and by what."""
    text = f"Count {ENTITIES[question.count].plural}"
    if question.where is not None:
        text += f" where {words(question.where)}"
    by = [f.name.replace("_", " ") for f in question.by]
    together = "; groups too small to be told together" if question.coarsen else ""
    return f"{text}, by {' and '.join(['dataset', *by])}{together}{_only(question.nodes)}."


def words(criterion: Criterion) -> str:
    """One criterion in words."""
    match criterion:
        case All(criteria):
            return _joined(criteria, " and ")
        case AnyOf(criteria):
            return _joined(criteria, " or ")
        case Not(inner):
            return f"not ({words(inner)})"
        case Some(entity, where):
            return f"there is some {entity}" if where is None else f"some {entity} has ({words(where)})"
        case In(field, codes):
            return f"{_name(field)} is {codes[0] if len(codes) == 1 else 'one of (' + ', '.join(codes) + ')'}"
        case Between(field, low, high):
            return f"{_name(field)} is {_range(low, high)}"
        case Missing(field, missing):
            return f"{_name(field)} is {'missing' if missing else 'recorded'}"


def _only(nodes: Sequence[str]) -> str:
    if not nodes:
        return ""
    named = list(nodes)
    if len(named) > MOST_NODES:
        named[MOST_NODES - 1 :] = [f"{len(nodes) - MOST_NODES + 1} more"]
    *first, last = named
    return f", asking only {', '.join(first)} and {last}" if first else f", asking only {last}"


def _joined(criteria: tuple[Criterion, ...], word: str) -> str:
    parts = [f"({words(c)})" if isinstance(c, All | AnyOf) and len(criteria) > 1 else words(c) for c in criteria]
    return word.join(parts)


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return f"at most {high}"
    if high is None:
        return f"at least {low}"
    return f"{low} to {high}"


def _name(field: Field) -> str:
    return field.name.replace("_", " ")
