"""What decisions tell other parts of the hub: who decides for which node, and what is public of what was granted."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import select

from oncommons.hub.decisions.tables import DECISION, EVENT, HOLDER, SUBMISSION
from oncommons.hub.decisions.writing import read_event
from oncommons.hub.projects.rules import Report, Story
from oncommons.schema.application import parse_application
from oncommons.storage.database import Database

_DECIDED = ("granted", "ended")


def named_holders(database: Database) -> Mapping[str, str]:
    """Node to the identifier of the organisation that was named for it."""
    with database.read() as connection:
        return {node: place for node, place in connection.execute(select(HOLDER.c.node, HOLDER.c.organisation))}  # noqa: C416


def stories(database: Database) -> Mapping[str, Story]:
    """What is public of each application that was granted, by its permit: its summary, and what came of it.

    Args:
        database: The hub's database.
    """
    granted = DECISION.c.state.in_(_DECIDED)
    records = select(SUBMISSION.c.application, SUBMISSION.c.record).join(DECISION).where(granted)
    said = select(EVENT.c.application, EVENT.c.event).join(DECISION).where(granted, EVENT.c.kind == "report")
    with database.read() as connection:
        found = {
            row.application: Story(parse_application(json.loads(row.record)).summary)
            for row in connection.execute(records.order_by(SUBMISSION.c.number))
        }
        for row in connection.execute(said.order_by(EVENT.c.at, EVENT.c.number)):
            move, story = read_event(row.event).move, found[row.application]
            found[row.application] = Story(story.summary, (*story.reports, Report(move.text, move.at)))
    return found
