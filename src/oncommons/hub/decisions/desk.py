"""What people do about decisions, and the parts that it takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from oncommons.hub.applications.office import Office
from oncommons.hub.applications.tables import APPLICATION
from oncommons.hub.decisions.docket import Docket
from oncommons.hub.decisions.file import DecisionFile, readable, roles_at
from oncommons.hub.decisions.granting import Granting
from oncommons.hub.decisions.rules import Roles
from oncommons.hub.decisions.tables import DECISION, DUTY, PARTY
from oncommons.hub.decisions.views import Drawn
from oncommons.hub.people.register import Register
from oncommons.hub.people.tables import PERSON
from oncommons.hub.permits.book import Entry
from oncommons.policy.access.application import Move
from oncommons.schema.answering import faults
from oncommons.schema.application import Application as Record
from oncommons.schema.application import Attachment
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_applications import ChangedMeanwhile, NotComplete
from oncommons.schema.errors_of_permits import NoSuchPermit
from oncommons.schema.permit import written
from oncommons.schema.saved import utc

_SHOWN = 5
MOST_LISTED = 200
"""Applications that somebody is shown, the one that moved last first."""
STEWARDS = ("data-manager", "access-officer", "committee-member", "coordinator")
"""Roles at an organisation that see which projects use its data."""


class Papers:
    """Applications as they are written, for those who decide about them.

    Args:
        office: Where they are written.
    """

    def __init__(self, office: Office) -> None:
        self.office = office

    def whole(self, application: str, person: str) -> Record:
        """An application that is complete, by one of those who write it.

        Raises:
            NotFound: there is none, or they do not write it.
            NotComplete: something that its form asks for is missing or wrong.
        """
        found = self.office.book.one(application, person).application
        lacking = faults(self.office.forms.at(found.form), found)
        if lacking:
            told = "; ".join(f"{one.paragraph}: {one.says}" for one in lacking[:_SHOWN])
            raise NotComplete(f"The application is not complete. {told}"[:900], at=f"answers.{lacking[0].paragraph}")
        return found

    def about(self, record: Record) -> dict[str, Any]:
        """What belongs to an application that was handed in: its form, and whether terms of use fit it."""
        chosen = [one for one in self.office.matches(record) if one["chosen"]]
        return {"form": self.office.forms.at(record.form).to_json(), "datasets": chosen}

    def document(self, record: Record, document: str) -> tuple[Attachment, Path]:
        """A document of an application, and where it lies; raises :class:`NotFound` where there is none."""
        return self.office.documents.open(record, document)

    def follow(self, connection: Connection, application: str, state: str, record: Record | None) -> None:
        """Note the state of an application where it is written, with the step that led to it.

        Raises:
            ChangedMeanwhile: it is handed in, and was changed since it was read for that.
        """
        here = select(APPLICATION.c.revision).where(APPLICATION.c.id == application).with_for_update()
        revision = connection.execute(here).scalar()
        if record is not None and revision is not None and revision != record.revision:
            raise ChangedMeanwhile("Somebody has changed the application just now. Look at it, and hand it in again.")
        self.office.book.set_state(connection, application, state)


@dataclass(frozen=True)
class DecisionDesk:
    """Decisions, as people use them.

    Attributes:
        docket: The decisions.
        granting: Makes permits of them.
        papers: Applications as they are written.
        register: Who is here.
    """

    docket: Docket
    granting: Granting
    papers: Papers
    register: Register

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
        return self._drawn(found, person) | self.papers.about(found.record)

    def document(self, application: str, person: str, document: str) -> tuple[Attachment, Path]:
        """A document of an application that somebody has to do with, and where it lies.

        Raises:
            NotFound: there is none, or they have nothing to do with it.
        """
        return self.papers.document(self.docket.one(application, person).record, document)

    def submit(self, application: str, person: str) -> dict[str, Any]:
        """Hand an application in as it is written.

        Raises:
            NotFound: it is not theirs.
            NotTheirMove: it cannot be handed in now.
        """
        found = self.docket.submit(self.papers.whole(application, person), person)
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
        names = self.register.names({p for one in entries for p in one.permit.people})
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
        names = self.register.names({p for one in here for p in one.permit.people})
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
            roles = roles_at(connection)
        drawn = Drawn(found, person, self.register.names(people), roles).to_json()
        entry = self.granting.book.entries().get(application.id)
        permit = "" if entry is None else entry.standing(self.docket.clock())
        return drawn | {"permit": permit, "now": utc(self.docket.clock())}

    def _permit(self, entry: Entry, names: Mapping[str, str]) -> dict[str, Any]:
        permit = entry.permit
        return {
            **permit.to_json(),
            "conditions": list(permit.conditions),
            "standing": entry.standing(self.docket.clock()),
            "people": [names.get(one) or one for one in permit.people],
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
