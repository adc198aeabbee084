"""Where saved questions lie, and the numbers that are waited for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from sqlalchemy import func, insert, select, update

from oncommons.hub.saved.feed import Change
from oncommons.hub.saved.logbook import Logbook, end_watches
from oncommons.hub.saved.tables import SAVED, WATCH
from oncommons.hub.saved.waiters import WATCH_SECONDS, seen_by
from oncommons.hub.search.permitted import NONE, Under
from oncommons.schema.answer import Count
from oncommons.schema.errors import BadRequest, NotFound, QuestionError
from oncommons.schema.parsing import parse_question
from oncommons.schema.question import Question
from oncommons.schema.saved import SavedQuestion, Watch, cite, digest_of, standing_of, utc
from oncommons.schema.sentence import sentence
from oncommons.storage.database import Database

MOST_SAVED = 10_000
MOST_WATCHES = 20
"""Numbers that are waited for, of one question."""
MOST_WATCHED = 500
"""Questions of which numbers are waited for, at this hub: each is asked again after every import."""
MOST_SIGHTINGS = 50
"""Changes of one question that are told; older ones stay in the database."""


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

    def save(self, name: str, question: Question, now: float, under: Under = NONE) -> SavedQuestion:
        """Save a question; one that asks the same and was saved before keeps its name.

        Args:
            name: Its name.
            question: What it asks.
            now: Seconds since the epoch.
            under: By what it is saved; under a permit nobody else sees it.

        Raises:
            BadRequest: too many are saved.
            NoSuchPermit: the person's account was erased.
        """
        digest = digest_of(question, under.permit, under.person)
        with self.database.write() as connection:
            under.hold(connection)
            if connection.execute(select(SAVED.c.digest).where(SAVED.c.digest == digest)).first() is None:
                if connection.execute(select(func.count()).select_from(SAVED)).scalar_one() >= MOST_SAVED:
                    raise BadRequest(f"This hub keeps at most {MOST_SAVED:,} saved questions.")
                row = {"digest": digest, "name": name, "question": json.dumps(question.to_json()), "made": now}
                whose = {"permit": under.permit, "person": under.person}
                connection.execute(insert(SAVED), row | whose | {"count": "", "checked": None})
        return self.one(digest, under)

    def watch(self, digest: str, reach: int, now: float, under: Under = NONE) -> None:
        """Wait for a number, for a year; waiting for the same number again is waiting for it anew.

        Raises:
            NotFound: nothing is saved under that name that may be seen.
            BadRequest: too many numbers are waited for.
            NoSuchPermit: the person's account was erased.
        """
        self.one(digest, under)
        mine = WATCH.c.digest == digest
        with self.database.write() as connection:
            under.hold(connection)
            end_watches(connection, now)
            again = update(WATCH).where(mine, WATCH.c.reach == reach).values(made=now)
            if connection.execute(again).rowcount:
                return
            numbers = select(func.count()).select_from(WATCH).where(mine)
            if connection.execute(numbers).scalar_one() >= MOST_WATCHES:
                raise BadRequest(f"At most {MOST_WATCHES} numbers are waited for, of one question.")
            others = select(func.count(WATCH.c.digest.distinct())).where(WATCH.c.digest != digest)
            if connection.execute(others).scalar_one() >= MOST_WATCHED:
                raise BadRequest(f"This hub watches {MOST_WATCHED} questions, and no more; wait until one ends.")
            connection.execute(insert(WATCH), {"digest": digest, "reach": reach, "made": now, "reached": None})

    def one(self, digest: str, under: Under = NONE) -> SavedQuestion:
        """A saved question, with what each node said and how its numbers changed.

        Args:
            digest: Its identifier.
            under: By what it is looked at; one that was saved under a permit is there for who saved it.

        Raises:
            NotFound: nothing is saved under that name that may be seen.
        """
        with self.database.read() as connection:
            mine = select(SAVED).where(SAVED.c.digest == digest, seen_by(under))
            row = connection.execute(mine).mappings().first()
            if row is None:
                raise NotFound("This hub has saved no such question.")
            watches = connection.execute(select(WATCH).where(WATCH.c.digest == digest)).mappings().all()
        log = self.log
        return replace(
            self._told(row, watches), heard=log.heard(digest), sightings=log.sightings(digest, MOST_SIGHTINGS)
        )

    def all(self, under: Under = NONE) -> list[SavedQuestion]:
        """Every saved question that may be seen, the newest first, without what single nodes said and its history."""
        with self.database.read() as connection:
            seen = select(SAVED).where(seen_by(under)).order_by(SAVED.c.made.desc(), SAVED.c.digest)
            rows = connection.execute(seen).mappings().all()
            watches = connection.execute(select(WATCH).order_by(WATCH.c.digest)).mappings().all()
        by_question = {digest: list(own) for digest, own in groupby(watches, key=lambda w: w["digest"])}
        return [self._told(row, by_question.get(row["digest"], ())) for row in rows]

    def changes(self) -> list[Change]:
        """How the numbers of all questions changed that everybody sees, the newest first."""
        found = self.log.newest(MOST_SIGHTINGS)
        with self.database.read() as connection:
            query = select(SAVED).where(SAVED.c.digest.in_({digest for digest, _ in found}))
            rows = connection.execute(query).mappings().all()
        questions = {row["digest"]: self._told(row, ()) for row in rows}
        return [Change(questions[digest], one) for digest, one in found if digest in questions]

    @property
    def log(self) -> Logbook:
        """What was heard of the questions."""
        return Logbook(self.database)

    def _told(self, row: Mapping[Any, Any], watches: Sequence[Mapping[Any, Any]]) -> SavedQuestion:
        body = json.loads(row["question"])
        words, made = _in_words(body), utc(row["made"])
        count = Count.from_json(json.loads(row["count"])) if row["count"] else None
        url = f"{self.url}/saved/{row['digest']}"
        found = SavedQuestion(
            id=row["digest"],
            name=row["name"],
            question=body,
            sentence=words,
            made=made,
            citation="",
            count=count,
            checked=utc(row["checked"]),
            watches=tuple(
                Watch(w["reach"], standing_of(count, w["reach"]), utc(w["reached"]), utc(w["made"] + WATCH_SECONDS))
                for w in sorted(watches, key=lambda w: int(w["reach"]))
            ),
            permit=row["permit"],
        )
        return replace(found, citation=cite(found, self.hub, url))


def _in_words(body: object) -> str:
    try:
        return sentence(parse_question(body))
    except QuestionError as fault:  # the dictionary has changed since it was saved; its list stays whole
        return f"It can no longer be asked: {fault}"
