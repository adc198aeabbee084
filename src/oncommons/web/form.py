"""The form that builds a question, and the question that fills the form: names of controls, JSON, and back.

The form has a count, one block of criteria for each entity of the dictionary, a second block for series, and groupings.
Names of controls say where they belong: ``person.sex``, ``person.age.from``, ``series.modality``, ``condition.is``.
What was typed goes into the question as it is, so that the one parser judges it and names the fault.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from oncommons.schema.dictionary import ENTITIES, FIELDS, Field, is_below, lineage
from oncommons.schema.errors import BadRequest, MalformedQuestion, QuestionError
from oncommons.schema.parsing import MAX_GROUPINGS, parse_question
from oncommons.schema.question import All, Between, Criterion, In, Not, Question, Some

DEADLINE_SECONDS = 10
LONGEST_DEADLINE = 60.0
"""A page does not wait longer; the client may."""


@dataclass(frozen=True)
class Block:
    """A group of criteria on the rows of one entity.

    Attributes:
        name: First part of the names of its controls.
        entity: The entity whose fields it tests.
        another: Whether it is a second block for the same entity, always about some row of it.
    """

    name: str
    entity: str
    another: bool = False

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of its entity, in the order of the dictionary."""
        return tuple(f for f in FIELDS if f.entity == self.entity)

    @property
    def can_deny(self) -> bool:
        """Whether it may say that there is no such row; there always is a person."""
        return ENTITIES[self.entity].parent is not None

    def is_direct(self, count: str) -> bool:
        """Whether its fields are tested on the counted row itself or on one above it."""
        known = not self.another and count in ENTITIES
        return known and (self.entity == count or is_below(count, self.entity))


def _blocks() -> tuple[Block, ...]:
    found = []
    for name in ENTITIES:
        found.append(Block(name, name))
        if name == "series":
            found.append(Block("also", name, another=True))
    return tuple(found)


BLOCKS = _blocks()


@dataclass(frozen=True)
class Form:
    """What was typed: name of a control to its values, none of them empty."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a control."""
        return self.values.get(name, ())

    def one(self, name: str, default: str = "") -> str:
        """The value of a control that has one."""
        return self.values.get(name, (default,))[0]

    @property
    def count(self) -> str:
        """The counted entity."""
        return self.one("count", "person")

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not self.values

    def pairs(self) -> list[tuple[str, str]]:
        """Name and value of each control, as an address carries them."""
        return [(name, value) for name, values in self.values.items() for value in values]


@dataclass(frozen=True)
class Built:
    """A question as JSON, and the control that each place in it came from."""

    question: dict[str, Any]
    places: Mapping[str, str]

    def control(self, at: str) -> str:
        """The control that a fault at a place of the question came from; empty where none did."""
        found = [place for place in self.places if at == place or at.startswith((f"{place}.", f"{place}["))]
        return self.places[max(found, key=len)] if found else ""


@dataclass(frozen=True)
class _Part:
    """A piece of a question; places are relative to it."""

    body: dict[str, Any]
    places: tuple[tuple[str, str], ...] = ()

    def inside(self, body: dict[str, Any], step: str) -> _Part:
        return _Part(body, tuple((step + place, control) for place, control in self.places))


def control_names() -> tuple[str, ...]:
    """Every name that the form knows."""
    names = ["count", "by", "nodes", "deadline", "do", "question", "find"]
    for block in BLOCKS:
        names += [f"{block.name}.is"] if block.can_deny else []
        for one in block.fields:
            name = f"{block.name}.{one.name}"
            names += [name] if one.type == "code" else [f"{name}.from", f"{name}.to"]
    return tuple(names)


def read_form(pairs: Iterable[tuple[str, str]]) -> Form:
    """What an address carries; whether its names are known is judged by :func:`build`."""
    values: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        if text := value.strip():
            values[name] = (*values.get(name, ()), text)
    return Form(values)


def build(form: Form) -> Built:
    """The question that a form asks.

    Raises:
        MalformedQuestion: a name that the form does not have; nothing that was asked is dropped.
    """
    unknown = sorted(set(form.values) - set(control_names()))
    if unknown:
        raise MalformedQuestion(f"The address names {unknown[0][:60]!r}, which the form does not have.")
    parts = [part for block in BLOCKS for part in _of_block(block, form)]
    question: dict[str, Any] = {"count": form.count}
    places = {"count": "count", "by": "by", "nodes": "nodes"}
    if parts:
        where = _both(parts)
        question["where"] = where.body
        places |= {f"where{place}": control for place, control in where.places}
    if form.all("by"):
        question["by"] = list(dict.fromkeys(form.all("by")))
    if form.all("nodes"):
        question["nodes"] = list(form.all("nodes"))
    return Built(question, places)


def seconds_of(form: Form) -> float:
    """How long to wait for slow nodes.

    Raises:
        BadRequest: not a number of seconds that a page waits.
    """
    try:
        seconds = float(form.one("deadline", str(DEADLINE_SECONDS)))
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST_DEADLINE:
        raise BadRequest(f"The deadline is a number of seconds, at most {LONGEST_DEADLINE:.0f}.", at="deadline")
    return seconds


def fill(question: Question) -> Form | None:
    """The form that builds a question, or ``None`` where the question says more than the form can."""
    values: dict[str, tuple[str, ...]] = {"count": (question.count,)}
    where = question.where
    criteria: tuple[Criterion, ...] = () if where is None else where.criteria if isinstance(where, All) else (where,)
    for criterion in criteria:
        found = _controls(criterion, question.count, values)
        if found is None:
            return None
        values |= found
    if question.by:
        values["by"] = tuple(one.name for one in question.by)
    if question.nodes:
        values["nodes"] = question.nodes
    form = Form(values)
    try:
        same = parse_question(build(form).question)
    except QuestionError:
        return None
    wanted = replace(question, by_dataset=False)
    return form if len(form.all("by")) <= MAX_GROUPINGS and _alike(same) == _alike(wanted) else None


def _of_block(block: Block, form: Form) -> list[_Part]:
    tests = [part for one in block.fields if (part := _test(block, one, form)) is not None]
    denied = form.one(f"{block.name}.is") == "no"
    if not tests and not denied:
        return []
    if tests and block.is_direct(form.count):
        return [_none_of(_both(tests))] if denied else tests
    some: dict[str, Any] = {"some": block.entity}
    part = _Part(some)
    if tests:
        inner = _both(tests)
        part = inner.inside(some | {"where": inner.body}, ".where")
    part = _Part(part.body, (*part.places, ("", f"{block.name}.is")))
    return [_none_of(part) if denied else part]


def _test(block: Block, tested: Field, form: Form) -> _Part | None:
    name = f"{block.name}.{tested.name}"
    if tested.type == "code":
        codes = form.all(name)
        if tested.codes.pattern:
            codes = tuple(code for text in codes for code in re.split(r"[\s,;]+", text) if code)
        return _Part({"field": tested.name, "in": list(codes)}, (("", name),)) if codes else None
    read = _whole if tested.type == "integer" else _number
    low, high = (read(form.one(f"{name}.{end}")) for end in ("from", "to"))
    if low is None and high is None:
        return None
    places = (("", f"{name}.from"), (".between[1]", f"{name}.to"))
    return _Part({"field": tested.name, "between": [low, high]}, places)


def _whole(text: str) -> int | str | None:
    if not text:
        return None
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,12}", text) else text


def _number(text: str) -> float | str | None:
    whole = _whole(text)
    if isinstance(whole, str) and re.fullmatch(r"[+-]?[0-9]{1,15}\.[0-9]{1,15}", whole):
        return float(whole)
    return whole


def _both(parts: list[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]
    places = [(f".all[{i}]{place}", control) for i, part in enumerate(parts) for place, control in part.places]
    return _Part({"all": [part.body for part in parts]}, tuple(places))


def _none_of(part: _Part) -> _Part:
    return part.inside({"not": part.body}, ".not")


def _controls(criterion: Criterion, count: str, taken: Mapping[str, object]) -> dict[str, tuple[str, ...]] | None:
    if isinstance(criterion, In | Between):
        return _control(criterion.field.entity, criterion) if criterion.field.entity in lineage(count) else None
    denied = isinstance(criterion, Not)
    some = criterion.criterion if isinstance(criterion, Not) else criterion
    if not isinstance(some, Some):
        return None
    free = [b for b in BLOCKS if b.entity == some.entity and not b.is_direct(count) and not _in_use(b, taken)]
    if not free:
        return None
    tests = () if some.where is None else some.where.criteria if isinstance(some.where, All) else (some.where,)
    found: dict[str, tuple[str, ...]] = {f"{free[0].name}.is": ("no",)} if denied else {}
    for test in tests:
        if not isinstance(test, In | Between) or test.field.entity != some.entity:
            return None
        found |= _control(free[0].name, test)
    return found


def _in_use(block: Block, taken: Mapping[str, object]) -> bool:
    return any(name.startswith(f"{block.name}.") for name in taken)


def _control(block: str, test: In | Between) -> dict[str, tuple[str, ...]]:
    name = f"{block}.{test.field.name}"
    if isinstance(test, In):
        return {name: (" ".join(test.codes),) if test.field.codes.pattern else test.codes}
    ends = {f"{name}.from": test.low, f"{name}.to": test.high}
    return {key: (str(end),) for key, end in ends.items() if end is not None}


def _alike(question: Question) -> str:
    """A text that two questions share when they differ only in the order of criteria and codes."""
    return json.dumps(_in_order(question.to_json()))


def _in_order(body: Any) -> Any:
    if isinstance(body, list):
        return [_in_order(item) for item in body]
    if not isinstance(body, dict):
        return body
    found = {key: _in_order(value) for key, value in sorted(body.items())}
    return {key: sorted(v, key=json.dumps) if key in {"all", "any", "in"} else v for key, v in found.items()}


@dataclass(frozen=True)
class Example:
    """A question to begin with."""

    title: str
    form: Form

    @property
    def question(self) -> Question:
        """The question, read."""
        return parse_question(build(self.form).question)


def _example(title: str, **values: str | tuple[str, ...]) -> Example:
    names = {name.replace("__", "."): value for name, value in values.items()}
    return Example(title, Form({n: v if isinstance(v, tuple) else (v,) for n, v in names.items()}))


EXAMPLES = (
    _example(
        "Women of 40 to 50 with a breast MR",
        count="person",
        person__sex="F",
        person__age__from="40",
        person__age__to="50",
        series__modality="MR",
        series__body_part="BREAST",
    ),
    _example(
        "People with a chest CT, and a segmentation to go with it",
        count="person",
        series__modality="CT",
        series__body_part="CHEST",
        also__modality="SEG",
    ),
    _example("PET series, by maker of the scanner", count="series", series__modality="PT", by="manufacturer"),
)
