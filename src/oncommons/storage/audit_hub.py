"""The audit log of a hub, in its database, so that what happens and its entry are one transaction.

Several hubs that share a PostgreSQL enter one after the other: whoever enters holds the row of the head until the
transaction ends.  So an entry is made last in a transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Integer, String, Table, Text, bindparam, insert, inspect, select, update

from oncommons.schema.errors_of_protocols import NoAuditLog
from oncommons.storage.chain import Entry, Event, Head, next_entry
from oncommons.storage.database import METADATA, Database

AUDIT_ENTRY = Table(
    "audit_entry",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("line", Text, nullable=False),
    Column("keeps", String(63), nullable=True, index=True),
)
"""``keeps`` names the node whose checkpoint is in the entry; it only helps to find it and is not proven."""
AUDIT_HEAD = Table(
    "audit_head",
    METADATA,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
)
_AT_A_TIME = 500
_HEAD = select(AUDIT_HEAD.c.size, AUDIT_HEAD.c.digest)
_HELD = _HEAD.with_for_update()
_MOVE = update(AUDIT_HEAD).values(size=bindparam("to_size"), digest=bindparam("to_digest"))
_ENTER = insert(AUDIT_ENTRY)
_KEPT = (
    select(AUDIT_ENTRY.c.line)
    .where(AUDIT_ENTRY.c.keeps == bindparam("node"))
    .order_by(AUDIT_ENTRY.c.number.desc())
    .limit(1)
)


@dataclass(frozen=True)
class Pending:
    """What becomes an event only when nobody else can enter any more.

    Attributes:
        of: Whose checkpoint comes with it.
        settle: From the last entry that keeps a checkpoint of the same to what is entered; ``None`` for nothing.
    """

    of: str
    settle: Callable[[Entry | None], Event | None]


def enter(connection: Connection, *events: Event | Pending) -> Head:
    """Enter what happened as the last thing of a transaction that writes.

    Returns:
        The head of the log, if the transaction is kept.

    Raises:
        ValueError: a body is not JSON.
    """
    head = Head(*connection.execute(_HELD).one())
    rows: list[dict[str, Any]] = []
    for found in events:
        event = found if isinstance(found, Event) else found.settle(_kept(connection, found.of))
        if event is None:
            continue
        entry = next_entry(event, head)
        head = entry.head
        rows.append({"number": entry.number, "line": entry.to_line(), "keeps": event.of or None})
    if rows:
        connection.execute(_ENTER, rows)
        connection.execute(_MOVE, {"to_size": head.size, "to_digest": head.digest})
    return head


def _kept(connection: Connection, node: str) -> Entry | None:
    line = connection.execute(_KEPT, {"node": node}).scalar()
    return None if line is None else Entry.from_line(line)


class HubLog:
    """A hub's log.

    Args:
        database: The hub's database.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def begin(self, event: Event) -> None:
        """Enter into a new log whose it is; nothing where it has begun."""
        if self.head().size:
            return
        with self.database.write() as connection:
            if not connection.execute(_HELD).one().size:
                enter(connection, event)

    def enter(self, *events: Event | Pending) -> Head:
        """Enter what happened, by itself; see :func:`enter`.

        Raises:
            MachineError: the database cannot be written; nothing was entered.
        """
        with self.database.write() as connection:
            return enter(connection, *events)

    def head(self) -> Head:
        """How far the log goes."""
        with self.database.read() as connection:
            return Head(*connection.execute(_HEAD).one())

    def lines(self, after: int = -1) -> Iterator[str]:
        """Every entry as it is kept, or those after one, the first one first."""
        last = after
        while True:
            query = select(AUDIT_ENTRY.c.number, AUDIT_ENTRY.c.line).where(AUDIT_ENTRY.c.number > last)
            with self.database.read() as connection:
                rows = connection.execute(query.order_by(AUDIT_ENTRY.c.number).limit(_AT_A_TIME)).all()
            if not rows:
                return
            yield from (row.line for row in rows)
            last = rows[-1].number

    def kept_of(self, node: str) -> Entry | None:
        """The last entry that keeps a checkpoint of a node."""
        with self.database.read() as connection:
            return _kept(connection, node)


def open_hub_log(database: Database) -> HubLog:
    """The log in a database that is there, which is not changed.

    Raises:
        NoAuditLog: the database has none.
    """
    with database.read() as connection:
        if not inspect(connection).has_table(AUDIT_HEAD.name):
            raise NoAuditLog("The hub's database has no audit log; hub serve of this version begins one.")
    return HubLog(database)
