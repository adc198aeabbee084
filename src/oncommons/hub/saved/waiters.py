"""Who waits for a number, and is told when it is reached, or is not any more.

What is told is the name of the question, the number that somebody waits for, and how it stands: that follows from what
nodes have released, and no other number is in it.  Inbox and e-mail are open without the pass of a permit, so of what is
asked under one they say only that something has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select, true

from oncommons.hub.notices.telling import take_back, tell
from oncommons.hub.people.desk import Keeper
from oncommons.hub.people.register import Leaving, hold_accounts
from oncommons.hub.saved.feed import words_of
from oncommons.hub.saved.tables import SAVED, WATCH, WATCHER
from oncommons.hub.search.permitted import NONE, Under
from oncommons.schema.errors import NotFound
from oncommons.schema.notices import Notice
from oncommons.schema.saved import Standing, utc
from oncommons.storage.database import Database, insert_into

KIND = "watch"
ENDED = "The hub waits no more for a number: the permit {permit} does not let the question through."
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
        """Have a person told of a number that is waited for, from now on; nothing where the account was erased.

        Args:
            digest: The saved question's.
            reach: The number, which is waited for already.
            person: Identifier of the person.
            now: Seconds since the epoch.
        """
        row = {"digest": digest, "reach": reach, "person": person, "made": now}
        with self.database.write() as connection:
            if hold_accounts(connection, {person}).get(person):
                connection.execute(insert_into(connection, WATCHER).on_conflict_do_nothing(), row)

    def of(self, person: str, under: Under = NONE) -> list[dict[str, Any]]:
        """The numbers for which a person waits, in order of question and number; times are in UTC.

        Args:
            person: Identifier of the person.
            under: By what it is looked at; what is waited for under a permit is there for who shows its pass.
        """
        return self._rows(person, seen_by(under))

    def kept(self, person: str) -> list[dict[str, Any]]:
        """As :meth:`of`, of all for which a person waits, but under a permit without when it was reached."""
        return [one | {"reached": ""} if one["permit"] else one for one in self._rows(person, true())]

    def _rows(self, person: str, which: ColumnElement[bool]) -> list[dict[str, Any]]:
        here = WATCHER.c.digest == WATCH.c.digest, WATCHER.c.reach == WATCH.c.reach
        columns = WATCHER.c.digest, WATCHER.c.reach, WATCHER.c.made, SAVED.c.name, SAVED.c.permit, WATCH.c.reached
        query = select(*columns, WATCH.c.made.label("again")).join(SAVED, SAVED.c.digest == WATCHER.c.digest)
        mine = query.where(*here, WATCHER.c.person == person, which)
        ordered = mine.order_by(SAVED.c.name, WATCHER.c.digest, WATCHER.c.reach)
        with self.database.read() as connection:
            return [
                {"id": row.digest, "name": row.name, "reach": row.reach, "made": utc(row.made)}
                | {"reached": utc(row.reached), "until": utc(row.again + WATCH_SECONDS), "permit": row.permit}
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
        return Keeper("watches", self.kept, _forget)


def tell_waiters(connection: Connection, watch: tuple[str, int], change: tuple[Standing, Standing], now: float) -> None:
    """Tell those who wait for a number how it stands now, within the transaction in which that is noted.

    That it is not reached, when nothing was known before, is nothing to tell.  Under a permit neither name nor number
    is told, nor what has become of it.

    Args:
        connection: A transaction that writes.
        watch: Digest of the question, and the number.
        change: How it stood, and how it stands.
        now: Seconds since the epoch.
    """
    digest, reach = watch
    if change == ("not known", "not reached"):
        return
    query = select(WATCHER.c.person, SAVED.c.name, SAVED.c.permit).join(SAVED, SAVED.c.digest == WATCHER.c.digest)
    rows = connection.execute(query.where(WATCHER.c.digest == digest, WATCHER.c.reach == reach)).all()
    once = f"watch {digest} {reach} {now:.3f}"
    words = words_of(*change, reach)
    told = [Notice(row.person, KIND, _says(row.permit, row.name, words), _page(digest), once) for row in rows]
    tell(connection, told, now)


def tell_end(connection: Connection, digest: str, now: float) -> None:
    """Tell those who wait for numbers of a question that its permit has ended, in place of what they were told of it.

    Args:
        connection: A transaction that writes, in which nobody waits any more afterwards.
        digest: The question's.
        now: Seconds since the epoch.
    """
    take_back(connection, KIND, _page(digest))
    query = select(WATCHER.c.person, SAVED.c.permit).join(SAVED, SAVED.c.digest == WATCHER.c.digest)
    rows = connection.execute(query.where(WATCHER.c.digest == digest).distinct()).all()
    once = f"watch {digest} ended {now:.3f}"
    tell(connection, [Notice(row.person, KIND, ENDED.format(permit=row.permit), "/saved", once) for row in rows], now)


def seen_by(under: Under) -> ColumnElement[bool]:
    """The saved questions that everybody sees, and one's own under the same permit."""
    own = (SAVED.c.permit == under.permit) & (SAVED.c.person == under.person)
    return (SAVED.c.permit == "") | own


def _says(permit: str, name: str, words: str) -> str:
    """What somebody is told of a question."""
    return f"A number that you wait for under permit {permit} has changed." if permit else f"“{name}”: {words}."


def _page(digest: str) -> str:
    return f"/saved/{digest}"


def _forget(connection: Connection, leaving: Leaving) -> None:
    connection.execute(delete(WATCHER).where(WATCHER.c.person == leaving.person))
