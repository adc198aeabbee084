"""Where decisions lie, and the one way in which they change.

A step reads what happened so far, decides with the table of :mod:`oncommons.policy.access`, and writes what is new at
the number after the last one.  Who comes second finds the number taken, reads again, and decides anew: so of two people
who act at once both succeed where both may, and else the second is told who must act now.  What happened, who must act,
what people are told, and the entries of the audit log are one transaction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from oncommons.hub.decisions.file import DecisionFile, load, roles_at, seats_at
from oncommons.hub.decisions.rules import is_stale, readers, turn
from oncommons.hub.decisions.saying import news, to_managers, waiting
from oncommons.hub.decisions.tables import DECISION, DUTY, EVENT, PARTY, SUBMISSION
from oncommons.hub.decisions.writing import write_blank, write_clocks, write_event
from oncommons.hub.notices.telling import keep_waiting, tell
from oncommons.policy.access.application import DRAFT, ENDS, Application, Case, Event, Move, Seats
from oncommons.policy.access.duties import Clock, duties, moment, next_due, pass_time
from oncommons.policy.access.seating import reseat
from oncommons.policy.access.states import step
from oncommons.schema.application import Application as Record
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_decisions import MovedOn, NobodyDecides
from oncommons.schema.errors_of_permits import BadPermit, NotTheirMove
from oncommons.storage.audit_hub import enter
from oncommons.storage.chain import Event as Logged
from oncommons.storage.database import Database, insert_into

TRIES = 20
"""So often a step is decided anew, when others were faster."""
UNKNOWN = "This hub has no such application."
Follow = Callable[[Connection, str, str, Record | None], None]
"""Told, within the transaction, the application, the state in which it is now, and what is handed in, if it is."""


class _OvertakenError(Exception):
    """Somebody else has written the next thing."""


@dataclass(frozen=True)
class Docket:
    """The decisions in the hub's database.

    Attributes:
        database: The hub's database.
        clock: Seconds since the epoch.
        clocks: How long states last, for applications that are handed in from now on.
        follow: Told of each state that an application comes into.
    """

    database: Database
    clock: Callable[[], float]
    clocks: Callable[[], Mapping[str, Clock]]
    follow: Follow = lambda *_: None

    def submit(self, record: Record, person: str) -> DecisionFile:
        """Hand an application in, for the first time or again.

        Args:
            record: What is handed in.
            person: Who does it.

        Raises:
            NotFound: the person has nothing to do with it.
            NotTheirMove: it cannot be handed in now.
            NobodyDecides: nobody would be left who could be asked.
            BadRequest: it has no period.
        """
        if person not in record.writers:
            raise NotFound(UNKNOWN)
        digest = hashlib.sha256(record_text(record).encode()).hexdigest()
        return self._again(record.id, Move("submit", person, 0.0, text=digest), record=record)

    def act(self, application: str, move: Move, seen: int | None = None) -> DecisionFile:
        """Do something; when it is done follows from the clock.

        Args:
            application: Identifier of the application.
            move: What is done, and by whom.
            seen: How many things had happened when they looked; ``None`` where they do not say.

        Raises:
            NotFound: there is no such application, or none of which the person knows.
            MovedOn: what they looked at has changed since.
            NotTheirMove: it is not for them to do, or not now; who must act is told.
        """
        return self._again(application, move, seen)

    def one(self, application: str, person: str) -> DecisionFile:
        """An application as it stands now, for somebody who has to do with it.

        Raises:
            NotFound: there is none, or they have nothing to do with it.
        """
        with self.database.read() as connection:
            found = load(connection, application)
            if found is None:
                raise NotFound(UNKNOWN)
            now, seats = self._now(connection, found)
        if person not in readers(seats, now.application.history):
            raise NotFound(UNKNOWN)
        return now

    def pass_time(self, application: str) -> bool:
        """Carry out what time has brought about, and roles that have changed; whether there was something."""
        for _ in range(TRIES):
            with self.database.read() as connection:
                found = load(connection, application)
                if found is None:
                    return False
                after, seats = self._now(connection, found)
            if after.application == found.application:
                return False
            try:
                self._keep(found, after, seats, None)
            except _OvertakenError:
                continue
            return True
        return False

    def due(self, now: float) -> list[str]:
        """Applications for which time has brought something about, the longest due first."""
        query = select(DECISION.c.application).where(DECISION.c.due <= now)
        with self.database.read() as connection:
            return list(connection.execute(query.order_by(DECISION.c.due, DECISION.c.application)).scalars())

    def open(self) -> list[str]:
        """Applications that are not over."""
        query = select(DECISION.c.application).where(DECISION.c.state.not_in(ENDS))
        with self.database.read() as connection:
            return list(connection.execute(query.order_by(DECISION.c.application)).scalars())

    def _again(
        self, application: str, move: Move, seen: int | None = None, record: Record | None = None
    ) -> DecisionFile:
        for _ in range(TRIES):
            found, after, seats = self._decide(application, move, seen, record)
            try:
                self._keep(found, after, seats, record)
            except _OvertakenError:
                continue
            return after
        raise MovedOn("So many act on this application now that the step found no place; try it again.")

    def _decide(
        self, application: str, move: Move, seen: int | None, record: Record | None
    ) -> tuple[DecisionFile, DecisionFile, Seats]:
        """How it stands, how it stands after a move, and who has the roles now."""
        with self.database.read() as connection:
            found = load(connection, application)
            if found is None and record is not None:
                found = self._blank(connection, record)
            if found is None:
                raise NotFound(UNKNOWN)
            now, seats = self._now(connection, found, record)
        if move.person not in readers(seats, now.application.history):
            raise NotFound(UNKNOWN)
        if seen is not None and is_stale(now.application, move.body, seen):
            told = turn(duties(now.application, now.clocks), move.body)
            raise MovedOn(f"The application has changed since you looked at it. {told}")
        try:
            after = step(now.application, replace(move, at=moment(now.application, self.clock())))
        except NotTheirMove as fault:
            told = turn(duties(now.application, now.clocks), move.body)
            raise NotTheirMove(f"{fault.message} {told}") from None
        return found, replace(now, application=after, record=record or now.record), seats

    def _now(
        self, connection: Connection, found: DecisionFile, record: Record | None = None
    ) -> tuple[DecisionFile, Seats]:
        """A file after the time that has passed and with those who have the roles now, and who these are."""
        application = found.application
        at = moment(application, self.clock())
        application = pass_time(application, at, found.clocks)
        seats = seats_at(connection, application, record or found.record)
        return replace(found, application=reseat(application, seats, at)), seats

    def _blank(self, connection: Connection, record: Record) -> DecisionFile:
        now = self.clock()
        seats = seats_at(connection, None, record)
        cases = tuple(Case(body, datasets, since=now) for body, datasets in seats.holders)
        people = (seats.applicants, seats.coordinators, seats.operators)
        try:
            blank = Application(record.id, *people, cases, seats.until, since=now)
        except BadPermit as fault:
            raise NobodyDecides(fault.message) from None
        return DecisionFile(blank, blank, self.clocks(), record, now)

    def _keep(self, before: DecisionFile, after: DecisionFile, seats: Seats, record: Record | None) -> None:
        """Write what is new, if nobody else has since."""
        application, size = after.application, len(before.application.history)
        new = application.history[size:]
        with self.database.write() as connection:
            self._claim(connection, before, after)
            connection.execute(insert(EVENT), [_event_row(application, size + i + 1, e) for i, e in enumerate(new)])
            if record is not None:
                row = {"application": application.id, "number": len(application.history)}
                connection.execute(insert(SUBMISSION), row | {"record": record_text(record)})
            _derive(connection, after, seats)
            if application.state != before.application.state or record is not None:
                self.follow(connection, application.id, application.state, record)
            _tell(connection, before, after, self.clock())
            enter(connection, *(_logged(application, size + i + 1, e) for i, e in enumerate(new)))

    def _claim(self, connection: Connection, before: DecisionFile, after: DecisionFile) -> None:
        """Take the numbers after the last one; whoever comes second does not get them."""
        application, size = after.application, len(before.application.history)
        if not size:
            row = {"application": application.id, "blank": write_blank(before.blank), "made": before.made}
            row |= {"title": "", "clocks": write_clocks(before.clocks), "size": 0, "state": DRAFT, "due": None}
            row |= {"moved": before.made, "settled": 0}
            connection.execute(insert_into(connection, DECISION).on_conflict_do_nothing(), row)
        due = next_due(application, after.clocks)
        values = {
            "title": after.title[:300],
            "size": len(application.history),
            "state": application.state,
            "due": None if due is None else due[1],
            "moved": application.history[-1].move.at,
        }
        mine = update(DECISION).where(DECISION.c.application == application.id, DECISION.c.size == size)
        if connection.execute(mine.values(values)).rowcount != 1:
            raise _OvertakenError


def record_text(record: Record) -> str:
    """What is handed in, as it is kept: the same always as the same text."""
    return json.dumps(record.to_json(), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _derive(connection: Connection, after: DecisionFile, seats: Seats) -> None:
    """Write anew what follows from what happened: who must act, and who has to do with it."""
    application = after.application
    for table in (DUTY, PARTY):
        connection.execute(delete(table).where(table.c.application == application.id))
    rows = [
        {"application": application.id, "person": person, "holder": duty.body, "role": duty.role}
        | {"moves": " ".join(duty.moves), "until": duty.until, "level": duty.level}
        for duty in duties(application, after.clocks)
        for person in sorted(duty.people)
    ]
    if rows:
        connection.execute(insert(DUTY), rows)
    people = sorted(readers(seats, application.history))
    connection.execute(insert(PARTY), [{"application": application.id, "person": one} for one in people])


def _tell(connection: Connection, before: DecisionFile, after: DecisionFile, now: float) -> None:
    """Tell each person at most one thing: what they must do now, or else what came of the step."""
    application = after.application
    waits = waiting(application, after.title, after.clocks)
    keep_waiting(connection, f"decision {application.id}", waits, now)
    known = {(n.person, n.once) for n in waiting(before.application, before.title, before.clocks)}
    asked = {n.person for n in waits if (n.person, n.once) not in known}
    acted = {e.move.person for e in application.history[len(before.application.history) :]}
    told = news(before.application, application, after.title)
    if application.state != before.application.state:
        told += to_managers(before.application, application, after.title, roles_at(connection))
    tell(connection, [n for n in told if n.person not in asked | acted], now)


def _event_row(application: Application, number: int, event: Event) -> dict[str, Any]:
    row = {"application": application.id, "number": number, "at": event.move.at}
    return row | {"kind": event.move.kind, "person": event.move.person[:24], "event": write_event(event)}


def _logged(application: Application, number: int, event: Event) -> Logged:
    """What the audit log says of a step: who did what where, and what stands for the rest of it."""
    body = {"application": application.id, "number": number, "did": event.move.kind, "role": event.role}
    body |= {"person": event.move.person, "before": event.before, "after": event.after}
    body |= {"holder": event.move.body} if event.move.body else {}
    digest = hashlib.sha256(write_event(event).encode()).hexdigest()
    return Logged("decision", body | {"event": digest}, event.move.at)
