"""What the page for asking knows before anything is asked: the question that was typed, in every form it shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from oncommons.schema.answer import Answer
from oncommons.schema.errors import MalformedQuestion, OncommonsError
from oncommons.schema.parsing import parse_question, parse_question_text
from oncommons.schema.plain_names import plain_name
from oncommons.schema.question import Question
from oncommons.schema.sentence import sentence
from oncommons.web.form import Form, build, fill, seconds_of

_BESIDE_JSON = frozenset({"question", "deadline", "do"})
_LINE = 50
"""Longest line of JSON that is not broken."""


@dataclass(frozen=True)
class Draft:
    """A question being written.

    Attributes:
        form: What the form shows.
        text: The question as JSON, as it was typed where it is wrong.
        question: The question, or ``None`` where it is wrong.
        seconds: How long to wait for slow nodes.
        fits: Whether the form shows the whole question.
        fault: What is wrong, or ``None``.
        control: Name of the control that is wrong, or empty.
        answer: The answer, once asked.
        names: Labels of its codes.
    """

    form: Form
    text: str
    question: Question | None = None
    seconds: float = 0.0
    fits: bool = True
    fault: OncommonsError | None = None
    control: str = ""
    answer: Answer | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The question in words."""
        if self.question is None:
            return ""
        return sentence(self.question, lambda code: self.names.get(code) or plain_name(code))


def draft(form: Form) -> Draft:
    """Read what was typed, in the form or as JSON; what is wrong is told in the draft."""
    return _from_json(form) if form.one("question") else _from_controls(form)


def pretty(body: object, indent: int = 0) -> str:
    """JSON for people: indented, but in one line what fits into one."""
    line = json.dumps(body, ensure_ascii=False)
    if len(line) + indent <= _LINE or not isinstance(body, dict | list):
        return line
    inner = indent + 2
    if isinstance(body, dict):
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {pretty(value, inner)}" for key, value in body.items()]
    else:
        parts = [pretty(value, inner) for value in body]
    opening, closing = "{}" if isinstance(body, dict) else "[]"
    space = " " * inner
    return f"{opening}\n{space}" + f",\n{space}".join(parts) + f"\n{' ' * indent}{closing}"


def _from_controls(form: Form) -> Draft:
    built = None
    try:
        built = build(form)
        return Draft(form, pretty(built.question), parse_question(built.question), seconds_of(form))
    except OncommonsError as fault:
        if built is None or fault.at == "deadline":
            return Draft(form, "", fault=fault, control=fault.at)
        return Draft(form, pretty(built.question), fault=fault, control=built.control(fault.at))


def _from_json(form: Form) -> Draft:
    text = form.one("question")
    kept = Form(MappingProxyType({name: form.all(name) for name in ("deadline",) if form.all(name)}))
    try:
        beside = sorted(set(form.values) - _BESIDE_JSON)
        if beside:
            raise MalformedQuestion(f"The address has a question as JSON and {beside[0][:60]!r} too; give one of them.")
        question = parse_question_text(text)
        seconds = seconds_of(form)
    except OncommonsError as fault:
        return Draft(kept, text, fits=False, fault=fault, control="deadline" if fault.at == "deadline" else "question")
    filled = fill(question)
    shown = kept if filled is None else Form({**filled.values, **kept.values})
    return Draft(shown, pretty(question.to_json()), question, seconds, fits=filled is not None)
