"""Whose turn it is: of several processes with one database, one at a time does what must be done once.

A turn is a row with a holder and an end.  Whoever has it may take it again before it ends; of a process that is
killed it ends by itself.  The clocks of the processes must agree but for a part of the time that a turn lasts.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, String, Table, or_, update

from oncommons.storage.database import METADATA, Database, insert_into

TURN = Table(
    "turn",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("holder", String(32), nullable=False),
    Column("until", Float, nullable=False),
)


class Turns:
    """The turns in the hub's database.

    Args:
        database: The hub's database.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def take(self, name: str, holder: str, now: float, seconds: float) -> bool:
        """Take a turn, or go on with it; false where another has it.

        Args:
            name: What is done in it.
            holder: Who takes it; another name for every process.
            now: Seconds since the epoch.
            seconds: How long it lasts.
        """
        free = or_(TURN.c.holder == holder, TURN.c.until <= now)
        with self.database.write() as connection:
            row = {"name": name, "holder": holder, "until": now}
            connection.execute(insert_into(connection, TURN).on_conflict_do_nothing(), row)
            mine = update(TURN).where(TURN.c.name == name, free).values(holder=holder, until=now + seconds)
            return connection.execute(mine).rowcount == 1

    def leave(self, name: str, holder: str) -> None:
        """End one's turn, so that another need not wait until it ends by itself."""
        with self.database.write() as connection:
            connection.execute(update(TURN).where(TURN.c.name == name, TURN.c.holder == holder).values(until=0.0))
