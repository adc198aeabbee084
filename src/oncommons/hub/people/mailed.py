"""Links that people ask for by e-mail, to sign in or to set a new password.

Asking writes one row, whoever has the address, and answers.  Whether it is the address of an account is found out later,
by what carries e-mails; so neither the answer nor its time tells.  The link's secret is made when the e-mail is written,
anew at each try, and is kept nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from oncommons.hub.people.links import Links
from oncommons.hub.people.rules import ASKED_SECONDS
from oncommons.hub.people.sealing import digest_of, new_id, new_secret
from oncommons.hub.people.tables import ASKED

LEASE_SECONDS = 600.0
"""A link that is being sent is nobody else's to send for so long."""
FIRST_WAIT = 15.0
"""Seconds until a link is tried again that the mail server did not take; they double."""


@dataclass(frozen=True)
class Wish:
    """A link that somebody has asked for: its kind, the address that was typed, and the digest of the browser's secret."""

    id: str
    purpose: str
    email: str
    browser: str
    tries: int


@dataclass(frozen=True)
class Mailed:
    """The links that were asked for, in the hub's database.

    Attributes:
        links: The links that there are.
    """

    links: Links

    def ask(self, purpose: str, email: str, browser: str, now: float) -> str:
        """Note that somebody wants a link; the secret of the browser in which alone it will work.

        Args:
            purpose: Of :data:`OWN_LINKS`.
            email: What was typed.
            browser: The secret of a browser that has asked before; a new one where it is none.
            now: Seconds since the epoch.
        """
        secret = browser if _is_secret(browser) else new_secret()
        row = {"id": new_id(), "purpose": purpose, "email": email, "browser": digest_of(secret), "made": now}
        with self.links.database.write() as connection:
            connection.execute(delete(ASKED).where(ASKED.c.made <= now - ASKED_SECONDS))
            connection.execute(insert(ASKED), row | {"next": now, "tries": 0})
        return secret

    def claim(self, now: float) -> Wish | None:
        """The next link whose turn it is, noted as tried; what waited for too long is forgotten."""
        due = select(ASKED.c.id).where(ASKED.c.next <= now).order_by(ASKED.c.next, ASKED.c.id).limit(1)
        with self.links.database.read() as connection:
            if connection.execute(due).first() is None:
                return None
        with self.links.database.write() as connection:
            connection.execute(delete(ASKED).where(ASKED.c.made <= now - ASKED_SECONDS))
            found = connection.execute(due.with_for_update(skip_locked=True)).scalar()
            if found is None:
                return None
            mine = ASKED.c.id == found
            connection.execute(update(ASKED).where(mine).values(tries=ASKED.c.tries + 1, next=now + LEASE_SECONDS))
            row = connection.execute(select(ASKED).where(mine)).one()
        return Wish(row.id, row.purpose, row.email, row.browser, row.tries)

    def make(self, wish: Wish, now: float) -> tuple[str, str] | None:
        """Secret and identifier of the link; ``None`` where nobody who may have one has the address."""
        return self.links.own(wish.purpose, wish.email, wish.browser, now)

    def done(self, wish: Wish) -> None:
        """Forget that it was asked for: it was sent, or cannot be."""
        with self.links.database.write() as connection:
            connection.execute(delete(ASKED).where(ASKED.c.id == wish.id))

    def put_off(self, wish: Wish, link: str, now: float) -> None:
        """Try it again later, with another link: the mail server did not take this one."""
        self.links.withdraw(link)
        with self.links.database.write() as connection:
            later = now + FIRST_WAIT * 2.0 ** (wish.tries - 1)
            connection.execute(update(ASKED).where(ASKED.c.id == wish.id).values(next=later))


def _is_secret(text: str) -> bool:
    """Whether it is as long as those that are made here, so that nobody is bound to what others can guess."""
    return len(text) == len(new_secret()) and text.isascii() and text.isprintable()
