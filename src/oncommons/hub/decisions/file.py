"""The file of an application: what the hub's database has of it, read again from what happened."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import BindParameter, Connection, bindparam, func, select, tuple_

from oncommons.hub.decisions.rules import Holder, Roles, readers, seats_of
from oncommons.hub.decisions.tables import DECISION, EVENT, HOLDER, SUBMISSION
from oncommons.hub.decisions.writing import read_blank, read_clocks, read_event
from oncommons.hub.people.tables import MEMBERSHIP, ORGANISATION, PERSON
from oncommons.policy.access.application import Application, Event, Seats
from oncommons.policy.access.duties import Clock, replay
from oncommons.schema.application import Application as Record
from oncommons.schema.application import parse_application
from oncommons.schema.errors import StorageFailed
from oncommons.schema.errors_of_permits import NotTheirMove

_THIS: BindParameter[str] = bindparam("application")
_SIZE: BindParameter[int] = bindparam("size")
_ROW = select(DECISION).where(DECISION.c.application == _THIS)
_EVENTS = select(EVENT.c.event).where(EVENT.c.application == _THIS, EVENT.c.number <= _SIZE).order_by(EVENT.c.number)
_RECORD = (
    select(SUBMISSION.c.record)
    .where(SUBMISSION.c.application == _THIS, SUBMISSION.c.number <= _SIZE)
    .order_by(SUBMISSION.c.number.desc())
    .limit(1)
)
_LAST = select(SUBMISSION.c.application, func.max(SUBMISSION.c.number)).group_by(SUBMISSION.c.application)
_HELD = (
    select(MEMBERSHIP.c.person, MEMBERSHIP.c.organisation, MEMBERSHIP.c.role)
    .join(PERSON)
    .where(PERSON.c.erased.is_(None), MEMBERSHIP.c.role != "researcher")
)
_NAMES = select(ORGANISATION.c.id, ORGANISATION.c.name)
_HOLDERS = select(HOLDER.c.node, HOLDER.c.organisation, HOLDER.c.quorum, HOLDER.c.asks_patients)


@dataclass(frozen=True)
class DecisionFile:
    """An application, with what was handed in.

    Attributes:
        application: How it stands, with all that happened.
        blank: How it began.
        clocks: How long its states last, which stays as it was when it was handed in first.
        record: What was handed in last.
        made: When it was handed in first, in seconds since the epoch.
    """

    application: Application
    blank: Application
    clocks: Mapping[str, Clock]
    record: Record
    made: float

    @property
    def title(self) -> str:
        """What it is called."""
        return self.record.title or self.record.id


def load(connection: Connection, application: str) -> DecisionFile | None:
    """The file of an application, as its history has it; none where it was never handed in.

    Raises:
        StorageFailed: the history is damaged: it does not lead where it says.
    """
    named = {"application": application}
    row = connection.execute(_ROW, named).first()
    if row is None:
        return None
    named["size"] = row.size
    happened = tuple(read_event(text) for text in connection.execute(_EVENTS, named).scalars())
    record = connection.execute(_RECORD, named).scalar_one()
    blank, clocks = read_blank(row.blank), read_clocks(row.clocks)
    try:
        found = replay(blank, happened, clocks)
    except NotTheirMove as fault:
        raise StorageFailed("The history of a decision is damaged.", detail=f"{application} {fault.message}") from fault
    if found.history != happened or len(happened) != row.size:
        raise StorageFailed("The history of a decision is damaged.", detail=application)
    return DecisionFile(found, blank, clocks, parse_application(json.loads(record)), row.made)


def last_records(connection: Connection, applications: Collection[str]) -> dict[str, Record]:
    """What was handed in last of each of these applications; those that never were are left out."""
    if not applications:
        return {}
    last = tuple_(SUBMISSION.c.application, SUBMISSION.c.number).in_(
        _LAST.where(SUBMISSION.c.application.in_(applications))
    )
    rows = connection.execute(select(SUBMISSION.c.application, SUBMISSION.c.record).where(last))
    return {row.application: parse_application(json.loads(row.record)) for row in rows}


def readable(connection: Connection, applications: Collection[str], person: str) -> frozenset[str]:
    """Those of these applications that somebody may look at now, with as many queries for many as for one."""
    did = select(EVENT.c.application).where(EVENT.c.application.in_(applications), EVENT.c.person == person)
    acted = set(connection.execute(did).scalars())
    others = [one for one in applications if one not in acted]
    if not others:
        return frozenset(acted)
    appointing = select(EVENT.c.application, EVENT.c.event).where(EVENT.c.kind == "appoint")
    appointed: dict[str, list[Event]] = {}
    for row in connection.execute(appointing.where(EVENT.c.application.in_(others))):
        appointed.setdefault(row.application, []).append(read_event(row.event))
    roles, records = roles_at(connection), last_records(connection, others)
    seats = {one: seats_of(record, roles) for one, record in records.items()}
    return frozenset(acted) | {one for one in seats if person in readers(seats[one], appointed.get(one, ()))}


def roles_at(connection: Connection) -> Roles:
    """The roles at the hub, as they are now."""
    held = frozenset((person, place, role) for person, place, role in connection.execute(_HELD))
    names = {key: name for key, name in connection.execute(_NAMES)}  # noqa: C416  rows are no pairs for mypy
    holders = [Holder(node, place, quorum, bool(asks)) for node, place, quorum, asks in connection.execute(_HOLDERS)]
    return Roles(held, names, {one.node: one for one in holders})


def seats_at(connection: Connection, application: Application | None, record: Record) -> Seats:
    """Who decides now about what was handed in.

    Raises:
        BadRequest: it has no period.
    """
    history = application.history if application is not None else ()
    appointed = {event.move.text for event in history if event.move.kind == "appoint"}
    here = select(PERSON.c.id).where(PERSON.c.id.in_(appointed), PERSON.c.erased.is_(None))
    there = set(connection.execute(here).scalars()) if appointed else set()
    return seats_of(record, roles_at(connection), frozenset(appointed - there))
