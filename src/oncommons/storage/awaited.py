"""Questions for which a data manager is asked, one by one: what waits, what was agreed to and what was declined.

The table lies in the file of :mod:`oncommons.storage.permitted`, so that a decision and what it costs are one step::

    run (id, permit, project, question, body, person, asked, state, until, reason, decided, job)

Nothing is kept for ever: a row is forgotten once its ``until`` has passed.
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

from oncommons.storage.owned import plain_errors

RunState = Literal["waiting", "agreed", "declined"]
MOST_WAITING = 200
"""So many questions wait at one time."""
MOST_OF_PERMIT = 20
"""So many of them under one permit, or one project could take the place of all others."""
RUNS = """
CREATE TABLE IF NOT EXISTS run (
    id TEXT PRIMARY KEY, permit TEXT NOT NULL, project TEXT NOT NULL, question BLOB NOT NULL, body TEXT NOT NULL,
    person TEXT NOT NULL, asked REAL NOT NULL, state TEXT NOT NULL, until REAL NOT NULL, reason TEXT NOT NULL DEFAULT '',
    decided REAL, job TEXT NOT NULL DEFAULT ''
) STRICT;
"""
_COLUMNS = "permit, project, question, body, person, asked, state, until, reason, decided, job"
_ID_LENGTH = 12


@dataclass(frozen=True)
class Run:
    """A question for which the data manager is asked.

    Attributes:
        permit: Identifier of the permit under which it is asked.
        project: The project of the permit.
        question: Digest of the question.
        body: The question, as JSON.
        person: Who asked first, as the hub vouches for.
        asked: When, in seconds since the epoch.
        state: ``waiting``, ``agreed`` or ``declined``.
        until: From when on nobody knows of it any more; what was agreed to does not run then.
        reason: Why it was declined.
        decided: When it was agreed to or declined; ``None`` where it waits.
        job: For which question of the hub the consent was used; empty where it was not.
    """

    permit: str
    project: str
    question: bytes
    body: str
    person: str
    asked: float
    state: RunState = "waiting"
    until: float = 0
    reason: str = ""
    decided: float | None = None
    job: str = ""

    @property
    def id(self) -> str:
        """By what a person names it: the same for the same question under the same permit."""
        return hashlib.sha256(self.permit.encode() + b"\0" + self.question).hexdigest()[:_ID_LENGTH]

    def agreed_for(self, job: str) -> bool:
        """Whether it was agreed to, and not used for another question of the hub."""
        return self.state == "agreed" and self.job in {"", job}


class Awaited:
    """The table; see :class:`oncommons.storage.permitted.Permitted`, which opens the file.

    Args:
        connection: The file, opened.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def of(self, permit: str, question: bytes, now: float) -> Run | None:
        """The question of a digest under a permit, where it is known now."""
        return self._one("permit = ? AND question = ? AND until > ?", permit, question, now)

    def named(self, name: str, now: float) -> Run | None:
        """The question of a name, where it is known now."""
        return self._one("id = ? AND until > ?", name, now)

    def all(self, now: float) -> list[Run]:
        """Every question that is known now, the one asked first at the beginning."""
        with permit_errors():
            query = f"SELECT {_COLUMNS} FROM run WHERE until > ? ORDER BY asked, id"
            return [Run(*row) for row in self._connection.execute(query, [now]).fetchall()]

    def wait(self, run: Run) -> bool:
        """Have a question wait; one that waits already goes on waiting. False where there is no room for it."""
        before = self.of(run.permit, run.question, run.asked)
        if before is not None and before.state == "waiting":
            return True
        self._write("DELETE FROM run WHERE until <= ?", run.asked)
        waiting = [one.permit for one in self.all(run.asked) if one.state == "waiting"]
        if len(waiting) >= MOST_WAITING or waiting.count(run.permit) >= MOST_OF_PERMIT:
            return False
        self.put(run)
        return True

    def put(self, run: Run) -> None:
        """Keep what is known of a question, in the place of what was known before."""
        values = tuple(vars(run).values())
        self._write(f"INSERT OR REPLACE INTO run (id, {_COLUMNS}) VALUES (?{', ?' * len(values)})", run.id, *values)

    def _one(self, where: str, *values: str | bytes | float) -> Run | None:
        with permit_errors():
            row = self._connection.execute(f"SELECT {_COLUMNS} FROM run WHERE {where}", values).fetchone()
        return Run(*row) if row else None

    def _write(self, query: str, *values: object) -> None:
        with permit_errors():
            self._connection.execute(query, values)


def permit_errors() -> AbstractContextManager[None]:
    """Tell in our own words what goes wrong with what the node knows of permits."""
    return plain_errors("What the node knows of permits cannot be used.", "The disk is full. Make room and try again.")
