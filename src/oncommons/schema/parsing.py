"""Strict reading of a cohort question: whatever is not understood is an error that names it.

Nothing is dropped: an unknown key, a key given twice, a field, operator or value that the dictionary
does not have, all stop the question with a message that says where and what would be right.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from oncommons.schema.dictionary import ENTITIES, FIELDS, Field, fields_named, find_field, is_below
from oncommons.schema.errors import (
    MalformedQuestion,
    QuestionTooLarge,
    UnknownField,
    UnknownValue,
    WrongScope,
)
from oncommons.schema.federation import is_name
from oncommons.schema.measured import compare_in_one_unit
from oncommons.schema.question import All, AnyOf, Between, Criterion, In, Missing, Not, Question, Some

MAX_BYTES = 262_144
"""Longest question, in bytes of JSON."""
MAX_DEPTH = 20
"""Deepest nesting of criteria."""
MAX_CRITERIA = 200
"""Most criteria in one question."""
MAX_CODES = 1_000
"""Most codes in one ``in``."""
MAX_GROUPINGS = 2
"""Most coded fields in ``by``."""
MAX_NODES = 1_000
"""Most nodes in ``nodes``."""
MAX_INTEGER = 2_147_483_647
"""Largest integer, either sign, that a range may name."""
MAX_WHOLE = 2**53
"""Largest whole number, either sign, up to which a field with decimals is exact."""
_SHOWN = 60


@dataclass
class _Tally:
    """How many criteria have been read so far; shared by one parse."""

    criteria: int = 0


@dataclass(frozen=True)
class _Place:
    """Where the parser stands: path in the JSON, entity in scope, depth."""

    path: str
    scope: str
    depth: int = 0
    tally: _Tally = field(default_factory=_Tally)

    def down(self, step: str, scope: str | None = None) -> _Place:
        return replace(self, path=self.path + step, scope=scope or self.scope, depth=self.depth + 1)


def parse_question_text(text: str | bytes) -> Question:
    """Read a question from JSON text.

    Raises:
        QuestionTooLarge: for more than ``MAX_BYTES`` bytes, or nesting that JSON itself cannot carry.
        MalformedQuestion: where the text is not JSON, or a key stands twice in one object.
        QuestionError: as :func:`parse_question`.
    """
    return parse_question(strict_json(text))


def strict_json(text: str | bytes) -> Any:
    """Decode a question.

    Raises:
        QuestionTooLarge: for more than ``MAX_BYTES`` bytes, or nesting that JSON itself cannot carry.
        MalformedQuestion: where the text is not JSON, or a key stands twice in one object.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(raw) > MAX_BYTES:
        raise QuestionTooLarge(f"The question has {len(raw):,} bytes; at most {MAX_BYTES:,} are accepted.")
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_no_key_twice, parse_constant=_no_constant)
    except RecursionError:
        raise QuestionTooLarge(f"The question is nested too deeply; at most {MAX_DEPTH} levels are accepted.") from None
    except UnicodeDecodeError:
        raise MalformedQuestion("The question is not text in UTF-8.") from None
    except ValueError as fault:
        raise MalformedQuestion(f"The question is not JSON: {fault}.") from None


def parse_question(body: object) -> Question:
    """Read a question from decoded JSON.

    Args:
        body: What ``json.loads`` gave: an object with ``count`` and, optionally, ``where``, ``by``, ``coarsen`` and
            ``nodes``.

    Raises:
        MalformedQuestion: an unknown or missing key, or a part of the wrong type.
        UnknownField: a field or entity that the dictionary does not have.
        UnknownValue: a value outside the field's vocabulary or type.
        WrongScope: a field of an entity below the rows being judged; the message proposes ``some``.
        QuestionTooLarge: too deep, too many criteria or codes.
    """
    parts = strict_object(body, "question", {"count", "where", "by", "coarsen", "nodes"}, {"count"})
    count = _entity(parts["count"], "count")
    where = parse_criterion(parts["where"], "where", count) if "where" in parts else None
    fields, by_dataset = _grouping(parts.get("by", []), count)
    coarsen = parts.get("coarsen", False)
    if not isinstance(coarsen, bool):
        raise MalformedQuestion(f"Expected true or false, found {_kind(coarsen)}.", at="coarsen")
    nodes = _nodes(parts["nodes"]) if "nodes" in parts else ()
    return Question(count, where, fields, by_dataset, coarsen, nodes)


def parse_criterion(body: object, at: str, scope: str) -> Criterion:
    """Read a criterion that is part of something else.

    Args:
        body: What ``json.loads`` gave.
        at: Where it stands.
        scope: Entity whose rows it is judged for.

    Raises:
        QuestionError: as :func:`parse_question`.
    """
    read = _criterion(body, _Place(at, scope))
    compare_in_one_unit(read, at)
    return read


def parse_field(name: object, at: str, scope: str) -> Field:
    """Read the name of a field of an entity, or of one above it.

    Raises:
        QuestionError: as :func:`parse_question`.
    """
    return _field(name, _Place(at, scope))


def _no_key_twice(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {_show(key)} stands twice in one object; one of the two would be dropped")
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    message = f"{name} is not a JSON number"
    raise ValueError(message)


def _show(value: object) -> str:
    """A value as it may be repeated in a message: short, in one line, quoted."""
    text = (
        json.dumps(value, ensure_ascii=True, default=str)
        if not isinstance(value, dict | list)
        else type(value).__name__
    )
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _nearest(word: str, words: Sequence[str]) -> str:
    close = get_close_matches(word[:_SHOWN], words, n=1, cutoff=0.6) or get_close_matches(
        word[:_SHOWN].upper(), words, n=1, cutoff=0.6
    )
    return f" Did you mean {_show(close[0])}?" if close else ""


def strict_object(body: object, at: str, known: set[str], needed: set[str]) -> dict[str, Any]:
    """An object of a question, with all of the keys that are needed and none that is not known.

    Raises:
        MalformedQuestion: it is something else.
    """
    if not isinstance(body, dict):
        message = f"Expected a JSON object, found {_kind(body)}."
        raise MalformedQuestion(message, at=at)
    for key in body:
        if key not in known:
            message = f"Unknown key {_show(key)}; known here: {', '.join(sorted(known))}."
            raise MalformedQuestion(message + _nearest(str(key), sorted(known)), at=at)
    for key in sorted(needed - body.keys()):
        message = f"The key {_show(key)} is missing."
        raise MalformedQuestion(message, at=at)
    return body


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _list(value: object, at: str, most: int, what: str) -> list[Any]:
    if not isinstance(value, list):
        message = f"Expected a list of {what}, found {_kind(value)}."
        raise MalformedQuestion(message, at=at)
    if len(value) > most:
        message = f"{len(value):,} {what} in one list; at most {most:,} are accepted."
        raise QuestionTooLarge(message, at=at)
    return value


def _entity(value: object, at: str) -> str:
    if not isinstance(value, str):
        message = f"Expected the name of an entity, found {_kind(value)}."
        raise MalformedQuestion(message, at=at)
    if value not in ENTITIES:
        message = f"There is no entity {_show(value)}; there are {', '.join(ENTITIES)}." + _nearest(
            value, list(ENTITIES)
        )
        raise UnknownField(message, at=at)
    return value


def _grouping(value: object, count: str) -> tuple[tuple[Field, ...], bool]:
    names = _list(value, "by", MAX_GROUPINGS + 1, "groupings")
    by_dataset = "dataset" in names
    fields = []
    for i, name in enumerate(names):
        at = f"by[{i}]"
        if name == "dataset":
            continue
        found = _field(name, _Place(at, count))
        if found.type != "code":
            message = f"{_show(found.name)} is not a coded field and cannot be grouped by."
            raise MalformedQuestion(message, at=at)
        fields.append(found)
    if len(set(map(str, names))) != len(names):
        message = "The same grouping is named twice."
        raise MalformedQuestion(message, at="by")
    if len(fields) > MAX_GROUPINGS:
        message = f"At most {MAX_GROUPINGS} coded fields can be grouped by."
        raise QuestionTooLarge(message, at="by")
    return tuple(fields), by_dataset


def _nodes(value: object) -> tuple[str, ...]:
    names = _list(value, "nodes", MAX_NODES, "nodes")
    if not names:
        message = "Name at least one node, or leave nodes out to ask every node."
        raise MalformedQuestion(message, at="nodes")
    for i, name in enumerate(names):
        if not isinstance(name, str) or not is_name(name):
            message = f"{_show(name)} cannot name a node: small letters, digits and hyphens."
            raise UnknownValue(message, at=f"nodes[{i}]")
    return tuple(sorted(set(names)))


def _field(name: object, place: _Place) -> Field:
    if not isinstance(name, str):
        message = f"Expected the name of a field, found {_kind(name)}."
        raise MalformedQuestion(message, at=place.path)
    found = find_field(name, place.scope)
    if found is not None:
        return found
    elsewhere = fields_named(name)
    if not elsewhere:
        message = f"The dictionary has no field {_show(name)}." + _nearest(name, sorted({f.name for f in FIELDS}))
        raise UnknownField(message, at=place.path)
    home = elsewhere[0].entity
    relation = "below" if is_below(home, place.scope) else "beside"
    message = (
        f"{_show(name)} belongs to {home}, which lies {relation} {place.scope}. "
        f'Ask for some row of it: {{"some": "{home}", "where": {{"field": "{name}", …}}}}.'
    )
    raise WrongScope(message, at=place.path)


def _criterion(body: object, place: _Place) -> Criterion:
    place.tally.criteria += 1
    if place.depth >= MAX_DEPTH:
        message = f"Criteria are nested deeper than {MAX_DEPTH} levels."
        raise QuestionTooLarge(message, at=place.path)
    if place.tally.criteria > MAX_CRITERIA:
        message = f"The question has more than {MAX_CRITERIA} criteria."
        raise QuestionTooLarge(message, at=place.path)
    if not isinstance(body, dict):
        message = f"Expected a criterion (an object), found {_kind(body)}."
        raise MalformedQuestion(message, at=place.path)
    kinds = [key for key in _READERS if key in body]
    if len(kinds) != 1:
        raise MalformedQuestion(_one_of("A criterion", list(_READERS), body), at=place.path)
    return _READERS[kinds[0]](body, place)


def _one_of(what: str, known: Sequence[str], body: dict[str, Any]) -> str:
    """Says that exactly one of the known keys is needed, and names the ones found."""
    unknown = [str(key) for key in body if key not in known]
    found = " and ".join(_show(str(key)) for key in list(body)[:3]) or "none of them"
    hint = _nearest(unknown[0], known) if unknown else ""
    return f"{what} has exactly one of {', '.join(known)}; found {found}.{hint}"


def _all_or_any(key: str) -> Callable[[dict[str, Any], _Place], Criterion]:
    def read(body: dict[str, Any], place: _Place) -> Criterion:
        strict_object(body, place.path, {key}, {key})
        items = _list(body[key], f"{place.path}.{key}", MAX_CRITERIA, "criteria")
        if not items:
            message = f"{_show(key)} needs at least one criterion."
            raise MalformedQuestion(message, at=place.path)
        criteria = tuple(_criterion(item, place.down(f".{key}[{i}]")) for i, item in enumerate(items))
        return All(criteria) if key == "all" else AnyOf(criteria)

    return read


def _not(body: dict[str, Any], place: _Place) -> Criterion:
    strict_object(body, place.path, {"not"}, {"not"})
    return Not(_criterion(body["not"], place.down(".not")))


def _some(body: dict[str, Any], place: _Place) -> Criterion:
    strict_object(body, place.path, {"some", "where"}, {"some"})
    entity = _entity(body["some"], f"{place.path}.some")
    if "where" not in body:
        return Some(entity, None)
    return Some(entity, _criterion(body["where"], place.down(".where", entity)))


def _test(body: dict[str, Any], place: _Place) -> Criterion:
    tested = _field(body["field"], place)
    operators = [key for key in _TESTS if key in body]
    if len(operators) != 1:
        others = {key: value for key, value in body.items() if key != "field"}
        raise MalformedQuestion(_one_of(f"A test of {_show(tested.name)}", list(_TESTS), others), at=place.path)
    strict_object(body, place.path, {"field", operators[0]}, {"field"})
    return _TESTS[operators[0]](body[operators[0]], tested, f"{place.path}.{operators[0]}")


def _in(value: object, tested: Field, at: str) -> Criterion:
    if tested.type != "code":
        kind = "an integer" if tested.type == "integer" else "a number"
        message = f"{_show(tested.name)} holds {kind}; test it with between or missing."
        raise MalformedQuestion(message, at=at)
    codes = _list(value, at, MAX_CODES, "codes")
    if not codes:
        message = f"The list of codes for {_show(tested.name)} is empty."
        raise MalformedQuestion(message, at=at)
    for i, code in enumerate(codes):
        if not isinstance(code, str) or not tested.codes.has(code):
            hint = _nearest(code, list(tested.codes.codes)) if isinstance(code, str) else ""
            message = (
                f"{_show(code)} is not a value of {tested.name}; one such value is {_show(tested.codes.example)}."
                + hint
            )
            raise UnknownValue(message, at=f"{at}[{i}]")
    return In(tested, tuple(dict.fromkeys(codes)))


def _between(value: object, tested: Field, at: str) -> Criterion:
    if tested.type == "code":
        message = f"{_show(tested.name)} holds a code; test it with in or missing."
        raise MalformedQuestion(message, at=at)
    ends = _list(value, at, 2, "ends")
    if len(ends) != 2 or ends == [None, None]:  # noqa: PLR2004  a range has two ends
        message = "A range has two ends, [low, high]; one of them may be null, not both."
        raise MalformedQuestion(message, at=at)
    for i, end in enumerate(ends):
        if end is not None and not _fits(end, tested):
            kind = "whole number" if tested.type == "integer" else "number"
            message = f"{_show(end)} is not a {kind} that {tested.name} could hold."
            raise UnknownValue(message, at=f"{at}[{i}]")
    low, high = ends
    if low is not None and high is not None and low > high:
        message = f"The range from {low} to {high} is empty; the lower end comes first."
        raise UnknownValue(message, at=at)
    return Between(tested, low, high)


def _fits(end: object, tested: Field) -> bool:
    if type(end) is int:
        return abs(end) <= (MAX_INTEGER if tested.type == "integer" else MAX_WHOLE)
    return tested.type == "number" and isinstance(end, float) and abs(end) <= sys.float_info.max


def _missing(value: object, tested: Field, at: str) -> Criterion:
    if not isinstance(value, bool):
        message = f"missing is true or false, found {_kind(value)}."
        raise MalformedQuestion(message, at=at)
    return Missing(tested, value)


_READERS: dict[str, Callable[[dict[str, Any], _Place], Criterion]] = {
    "all": _all_or_any("all"),
    "any": _all_or_any("any"),
    "not": _not,
    "some": _some,
    "field": _test,
}
_TESTS: dict[str, Callable[[object, Field, str], Criterion]] = {"in": _in, "between": _between, "missing": _missing}
