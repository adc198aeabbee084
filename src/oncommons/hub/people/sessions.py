"""Ways in that were opened: sessions of browsers, tokens of programs, and browsers that are known.

Each is a random secret of which only the digest is kept.  What a person lists and ends goes by an identifier that
opens nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, bindparam, delete, exists, insert, outerjoin, select, update

from oncommons.hub.people.rules import (
    DAY,
    DEVICE_SECONDS,
    FRESH_SECONDS,
    IDLE_SECONDS,
    PROVEN,
    SESSION_SECONDS,
    session_ends,
)
from oncommons.hub.people.sealing import digest_of, new_id, new_secret
from oncommons.hub.people.tables import DEVICE, IDENTITY, MEMBERSHIP, PERSON, SESSION, TOKEN
from oncommons.hub.people.tidings import Tell, signed_in, untold
from oncommons.schema.errors import BadRequest, NotFound
from oncommons.schema.errors_of_people import SignInRefused
from oncommons.schema.people import SCOPES
from oncommons.storage.database import Database

TOKEN_PREFIX = "onc_"  # noqa: S105  what tokens begin with, so that scanners for lost secrets find them
MOST_TOKENS = 50
REFUSED = "The address, the password or the code is wrong."
_SEEN_EVERY = 60.0


def _asked(table: Table) -> Select[Any]:
    """A way in by the digest of its secret, and whether its person may ask."""
    has_role = exists().where(MEMBERSHIP.c.person == PERSON.c.id)
    is_asker = ((PERSON.c.password != "") | has_role).label("is_asker")
    here = table.c.digest == bindparam("secret"), PERSON.c.erased.is_(None)
    return select(table, is_asker).join(PERSON).where(*here)


_ASKED = {table: _asked(table) for table in (SESSION, TOKEN)}
"""Made once: every request of somebody who is signed in needs one, and making it takes longer than the answer."""


@dataclass(frozen=True)
class Asker:
    """Who asks.

    Attributes:
        person: Identifier of the person.
        scopes: What may be done; nothing for who came by a provider and has no role.
        session: Identifier of the session; empty for a program's token, which may do nothing about accounts.
    """

    person: str
    scopes: tuple[str, ...]
    session: str = ""


class Sessions:
    """The sessions, tokens and known browsers in the hub's database.

    Args:
        database: The hub's database.
        tell: How people are told.
    """

    def __init__(self, database: Database, tell: Tell = untold) -> None:
        self.database, self.tell = database, tell

    def start(self, person: str, browser: str, now: float, password: str, identity: str = "") -> str:
        """The secret of a new session; sessions that have ended are forgotten.

        Args:
            person: Identifier of the person.
            browser: What the browser calls itself, for the person's list.
            now: Seconds since the epoch.
            password: The hash that was found right, which must still be the person's: whoever changes it or erases
                the account meanwhile ends this way in as well.
            identity: Identifier of the identity of a provider that was shown; empty for a password.

        Raises:
            SignInRefused: it is not, any more.
        """
        secret = new_secret()
        told = "".join(sign if sign.isprintable() else " " for sign in browser)[:120]
        row = {"digest": digest_of(secret), "id": new_id(), "person": person, "browser": told}
        still = select(PERSON.c.id).where(
            PERSON.c.id == person, PERSON.c.password == password, PERSON.c.erased.is_(None)
        )
        with self.database.write() as connection:
            if connection.execute(still.with_for_update()).first() is None:
                raise SignInRefused(REFUSED)
            over = (SESSION.c.made <= now - SESSION_SECONDS) | (SESSION.c.seen <= now - IDLE_SECONDS)
            connection.execute(delete(SESSION).where(over))
            connection.execute(delete(TOKEN).where(TOKEN.c.expires <= now))
            connection.execute(delete(DEVICE).where(DEVICE.c.seen <= now - DEVICE_SECONDS))
            connection.execute(insert(SESSION), row | {"made": now, "seen": now, "identity": identity or None})
        return secret

    def asker(self, secret: str, now: float) -> Asker | None:
        """Who shows a secret; nobody where it is wrong or has ended."""
        table = TOKEN if secret.startswith(TOKEN_PREFIX) else SESSION
        with self.database.read() as connection:
            row = connection.execute(_ASKED[table], {"secret": digest_of(secret)}).first()
        if row is None or now >= (row.expires if table is TOKEN else session_ends(row.made, row.seen)):
            return None
        if row.seen is None or now - row.seen >= _SEEN_EVERY:
            with self.database.write() as connection:
                connection.execute(update(table).where(table.c.digest == row.digest).values(seen=now))
        if table is TOKEN:
            return Asker(row.person, tuple(row.scopes.split()) if row.is_asker else ())
        return Asker(row.person, tuple(SCOPES) if row.is_asker else (), row.id)

    def sessions(self, person: str, now: float) -> list[dict[str, Any]]:
        """A person's sessions, the newest first; times are seconds since the epoch."""
        with self.database.read() as connection:
            rows = connection.execute(select(SESSION).where(SESSION.c.person == person).order_by(SESSION.c.made.desc()))
            return [
                {"id": r.id, "made": r.made, "seen": r.seen, "browser": r.browser, "identity": r.identity or ""}
                for r in rows
                if session_ends(r.made, r.seen) > now
            ]

    def is_fresh(self, identifier: str, now: float) -> bool:
        """Whether somebody proved just now who they are to open a session, so that they are still there.

        Where a provider opened it, that is when the provider asked them, which may be long before: it may know a browser.
        """
        theirs = outerjoin(SESSION, IDENTITY, SESSION.c.identity == IDENTITY.c.id)
        wanted = select(SESSION.c.made, SESSION.c.identity, IDENTITY.c.seen, IDENTITY.c.told).select_from(theirs)
        with self.database.read() as connection:
            row = connection.execute(wanted.where(SESSION.c.id == identifier)).first()
        if row is None:
            return False
        proven = float(row.made)
        if row.identity is not None:  # what it says is of its last sign-in, which must be the one of this session
            asked = json.loads(row.told).get(PROVEN) if row.seen == row.made else None
            proven = datetime.fromisoformat(asked[0]).timestamp() if asked else float("-inf")
        return now - proven <= FRESH_SECONDS

    def end(self, person: str, identifier: str) -> None:
        """End one of a person's own sessions; raises :class:`NotFound` where it is not theirs."""
        self._end(SESSION, person, identifier)

    def end_all(self, person: str, but: str = "") -> None:
        """End all of a person's sessions but one, and all tokens of their programs."""
        with self.database.write() as connection:
            connection.execute(delete(SESSION).where(SESSION.c.person == person, SESSION.c.id != but))
            connection.execute(delete(TOKEN).where(TOKEN.c.person == person))

    def make_token(self, person: str, name: str, scopes: Sequence[str], days: int, now: float) -> str:
        """The secret of a new token for a program.

        Args:
            person: Identifier of the person.
            name: What the person calls it.
            scopes: What it may do.
            days: How long it lives.
            now: Seconds since the epoch.

        Raises:
            BadRequest: the person has too many.
        """
        secret = new_secret(TOKEN_PREFIX)
        row = {"digest": digest_of(secret), "id": new_id(), "person": person, "name": name, "scopes": " ".join(scopes)}
        with self.database.write() as connection:
            if len(connection.execute(select(TOKEN.c.id).where(TOKEN.c.person == person)).all()) >= MOST_TOKENS:
                raise BadRequest(f"A person has at most {MOST_TOKENS} tokens; end one first.")
            connection.execute(insert(TOKEN), row | {"made": now, "expires": now + days * DAY, "seen": None})
        return secret

    def tokens(self, person: str, now: float) -> list[dict[str, Any]]:
        """A person's tokens, the newest first; times are seconds since the epoch."""
        mine = select(TOKEN).where(TOKEN.c.person == person, TOKEN.c.expires > now).order_by(TOKEN.c.made.desc())
        with self.database.read() as connection:
            return [
                {"id": r.id, "name": r.name, "scopes": r.scopes.split(), "made": r.made}
                | {"expires": r.expires, "seen": r.seen}
                for r in connection.execute(mine)
            ]

    def end_token(self, person: str, identifier: str) -> None:
        """End one of a person's own tokens; raises :class:`NotFound` where it is not theirs."""
        self._end(TOKEN, person, identifier)

    def know(self, person: str, now: float, known: str = "", *, is_news: bool = False) -> str:
        """The secret by which a browser is known for a year from now on; one that is known keeps its own.

        Args:
            person: Identifier of the person who has signed in there.
            now: Seconds since the epoch.
            known: The secret of one that is known.
            is_news: Whether the person is told of one that is not.
        """
        secret = known or new_secret()
        with self.database.write() as connection:
            connection.execute(delete(DEVICE).where(DEVICE.c.digest == digest_of(secret)))
            connection.execute(insert(DEVICE), {"digest": digest_of(secret), "person": person, "seen": now})
            if is_news and not known:
                self.tell(connection, [signed_in(person, now)], now)
        return secret

    def is_known(self, person: str, secret: str, now: float) -> bool:
        """Whether a browser is one in which the person has signed in within the last year."""
        if not secret:
            return False
        mine = DEVICE.c.digest == digest_of(secret), DEVICE.c.person == person, DEVICE.c.seen > now - DEVICE_SECONDS
        with self.database.read() as connection:
            return connection.execute(select(DEVICE.c.seen).where(*mine)).first() is not None

    def devices(self, person: str) -> int:
        """In how many browsers a person is known."""
        with self.database.read() as connection:
            return len(connection.execute(select(DEVICE.c.digest).where(DEVICE.c.person == person)).all())

    def _end(self, table: Table, person: str, identifier: str) -> None:
        with self.database.write() as connection:
            mine = delete(table).where(table.c.person == person, table.c.id == identifier)
            if connection.execute(mine).rowcount != 1:
                raise NotFound("You have nothing of that name that could be ended.")
