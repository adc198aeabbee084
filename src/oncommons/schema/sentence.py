"""A question in plain English, so that whoever asked can see what was understood."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from oncommons.schema.dictionary import ENTITIES, Field
from oncommons.schema.plain_names import plain_name
from oncommons.schema.question import All, AnyOf, Between, Criterion, In, Missing, Not, Question, Some

Namer = Callable[[str], str]
"""Finds the label of a code; empty where it has none."""
MOST_NODES = 5
"""A sentence names so many nodes; of more it names one fewer, and says how many others there are."""


def sentence(question: Question, name: Namer = plain_name) -> str:
    """The question as one sentence: what is counted, where, and by what.

    Args:
        question: The question.
        name: Finds the labels of codes that a rule gives, such as those of ICD-10; our plain names where not said.
    """
    text = f"Count {ENTITIES[question.count].plural}"
    if question.where is not None:
        text += f" where {words(question.where, name)}"
    by = [f.name.replace("_", " ") for f in question.by]
    together = "; groups too small to be told together" if question.coarsen else ""
    return f"{text}, by {' and '.join(['dataset', *by])}{together}{_only(question.nodes)}."


def words(criterion: Criterion, name: Namer = plain_name) -> str:
    """One criterion in words, with the labels that ``name`` finds."""
    match criterion:
        case All(criteria):
            return _joined(criteria, " and ", name)
        case AnyOf(criteria):
            return _joined(criteria, " or ", name)
        case Not(inner):
            return f"not ({words(inner, name)})"
        case Some(entity, where):
            return f"there is some {entity}" if where is None else f"some {entity} has ({words(where, name)})"
        case In(field, codes):
            told = [_named(field, code, name) for code in codes]
            return f"{_name(field)} is {told[0] if len(told) == 1 else 'one of (' + ', '.join(told) + ')'}"
        case Between(field, low, high):
            return f"{_name(field)} is {_range(low, high)}"
        case Missing(field, missing):
            return f"{_name(field)} is {'missing' if missing else 'recorded'}"


def codes_in(criterion: Criterion | None) -> Iterator[str]:
    """The codes of a criterion that a rule gives, which may have labels outside the dictionary."""
    match criterion:
        case All(criteria) | AnyOf(criteria):
            for one in criteria:
                yield from codes_in(one)
        case Not(inner) | Some(_, inner):
            yield from codes_in(inner)
        case In(field, codes):
            yield from (code for code in codes if _is_ruled(field, code))


def _is_ruled(field: Field, code: str) -> bool:
    return bool(field.codes.pattern) and code not in field.codes.codes


def _named(field: Field, code: str, name: Namer) -> str:
    label = name(code) if _is_ruled(field, code) else ""
    return f"{code} ({label})" if label else code


def _only(nodes: Sequence[str]) -> str:
    if not nodes:
        return ""
    named = list(nodes)
    if len(named) > MOST_NODES:
        named[MOST_NODES - 1 :] = [f"{len(nodes) - MOST_NODES + 1} more"]
    *first, last = named
    return f", asking only {', '.join(first)} and {last}" if first else f", asking only {last}"


def _joined(criteria: tuple[Criterion, ...], word: str, name: Namer) -> str:
    bracketed = [isinstance(c, All | AnyOf) and len(criteria) > 1 for c in criteria]
    said = [words(c, name) for c in criteria]
    return word.join(f"({text})" if inside else text for text, inside in zip(said, bracketed, strict=True))


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return f"at most {high}"
    if high is None:
        return f"at least {low}"
    return f"{low} to {high}"


def _name(field: Field) -> str:
    return field.name.replace("_", " ")
