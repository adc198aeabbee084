"""Applications as pages show them: sections with what they lack, paragraphs with their answers, and conflicts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from oncommons.schema.application import Application, Attachment, Value, parse_application
from oncommons.schema.application_form import LISTS, Form, Paragraph, Section, parse_form, plain_text
from oncommons.schema.dictionary import ENTITIES, FIELDS
from oncommons.schema.errors import QuestionError
from oncommons.schema.parsing import parse_question_text
from oncommons.schema.purposes import EHDS, RESEARCH
from oncommons.schema.sentence import sentence

OUTCOMES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "fits": ("✓", "fits", "answered"),
        "human": ("◐", "a human decides", "away"),
        "not": ("✕", "does not fit", "refused"),
    }
)
"""Outcome to its sign, its words, and how it looks."""
STATES: Mapping[str, str] = MappingProxyType(
    {
        "draft": "draft",
        "check": "handed in",
        "incomplete": "given back to you",
        "review": "with the holders",
        "granted": "granted",
        "refused": "refused",
        "withdrawn": "withdrawn",
        "expired": "expired",
        "ended": "ended",
    }
)
"""State to how it is called."""
YES_NO = MappingProxyType({"yes": "Yes", "no": "No"})
_KINDS = {
    "application/pdf": "PDF",
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "text/plain": "text",
}


@dataclass(frozen=True)
class Option:
    """Something to choose: its code, its words, whether it is chosen, and what group it is in."""

    code: str
    label: str
    chosen: bool
    group: str = ""


@dataclass(frozen=True)
class Thread:
    """What was said about a paragraph, the first first."""

    id: str
    comments: tuple[Mapping[str, Any], ...]
    resolved: bool


@dataclass(frozen=True)
class Conflict:
    """An answer that somebody else was faster with: what they wrote, who, when, and what one typed oneself."""

    theirs: Value
    by: str
    at: str
    mine: Value


@dataclass(frozen=True)
class ParagraphView:
    """A paragraph with all that stands beside it.

    Attributes:
        asked: What is asked.
        value: What is shown as the answer.
        words: The same in words, for reading.
        revision: Of the answer that stands.
        was: Digest of the answer that stands, to tell whether it was touched.
        fault: What is wrong; empty where nothing is.
        missing: Whether nothing is answered.
        options: What there is to choose from.
        documents: What is attached.
        threads: What was said.
        conflict: An answer that somebody else was faster with.
    """

    asked: Paragraph
    value: Value
    words: str
    revision: int
    was: str
    fault: str
    missing: bool
    options: tuple[Option, ...]
    documents: tuple[Attachment, ...]
    threads: tuple[Thread, ...]
    conflict: Conflict | None = None

    @property
    def open_threads(self) -> int:
        """How many threads are not resolved."""
        return sum(not one.resolved for one in self.threads)


@dataclass(frozen=True)
class SectionView:
    """A section, and how many of its paragraphs are missing or wrong."""

    section: Section
    paragraphs: tuple[ParagraphView, ...]
    lacking: int
    href: str
    current: bool = False

    @property
    def talks(self) -> int:
        """How many threads in it are not resolved."""
        return sum(one.open_threads for one in self.paragraphs)


@dataclass(frozen=True)
class ApplicationView:
    """An application as its authors see it.

    Attributes:
        application: The application.
        form: Its form.
        sections: Its sections.
        datasets: Each dataset of the federation, with what its terms make of the application.
        chosen: Those that are applied for.
        people: Identifiers of people and what they are called.
        invitations: Those that wait.
        you: Who looks.
        newest: Version of the newest form.
        unasked: Answers to paragraphs that the form does not have any more.
        homeless: Documents of such paragraphs.
    """

    application: Application
    form: Form
    sections: tuple[SectionView, ...]
    datasets: tuple[Mapping[str, Any], ...]
    people: Mapping[str, str]
    invitations: tuple[Mapping[str, Any], ...]
    you: str
    newest: int
    unasked: Mapping[str, str]
    homeless: tuple[Attachment, ...]

    @property
    def chosen(self) -> tuple[Mapping[str, Any], ...]:
        """The datasets that are applied for."""
        return tuple(one for one in self.datasets if one["chosen"])

    @property
    def lacking(self) -> int:
        """How many paragraphs are missing or wrong."""
        return sum(one.lacking for one in self.sections)

    @property
    def state(self) -> str:
        """How its state is called."""
        return STATES.get(self.application.state, self.application.state)

    @property
    def href(self) -> str:
        """Its page."""
        return f"/applications/{self.application.id}"

    @property
    def is_mine(self) -> bool:
        """Whether who looks began it."""
        return self.you == self.application.applicant

    def called(self, person: str) -> str:
        """What somebody is called."""
        return self.people.get(person) or "somebody who left"


def application_view(
    body: Mapping[str, Any], section: str = "", conflicts: Mapping[str, Conflict] | None = None
) -> ApplicationView:
    """Arrange an application for its pages.

    Args:
        body: What the hub tells.
        section: The section that is shown.
        conflicts: Name of a paragraph to a conflict, in which the answer shown is one's own.
    """
    application, form = parse_application(body["application"]), parse_form(body["form"])
    told = {**body, "conflicts": conflicts or {}, "faulty": {one["paragraph"]: one for one in body["faults"]}}
    names = {one.id for one in form.paragraphs}
    return ApplicationView(
        application=application,
        form=form,
        sections=tuple(_section(one, application, told, section) for one in form.sections),
        datasets=tuple(sorted(body["datasets"], key=lambda one: (not one["chosen"], one["node"], one["dataset"]))),
        people=body["people"],
        invitations=tuple(body["invitations"]),
        you=str(body["you"]),
        newest=int(body["newest"]),
        unasked={k: in_words(v) for k, v in application.answers.items() if k not in names and v},
        homeless=tuple(one for one in application.attachments if one.paragraph not in names),
    )


def digest(value: Value) -> str:
    """What tells whether an answer was touched: a hash of it as it is kept."""
    text = value if isinstance(value, str) else json.dumps(sorted(value))
    return hashlib.sha256(plain_text(text).encode("utf-8", "replace")).hexdigest()[:32]


def in_words(value: Value) -> str:
    """An answer as text."""
    return value if isinstance(value, str) else "\n".join(value)


def words_of(asked: Paragraph, value: Value) -> str:
    """An answer in words, for reading: what was chosen by its label, a question as a sentence; several a line each."""
    return _said(asked, value, _options(asked, value))


def size_words(size: int) -> str:
    """Bytes in words."""
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{max(size / 1000, 0.1):.1f} kB"  # noqa: PLR2004


def kind_words(kind: str) -> str:
    """What a kind of document is called."""
    return _KINDS.get(kind, "office document")


def _section(section: Section, application: Application, told: Mapping[str, Any], shown: str) -> SectionView:
    views = tuple(_paragraph(one, application, told) for one in section.paragraphs)
    href = f"/applications/{application.id}/write/{quote(section.id)}"
    return SectionView(section, views, sum(bool(v.fault) for v in views), href, current=section.id == shown)


def _paragraph(asked: Paragraph, application: Application, told: Mapping[str, Any]) -> ParagraphView:
    stands: Value = application.answers.get(asked.id, () if asked.kind in LISTS else "")
    conflict, fault = told["conflicts"].get(asked.id), told["faulty"].get(asked.id, {})
    value = conflict.mine if conflict else stands
    options = _options(asked, value)
    return ParagraphView(
        asked=asked,
        value=value,
        words=words_of(asked, stands),
        revision=int(told["revisions"].get(asked.id, 0)),
        was=digest(stands),
        fault=str(fault.get("says", "")),
        missing=bool(fault.get("missing")),
        options=options,
        documents=application.documents(asked.id),
        threads=_threads(one for one in told["comments"] if one["paragraph"] == asked.id),
        conflict=conflict,
    )


def _options(asked: Paragraph, value: Value) -> tuple[Option, ...]:
    chosen = {value} if isinstance(value, str) else set(value)
    listed: Iterable[tuple[str, str, str]] = ()
    if asked.kind in {"choice", "choices"}:
        listed = ((code, label, "") for code, label in asked.options.items())
    elif asked.kind == "yesno":
        listed = ((code, label, "") for code, label in YES_NO.items())
    elif asked.kind == "ehds":
        listed = ((code, f"{words} (Art. {place})", "") for code, (place, words) in EHDS.items())
    elif asked.kind == "research":
        listed = ((code, label, "") for code, label in RESEARCH.items())
    elif asked.kind == "variables":
        listed = _VARIABLES
    known = tuple(Option(code, label, code in chosen, group) for code, label, group in listed)
    if asked.kind not in LISTS - {"datasets"} and asked.kind not in {"choice", "yesno"}:
        return known
    lost = chosen - {one.code for one in known} - {""}
    return known + tuple(Option(code, f"{code} (not there any more)", chosen=True) for code in sorted(lost))


_VARIABLES: Sequence[tuple[str, str, str]] = tuple(
    (f"{field.entity}.{field.name}", f"{field.name}: {field.meaning}", field.entity)
    for entity in ENTITIES
    for field in FIELDS
    if field.entity == entity
)


def _said(asked: Paragraph, value: Value, options: Sequence[Option]) -> str:
    """An answer in words, for reading."""
    if asked.kind == "question" and value:
        try:
            return sentence(parse_question_text(in_words(value)))
        except QuestionError:
            return in_words(value)
    if asked.kind == "yes":
        return "Yes" if value == "yes" else in_words(value)
    words = [one.label for one in options if one.chosen]
    return "\n".join(words) if words and asked.kind != "variables" else in_words(value)


def _threads(comments: Iterable[Mapping[str, Any]]) -> tuple[Thread, ...]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in comments:
        found.setdefault(str(one["thread"]), []).append(one)
    return tuple(Thread(key, tuple(said), resolved=bool(said[0]["resolved"])) for key, said in found.items())
