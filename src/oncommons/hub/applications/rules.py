"""What is decided about writing, purely: which answers stand, which texts are kept beside, what is applied for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oncommons.policy.access.uses import Use
from oncommons.schema.answering import day_of, entries
from oncommons.schema.application import Application, Value
from oncommons.schema.application_form import Form
from oncommons.schema.errors_of_applications import BadForm

AT_ONCE_SECONDS = 600.0
"""What one person writes within so long is one text; what stood before is kept as an earlier one."""
_SHRUNK = 0.5


@dataclass(frozen=True)
class Stored:
    """An answer as it stands: its value, the revision that brought it, who wrote it, when they began, and when."""

    value: Value
    revision: int
    by: str
    begun: float
    at: float


@dataclass(frozen=True)
class Sorted:
    """What becomes of answers that were sent.

    Attributes:
        taken: Those that stand from now on.
        late: Those that somebody else was faster with.
    """

    taken: Mapping[str, Value]
    late: Mapping[str, Value]


def sort_out(stored: Mapping[str, Stored], sent: Mapping[str, Value], seen: Mapping[str, int]) -> Sorted:
    """Which of the answers that were sent stand.

    Args:
        stored: The answers as they stand.
        sent: What was sent.
        seen: The revision of each answer that its writer saw; 0 where there was none.
    """
    taken: dict[str, Value] = {}
    late: dict[str, Value] = {}
    for name, value in sent.items():
        now = stored.get(name)
        if value == (now.value if now else "") or (now is None and not value):
            continue
        (taken if now is None or now.revision <= seen.get(name, 0) else late)[name] = value
    return Sorted(taken, late)


def is_kept_earlier(stored: Stored, value: Value, by: str, at: float) -> bool:
    """Whether the text that stands is kept as an earlier one when another takes its place.

    One person who goes on writing makes one text, unless most of it goes away at once.
    """
    if not stored.value:
        return False
    goes_on = stored.by == by and at - stored.begun < AT_ONCE_SECONDS
    return not goes_on or len(value) < len(stored.value) * _SHRUNK


def use_of(application: Application) -> Use:
    """What is applied for, as terms of use ask."""
    words = frozenset(one.upper() for one in entries(application.text("countries")))
    return Use(
        ehds=frozenset(application.ehds),
        research=frozenset(application.listed("research")),
        diseases=entries(application.text("diseases")),
        commercial=application.text("commercial"),
        profit=application.text("profit"),
        publishes=application.text("publishes"),
        collaborates=application.text("collaborates"),
        returns=application.text("returns"),
        countries=words,
        institution=application.text("institution"),
        ethics=bool(application.documents("ethics")),
        begin=day_of(application.text("begin")),
        end=day_of(application.text("end")),
    )


def check_next(old: Form, new: Form) -> tuple[str, ...]:
    """See that a new form loses no answer to the old one.

    Returns:
        Names of paragraphs that the new form does not have any more; their answers stay with their applications.

    Raises:
        BadForm: a paragraph of the same name asks for another kind of answer.
    """
    for paragraph in new.paragraphs:
        was = old.paragraph(paragraph.id)
        if was is not None and (was.kind, paragraph.kind) not in {(was.kind, was.kind), ("line", "text")}:
            message = f"{paragraph.id!r} asked for {was.kind!r} before; give the new paragraph another name."
            raise BadForm(message, at=paragraph.id)
    return tuple(one.id for one in old.paragraphs if new.paragraph(one.id) is None)
