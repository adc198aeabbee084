"""The form of an application, which is data: sections of paragraphs, each of which asks one thing.

An answer is a text or a list of texts, whatever is asked, so that a draft keeps what was typed even where it is not
right yet.  Some names of paragraphs mean something to the hub (:data:`MEANT`): what they hold goes into the decision
and the permit.  All others are the hub's own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from oncommons.schema.errors_of_applications import BadForm

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "line": "one line",
        "text": "some paragraphs",
        "yes": "a statement to confirm",
        "yesno": "yes or no",
        "choice": "one of the options",
        "choices": "some of the options",
        "day": "a day",
        "people": "people, one a line: name; organisation; e-mail address",
        "documents": "documents to attach",
        "ehds": "purposes of Regulation (EU) 2025/327, Article 53",
        "research": "kinds of research, as terms of use tell them apart",
        "diseases": "codes of diseases, such as ICD10:C34",
        "datasets": "datasets of the federation",
        "variables": "fields of the data dictionary",
        "question": "a cohort question in JSON",
    }
)
"""Every kind of paragraph, and what is answered there."""
LISTS = frozenset({"choices", "ehds", "research", "datasets", "variables"})
"""Kinds of which an answer is a list; all others but ``documents``, which has none, are answered by a text."""
MEANT: Mapping[str, str] = MappingProxyType(
    {
        "title": "line",
        "summary": "text",
        "ehds": "ehds",
        "datasets": "datasets",
        "begin": "day",
        "end": "day",
        "people": "people",
        "variables": "variables",
        "question": "question",
        "analyses": "choices",
        "research": "research",
        "diseases": "diseases",
        "commercial": "yesno",
        "profit": "yesno",
        "publishes": "yesno",
        "collaborates": "yesno",
        "returns": "yesno",
        "countries": "line",
        "institution": "line",
        "ethics": "documents",
    }
)
"""Names of paragraphs that mean something to the hub, and the kind that each of them has."""
NEEDED = ("title", "summary", "ehds", "datasets", "begin", "end")
"""Names of paragraphs that every form has."""
LONGEST_TEXT = 20_000
"""Characters of the longest answer that a form may allow."""
MOST_LISTED = 500
"""Most entries of an answer that is a list."""
MOST_PARAGRAPHS = 200
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Signs that cannot be shown or stored: the control characters C0 and C1 but tab and line end, and lone surrogates."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Paragraph:
    """One thing that a form asks.

    Attributes:
        id: Its name, by which answers are kept.
        kind: Of :data:`KINDS`.
        label: What is asked.
        help: How to answer it.
        required: Whether the application is incomplete without it.
        most: Characters of a text, entries of a list.
        options: Code to label, for ``choice`` and ``choices``.
    """

    id: str
    kind: str
    label: str
    help: str = ""
    required: bool = False
    most: int = 2_000
    options: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {**vars(self), "options": dict(self.options)}


@dataclass(frozen=True)
class Section:
    """What belongs together in a form; ``id`` is its name in addresses."""

    id: str
    title: str
    help: str
    paragraphs: tuple[Paragraph, ...]

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {**vars(self), "paragraphs": [one.to_json() for one in self.paragraphs]}


@dataclass(frozen=True)
class Form:
    """A form at a version; an application keeps the version that it was written with.

    Attributes:
        id: Its name.
        version: Counted from 1 by the hub; 0 before the hub has taken it.
        title: Its name for people.
        sections: What it asks, in order.
    """

    id: str
    version: int
    title: str
    sections: tuple[Section, ...]

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """All paragraphs, in order."""
        return tuple(paragraph for section in self.sections for paragraph in section.paragraphs)

    def paragraph(self, name: str) -> Paragraph | None:
        """The paragraph of a name."""
        return next((one for one in self.paragraphs if one.id == name), None)

    def at(self, version: int) -> Form:
        """The same form as a version."""
        return replace(self, version=version)

    def to_json(self) -> dict[str, Any]:
        """The form as JSON; parsing it gives the same form again."""
        return {**vars(self), "sections": [one.to_json() for one in self.sections]}


def parse_form(body: object) -> Form:
    """Read a form from decoded JSON or TOML.

    Raises:
        BadForm: an unknown or missing key, a value of the wrong kind, a name that stands twice, a name that means
            something to the hub in another kind, or one that every form has is missing.
    """
    parts = _object(body, "form", {"id", "title", "sections"}, {"version"})
    listed = _list(parts["sections"], "sections", 50)
    form = Form(
        _text(parts["id"], "id", _NAME),
        _number(parts.get("version", 0), "version"),
        _text(parts["title"], "title"),
        tuple(_section(one, f"sections[{i}]") for i, one in enumerate(listed)),
    )
    names = [one.id for one in form.paragraphs]
    sections = [one.id for one in form.sections]
    if twice := sorted({one for each in (names, sections) for one in each if each.count(one) > 1}):
        raise BadForm(f"The name {twice[0]!r} stands twice.", at="sections")
    if lacking := [one for one in NEEDED if one not in names]:
        raise BadForm(f"Every form has a paragraph {lacking[0]!r} of the kind {MEANT[lacking[0]]!r}.", at="sections")
    if len(names) > MOST_PARAGRAPHS:
        raise BadForm(f"A form has at most {MOST_PARAGRAPHS} paragraphs.", at="sections")
    return form


def is_name(text: object) -> bool:
    """Whether a text can name a paragraph."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def plain_text(text: str) -> str:
    """A text as it is kept: lines end as on Unix, without signs that cannot be shown or stored."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _section(body: object, at: str) -> Section:
    parts = _object(body, at, {"id", "title", "paragraphs"}, {"help"})
    listed = _list(parts["paragraphs"], f"{at}.paragraphs", MOST_PARAGRAPHS)
    return Section(
        _text(parts["id"], f"{at}.id", _NAME),
        _text(parts["title"], f"{at}.title"),
        _help(parts.get("help", ""), f"{at}.help"),
        tuple(_paragraph(one, f"{at}.paragraphs[{i}]") for i, one in enumerate(listed)),
    )


def _paragraph(body: object, at: str) -> Paragraph:
    parts = _object(body, at, {"id", "kind", "label"}, {"help", "required", "most", "options"})
    name, kind = _text(parts["id"], f"{at}.id", _NAME), parts["kind"]
    if not isinstance(kind, str) or kind not in KINDS:
        raise BadForm(f"There is no kind {str(kind)[:40]!r}; known are {', '.join(KINDS)}.", at=f"{at}.kind")
    if MEANT.get(name, kind) != kind:
        raise BadForm(f"{name!r} means something to the hub and is of the kind {MEANT[name]!r}.", at=f"{at}.kind")
    required, options = parts.get("required", False), parts.get("options", {})
    if not isinstance(required, bool):
        raise BadForm("Expected true or false.", at=f"{at}.required")
    if not isinstance(options, dict) or bool(options) != (kind in {"choice", "choices"}):
        raise BadForm("A choice has options, code to label, and nothing else has.", at=f"{at}.options")
    read = {_text(k, f"{at}.options", _WORD): _text(v, f"{at}.options") for k, v in options.items()}
    most = _number(parts.get("most", MOST_LISTED if kind in LISTS else 2_000), f"{at}.most")
    if not 0 < most <= (MOST_LISTED if kind in LISTS else LONGEST_TEXT):
        raise BadForm(f"At most {MOST_LISTED} entries or {LONGEST_TEXT:,} characters are kept.", at=f"{at}.most")
    return Paragraph(
        name,
        kind,
        _text(parts["label"], f"{at}.label"),
        _help(parts.get("help", ""), f"{at}.help"),
        required,
        most,
        read,
    )


def _object(body: object, at: str, needed: Collection[str], optional: Collection[str]) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise BadForm("Expected an object.", at=at)
    if unknown := sorted(str(key)[:60] for key in body.keys() - {*needed, *optional}):
        raise BadForm(f"Unknown key {unknown[0]!r}; known here: {', '.join(sorted({*needed, *optional}))}.", at=at)
    if lacking := sorted(set(needed) - body.keys()):
        raise BadForm(f"The key {lacking[0]!r} is missing.", at=at)
    return body


def _list(value: object, at: str, most: int) -> Sequence[Any]:
    if not isinstance(value, list | tuple) or not 0 < len(value) <= most:
        raise BadForm(f"Expected a list of 1 to {most} entries.", at=at)
    return value


def _text(value: object, at: str, form: re.Pattern[str] | None = None) -> str:
    fits = isinstance(value, str) and 0 < len(value.strip()) <= 300 and value.isprintable()  # noqa: PLR2004
    if not isinstance(value, str) or not (form.fullmatch(value) if form else fits):
        raise BadForm(f"{str(value)[:60]!r} cannot stand here.", at=at[:80])
    return value


def _help(value: object, at: str) -> str:
    if not isinstance(value, str) or len(value) > 2_000:  # noqa: PLR2004
        raise BadForm("A help is a text of at most 2,000 characters.", at=at)
    return plain_text(value).strip()


def _number(value: object, at: str) -> int:
    if type(value) is not int or not 0 <= value <= 2_147_483_647:  # noqa: PLR2004
        raise BadForm("Expected a whole number.", at=at)
    return value
