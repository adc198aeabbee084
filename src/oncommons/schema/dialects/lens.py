"""Samply Lens and Focus: their syntax tree becomes our question, and our answer is told as EUCAIM's explorer reads it.

The tree joins conditions by AND and OR.  Its rule of scope here: conditions that one AND joins, and that speak of the
same kind of row other than the counted one, speak of one row.  So modality and body part are those of one series.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from oncommons.schema.dialects.filters import above, below
from oncommons.schema.dialects.lens_codes import KEYS, UNKNOWN, Key, plain_code
from oncommons.schema.dialects.rows import Said, is_repeated, joined, rows_of
from oncommons.schema.dialects.terms import fields_by, name_of
from oncommons.schema.dictionary import Field, lineage
from oncommons.schema.errors_of_protocols import DialectError, Untranslatable
from oncommons.schema.federation import listed
from oncommons.schema.parsing import MAX_DEPTH, parse_question
from oncommons.schema.question import All, AnyOf, Between, Criterion, In, Missing, Not, Question, Some

SCOPE_RULE: tuple[str, ...] = (
    "Conditions that one AND joins, and that speak of the same kind of row other than the counted one, speak of one row.",
    "So modality and body part in one AND are those of one series.",
    "A condition on a receptor, a marker or a score speaks of a measurement of its own.",
    "NOT_EQUALS on such a row says that no row of it has the value.",
    "LOWER_THAN and GREATER_THAN leave their bound out, BETWEEN includes both and may leave one out.",
)
"""Of which rows conditions speak."""

_MOST_WRAPS = 6
_MARKER = fields_by("measurement.marker")[0]


@dataclass(frozen=True)
class Asked:
    """A request that was unwrapped.

    Attributes:
        tree: The syntax tree.
        sites: The nodes that are asked for; none for all.
        id: Identifier of the outermost envelope; empty where it has none.
    """

    tree: Mapping[str, Any]
    sites: tuple[str, ...] = ()
    id: str = ""


@dataclass(frozen=True)
class _Part:
    """A translated part of a tree: of rows of ``home``, or, where that is empty, of the counted row."""

    home: str
    said: Said

    @property
    def wrapped(self) -> Criterion:
        """The same, said of the counted row."""
        return Some(self.home, self.said.criterion) if self.home else self.said.criterion


def unwrap(body: object) -> Asked:
    """The syntax tree in a request, out of the envelopes of Beam and Spot.

    Args:
        body: The tree under ``ast``; or an object with ``lang`` and ``query`` or ``payload``, or with ``query`` and
            ``sites``, or with ``body``; or any of these as base64 text.

    Raises:
        DialectError: there is no syntax tree in it.
    """
    sites: tuple[str, ...] = ()
    name: object = None
    for _ in range(_MOST_WRAPS):
        if isinstance(body, str):
            body = _decoded(body)
            continue
        if not isinstance(body, dict):
            break
        name = body.get("id", "") if name is None else name
        if isinstance(body.get("ast"), dict):
            return Asked(body["ast"], sites, name if isinstance(name, str) else "")
        if body.get("lang", "ast") != "ast":
            raise DialectError("Only the syntax tree is read here: lang is ast.", at="lang")
        sites = _sites(body) or sites
        inner = next((body[name] for name in ("query", "payload", "body") if name in body), None)
        if inner is None:
            break
        body = inner
    raise DialectError("There is no syntax tree in the request: an object with ast, or one with lang and query.")


def check_sites(asked: Asked, nodes: Collection[str]) -> None:
    """Refuse a request for a site that is not a node here.

    Raises:
        DialectError: there is no such site.
    """
    if unknown := sorted(set(asked.sites) - set(nodes)):
        raise DialectError(f"There is no site {unknown[0][:63]!r} here; {listed(nodes)}", at="sites")


def translate(asked: Asked, entity: str) -> Question:
    """The question that a syntax tree asks, of the sites that its request names.

    Args:
        asked: The request.
        entity: The dictionary's entity whose rows are counted.

    Raises:
        DialectError: it is not a syntax tree.
        Untranslatable: a condition cannot be said.
        QuestionError: the question is too large.
    """
    part = _read(asked.tree, entity, "ast", 0)
    return parse_question(Question(entity, None if part is None else part.wrapped, nodes=asked.sites).to_json())


def _read(node: object, entity: str, at: str, depth: int) -> _Part | None:
    if depth >= MAX_DEPTH:
        raise DialectError(f"The tree is deeper than {MAX_DEPTH} levels.", at=at)
    if not isinstance(node, dict):
        raise DialectError(
            "A part of the tree is an object with operand and children, or with key, type and value.", at=at
        )
    if "operand" not in node:
        return _condition(node, entity, at)
    if node["operand"] not in ("AND", "OR"):
        raise DialectError("operand is AND or OR.", at=at)
    children = node.get("children")
    if not isinstance(children, list) or set(node) - {"operand", "children", "de", "en", "key"}:
        raise DialectError("A part with operand has children, a list.", at=at)
    read = [_read(child, entity, f"{at}.children[{i}]", depth + 1) for i, child in enumerate(children)]
    if None in read and node["operand"] == "OR":
        return None  # one of the alternatives asks for nothing, so everything fulfils it
    parts = [part for part in read if part is not None]
    if len(parts) < 2:  # noqa: PLR2004  nothing to join
        return parts[0] if parts else None
    return _either(parts, at) if node["operand"] == "OR" else _both(parts, at)


def _either(parts: Sequence[_Part], at: str) -> _Part:
    homes = {part.home for part in parts}
    if len(homes) > 1:
        return _Part("", Said(None, AnyOf(tuple(part.wrapped for part in parts)), at))
    fields = {part.said.field for part in parts}
    tests = [part.said.criterion for part in parts]
    if len(fields) == 1 and all(isinstance(test, In) for test in tests):
        field = next(iter(fields))
        codes = tuple(code for test in tests if isinstance(test, In) for code in test.codes)
        if field is not None:
            return _Part(parts[0].home, Said(field, In(field, tuple(dict.fromkeys(codes))), at))
    return _Part(homes.pop(), Said(None, AnyOf(tuple(tests)), at))


def _both(parts: Sequence[_Part], at: str) -> _Part:
    homes = list(dict.fromkeys(part.home for part in parts))
    said = [part.said for part in parts]
    if len(homes) == 1 and homes[0] and not is_repeated(said):
        rows_of(homes[0], said)
        return _Part(homes[0], Said(None, All(tuple(one.criterion for one in said)), at))
    criteria: list[Criterion] = []
    for home in homes:
        own = [part.said for part in parts if part.home == home]
        criteria += rows_of(home, own) if home else [one.criterion for one in own]
    return _Part("", Said(None, joined(criteria), at))


def _condition(node: Mapping[str, Any], entity: str, at: str) -> _Part:
    unknown = set(node) - {"key", "type", "value", "system", "id", "de", "en", "queryBindId"}
    if unknown or not isinstance(node.get("key"), str) or not isinstance(node.get("type"), str) or "value" not in node:
        raise DialectError("A condition has key, type and value, and may have system.", at=at)
    kind = node["type"]
    if kind not in _KINDS:
        raise Untranslatable(f"A condition {kind[:30]!r} cannot be said; known are {', '.join(_KINDS)}.", at=at)
    field, key = _field(node["key"], at)
    criterion = _KINDS[kind](_Told(field, key, node["value"], at))
    here = field.entity in lineage(entity)
    if key is not None and key.markers:
        measured = All((In(_MARKER, key.markers), criterion))
        own = measured if here else Some(field.entity, measured)
        return _Part("", Said(None, Not(own) if kind == "NOT_EQUALS" else own, at))
    if kind == "NOT_EQUALS":
        return _Part("", Said(None, Not(criterion if here else Some(field.entity, criterion)), at))
    return _Part("" if here else field.entity, Said(field, criterion, at))


@dataclass(frozen=True)
class _Told:
    """A condition's field, EUCAIM's key where it is one, and the value."""

    field: Field
    key: Key | None
    value: object
    at: str


def _field(name: str, at: str) -> tuple[Field, Key | None]:
    """The field that a key asks for: one of EUCAIM's keys, or a field of the dictionary by its name."""
    if (key := KEYS.get(plain_code(name))) is not None:
        return key.field, key
    found = fields_by(name)
    if len(found) != 1:
        means = " or ".join(name_of(f) for f in found) or "nothing in the data dictionary"
        raise Untranslatable(f"The key {name[:60]!r} stands for {means}.", at=at)
    return found[0], None


def _equal(told: _Told) -> Criterion:
    if told.field.type != "code":
        low = _number(_scored(told, told.value), told.at)
        if told.field.type == "number":
            return Between(told.field, low, low)
        if low != int(low):
            raise Untranslatable(f"{name_of(told.field)} is a whole number.", at=told.at)
        return Between(told.field, int(low), int(low))
    return _one_of(told, [told.value])


def _in(told: _Told) -> Criterion:
    if not isinstance(told.value, list) or not told.value:
        raise DialectError("IN has a list of values.", at=told.at)
    if told.key is not None and told.key.values and told.field.type != "code":
        return AnyOf(tuple(_equal(replace(told, value=one)) for one in told.value))
    return _one_of(told, told.value)


def _one_of(told: _Told, values: Sequence[object]) -> Criterion:
    if told.field.type != "code":
        raise Untranslatable(f"{name_of(told.field)} is a number; compare it with BETWEEN.", at=told.at)
    codes = [code for value in values for code in _codes(told, value)]
    if UNKNOWN not in codes:
        return In(told.field, tuple(dict.fromkeys(codes)))
    missing = Missing(told.field, missing=True)
    known = tuple(dict.fromkeys(code for code in codes if code != UNKNOWN))
    return AnyOf((In(told.field, known), missing)) if known else missing


def _scored(told: _Told, value: object) -> object:
    """The number that a code of a score stands for; what is no such code stays as it is."""
    ours = told.key.values.get(plain_code(value)) if told.key is not None and isinstance(value, str) else None
    return int(ours[0]) if ours else value


def _codes(told: _Told, value: object) -> Sequence[str]:
    """Our codes for a value; our question finds those below them by itself."""
    if not isinstance(value, str):
        raise Untranslatable(f"{name_of(told.field)} is compared with a code.", at=told.at)
    key, value = told.key, plain_code(value)
    if key is not None and value in key.refused:
        raise Untranslatable(f"{value} cannot be asked for. {key.refused[value]}", at=told.at)
    ours = key.values.get(value) if key is not None else None
    if ours == (UNKNOWN,):
        return ours
    if ours is None and not told.field.codes.has(value):
        what = f"{key.means} ({key.key})" if key is not None else name_of(told.field)
        raise Untranslatable(f"{value[:60]!r} is not a known value of {what}.", at=told.at)
    return ours or (value,)


def _between(told: _Told) -> Criterion:
    value = told.value
    if not isinstance(value, dict) or not value or not set(value) <= {"min", "max"}:
        raise DialectError("BETWEEN has a value with min, max or both.", at=told.at)
    low = _number(value["min"], told.at) if "min" in value else None
    high = _number(value["max"], told.at) if "max" in value else None
    if told.field.type != "number":
        low, high = None if low is None else math.ceil(low), None if high is None else math.floor(high)
    return _range(told, low, high)


def _lower(told: _Told) -> Criterion:
    end = _number(told.value, told.at)
    return _range(told, None, below(end) if told.field.type == "number" else math.ceil(end) - 1)


def _greater(told: _Told) -> Criterion:
    end = _number(told.value, told.at)
    return _range(told, above(end) if told.field.type == "number" else math.floor(end) + 1, None)


def _range(told: _Told, low: float | None, high: float | None) -> Criterion:
    if told.field.type == "code":
        raise Untranslatable(f"{name_of(told.field)} is not a number.", at=told.at)
    return Between(told.field, low, high)


def _number(value: object, at: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Untranslatable("A number is compared with a number; dates and texts cannot be carried.", at=at)
    return value


def _contains(told: _Told) -> Criterion:
    raise Untranslatable(f"{name_of(told.field)} holds codes, not text; CONTAINS cannot be said of it.", at=told.at)


_KINDS: Mapping[str, Callable[[_Told], Criterion]] = MappingProxyType(
    {
        "EQUALS": _equal,
        "NOT_EQUALS": _equal,
        "IN": _in,
        "BETWEEN": _between,
        "LOWER_THAN": _lower,
        "GREATER_THAN": _greater,
        "CONTAINS": _contains,
    },
)
"""Kinds of condition (samply/focus, ``src/ast.rs``)."""


def _decoded(text: str) -> object:
    """What base64 text holds, or JSON text; one of the two."""
    try:
        if text.lstrip().startswith(("{", '"')):
            return json.loads(text)
        return json.loads(base64.b64decode(text, validate=True).decode("utf-8"))
    except (binascii.Error, ValueError, RecursionError):
        raise DialectError("The text is neither base64 nor JSON.") from None


def _sites(body: Mapping[str, Any]) -> tuple[str, ...]:
    sites = body.get("sites", [])
    if not isinstance(sites, list) or not all(isinstance(one, str) for one in sites):
        raise DialectError("sites is a list of names.", at="sites")
    return tuple(sites)
