"""What decisions tell other parts of the hub: who decides for which node, and what is public of what was granted."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select

from oncommons.hub.decisions.file import last_records
from oncommons.hub.decisions.tables import DECISION, EVENT, HOLDER
from oncommons.hub.decisions.writing import read_event
from oncommons.hub.projects.rules import Report, Story
from oncommons.storage.database import Database

_DECIDED = ("granted", "ended")


def named_holders(database: Database) -> Mapping[str, str]:
    """Node to the identifier of the organisation that was named for it."""
    with database.read() as connection:
        return {node: place for node, place in connection.execute(select(HOLDER.c.node, HOLDER.c.organisation))}  # noqa: C416


def stories(database: Database, permits: Collection[str]) -> Mapping[str, Story]:
    """What is public of applications that were granted, by their permits: the summary, and what came of it.

    Args:
        database: The hub's database.
        permits: Identifiers of the permits, which are those of their applications.
    """
    decided = select(DECISION.c.application).where(DECISION.c.application.in_(permits), DECISION.c.state.in_(_DECIDED))
    with database.read() as connection:
        granted = connection.execute(decided).scalars().all()
        said = select(EVENT.c.application, EVENT.c.event).where(
            EVENT.c.application.in_(granted), EVENT.c.kind == "report"
        )
        found = {one: Story(record.summary) for one, record in last_records(connection, granted).items()}
        for row in connection.execute(said.order_by(EVENT.c.at, EVENT.c.number)):
            move, story = read_event(row.event).move, found[row.application]
            found[row.application] = Story(story.summary, (*story.reports, Report(move.text, move.at)))
    return found
