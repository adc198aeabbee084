"""What people do about decisions, and the parts that it takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, select

from oncommons.hub.decisions.docket import Docket
from oncommons.hub.decisions.file import DecisionFile, readable, roles_at
from oncommons.hub.decisions.granting import Granting
from oncommons.hub.decisions.rules import Roles
from oncommons.hub.decisions.tables import DECISION, DUTY, PARTY
from oncommons.hub.decisions.views import Drawn
from oncommons.hub.people.tables import PERSON
from oncommons.hub.permits.book import Entry
from oncommons.policy.access.application import Move
from oncommons.schema.application import Application as Record
from oncommons.schema.application import Attachment
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_permits import NoSuchPermit
from oncommons.schema.permit import written
from oncommons.schema.saved import utc

MOST_LISTED = 200
"""Applications that somebody is shown, the one that moved last first."""
STEWARDS = ("data-manager", "access-officer", "committee-member", "coordinator")
"""Roles at an organisation that see which projects use its data."""


class Written(Protocol):
    """Where applications are written."""

    def whole(self, application: str, person: str) -> Record:
        """An application that is complete, by one of those who write it; raises where it is neither."""

    def about(self, record: Record) -> dict[str, Any]:
        """What belongs to an application that was handed in: its form, and whether terms of use fit it."""

    def document(self, record: Record, document: str) -> tuple[Attachment, Path]:
        """A document of an application, and where it lies."""


@dataclass(frozen=True)
class DecisionDesk:
    """Decisions, as people use them.

    Attributes:
        docket: The decisions.
        granting: Makes permits of them.
        written: Where applications are written.
    """

    docket: Docket
    granting: Granting
    written: Written

    def mine(self, person: str) -> dict[str, Any]:
        """What waits for somebody, the most urgent first, and every application that they know."""
        now = self.docket.clock()
        with self.docket.database.read() as connection:
            waiting = [
                {"id": row.application, "title": row.title, "holder": row.holder, "role": row.role, "state": row.state}
                | {"moves": row.moves.split(), "until": utc(row.until), "level": row.level}
                | {"overdue": row.level > 0 or row.until <= now}
                for row in connection.execute(_waiting(person))
            ]
            rows = connection.execute(_known(person)).all()
            mine = readable(connection, [row.application for row in rows], person)
        known = [
            {"id": row.application, "title": row.title, "state": row.state, "moved": utc(row.moved)}
            for row in rows
            if row.application in mine
        ]
        return {"waiting": waiting, "applications": known, "now": utc(now)}

    def one(self, application: str, person: str) -> dict[str, Any]:
        """An application as somebody is shown it.

        Raises:
            NotFound: there is none, or they have nothing to do with it.
        """
        found = self.docket.one(application, person)
        return self._drawn(found, person) | self.written.about(found.record)

    def document(self, application: str, person: str, document: str) -> tuple[Attachment, Path]:
        """A document of an application that somebody has to do with, and where it lies.

        Raises:
            NotFound: there is none, or they have nothing to do with it.
        """
        return self.written.document(self.docket.one(application, person).record, document)

    def submit(self, application: str, person: str) -> dict[str, Any]:
        """Hand an application in as it is written.

        Raises:
            NotFound: it is not theirs.
            NotTheirMove: it cannot be handed in now.
        """
        found = self.docket.submit(self.written.whole(application, person), person)
        return self._drawn(found, person)

    def act(self, application: str, move: Move, seen: int | None) -> dict[str, Any]:
        """Take a step, and see that the permit follows.

        Raises:
            NotFound: there is no such application, or none of which they know.
            MovedOn: what they looked at has changed since.
            NotTheirMove: it is not for them to do, or not now.
        """
        found = self.docket.act(application, move, seen)
        if found.application.state in {"granted", "ended"}:
            self.granting.agree(application)
        return self._drawn(found, move.person)

    def account(self, named: str) -> str:
        """The account that somebody named by its address or identifier; empty where there is none."""
        name = named.strip()
        query = select(PERSON.c.id).where(
            (PERSON.c.email == name.lower()) | (PERSON.c.id == name), PERSON.c.erased.is_(None)
        )
        with self.docket.database.read() as connection:
            return str(connection.execute(query).scalar() or "")

    def permits(self, person: str) -> list[dict[str, Any]]:
        """The permits of which somebody is one of the people, the newest first."""
        entries = [one for one in self.granting.book.entries().values() if person in one.permit.people]
        with self.docket.database.read() as connection:
            names = _names(connection, {p for one in entries for p in one.permit.people})
        return [self._permit(entry, names) for entry in reversed(entries)]

    def new_pass(self, permit: str, person: str) -> dict[str, Any]:
        """A new pass for somebody's own permit.

        Raises:
            NotFound: they have no such permit.
            NoSuchPermit: it was taken back, or has ended.
        """
        entry = self.granting.book.entries().get(permit)
        if entry is None or person not in entry.permit.people:
            raise NotFound("You have no such permit.")
        now = self.docket.clock()
        if entry.standing(now) not in {"holds", "not yet"}:
            raise NoSuchPermit("The permit does not hold any more, so there is no pass for it.")
        return {"pass": str(self.granting.book.renew(permit, person, now))}

    def uses(self, person: str) -> dict[str, Any]:
        """Permits that name datasets of the organisations for which somebody has to see what becomes of them."""
        entries = self.granting.book.entries().values()
        with self.docket.database.read() as connection:
            roles = roles_at(connection)
            nodes = _nodes_of(roles, person, {h.node for one in entries for h in one.permit.datasets})
            here = [one for one in entries if nodes & {h.node for h in one.permit.datasets}]
            names = _names(connection, {p for one in here for p in one.permit.people})
        told = [self._permit(one, names) for one in reversed(here)]
        for one in told:
            one["datasets"] = [h for h in one["datasets"] if h["node"] in nodes]
            one["conditions"] = [c for c in one["conditions"] if c.partition(":")[0] in nodes]
        places = {o for p, o, r in roles.held if p == person and r in STEWARDS}
        return {"organisations": sorted(roles.organisations[o] for o in places), "projects": told}

    def _drawn(self, found: DecisionFile, person: str) -> dict[str, Any]:
        application = found.application
        people = {e.move.person for e in application.history} | {e.move.text for e in application.history}
        for body in (case.body for case in application.cases):
            people |= body.officers | body.members | body.patients
        people |= application.applicants | application.coordinators | application.operators
        with self.docket.database.read() as connection:
            names, roles = _names(connection, people), roles_at(connection)
        drawn = Drawn(found, person, names, roles).to_json()
        entry = self.granting.book.entries().get(application.id)
        permit = "" if entry is None else entry.standing(self.docket.clock())
        return drawn | {"permit": permit, "now": utc(self.docket.clock())}

    def _permit(self, entry: Entry, names: Mapping[str, str]) -> dict[str, Any]:
        permit = entry.permit
        return {
            **permit.to_json(),
            "conditions": list(permit.conditions),
            "standing": entry.standing(self.docket.clock()),
            "people": [names.get(one, one) for one in permit.people],
            "issued": written(int(entry.issued)),
        }


def _nodes_of(roles: Roles, person: str, nodes: Collection[str]) -> frozenset[str]:
    return frozenset().union(*(roles.nodes_of(person, role, nodes) for role in STEWARDS))


def _waiting(person: str) -> Any:
    query = select(DUTY, DECISION.c.title, DECISION.c.state).join(DECISION).where(DUTY.c.person == person)
    return query.order_by(DUTY.c.until, DUTY.c.application, DUTY.c.holder)


def _known(person: str) -> Any:
    query = select(DECISION).join(PARTY).where(PARTY.c.person == person)
    return query.order_by(DECISION.c.moved.desc(), DECISION.c.application).limit(MOST_LISTED)


def _names(connection: Connection, people: Collection[str]) -> dict[str, str]:
    """Names of people who are here; those who left have none."""
    rows = connection.execute(select(PERSON.c.id, PERSON.c.name).where(PERSON.c.id.in_(people))) if people else ()
    return {row.id: row.name for row in rows if row.name}
