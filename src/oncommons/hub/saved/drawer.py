"""Where saved questions lie, and what was last seen of each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from oncommons.hub.saved.tables import SAVED, WATCH
from oncommons.schema.answer import Count
from oncommons.schema.errors import BadRequest, NotFound
from oncommons.schema.parsing import parse_question
from oncommons.schema.question import Question
from oncommons.schema.saved import SavedQuestion, Watch, cite, digest_of, standing_of
from oncommons.schema.sentence import sentence
from oncommons.storage.database import Database

MOST_SAVED = 10_000
LOOK_AGAIN_SECONDS = 86_400
"""A watched question that nobody has looked at for so long is asked again, since a node may have been away."""
MOST_WATCHES = 20
"""Numbers that are waited for, of one question."""


@dataclass(frozen=True)
class Drawer:
    """The saved questions in the hub's database.

    Attributes:
        database: The hub's database.
        hub: Name of the hub.
        url: Its address.
    """

    database: Database
    hub: str
    url: str

    def save(self, name: str, question: Question, now: float) -> SavedQuestion:
        """Save a question; one that asks the same and was saved before keeps its name.

        Raises:
            BadRequest: too many are saved.
        """
        digest = digest_of(question)
        with self.database.write() as connection:
            if connection.execute(select(SAVED.c.digest).where(SAVED.c.digest == digest)).first() is None:
                if connection.execute(select(func.count()).select_from(SAVED)).scalar_one() >= MOST_SAVED:
                    raise BadRequest(f"This hub keeps at most {MOST_SAVED:,} saved questions.")
                row = {"digest": digest, "name": name, "question": json.dumps(question.to_json()), "made": now}
                connection.execute(insert(SAVED), row | {"count": "", "checked": None})
        return self.one(digest)

    def watch(self, digest: str, reach: int, now: float) -> None:
        """Wait for a number; waiting for the same number twice is waiting once.

        Raises:
            NotFound: nothing is saved under that name.
            BadRequest: too many numbers are waited for.
        """
        self.one(digest)
        with self.database.write() as connection:
            there = list(connection.execute(select(WATCH.c.reach).where(WATCH.c.digest == digest)).scalars())
            if reach in there:
                return
            if len(there) >= MOST_WATCHES:
                raise BadRequest(f"At most {MOST_WATCHES} numbers are waited for, of one question.")
            connection.execute(insert(WATCH), {"digest": digest, "reach": reach, "made": now, "reached": None})

    def saw(self, digest: str, count: Count, now: float) -> None:
        """Note what was certain, and which numbers that reaches."""
        with self.database.write() as connection:
            seen = {"count": json.dumps(count.to_json()), "checked": now}
            connection.execute(update(SAVED).where(SAVED.c.digest == digest).values(seen))
            open_ = (WATCH.c.digest == digest, WATCH.c.reached.is_(None), WATCH.c.reach <= count.at_least)
            connection.execute(update(WATCH).where(*open_).values(reached=now))

    def one(self, digest: str) -> SavedQuestion:
        """A saved question.

        Raises:
            NotFound: nothing is saved under that name.
        """
        with self.database.read() as connection:
            row = connection.execute(select(SAVED).where(SAVED.c.digest == digest)).mappings().first()
            if row is None:
                raise NotFound("This hub has saved no such question.")
            watches = connection.execute(select(WATCH).where(WATCH.c.digest == digest)).mappings().all()
        return self._told(row, watches)

    def all(self) -> list[SavedQuestion]:
        """Every saved question, the newest first."""
        with self.database.read() as connection:
            rows = connection.execute(select(SAVED).order_by(SAVED.c.made.desc(), SAVED.c.digest)).mappings().all()
            watches = connection.execute(select(WATCH)).mappings().all()
        return [self._told(row, [w for w in watches if w["digest"] == row["digest"]]) for row in rows]

    def is_stale(self, digest: str, newest: float | None, now: float) -> bool:
        """Whether a card was published since the question was last looked at, or that was a day ago."""
        with self.database.read() as connection:
            checked = connection.execute(select(SAVED.c.checked).where(SAVED.c.digest == digest)).scalar()
        return checked is None or now - checked > LOOK_AGAIN_SECONDS or (newest is not None and newest > checked)

    def _told(self, row: Mapping[Any, Any], watches: Sequence[Mapping[Any, Any]]) -> SavedQuestion:
        body = json.loads(row["question"])
        words, made = sentence(parse_question(body)), _utc(row["made"])
        count = Count.from_json(json.loads(row["count"])) if row["count"] else None
        url = f"{self.url}/saved/{row['digest']}"
        return SavedQuestion(
            id=row["digest"],
            name=row["name"],
            question=body,
            sentence=words,
            made=made,
            citation=cite(row["name"], words, self.hub, made, url),
            count=count,
            checked=_utc(row["checked"]),
            watches=tuple(
                Watch(w["reach"], standing_of(count, w["reach"]), _utc(w["reached"]))
                for w in sorted(watches, key=lambda w: int(w["reach"]))
            ),
        )


def _utc(seconds: float | None) -> str:
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
