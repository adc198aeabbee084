"""What a person finds in the inbox: what waits for them, apart from what is only news."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, delete, func, or_, select, update

from oncommons.hub.notices.tables import ALL, NOTICE, WISH
from oncommons.hub.people.desk import Keeper
from oncommons.hub.people.register import Leaving
from oncommons.schema.notices import AT_ONCE, HOWS, KINDS
from oncommons.schema.saved import utc
from oncommons.storage.database import Database, insert_into

PAGE = 50
"""Notices on one page of news."""
MOST_WAITING = 500
"""Notices that wait and are shown."""
KEEP_SECONDS = 365 * 86_400.0
"""A notice that was read, or is settled, is kept for so long."""
WAITS = and_(NOTICE.c.until.is_not(None), NOTICE.c.settled.is_(None))
"""What the person must act on."""


class Inbox:
    """The notices in the hub's database.

    Args:
        database: The hub's database.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def counts(self, person: str) -> dict[str, int]:
        """How much waits for a person, and how much news is unread."""
        waiting = func.sum(case((WAITS, 1), else_=0))
        unread = func.sum(case((and_(NOTICE.c.read.is_(None), ~WAITS), 1), else_=0))
        either = or_(NOTICE.c.read.is_(None), WAITS)
        with self.database.read() as connection:
            row = connection.execute(select(waiting, unread).where(NOTICE.c.person == person, either)).one()
        return {"waiting": int(row[0] or 0), "unread": int(row[1] or 0)}

    def waiting(self, person: str) -> list[dict[str, Any]]:
        """What waits for a person, what is due first coming first."""
        query = select(NOTICE).where(NOTICE.c.person == person, WAITS).order_by(NOTICE.c.until, NOTICE.c.id)
        with self.database.read() as connection:
            return [_told(row) for row in connection.execute(query.limit(MOST_WAITING))]

    def news(self, person: str, page: int = 1) -> tuple[list[dict[str, Any]], bool]:
        """A page of what nobody waits for: unread first, the newest first; and whether there are more pages."""
        query = select(NOTICE).where(NOTICE.c.person == person, ~WAITS)
        ordered = query.order_by(NOTICE.c.read.is_not(None), NOTICE.c.made.desc(), NOTICE.c.id)
        with self.database.read() as connection:
            rows = connection.execute(ordered.offset((page - 1) * PAGE).limit(PAGE + 1)).all()
        return [_told(row) for row in rows[:PAGE]], len(rows) > PAGE

    def read(self, person: str, notices: Collection[str] | None, now: float) -> int:
        """Mark a person's own notices as read, or all of them; how many were not before.

        What is somebody else's is passed over, as if it were not there.
        """
        mine: list[ColumnElement[bool]] = [NOTICE.c.person == person, NOTICE.c.read.is_(None)]
        if notices is not None:
            mine.append(NOTICE.c.id.in_(notices))
        with self.database.write() as connection:
            return int(connection.execute(update(NOTICE).where(*mine).values(read=now)).rowcount)

    def wishes(self, person: str) -> dict[str, str]:
        """How a person wants to be told, kind by kind; at once where nothing was said."""
        with self.database.read() as connection:
            return wishes_of(connection, person)

    def wish(self, person: str, wishes: Mapping[str, str]) -> None:
        """Keep how a person wants to be told, of these kinds."""
        with self.database.write() as connection:
            for kind, how in sorted(wishes.items()):
                add = insert_into(connection, WISH).values(person=person, kind=kind, how=how)
                connection.execute(add.on_conflict_do_update(index_elements=["person", "kind"], set_={"how": how}))

    def keeper(self) -> Keeper:
        """What stands in a person's own data, and goes with their account."""
        return Keeper("notices", self._all, forget)

    def tidy(self, now: float) -> int:
        """Delete what is long over: what was read or settled more than a year ago; how much that was."""
        before = now - KEEP_SECONDS
        over = or_(NOTICE.c.settled <= before, and_(NOTICE.c.read <= before, NOTICE.c.until.is_(None)))
        with self.database.write() as connection:
            return int(connection.execute(delete(NOTICE).where(over)).rowcount)

    def _all(self, person: str) -> dict[str, Any]:
        query = select(NOTICE).where(NOTICE.c.person == person).order_by(NOTICE.c.made.desc(), NOTICE.c.id)
        with self.database.read() as connection:
            told = [_told(row) for row in connection.execute(query)]
            return {"by_email": wishes_of(connection, person), "told": told}


def wishes_of(connection: Connection, person: str) -> dict[str, str]:
    """As :meth:`Inbox.wishes`, within a transaction."""
    rows = connection.execute(select(WISH.c.kind, WISH.c.how).where(WISH.c.person == person))
    said = {row.kind: row.how for row in rows if row.how in HOWS}
    return {kind: said.get(kind, AT_ONCE) for kind in KINDS}


def forget(connection: Connection, leaving: Leaving) -> None:
    """Delete all that is kept of what a person was told."""
    for table in ALL:
        connection.execute(delete(table).where(table.c.person == leaving.person))


def _told(row: Row[Any]) -> dict[str, Any]:
    """A notice as its person is shown it; times are in UTC, empty for none."""
    told = {"id": row.id, "kind": row.kind, "says": row.says, "where": row.where, "subject": row.subject}
    when = {name: utc(getattr(row, name)) for name in ("until", "made", "read", "settled", "reminded")}
    return {**told, **when, "waits": row.until is not None and row.settled is None}
