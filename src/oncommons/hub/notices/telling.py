"""Telling a person something, within the transaction in which it happens.

So nobody is told of what was undone, and nothing that was kept is told to nobody, whenever the process dies.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from oncommons.hub.notices.tables import NOTICE
from oncommons.hub.people.register import hold_accounts
from oncommons.hub.people.sealing import new_id
from oncommons.schema.notices import Notice
from oncommons.storage.database import insert_into


def tell(connection: Connection, notices: Collection[Notice], now: float) -> int:
    """Tell people something, each of them once; how much of it is new.

    Who has no account here, or had it erased, is told nothing.  It is to be called before an entry of the audit log,
    which is made last in a transaction.

    Args:
        connection: A transaction that writes.
        notices: What is told.
        now: Seconds since the epoch.
    """
    here = hold_accounts(connection, {one.person for one in notices})
    known = sorted((one for one in notices if here.get(one.person)), key=lambda one: (one.person, one.once))
    rows = [_row(one, now) for one in known]  # in one order, so that two who tell the same do not wait for each other
    add = insert_into(connection, NOTICE).on_conflict_do_nothing(index_elements=["person", "once"])
    return sum(connection.execute(add, row).rowcount for row in rows)


def settle(connection: Connection, subject: str, now: float, but: Collection[tuple[str, str]] = ()) -> None:
    """End the waiting for people to act on a subject: they have, or others have, or it is over.

    Args:
        connection: A transaction that writes.
        subject: As :attr:`Notice.subject`.
        now: Seconds since the epoch.
        but: Person and :attr:`Notice.once` of what still waits.
    """
    waits = NOTICE.c.subject == subject, NOTICE.c.until.is_not(None), NOTICE.c.settled.is_(None)
    rows = connection.execute(select(NOTICE.c.id, NOTICE.c.person, NOTICE.c.once).where(*waits)).all()
    over = [row.id for row in rows if (row.person, row.once) not in but]
    if over:
        seen = func.coalesce(NOTICE.c.read, now)  # what is over need not be read
        connection.execute(update(NOTICE).where(NOTICE.c.id.in_(over)).values(settled=now, read=seen))


def keep_waiting(connection: Connection, subject: str, notices: Sequence[Notice], now: float) -> int:
    """See that just this waits for people on a subject: what is new is told, what waits no more is settled.

    Args:
        connection: A transaction that writes.
        subject: As :attr:`Notice.subject`, of all the notices.
        notices: All that is to be done now; a duty that comes again has another :attr:`Notice.once`.
        now: Seconds since the epoch.

    Returns:
        How much of it is new.

    Raises:
        ValueError: a notice has another subject, or no time by when.
    """
    if any(one.subject != subject or one.until is None for one in notices):
        raise ValueError("what waits has the subject, and a time by when")
    settle(connection, subject, now, {(one.person, one.once) for one in notices})
    return tell(connection, notices, now)


def take_back(connection: Connection, kind: str, where: str) -> None:
    """Take away what people were told of a page, whether or not they have read it; what is being mailed goes out yet.

    Args:
        connection: A transaction that writes.
        kind: As :attr:`Notice.kind`.
        where: As :attr:`Notice.where`.
    """
    connection.execute(delete(NOTICE).where(NOTICE.c.kind == kind, NOTICE.c.where == where))


def _row(notice: Notice, now: float) -> dict[str, Any]:
    told = {"person": notice.person, "kind": notice.kind, "says": notice.line, "where": notice.where}
    named = {"once": notice.once, "subject": notice.subject, "until": notice.until}
    return {"id": new_id(), **told, **named, "made": now, "read": None, "settled": None, "mail": None}
