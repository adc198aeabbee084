"""The durable work list: jobs for recipients that come and ask, with lease, deadline and attempts.

A piece of work is one job for one recipient, and the pair is its idempotency key::

    waiting ──lease──▶ leased ──finish──▶ done      in time
       ▲                 │  └───────────▶ late      after the deadline
       └──lease expired──┘
    waiting or leased ──cancel──▶ cancelled

A recipient that dies with a lease gets the work again when it comes back, at most ``MOST_ATTEMPTS`` times.
A second result for the same pair changes nothing.  Times are seconds since the epoch, given by the caller.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from sqlalchemy import (
    Column,
    Connection,
    Float,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    and_,
    bindparam,
    case,
    insert,
    or_,
    select,
    update,
)

from oncommons.storage.audit_hub import Pending, enter
from oncommons.storage.chain import Event
from oncommons.storage.database import METADATA, Database, insert_into

MOST_ATTEMPTS = 5
"""How often a piece of work is handed out before it is given up."""

State = Literal["waiting", "leased", "done", "late", "cancelled"]
Receipt = Literal["accepted", "late", "duplicate", "cancelled", "unknown"]

JOB = Table(
    "job",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("body", Text, nullable=False),
    Column("order", Text, nullable=False),
    Column("made", Float, nullable=False),
    Column("deadline", Float, nullable=False, index=True),
)
WORK = Table(
    "work",
    METADATA,
    Column("job", ForeignKey("job.id", ondelete="CASCADE"), primary_key=True),
    Column("recipient", String(63), primary_key=True),
    Column("state", String(9), nullable=False),
    Column("leased_until", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("result", Text, nullable=False),
    Column("finished", Float, nullable=True),
)

# Statements of the hot path, written once: composing one takes longer than running it.

_READY = and_(
    WORK.c.recipient == bindparam("recipient"),
    JOB.c.deadline > bindparam("now"),
    WORK.c.attempts < MOST_ATTEMPTS,
    or_(WORK.c.state == "waiting", and_(WORK.c.state == "leased", WORK.c.leased_until <= bindparam("now"))),
)
_HAS_WORK = select(WORK.c.job).join(JOB, JOB.c.id == WORK.c.job).where(_READY).limit(1)
_WAITING = (
    select(JOB.c.id, JOB.c.order, JOB.c.deadline, WORK.c.attempts)
    .join(WORK, JOB.c.id == WORK.c.job)
    .where(_READY)
    .order_by(JOB.c.made)
    .with_for_update(of=WORK, skip_locked=True)
)
_STATE = select(WORK.c.state).where(WORK.c.job == bindparam("of_job"), WORK.c.recipient == bindparam("of_recipient"))
_DEADLINE = select(JOB.c.deadline).where(JOB.c.id == WORK.c.job).scalar_subquery()
_FINISH = (
    update(WORK)
    .where(
        WORK.c.job == bindparam("of_job"),
        WORK.c.recipient == bindparam("of_recipient"),
        WORK.c.state.in_(["waiting", "leased"]),
    )
    .values(
        state=case((bindparam("now") > _DEADLINE, "late"), else_="done"),
        result=bindparam("result"),
        finished=bindparam("now"),
    )
    .returning(WORK.c.state)
)
_RECEIPTS: Mapping[str | None, Receipt] = {
    None: "unknown",
    "cancelled": "cancelled",
    "done": "duplicate",
    "late": "duplicate",
}
"""What is said about a result for work that is not open any more."""


@dataclass(frozen=True)
class Job:
    """Something to do: ``body`` for the hub's own memory, ``order`` as it is handed out."""

    id: str
    body: str
    order: str
    made: float
    deadline: float


@dataclass(frozen=True)
class Work:
    """One job for one recipient and what became of it."""

    job: str
    recipient: str
    state: State
    attempts: int
    result: str
    finished: float | None


@dataclass(frozen=True)
class Task:
    """A piece of work as it is handed out."""

    job: str
    order: str
    deadline: float
    attempt: int


class WorkList(Protocol):
    """What a work list does; one conformance suite runs against every implementation."""

    def add(
        self,
        job: Job,
        recipients: Iterable[str],
        handed: Collection[str] = (),
        until: float = 0,
        event: Event | None = None,
    ) -> bool:
        """Put a job on the list; false, and nothing changes, when its id is there already.

        Recipients in ``handed`` are given the work at this moment and have it leased until then.
        ``event`` is entered in the audit log with it.
        """

    def has_work(self, recipient: str, now: float) -> bool:
        """Whether :meth:`lease` would hand out something."""

    def lease(self, recipient: str, now: float, seconds: float) -> Sequence[Task]:
        """Hand out what waits for the recipient, oldest first; nobody else gets it for so many seconds."""

    def finish(
        self, job: str, recipient: str, result: str, now: float, event: Event | Pending | None = None
    ) -> Receipt:
        """Record a result, once; ``event`` is entered in the audit log where it is recorded."""

    def cancel(self, recipient: str, now: float) -> None:
        """Give up the recipient's open work."""

    def withdraw(self, job: str, now: float) -> None:
        """Give up the open work of a job."""

    def job(self, job: str) -> Job | None:
        """A job by its id."""

    def progress(self, job: str) -> Sequence[Work]:
        """What became of a job, by recipient."""

    def forget(self, before: float) -> int:
        """Remove jobs whose deadline lies before; returns how many."""


class SqlWorkList:
    """The work list in the hub's database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(
        self,
        job: Job,
        recipients: Iterable[str],
        handed: Collection[str] = (),
        until: float = 0,
        event: Event | None = None,
    ) -> bool:
        """See :class:`WorkList`."""
        waiting = {"state": "waiting", "leased_until": 0.0, "attempts": 0}
        leased = {"state": "leased", "leased_until": until, "attempts": 1}
        rows = [
            {"job": job.id, "recipient": r, "result": "", **(leased if r in handed else waiting)} for r in recipients
        ]
        with self.database.write() as connection:
            if not connection.execute(
                insert_into(connection, JOB).on_conflict_do_nothing().returning(JOB.c.id), vars(job)
            ).first():
                return False
            if rows:
                connection.execute(insert(WORK), rows)
            if event is not None:
                enter(connection, event)
        return True

    def has_work(self, recipient: str, now: float) -> bool:
        """See :class:`WorkList`."""
        with self.database.read() as connection:
            return connection.execute(_HAS_WORK, {"recipient": recipient, "now": now}).first() is not None

    def lease(self, recipient: str, now: float, seconds: float) -> Sequence[Task]:
        """See :class:`WorkList`."""
        with self.database.write() as connection:
            rows = connection.execute(_WAITING, {"recipient": recipient, "now": now}).all()
            if rows:
                connection.execute(
                    update(WORK)
                    .where(WORK.c.recipient == recipient, WORK.c.job.in_([row.id for row in rows]))
                    .values(state="leased", leased_until=now + seconds, attempts=WORK.c.attempts + 1),
                )
        return [Task(row.id, row.order, row.deadline, row.attempts + 1) for row in rows]

    def finish(
        self, job: str, recipient: str, result: str, now: float, event: Event | Pending | None = None
    ) -> Receipt:
        """See :class:`WorkList`."""
        whose = {"of_job": job, "of_recipient": recipient}
        with self.database.write() as connection:
            became = connection.execute(_FINISH, {**whose, "result": result, "now": now}).scalar()
            if became is None:
                return _RECEIPTS[connection.execute(_STATE, whose).scalar()]
            if event is not None:
                enter(connection, event)
        return "late" if became == "late" else "accepted"

    def cancel(self, recipient: str, now: float) -> None:
        """See :class:`WorkList`."""
        with self.database.write() as connection:
            connection.execute(
                update(WORK)
                .where(WORK.c.recipient == recipient, WORK.c.state.in_(["waiting", "leased"]))
                .values(state="cancelled", finished=now),
            )

    def withdraw(self, job: str, now: float) -> None:
        """See :class:`WorkList`."""
        with self.database.write() as connection:
            connection.execute(
                update(WORK)
                .where(WORK.c.job == job, WORK.c.state.in_(["waiting", "leased"]))
                .values(state="cancelled", finished=now),
            )

    def job(self, job: str) -> Job | None:
        """See :class:`WorkList`."""
        with self.database.read() as connection:
            row = connection.execute(select(JOB).where(JOB.c.id == job)).mappings().first()
        return None if row is None else Job(**row)

    def progress(self, job: str) -> Sequence[Work]:
        """See :class:`WorkList`."""
        columns = (WORK.c.job, WORK.c.recipient, WORK.c.state, WORK.c.attempts, WORK.c.result, WORK.c.finished)
        with self.database.read() as connection:
            rows = connection.execute(select(*columns).where(WORK.c.job == job).order_by(WORK.c.recipient)).mappings()
            return [Work(**row) for row in rows]

    def forget(self, before: float) -> int:
        """See :class:`WorkList`."""
        old = select(JOB.c.id).where(JOB.c.deadline < before)
        with self.database.write() as connection:
            connection.execute(WORK.delete().where(WORK.c.job.in_(old)))
            return connection.execute(JOB.delete().where(JOB.c.deadline < before)).rowcount


def drop_jobs(connection: Connection, beginning: str) -> None:
    """Remove jobs with all that was answered, within a transaction.

    Args:
        connection: A transaction that writes.
        beginning: What their identifiers begin with, of letters and digits; a hyphen follows in each.
    """
    theirs = (JOB.c.id >= f"{beginning}-") & (JOB.c.id < f"{beginning}.")
    connection.execute(WORK.delete().where(WORK.c.job.in_(select(JOB.c.id).where(theirs))))
    connection.execute(JOB.delete().where(theirs))
