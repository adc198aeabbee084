"""An application for data as it is written: one frozen record with a strict JSON form.

What it answers is asked by a :class:`~oncommons.schema.application_form.Form`; what is wrong with an answer is told by
:func:`oncommons.schema.answering.faults`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

from oncommons.schema.application_form import LONGEST_TEXT, MOST_LISTED, is_name, plain_text
from oncommons.schema.errors_of_applications import ApplicationError
from oncommons.schema.permit import Holding

Value: TypeAlias = str | tuple[str, ...]
"""An answer."""
STATES = ("draft", "incomplete")
"""States of an application in which its authors write; in all others it is read only."""
LONGEST_ENTRY = 300
"""Characters of the longest entry of a list: a code, or the name of a dataset."""
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Attachment:
    """A document that is attached.

    Attributes:
        id: Its identifier.
        paragraph: To which paragraph.
        name: Its file name.
        kind: Media type, as its content tells it.
        size: Bytes.
        digest: SHA-256 of its content, in hexadecimal.
        by: Identifier of who attached it.
        at: When, in seconds since the epoch.
    """

    id: str
    paragraph: str
    name: str
    kind: str
    size: int
    digest: str
    by: str
    at: float

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return dict(vars(self))


@dataclass(frozen=True)
class Application:
    """An application as it is written.

    Attributes:
        id: Its identifier.
        form: Version of the form that it is written with.
        applicant: Identifier of who began it.
        authors: Identifiers of those who write it with them.
        answers: Name of a paragraph to its answer; those of paragraphs that the form does not have any more stay.
        attachments: Documents, in the order in which they were attached.
        revision: Counts every change of an answer.
        state: ``draft`` or ``incomplete`` while it is written; others are those of
            :mod:`oncommons.policy.access.states`.
        made: When it was begun, in seconds since the epoch.
        changed: When an answer, a document or an author changed last.
    """

    id: str
    form: int
    applicant: str
    authors: tuple[str, ...] = ()
    answers: Mapping[str, Value] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    revision: int = 0
    state: str = "draft"
    made: float = 0.0
    changed: float = 0.0

    @property
    def title(self) -> str:
        """Its name for people; empty before it has one."""
        return self.text("title")

    @property
    def summary(self) -> str:
        """What it is about, for everybody."""
        return self.text("summary")

    @property
    def ehds(self) -> tuple[str, ...]:
        """Purposes, of :data:`~oncommons.schema.purposes.EHDS`."""
        return self.listed("ehds")

    @property
    def datasets(self) -> tuple[Holding, ...]:
        """What is applied for, in order of holder and dataset; a dataset is written ``holder/dataset``."""
        parts = [one.partition("/") for one in self.listed("datasets")]
        return tuple(sorted(Holding(node, dataset) for node, mark, dataset in parts if node and mark and dataset))

    @property
    def holders(self) -> Mapping[str, tuple[str, ...]]:
        """Holder, which is the organisation's node, to the datasets that are applied for there."""
        found: dict[str, tuple[str, ...]] = {}
        for one in self.datasets:
            found[one.node] = (*found.get(one.node, ()), one.dataset)
        return found

    @property
    def writers(self) -> frozenset[str]:
        """All who may write it."""
        return frozenset({self.applicant, *self.authors})

    @property
    def is_open(self) -> bool:
        """Whether it can be written now."""
        return self.state in STATES

    def text(self, name: str) -> str:
        """An answer that is a text; empty where there is none."""
        found = self.answers.get(name, "")
        return found if isinstance(found, str) else ""

    def listed(self, name: str) -> tuple[str, ...]:
        """An answer that is a list; empty where there is none."""
        found = self.answers.get(name, ())
        return () if isinstance(found, str) else found

    def documents(self, paragraph: str) -> tuple[Attachment, ...]:
        """What is attached to a paragraph."""
        return tuple(one for one in self.attachments if one.paragraph == paragraph)

    def to_json(self) -> dict[str, Any]:
        """The application as JSON; parsing it gives the same application again."""
        answers = {name: value if isinstance(value, str) else list(value) for name, value in self.answers.items()}
        attachments = [one.to_json() for one in self.attachments]
        return {**vars(self), "authors": list(self.authors), "answers": answers, "attachments": attachments}


def parse_application(body: object) -> Application:
    """Read an application from decoded JSON.

    Raises:
        ApplicationError: an unknown or missing key, or a value of the wrong kind.
    """
    try:
        parts = _exactly(body, Application)
        documents = [_attachment(one) for one in parts["attachments"]]
        if not _WORD.fullmatch(parts["id"]) or type(parts["form"]) is not int or type(parts["revision"]) is not int:
            raise ApplicationError("That is not an application.", at="id")
        return Application(
            **parts
            | {
                "authors": tuple(str(one) for one in parts["authors"]),
                "answers": read_answers(parts["answers"]),
                "attachments": tuple(documents),
                "made": float(parts["made"]),
                "changed": float(parts["changed"]),
            }
        )
    except (TypeError, ValueError, AttributeError, OverflowError) as fault:
        raise ApplicationError("That is not an application.", detail=repr(fault)) from None


def read_answers(body: object) -> dict[str, Value]:
    """Answers from decoded JSON: texts and lists of texts, none longer than any form allows.

    Raises:
        ApplicationError: they are something else.
    """
    if not isinstance(body, Mapping) or not all(is_name(name) for name in body):
        raise ApplicationError("Answers are an object: names of paragraphs with their texts.", at="answers")
    return {name: _value(value, f"answers.{name}") for name, value in body.items()}


def _value(value: object, at: str) -> Value:
    if isinstance(value, str) and len(value) <= LONGEST_TEXT:
        return plain_text(value)
    if not isinstance(value, list | tuple) or len(value) > MOST_LISTED:
        message = f"An answer is a text of at most {LONGEST_TEXT:,} characters, or a list of at most {MOST_LISTED}."
        raise ApplicationError(message, at=at)
    if not all(isinstance(one, str) and len(one) <= LONGEST_ENTRY for one in value):
        raise ApplicationError(f"A list in an answer has texts of at most {LONGEST_ENTRY} characters.", at=at)
    return tuple(dict.fromkeys(plain_text(one) for one in value))


def _attachment(body: object) -> Attachment:
    parts = _exactly(body, Attachment)
    words = {"id", "paragraph", "name", "kind", "digest", "by"}
    if not all(isinstance(parts[key], str) for key in words) or type(parts["size"]) is not int:
        raise ApplicationError("That is not an attachment.", at="attachments")
    return Attachment(**parts)


def _exactly(body: object, record: type[Application | Attachment]) -> dict[str, Any]:
    """An object with the keys of a record, all of them and no other."""
    known = {one.name for one in fields(record)}
    if not isinstance(body, dict) or body.keys() != known:
        raise ApplicationError(f"Expected an object with {', '.join(sorted(known))}.")
    return body
