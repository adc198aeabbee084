"""Runs that somebody asked for: they can see them all, and they go with their account."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, delete

from oncommons.hub.dispatch.book import runs_of
from oncommons.hub.dispatch.tables import RUN
from oncommons.hub.people.desk import Keeper
from oncommons.hub.people.register import Leaving
from oncommons.schema.saved import utc
from oncommons.storage.database import Database
from oncommons.storage.worklist import drop_jobs


def keeper(database: Database) -> Keeper:
    """What stands in a person's own data, and goes with their account; a run that goes on ends with it.

    Args:
        database: The hub's database.
    """

    def told(person: str) -> list[dict[str, Any]]:
        with database.read() as connection:
            return [_told(row) for row in runs_of(connection, person)]

    return Keeper("runs", told, _forget)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    plain = {name: row[name] for name in ("id", "permit", "title", "state")}
    return plain | {"asked_at": utc(row["asked"]), "run": json.loads(row["run"])}


def _forget(connection: Connection, leaving: Leaving) -> None:
    mine = runs_of(connection, leaving.person)
    for row in mine:
        drop_jobs(connection, row["key"])
    connection.execute(delete(RUN).where(RUN.c.key.in_([row["key"] for row in mine])))
