"""Questions that somebody saved under a permit: they can see them all, and they go with their account."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, delete, select

from oncommons.hub.people.desk import Keeper
from oncommons.hub.people.register import Leaving
from oncommons.hub.saved.tables import HEARD, SAVED, SIGHTING, WATCH
from oncommons.schema.saved import utc
from oncommons.storage.database import Database


def keeper(database: Database) -> Keeper:
    """What stands in a person's own data, and goes with their account.

    Args:
        database: The hub's database.
    """

    def told(person: str) -> list[dict[str, Any]]:
        mine = select(SAVED).where(SAVED.c.permit != "", SAVED.c.person == person)
        with database.read() as connection:
            rows = connection.execute(mine.order_by(SAVED.c.made, SAVED.c.digest)).all()
        return [
            {
                "id": r.digest,
                "name": r.name,
                "question": json.loads(r.question),
                "made": utc(r.made),
                "permit": r.permit,
            }
            for r in rows
        ]

    return Keeper("saved_questions", told, _forget)


def _forget(connection: Connection, leaving: Leaving) -> None:
    mine = select(SAVED.c.digest).where(SAVED.c.permit != "", SAVED.c.person == leaving.person)
    for table in (WATCH, HEARD, SIGHTING, SAVED):
        connection.execute(delete(table).where(table.c.digest.in_(mine)))
