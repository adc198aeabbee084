"""The e-mails that go out: made of notices, handed over one by one, tried again with growing waits.

An e-mail is noted as tried before it is handed over.  Of a process that dies in between nobody knows whether the mail
server has it; it is handed over again, with the same identifier.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, and_, case, delete, func, insert, select, update

from oncommons.hub.notices.inbox import KEEP_SECONDS, wishes_of
from oncommons.hub.notices.post import Send
from oncommons.hub.notices.rules import OLDEST_SECONDS, Letter, Waiting, letters, next_try
from oncommons.hub.notices.tables import MAIL, NOTICE
from oncommons.hub.notices.writing import Envelope, From, Item, write
from oncommons.hub.people.sealing import new_id
from oncommons.hub.people.tables import PERSON
from oncommons.schema.errors_of_notices import MailNotSent, MailRefused
from oncommons.storage.database import Database

LEASE_SECONDS = 600.0
"""An e-mail that is being handed over is nobody else's for so long."""
MOST_AT_ONCE = 200
"""E-mails handed over in one round."""
_TOLD = func.coalesce(NOTICE.c.reminded, NOTICE.c.made)
"""When somebody was told last, of what waits perhaps once more."""
_OPEN = and_(NOTICE.c.read.is_(None), NOTICE.c.settled.is_(None))

log = logging.getLogger("oncommons.mail")


@dataclass(frozen=True)
class Round:
    """What a round did: e-mails handed over, put off, given up."""

    sent: int = 0
    put_off: int = 0
    given_up: int = 0


@dataclass(frozen=True)
class Outbox:
    """The e-mails in the hub's database.

    Attributes:
        database: The hub's database.
        writer: As whom the hub writes.
        send: Hands a message over.
    """

    database: Database
    writer: From
    send: Send

    def round(self, now: float) -> Round:
        """Make the e-mails that are due, and hand over those whose turn it is."""
        self.collect(now)
        sent = put_off = given_up = 0
        for _ in range(MOST_AT_ONCE):
            mail = self._claim(now)
            if mail is None:
                break
            try:
                sent += self._hand_over(mail, now)
            except MailRefused as fault:
                self._note(mail, None, fault)
                given_up += 1
            except MailNotSent as fault:
                again = next_try(mail.tries, now)
                self._note(mail, again, fault)
                put_off, given_up = put_off + (again is not None), given_up + (again is None)
                break  # it is the server's fault: the others wait for the next round
        return Round(sent, put_off, given_up)

    def collect(self, now: float) -> int:
        """Make e-mails of what people were told since, as they want it; how many."""
        fresh = NOTICE.c.mail.is_(None), _OPEN, now - OLDEST_SECONDS < _TOLD, now >= _TOLD
        query = select(NOTICE.c.id, NOTICE.c.person, NOTICE.c.kind, _TOLD.label("told")).where(*fresh)
        made = 0
        with self.database.write() as connection:
            ordered = query.order_by(NOTICE.c.person, _TOLD, NOTICE.c.id).with_for_update(skip_locked=True)
            for person, rows in groupby(connection.execute(ordered).all(), key=lambda row: str(row.person)):
                waiting = [Waiting(row.id, row.kind, row.told) for row in rows]
                last, last_daily = _last(connection, person)
                for letter in letters(waiting, wishes_of(connection, person), last, last_daily, now):
                    _make(connection, person, letter, now)
                    made += 1
        return made

    def _claim(self, now: float) -> Row[Any] | None:
        """The next e-mail whose turn it is, noted as tried."""
        due = select(MAIL.c.id).where(MAIL.c.next <= now).order_by(MAIL.c.next, MAIL.c.id).limit(1)
        with self.database.write() as connection:
            found = connection.execute(due.with_for_update(skip_locked=True)).scalar()
            if found is None:
                return None
            tried = update(MAIL).where(MAIL.c.id == found).values(tries=MAIL.c.tries + 1, next=now + LEASE_SECONDS)
            connection.execute(tried)
            return connection.execute(select(MAIL).where(MAIL.c.id == found)).one()

    def _hand_over(self, mail: Row[Any], now: float) -> bool:
        """Write an e-mail of what is still new to its person, and hand it over; whether there was anything."""
        with self.database.read() as connection:
            to = connection.execute(select(PERSON.c.email).where(PERSON.c.id == mail.person)).scalar()
            mine = select(NOTICE).where(NOTICE.c.mail == mail.id, _OPEN)
            news_last = case((NOTICE.c.until.is_(None), 1), else_=0)
            rows = connection.execute(mine.order_by(news_last, NOTICE.c.until, NOTICE.c.made, NOTICE.c.id)).all()
        if to and rows:
            items = [Item(row.says, row.where, row.until, row.reminded is not None) for row in rows]
            self.send(write(self.writer, Envelope(to, mail.id, mail.made), items))
        values = {"next": None, "sent": now if to and rows else None, "fault": ""}
        with self.database.write() as connection:
            connection.execute(update(MAIL).where(MAIL.c.id == mail.id).values(values))
        return bool(to and rows)

    def _note(self, mail: Row[Any], again: float | None, fault: MailNotSent | MailRefused) -> None:
        log.warning("e-mail %s, try %d: %s %s %s", mail.id, mail.tries, fault.code, fault.message, fault.detail)
        told = f"{fault.code} {fault.message}"[:200]
        with self.database.write() as connection:
            connection.execute(update(MAIL).where(MAIL.c.id == mail.id).values(next=again, fault=told))


def standing(database: Database) -> dict[str, Any]:
    """How the e-mails stand: how many wait, were sent, were given up; and what was the fault last."""
    wait, sent = func.count(MAIL.c.next), func.count(MAIL.c.sent)
    given_up = func.sum(case((and_(MAIL.c.next.is_(None), MAIL.c.fault != ""), 1), else_=0))
    last = select(MAIL.c.fault).where(MAIL.c.fault != "").order_by(MAIL.c.made.desc()).limit(1)
    with database.read() as connection:
        row = connection.execute(select(wait, sent, given_up)).one()
        fault = connection.execute(last).scalar()
    return {"waiting": int(row[0]), "sent": int(row[1]), "given_up": int(row[2] or 0), "last_fault": fault or ""}


def tidy(database: Database, now: float) -> int:
    """Delete what is kept of e-mails that were done with more than a year ago; how many."""
    over = and_(MAIL.c.next.is_(None), MAIL.c.made <= now - KEEP_SECONDS)
    with database.write() as connection:
        return int(connection.execute(delete(MAIL).where(over)).rowcount)


def _last(connection: Connection, person: str) -> tuple[float, float]:
    """When the last e-mail to a person was made, and the last one of a day."""
    daily = func.max(case((MAIL.c.daily, MAIL.c.made), else_=0.0))
    row = connection.execute(select(func.max(MAIL.c.made), daily).where(MAIL.c.person == person)).one()
    return float(row[0] or 0.0), float(row[1] or 0.0)


def _make(connection: Connection, person: str, letter: Letter, now: float) -> None:
    row: Mapping[str, Any] = {"id": new_id(), "person": person, "daily": letter.daily, "made": now, "next": now}
    connection.execute(insert(MAIL), {**row, "tries": 0, "sent": None, "fault": ""})
    ids: Sequence[str] = letter.notices
    for start in range(0, len(ids), 500):
        connection.execute(update(NOTICE).where(NOTICE.c.id.in_(ids[start : start + 500])).values(mail=row["id"]))
