"""Where applications are written: begun, saved without losing a text, copied, taken to another form.

Every method that is about one application looks first whether the person writes it; to all others it is not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, delete, exists, func, insert, or_, select, update

from oncommons.hub.applications.rules import Stored, is_kept_earlier, sort_out
from oncommons.hub.applications.tables import ANSWER, APPLICATION, AUTHOR, DOCUMENT, EARLIER
from oncommons.hub.people.sealing import new_id
from oncommons.schema.application import Application, Attachment, Value
from oncommons.schema.application_form import is_name
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_applications import ApplicationError
from oncommons.storage.database import Database

MOST_OPEN = 100
"""Applications that one person has begun and not handed in."""
MOST_EARLIER = 100
"""Earlier texts of one paragraph; the oldest make room."""
MOST_ANSWERS = 400
"""Answers of one application, those to earlier forms among them."""
_IDENTIFIER = re.compile("[0-9a-f]{24}")
_NONE = "There is no such application, or you do not write it."


@dataclass(frozen=True)
class Written:
    """An application, and of each answer how it stands."""

    application: Application
    stored: Mapping[str, Stored]


@dataclass(frozen=True)
class Saved:
    """What became of answers that were sent.

    Attributes:
        revision: Of the application, from now on.
        revisions: Of the answers that stand now as they were sent.
        late: Answers that somebody else was faster with, as they stand.
        at: When, in seconds since the epoch.
    """

    revision: int
    revisions: Mapping[str, int]
    late: Mapping[str, Stored]
    at: float


@dataclass(frozen=True)
class Earlier:
    """A text that does not stand: an earlier one, or, ``aside``, one that came too late."""

    value: Value
    revision: int
    by: str
    at: float
    aside: bool


class Book:
    """The applications in the hub's database.

    Args:
        database: The hub's database.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def begin(self, person: str, form: int, answers: Mapping[str, Value], now: float) -> str:
        """Begin an application; its identifier.

        Raises:
            ApplicationError: they have begun too many.
        """
        row = {"id": new_id(), "form": form, "applicant": person, "state": "draft", "revision": 1}
        mine = APPLICATION.c.applicant == person, APPLICATION.c.state == "draft"
        with self.database.write() as connection:
            if connection.execute(select(func.count()).select_from(APPLICATION).where(*mine)).scalar_one() >= MOST_OPEN:
                raise ApplicationError(f"You have {MOST_OPEN} drafts; delete one, or hand one in.")
            connection.execute(insert(APPLICATION), row | {"made": now, "changed": now})
            for name, value in answers.items():
                _put(connection, str(row["id"]), name, Stored(value, 1, person, now, now))
        return str(row["id"])

    def mine(self, person: str) -> list[Application]:
        """The applications that somebody writes, the last changed first."""
        with self.database.read() as connection:
            ids = connection.execute(_written_by(person)).scalars().all()
            found = _read_all(connection, ids)
        return [found[one].application for one in ids]

    def one(self, identifier: str, person: str) -> Written:
        """An application that somebody writes.

        Raises:
            NotFound: there is none, or they do not write it.
        """
        with self.database.read() as connection:
            return _of(connection, identifier, person)

    def save(
        self, identifier: str, person: str, sent: Mapping[str, Value], seen: Mapping[str, int], now: float
    ) -> Saved:
        """Save answers; those that somebody else has changed since they were seen are kept beside what stands.

        Args:
            identifier: Of the application.
            person: Who writes.
            sent: The answers.
            seen: The revision of each answer that they saw; 0 where there was none.
            now: Seconds since the epoch.

        Raises:
            NotFound: there is no such application, or they do not write it.
            ApplicationError: it cannot be written now, or would have too many answers.
        """
        with self.database.write() as connection:
            written = locked(connection, identifier, person)
            stored = written.stored
            if len(stored.keys() | sent.keys()) > MOST_ANSWERS:
                raise ApplicationError(f"An application has at most {MOST_ANSWERS} answers.")
            sorted_ = sort_out(stored, sent, seen)
            revision = written.application.revision + bool(sorted_.taken or sorted_.late)
            for name, value in sorted_.taken.items():
                _replace(connection, identifier, name, stored.get(name), Stored(value, revision, person, now, now))
            for name, value in sorted_.late.items():
                _aside(connection, identifier, name, Stored(value, revision, person, now, now), aside=True)
            if revision > written.application.revision:
                touch(connection, identifier, now, revision=revision)
        standing = {name: stored[name].revision if name in stored else 0 for name in sent if name not in sorted_.late}
        late = {name: stored[name] for name in sorted_.late}
        return Saved(revision, standing | dict.fromkeys(sorted_.taken, revision), late, now)

    def earlier(self, identifier: str, person: str, paragraph: str) -> list[Earlier]:
        """Texts of a paragraph that do not stand, the newest first.

        Raises:
            NotFound: there is no such application or paragraph, or they do not write it.
        """
        if not is_name(paragraph):
            raise NotFound("There is no such paragraph.")
        query = select(EARLIER).where(EARLIER.c.application == identifier, EARLIER.c.paragraph == paragraph)
        with self.database.read() as connection:
            _of(connection, identifier, person)
            rows = connection.execute(query.order_by(EARLIER.c.revision.desc())).all()
        return [Earlier(_value(row.value), row.revision, row.by, row.at, bool(row.aside)) for row in rows]

    def take_form(self, identifier: str, person: str, form: int, now: float) -> None:
        """Write an application with another version of the form; all answers and documents stay.

        Raises:
            NotFound: there is no such application, or they do not write it.
            ApplicationError: it cannot be written now.
        """
        with self.database.write() as connection:
            locked(connection, identifier, person)
            touch(connection, identifier, now, form=form)

    def delete(self, identifier: str, person: str) -> tuple[str, ...]:
        """Delete a draft, which only who began it may; identifiers of its documents.

        Raises:
            NotFound: there is no such application, or somebody else began it.
            ApplicationError: it was handed in before.
        """
        with self.database.write() as connection:
            found = locked(connection, identifier, person).application
            if found.applicant != person or found.state != "draft":
                raise ApplicationError("Only who began an application deletes it, as long as it is a draft.")
            connection.execute(delete(APPLICATION).where(APPLICATION.c.id == identifier))
        return tuple(one.id for one in found.attachments)

    def set_state(self, connection: Connection, identifier: str, state: str) -> None:
        """Note the state of an application within the transaction in which it was decided."""
        connection.execute(update(APPLICATION).where(APPLICATION.c.id == identifier).values(state=state))


def is_identifier(text: str) -> bool:
    """Whether a text can be an identifier of ours; a database is not asked for what cannot."""
    return _IDENTIFIER.fullmatch(text) is not None


def locked(connection: Connection, identifier: str, person: str) -> Written:
    """An application that somebody may write now; others wait until the transaction ends.

    Raises:
        NotFound: there is none, or they do not write it.
        ApplicationError: it cannot be written now.
    """
    if not is_identifier(identifier):
        raise NotFound(_NONE)
    connection.execute(select(APPLICATION.c.id).where(APPLICATION.c.id == identifier).with_for_update())
    found = _of(connection, identifier, person)
    if not found.application.is_open:
        raise ApplicationError("The application was handed in, and cannot be written now.")
    return found


def all_locked(connection: Connection, person: str) -> list[Application]:
    """The applications that somebody writes, the last changed first; others wait until the transaction ends."""
    ids = connection.execute(_written_by(person).with_for_update()).scalars().all()
    found = _read_all(connection, ids)
    return [found[one].application for one in ids]


def check_writer(connection: Connection, identifier: str, person: str) -> None:
    """See that somebody writes an application, where the application itself is not needed.

    Raises:
        NotFound: there is none, or they do not write it.
    """
    shared = exists().where(AUTHOR.c.application == APPLICATION.c.id, AUTHOR.c.person == person)
    mine = APPLICATION.c.id == identifier, or_(APPLICATION.c.applicant == person, shared)
    if not is_identifier(identifier) or connection.execute(select(APPLICATION.c.id).where(*mine)).first() is None:
        raise NotFound(_NONE)


def touch(connection: Connection, identifier: str, now: float, **values: int) -> None:
    """Note when an application was changed, and what else changes of it."""
    connection.execute(update(APPLICATION).where(APPLICATION.c.id == identifier).values(changed=now, **values))


def _written_by(person: str) -> Select[Any]:
    """Identifiers of the applications that somebody writes, the last changed first."""
    shared = select(AUTHOR.c.application).where(AUTHOR.c.person == person)
    mine = or_(APPLICATION.c.applicant == person, APPLICATION.c.id.in_(shared))
    return select(APPLICATION.c.id).where(mine).order_by(APPLICATION.c.changed.desc(), APPLICATION.c.id)


def _of(connection: Connection, identifier: str, person: str) -> Written:
    found = _read_all(connection, [identifier]) if is_identifier(identifier) else {}
    if identifier not in found or person not in found[identifier].application.writers:
        raise NotFound(_NONE)
    return found[identifier]


def _read_all(connection: Connection, ids: Sequence[str]) -> dict[str, Written]:
    """Applications by their identifiers, with as many queries for many as for one.

    Revisions are read first: of what is saved meanwhile an answer may be newer than they say, never older.
    """
    rows = connection.execute(select(APPLICATION).where(APPLICATION.c.id.in_(ids))).all()
    answers: dict[str, dict[str, Stored]] = {one: {} for one in ids}
    for row in connection.execute(_each(ANSWER, ids, ANSWER.c.paragraph)):
        answers[row.application][row.paragraph] = Stored(_value(row.value), row.revision, row.by, row.begun, row.at)
    authors = _grouped(connection.execute(_each(AUTHOR, ids, AUTHOR.c.made, AUTHOR.c.person)))
    documents = _grouped(connection.execute(_each(DOCUMENT, ids, DOCUMENT.c.at, DOCUMENT.c.id)))
    found = {}
    for row in rows:
        stored = answers[row.id]
        application = Application(
            id=row.id,
            form=row.form,
            applicant=row.applicant,
            authors=tuple(one.person for one in authors.get(row.id, ())),
            answers={name: one.value for name, one in stored.items()},
            attachments=tuple(attachment_in(one) for one in documents.get(row.id, ())),
            revision=row.revision,
            state=row.state,
            made=row.made,
            changed=row.changed,
        )
        found[row.id] = Written(application, stored)
    return found


def _each(table: Table, ids: Sequence[str], *order: ColumnElement[Any]) -> Select[Any]:
    """The rows of some applications, in order."""
    return select(table).where(table.c.application.in_(ids)).order_by(*order)


def _grouped(rows: Iterable[Row[Any]]) -> dict[str, list[Row[Any]]]:
    """Rows by their application."""
    found: dict[str, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.application, []).append(row)
    return found


def attachment_in(row: Row[Any]) -> Attachment:
    """A document from its row."""
    return Attachment(row.id, row.paragraph, row.name, row.kind, row.size, row.digest, row.by, row.at)


def _replace(connection: Connection, identifier: str, name: str, old: Stored | None, new: Stored) -> None:
    if old is None:
        _put(connection, identifier, name, new)
        return
    kept = _is_contested(connection, identifier, name, old) or is_kept_earlier(old, new.value, new.by, new.at)
    if kept:
        _aside(connection, identifier, name, old, aside=False)
    goes_on = not kept and old.by == new.by
    changed = _row(replace(new, begun=old.begun) if goes_on else new)
    here = ANSWER.c.application == identifier, ANSWER.c.paragraph == name
    connection.execute(update(ANSWER).where(*here).values(changed))


def _is_contested(connection: Connection, identifier: str, name: str, stored: Stored) -> bool:
    """Whether somebody came too late with another text since this one stands; then both are kept."""
    here = EARLIER.c.application == identifier, EARLIER.c.paragraph == name, EARLIER.c.aside.is_(True)
    late = select(EARLIER.c.revision).where(*here, EARLIER.c.revision > stored.revision)
    return connection.execute(late.limit(1)).first() is not None


def _put(connection: Connection, identifier: str, name: str, stored: Stored) -> None:
    connection.execute(insert(ANSWER), {"application": identifier, "paragraph": name, **_row(stored)})


def _aside(connection: Connection, identifier: str, name: str, stored: Stored, *, aside: bool) -> None:
    """Keep a text that does not stand; the oldest make room."""
    row = {key: value for key, value in _row(stored).items() if key != "begun"}
    connection.execute(insert(EARLIER), {"application": identifier, "paragraph": name, "aside": aside, **row})
    here = EARLIER.c.application == identifier, EARLIER.c.paragraph == name
    oldest: Sequence[int] = (
        connection.execute(select(EARLIER.c.revision).where(*here).order_by(EARLIER.c.revision.desc())).scalars().all()
    )[MOST_EARLIER:]
    if oldest:
        connection.execute(delete(EARLIER).where(*here, EARLIER.c.revision.in_(oldest)))


def _row(stored: Stored) -> dict[str, Any]:
    value = stored.value if isinstance(stored.value, str) else list(stored.value)
    return {**vars(stored), "value": json.dumps(value, ensure_ascii=False)}


def _value(text: str) -> Value:
    found = json.loads(text)
    return found if isinstance(found, str) else tuple(found)
