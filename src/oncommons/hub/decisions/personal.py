"""What decisions keep of a person: they can see it, and what can go goes with their account.

The history of an application stays, under a pseudonym: without it nobody could show any more how something was decided.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, select

from oncommons.hub.decisions.tables import DECISION, DUTY, EVENT, PARTY
from oncommons.hub.decisions.writing import read_event
from oncommons.hub.people.desk import Keeper
from oncommons.hub.people.register import Leaving
from oncommons.schema.saved import utc
from oncommons.storage.database import Database


def keeper(database: Database) -> Keeper:
    """What stands in a person's own data, and goes with their account.

    Args:
        database: The hub's database.
    """

    def told(person: str) -> list[dict[str, Any]]:
        query = select(EVENT.c.application, EVENT.c.event, DECISION.c.title).join(DECISION)
        with database.read() as connection:
            rows = connection.execute(query.where(EVENT.c.person == person).order_by(EVENT.c.at, EVENT.c.number)).all()
        return [_step(row.application, row.title, row.event) for row in rows]

    return Keeper("decisions", told, _forget)


def _step(application: str, title: str, text: str) -> dict[str, Any]:
    """One step that somebody took, as they took it."""
    event = read_event(text)
    move = event.move
    step: dict[str, Any] = {"application": application, "title": title, "at": utc(move.at), "did": move.kind}
    step |= {"as": event.role, "holder": move.body, "said": move.text}
    if move.kind == "vote":
        step["yes"] = move.yes
    if move.proposal is not None:
        step |= {"datasets": sorted(move.proposal.datasets), "conditions": list(move.proposal.conditions)}
    return step


def _forget(connection: Connection, leaving: Leaving) -> None:
    for table in (DUTY, PARTY):
        connection.execute(delete(table).where(table.c.person == leaving.person))
