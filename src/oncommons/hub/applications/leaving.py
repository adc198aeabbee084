"""What becomes of the applications of somebody whose account is erased, and what is told them of these before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, or_, update

from oncommons.hub.applications.book import Book
from oncommons.hub.applications.documents import Documents
from oncommons.hub.applications.tables import APPLICATION, AUTHOR, INVITE
from oncommons.schema.saved import utc


@dataclass(frozen=True)
class Belongings:
    """The applications of people, as their accounts see them.

    Attributes:
        book: Applications.
        documents: What is attached to them.
    """

    book: Book
    documents: Documents

    def told_of(self, person: str) -> dict[str, Any]:
        """The applications that somebody writes, in short."""
        found = [
            {"id": one.id, "title": one.title, "state": one.state, "made": utc(one.made), "changed": utc(one.changed)}
            for one in self.book.mine(person)
        ]
        return {"applications": found}

    def forget(self, person: str, email: str, now: float) -> None:
        """Let somebody go: what they began and others write goes over to these, what nobody else writes is deleted.

        What was handed in stays, with the identifier as a pseudonym, since others decide or have decided about it.

        Args:
            person: Whose account was erased.
            email: The address that it had.
            now: Seconds since the epoch.
        """
        gone: list[str] = []
        for one in self.book.mine(person):
            here = AUTHOR.c.application == one.id
            with self.book.database.write() as connection:
                if one.is_open and one.applicant == person and one.authors:
                    heir = one.authors[0]
                    connection.execute(delete(AUTHOR).where(here, AUTHOR.c.person == heir))
                    values = {"applicant": heir, "changed": now}
                    connection.execute(update(APPLICATION).where(APPLICATION.c.id == one.id).values(values))
                elif one.is_open and one.applicant == person:
                    connection.execute(delete(APPLICATION).where(APPLICATION.c.id == one.id))
                    gone += [document.id for document in one.attachments]
                elif one.is_open:
                    connection.execute(delete(AUTHOR).where(here, AUTHOR.c.person == person))
        with self.book.database.write() as connection:
            connection.execute(delete(INVITE).where(or_(INVITE.c.by == person, INVITE.c.email == email)))
        self.documents.forget(gone)
