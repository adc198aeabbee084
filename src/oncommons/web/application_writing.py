"""What a page on which somebody writes sends, and what becomes of it: answers first, then all else that was asked for.

A page says of each answer which revision it showed, and a digest of what it showed.  What was not touched is not sent
to the hub, so that it can neither overwrite anything nor come too late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oncommons.client.applications import Applications
from oncommons.schema.application import Value
from oncommons.schema.application_form import LISTS, plain_text
from oncommons.web.application_views import Conflict, digest
from oncommons.web.uploads import Part, form_fields, form_list

MOST_PARTS = 2_000
_ANSWER, _REVISION, _WAS, _KIND, _FILE, _COMMENT = "a-", "rev-", "was-", "kind-", "file-", "comment-"


@dataclass(frozen=True)
class Sent:
    """Fields of a form, those of the same name too, and its files."""

    fields: Sequence[tuple[str, str]]
    files: Sequence[Part] = ()

    def one(self, name: str) -> str:
        """A field; empty where there is none."""
        return next((value for key, value in self.fields if key == name), "")

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Names of paragraphs and what was typed there, where it was more than a choice; comments too."""
        typed = [
            (key.removeprefix(_ANSWER).removeprefix(_COMMENT), value)
            for key, value in self.fields
            if key.startswith((_ANSWER, _COMMENT)) and value.strip()
        ]
        untouched = {key.removeprefix(_WAS): value for key, value in self.fields if key.startswith(_WAS)}
        return [(name, value) for name, value in typed if untouched.get(name) != digest(plain_text(value))]

    def all(self, name: str) -> list[str]:
        """All fields of a name."""
        return [value for key, value in self.fields if key == name]


@dataclass(frozen=True)
class Outcome:
    """What became of what was written.

    Attributes:
        revisions: Name of a paragraph to the revision that stands as it was sent.
        values: The same, to the answers that were sent.
        conflicts: Answers that somebody else was faster with.
        late: Their revisions.
        at: When it was saved, ISO 8601 in UTC.
        place: The paragraph at which something else was done; empty for none.
    """

    revisions: Mapping[str, int]
    values: Mapping[str, Value]
    conflicts: Mapping[str, Conflict]
    late: Mapping[str, int]
    at: str
    place: str

    def to_json(self) -> dict[str, Any]:
        """The same for the script of the page."""
        stands = {n: {"revision": r, "was": digest(self.values[n])} for n, r in self.revisions.items()}
        late = {
            name: {
                "value": one.theirs if isinstance(one.theirs, str) else list(one.theirs),
                "by": one.by,
                "at": one.at,
                "revision": self.late[name],
                "was": digest(one.theirs),
            }
            for name, one in self.conflicts.items()
        }
        return {"stands": stands, "late": late, "at": self.at}

    def do_rest(self, hub: Applications, identifier: str, sent: Sent) -> None:
        """Attach and take away documents, say something and resolve threads.

        Raises:
            OncommonsError: one of them cannot be done; those before it are.
        """
        for part in sent.files:
            if part.content or part.file:
                hub.attach(identifier, part.name.removeprefix(_FILE), part.file or "document", part.content)
        if document := sent.one("detach"):
            hub.detach(identifier, document)
        for name, text in sent.fields:
            if name.startswith(_COMMENT) and text.strip():
                paragraph, _, thread = name.removeprefix(_COMMENT).partition(".")
                hub.say(identifier, paragraph, text, thread)
        for word, resolved in (("resolve", True), ("reopen", False)):
            if thread := sent.one(word):
                hub.resolve(identifier, thread, resolved=resolved)


def read_sent(kind: str, body: bytes) -> Sent:
    """A form, with files or without.

    Args:
        kind: The Content-Type of the request.
        body: Its body.

    Raises:
        BadRequest: it cannot be read.
    """
    if not kind.lower().startswith("multipart/"):
        return Sent(form_fields(body))
    parts = form_list(kind, body, MOST_PARTS)
    files = [one for one in parts if one.name.startswith(_FILE)]
    return Sent([(p.name, p.content.decode("utf-8", "replace")) for p in parts if not p.name.startswith(_FILE)], files)


def saved(hub: Applications, identifier: str, sent: Sent) -> Outcome:
    """Save the answers that were touched."""
    revisions, shown = {}, {}
    for key, value in sent.fields:
        name = key.removeprefix(_REVISION)
        if name != key and value.isascii() and value.isdecimal() and len(value) < 10:  # noqa: PLR2004  a revision
            revisions[name], shown[name] = int(value), _answer(sent, name)
    touched = {name: value for name, value in shown.items() if digest(value) != sent.one(_WAS + name)}
    told: dict[str, Any] = {"revisions": {}, "late": {}, "at": ""}
    if touched:
        told = hub.save(identifier, touched, {name: revisions[name] for name in touched})
    conflicts = {
        name: Conflict(_value(one["value"]), str(one["by"]) or "somebody who left", str(one["at"]), touched[name])
        for name, one in told["late"].items()
    }
    late = {name: int(one["revision"]) for name, one in told["late"].items()}
    return Outcome(told["revisions"], touched, conflicts, late, str(told["at"]), sent.one("place"))


def _answer(sent: Sent, name: str) -> Value:
    found = sent.all(_ANSWER + name)
    if sent.one(_KIND + name) in LISTS:
        return tuple(found)
    return plain_text(found[-1]) if found else ""


def _value(body: object) -> Value:
    return body if isinstance(body, str) else tuple(str(one) for one in body) if isinstance(body, list) else ""
