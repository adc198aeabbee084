"""What is wrong with the answers of an application, and what is missing: one rule for each kind of paragraph."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from oncommons.schema.application import Application, Value
from oncommons.schema.application_form import Form, Paragraph
from oncommons.schema.errors import BadRequest, QuestionError
from oncommons.schema.parsing import parse_question_text
from oncommons.schema.people import check_email
from oncommons.schema.permit import LONGEST_SECONDS, VARIABLES
from oncommons.schema.purposes import EHDS, RESEARCH

_DISEASE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,30}:[A-Za-z0-9][A-Za-z0-9./-]{0,30}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_NAMED_AND_PLACED = 2
_WITH_ADDRESS = 3


@dataclass(frozen=True)
class Fault:
    """Something that stands in the way of handing an application in.

    Attributes:
        paragraph: Name of the paragraph.
        says: What is wrong, for who writes it.
        missing: Whether nothing is answered where something has to be.
    """

    paragraph: str
    says: str
    missing: bool = False

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        return dict(vars(self))


def faults(form: Form, application: Application) -> tuple[Fault, ...]:
    """What is wrong and what is missing, in the order of the form; nothing where it can be handed in."""
    found = [_fault(one, application) for one in form.paragraphs]
    period = _period(application) if not any(f and f.paragraph in {"begin", "end"} for f in found) else None
    return tuple(fault for fault in (*found, period) if fault is not None)


def entries(text: str) -> tuple[str, ...]:
    """What is listed in a text, parted by commas, semicolons or line ends."""
    return tuple(dict.fromkeys(part.strip() for part in re.split(r"[,;\n]", text) if part.strip()))


def day_of(text: str) -> date | None:
    """A day as ISO 8601 writes it; nothing where it is none."""
    try:
        return date.fromisoformat(text.strip()) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()) else None
    except ValueError:
        return None


def _fault(paragraph: Paragraph, application: Application) -> Fault | None:
    if paragraph.kind == "documents":
        lacks = paragraph.required and not application.documents(paragraph.id)
        return Fault(paragraph.id, "Nothing is attached yet.", missing=True) if lacks else None
    value = application.answers.get(paragraph.id, "")
    if not (value.strip() if isinstance(value, str) else value):
        return Fault(paragraph.id, "This is not answered yet.", missing=True) if paragraph.required else None
    if len(value) > paragraph.most:
        unit = "characters" if isinstance(value, str) else "entries"
        return Fault(paragraph.id, f"There are {len(value):,} {unit}; at most {paragraph.most:,} are read.")
    says = _RULES[paragraph.kind](paragraph, value)
    return Fault(paragraph.id, says) if says else None


def _period(application: Application) -> Fault | None:
    begin, end = day_of(application.text("begin")), day_of(application.text("end"))
    if begin is None or end is None:
        return None
    if end <= begin:
        return Fault("end", "It ends before it begins.")
    longest = LONGEST_SECONDS // 86_400
    return Fault("end", "No permit holds for longer than ten years.") if (end - begin).days > longest else None


_Rule = Callable[[Paragraph, Value], str]


def _text_of(value: Value) -> str:
    return value if isinstance(value, str) else "\n".join(value)


def _listed(known: Collection[str] | None, what: str) -> _Rule:
    def rule(paragraph: Paragraph, value: Value) -> str:
        codes = (value,) if isinstance(value, str) else value
        wrong = [code for code in codes if code not in (paragraph.options if known is None else known)]
        return f"{wrong[0][:80]!r} is none of the {what}." if wrong else ""

    return rule


def _line(paragraph: Paragraph, value: Value) -> str:
    text = _text_of(value)
    if "\n" in text.strip():
        return "This is one line."
    if paragraph.id == "countries" and (odd := [one for one in entries(text) if not _COUNTRY.fullmatch(one)]):
        return f"{odd[0][:40]!r} is no country as ISO 3166 writes it in two capitals, such as DE."
    return ""


def _people(_: Paragraph, value: Value) -> str:
    for line in (one for one in _text_of(value).splitlines() if one.strip()):
        parts = [part.strip() for part in line.split(";")]
        if not _NAMED_AND_PLACED <= len(parts) <= _WITH_ADDRESS or not all(parts):
            return f"{line[:60]!r} is not a name, an organisation and perhaps an e-mail address, parted by semicolons."
        try:
            check_email(parts[2] if len(parts) == _WITH_ADDRESS else "a@b.example")
        except BadRequest:
            return f"{parts[2][:60]!r} is no e-mail address."
    return ""


def _diseases(_: Paragraph, value: Value) -> str:
    wrong = [one for one in entries(_text_of(value)) if not _DISEASE.fullmatch(one)]
    return f"{wrong[0][:40]!r} is no code with its system, such as ICD10:C34." if wrong else ""


def _datasets(_: Paragraph, value: Value) -> str:
    listed = (value,) if isinstance(value, str) else value
    wrong = [one for one in listed if not all(one.partition("/"))]
    return f"{wrong[0][:80]!r} is no dataset with its holder, such as athens/lung." if wrong else ""


def _question(_: Paragraph, value: Value) -> str:
    try:
        parse_question_text(_text_of(value))
    except QuestionError as fault:
        return f"The question cannot be read: {fault.message}"
    return ""


_RULES: Mapping[str, _Rule] = MappingProxyType(
    {
        "line": _line,
        "text": lambda _, value: "" if isinstance(value, str) else "This is a text.",
        "yes": _listed({"yes"}, "answers here"),
        "yesno": _listed({"yes", "no"}, "answers here"),
        "choice": _listed(None, "options"),
        "choices": _listed(None, "options"),
        "day": lambda _, value: "" if day_of(_text_of(value)) else "This is no day, such as 2027-01-31.",
        "people": _people,
        "ehds": _listed(EHDS, "purposes"),
        "research": _listed(RESEARCH, "kinds of research"),
        "diseases": _diseases,
        "datasets": _datasets,
        "variables": _listed(VARIABLES, "fields of the dictionary"),
        "question": _question,
    }
)
"""Kind of paragraph to what is wrong with an answer; empty where nothing is."""
