"""Who waits for a number, and is told when it is reached, or is not any more.

What is told is the name of the question, the number that somebody waits for, and how it stands: that follows from what
nodes have released, and no other number is in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select

from oncommons.hub.notices.telling import tell
from oncommons.hub.people.desk import Keeper
from oncommons.hub.people.register import Leaving
from oncommons.hub.saved.feed import words_of
from oncommons.hub.saved.tables import SAVED, WATCH, WATCHER
from oncommons.schema.errors import NotFound
from oncommons.schema.notices import Notice
from oncommons.schema.saved import Standing, utc
from oncommons.storage.database import Database, insert_into

WATCH_SECONDS = 366 * 86_400
"""How long a number is waited for, from when somebody last said so."""


@dataclass(frozen=True)
class Waiters:
    """Those who wait, in the hub's database.

    Attributes:
        database: The hub's database.
    """

    database: Database

    def wait(self, digest: str, reach: int, person: str, now: float) -> None:
        """Have a person told of a number that is waited for, from now on.

        Args:
            digest: The saved question's.
            reach: The number, which is waited for already.
            person: Identifier of the person.
            now: Seconds since the epoch.
        """
        row = {"digest": digest, "reach": reach, "person": person, "made": now}
        with self.database.write() as connection:
            connection.execute(insert_into(connection, WATCHER).on_conflict_do_nothing(), row)

    def of(self, person: str) -> list[dict[str, Any]]:
        """The numbers for which a person waits, in order of question and number; times are in UTC."""
        here = WATCHER.c.digest == WATCH.c.digest, WATCHER.c.reach == WATCH.c.reach
        columns = WATCHER.c.digest, WATCHER.c.reach, WATCHER.c.made, SAVED.c.name, WATCH.c.reached, WATCH.c.made
        query = select(*columns[:5], columns[5].label("again")).join(SAVED, SAVED.c.digest == WATCHER.c.digest)
        ordered = query.where(*here, WATCHER.c.person == person).order_by(
            SAVED.c.name, WATCHER.c.digest, WATCHER.c.reach
        )
        with self.database.read() as connection:
            return [
                {"id": row.digest, "name": row.name, "reach": row.reach, "made": utc(row.made)}
                | {"reached": utc(row.reached), "until": utc(row.again + WATCH_SECONDS)}
                for row in connection.execute(ordered)
            ]

    def leave(self, digest: str, person: str) -> None:
        """Tell a person no more of a question; raises :class:`NotFound` where they wait for none of its numbers."""
        mine = delete(WATCHER).where(WATCHER.c.digest == digest, WATCHER.c.person == person)
        with self.database.write() as connection:
            if not connection.execute(mine).rowcount:
                raise NotFound("You wait for no number of such a question.")

    def keeper(self) -> Keeper:
        """What stands in a person's own data, and goes with their account."""
        return Keeper("watches", self.of, _forget)


def tell_waiters(connection: Connection, watch: tuple[str, int], change: tuple[Standing, Standing], now: float) -> None:
    """Tell those who wait for a number how it stands now, within the transaction in which that is noted.

    That it is not reached, when nothing was known before, is nothing to tell.

    Args:
        connection: A transaction that writes.
        watch: Digest of the question, and the number.
        change: How it stood, and how it stands.
        now: Seconds since the epoch.
    """
    digest, reach = watch
    if change == ("not known", "not reached"):
        return
    query = select(WATCHER.c.person, SAVED.c.name).join(SAVED, SAVED.c.digest == WATCHER.c.digest)
    rows = connection.execute(query.where(WATCHER.c.digest == digest, WATCHER.c.reach == reach)).all()
    once = f"watch {digest} {reach} {now:.3f}"
    told = [
        Notice(row.person, "watch", f"“{row.name}”: {words_of(*change, reach)}.", f"/saved/{digest}", once)
        for row in rows
    ]
    tell(connection, told, now)


def _forget(connection: Connection, leaving: Leaving) -> None:
    connection.execute(delete(WATCHER).where(WATCHER.c.person == leaving.person))
