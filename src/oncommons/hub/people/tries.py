"""Wrong tries, counted in the database, so that neither a restart nor another process forgets them.

A try is counted before it is looked at and taken back when it was right.  So tries that come together count like
tries one after the other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, delete, select, update

from oncommons.hub.people.rules import Pace
from oncommons.hub.people.tables import TRIES
from oncommons.storage.database import Database, insert_into


class Tries:
    """The tries in the hub's database.

    Args:
        database: The hub's database.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def take(self, paces: Mapping[str, Pace], now: float) -> float:
        """Count one try under every name; seconds to wait instead, where one of them has to wait: then none is counted.

        Args:
            paces: Names of what is tried, and how each is slowed down.
            now: Seconds since the epoch.
        """
        over = select(TRIES.c.name).where(TRIES.c.forget <= now).with_for_update(skip_locked=True)
        with self.database.write() as connection:  # by itself, since the order in which rows are deleted is not known
            connection.execute(delete(TRIES).where(TRIES.c.name.in_(over)))
        with self.database.write() as connection:
            counts, wait = {}, 0.0
            for name in sorted(paces):  # in one order, so that two tries never wait for one another
                count, until = _row(connection, name, now)
                counts[name] = count + 1
                wait = max(wait, until - now)
            if wait <= 0:
                for name, count in counts.items():
                    _keep(connection, name, count, paces[name], now)
        return max(wait, 0.0)

    def forget(self, *names: str) -> None:
        """Forget all tries under these names, as after the right one."""
        with self.database.write() as connection:
            forget(connection, names)

    def give_back(self, paces: Mapping[str, Pace], now: float) -> None:
        """Take one try back under every name, since it was right; the others stay."""
        with self.database.write() as connection:
            for name in sorted(paces):
                count, _ = _row(connection, name, now)
                _keep(connection, name, max(count - 1, 0), paces[name], now)


def forget(connection: Connection, names: Collection[str]) -> None:
    """As :meth:`Tries.forget`, within a transaction."""
    connection.execute(delete(TRIES).where(TRIES.c.name.in_(names)))


def _row(connection: Connection, name: str, now: float) -> tuple[int, float]:
    """Count and end of the wait of a name, locked until the transaction ends.

    In one statement: between two of them the row may be forgotten.
    """
    row = {"name": name, "count": 0, "until": 0.0, "forget": now + 1}
    new = insert_into(connection, TRIES)
    same = new.on_conflict_do_update(index_elements=[TRIES.c.name], set_={"name": new.excluded.name})
    found = connection.execute(same.returning(TRIES.c.count, TRIES.c.until), row).mappings().one()
    return int(found["count"]), float(found["until"])


def _keep(connection: Connection, name: str, count: int, pace: Pace, now: float) -> None:
    wait = pace.wait(count)
    until = now + wait if wait else 0.0  # not even until now: others may have looked at the clock a moment before
    values = {"count": count, "until": until, "forget": now + wait + pace.forget}
    connection.execute(update(TRIES).where(TRIES.c.name == name).values(values))
