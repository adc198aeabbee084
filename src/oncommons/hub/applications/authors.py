"""Who writes an application together: invited by their address, or by a link that works once, for a week.

An invitation to an address is there for whoever signs in with it.  Nobody who invites learns whether somebody has that
address here.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select

from oncommons.hub.applications.book import check_writer, is_identifier, locked, touch
from oncommons.hub.applications.tables import AUTHOR, INVITE
from oncommons.hub.people.sealing import digest_of, new_id, new_secret
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_applications import ApplicationError
from oncommons.storage.database import Database

WEEK_SECONDS = 7 * 86_400.0
MOST_AUTHORS = 30
"""Authors of one application, and invitations that wait."""
_REFUSED = "The invitation is not valid: it is wrong, was used or withdrawn, or has expired. Ask for a new one."


@dataclass(frozen=True)
class Invitation:
    """An invitation that waits.

    Attributes:
        id: For who uses or withdraws it.
        application: To which application.
        email: For whom; empty for whoever has the link.
        by: Who invited.
        expires: Seconds since the epoch.
    """

    id: str
    application: str
    email: str
    by: str
    expires: float


class Authors:
    """The authors in the hub's database.

    Args:
        database: The hub's database.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def invite(self, identifier: str, person: str, email: str, now: float) -> str:
        """The secret of a new invitation; one to an address takes the place of an older one.

        Args:
            identifier: Of the application.
            person: Who invites.
            email: For whom; empty for whoever has the link.
            now: Seconds since the epoch.

        Raises:
            NotFound: there is no such application, or they do not write it.
            ApplicationError: it cannot be written now, or has too many authors.
        """
        secret = new_secret()
        row = {"digest": digest_of(secret), "id": new_id(), "application": identifier, "email": email, "by": person}
        here = INVITE.c.application == identifier
        with self.database.write() as connection:
            found = locked(connection, identifier, person).application
            connection.execute(delete(INVITE).where(INVITE.c.expires <= now))
            if email:
                connection.execute(delete(INVITE).where(here, INVITE.c.email == email))
            waiting = connection.execute(select(func.count()).select_from(INVITE).where(here)).scalar_one()
            if len(found.authors) + waiting >= MOST_AUTHORS:
                raise ApplicationError(f"An application has at most {MOST_AUTHORS} authors and invitations.")
            connection.execute(insert(INVITE), row | {"made": now, "expires": now + WEEK_SECONDS})
        return secret

    def waiting(self, identifier: str, person: str, now: float) -> list[Invitation]:
        """Invitations to an application that can still be used.

        Raises:
            NotFound: there is no such application, or they do not write it.
        """
        query = select(INVITE).where(INVITE.c.application == identifier, INVITE.c.expires > now)
        with self.database.read() as connection:
            check_writer(connection, identifier, person)
            rows = connection.execute(query.order_by(INVITE.c.made, INVITE.c.id)).all()
        return [Invitation(row.id, row.application, row.email, row.by, row.expires) for row in rows]

    def waiting_for(self, email: str, now: float) -> list[Invitation]:
        """Invitations to whoever has an address."""
        if not email:
            return []
        query = select(INVITE).where(INVITE.c.email == email, INVITE.c.expires > now)
        with self.database.read() as connection:
            rows = connection.execute(query.order_by(INVITE.c.made, INVITE.c.id)).all()
        return [Invitation(row.id, row.application, row.email, row.by, row.expires) for row in rows]

    def withdraw(self, identifier: str, person: str, invitation: str) -> None:
        """End an invitation before it is used; nothing where there is none.

        Raises:
            NotFound: there is no such application, or they do not write it.
        """
        with self.database.write() as connection:
            locked(connection, identifier, person)
            if is_identifier(invitation):
                here = INVITE.c.application == identifier, INVITE.c.id == invitation
                connection.execute(delete(INVITE).where(*here))

    def join(self, person: str, email: str, shown: str, now: float) -> str:
        """Become an author; the application's identifier.

        Args:
            person: Who joins.
            email: Their address.
            shown: The secret of a link, or the identifier of an invitation to their address.
            now: Seconds since the epoch.

        Raises:
            NotFound: the invitation is wrong, used, expired, or for somebody else.
            ApplicationError: the application cannot be written now.
        """
        known = shown if is_identifier(shown) else ""
        named = (INVITE.c.id == known) & (INVITE.c.email == email) & (INVITE.c.email != "")
        linked = (INVITE.c.digest == digest_of(shown)) & INVITE.c.email.in_(["", email])
        with self.database.write() as connection:
            row = connection.execute(select(INVITE).where(named | linked, INVITE.c.expires > now)).first()
            used = None if row is None else connection.execute(delete(INVITE).where(INVITE.c.digest == row.digest))
            if row is None or used is None or used.rowcount != 1:
                raise NotFound(_REFUSED)
            found = locked(connection, row.application, row.by).application  # who invited still writes it
            if person not in found.writers:
                connection.execute(insert(AUTHOR), {"application": found.id, "person": person, "made": now})
                touch(connection, found.id, now)
        return found.id

    def leave(self, identifier: str, person: str, author: str, now: float) -> None:
        """Take an author away: the applicant takes others away, and each author themselves.

        Raises:
            NotFound: there is no such application or author, or they do not write it.
            ApplicationError: it is not theirs to do, or cannot be done now.
        """
        with self.database.write() as connection:
            found = locked(connection, identifier, person).application
            if author not in found.authors:
                raise NotFound("The application has no such author beside the applicant.")
            if person not in {found.applicant, author}:
                raise ApplicationError("Only the applicant takes other authors away.")
            connection.execute(delete(AUTHOR).where(AUTHOR.c.application == identifier, AUTHOR.c.person == author))
            connection.execute(delete(INVITE).where(INVITE.c.application == identifier, INVITE.c.by == author))
            touch(connection, identifier, now)
