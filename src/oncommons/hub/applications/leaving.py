"""What becomes of the applications of somebody whose account is erased, and what is told them of these before."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, update

from oncommons.hub.applications.book import Book, all_locked
from oncommons.hub.applications.documents import Documents
from oncommons.hub.applications.tables import APPLICATION, AUTHOR, INVITE
from oncommons.hub.people.desk import Keeper
from oncommons.hub.people.register import Forget, Leaving
from oncommons.schema.application import Application
from oncommons.schema.saved import utc


def keeper(book: Book, documents: Documents) -> Keeper:
    """What stands in a person's own data, and goes with their account or over to others.

    What they began and others write goes over to these, what nobody else writes is deleted.  What was handed in stays,
    with the identifier as a pseudonym, since others decide or have decided about it.

    Args:
        book: Applications.
        documents: What is attached to them.
    """

    def told(person: str) -> list[dict[str, Any]]:
        return [
            {"id": one.id, "title": one.title, "state": one.state, "made": utc(one.made), "changed": utc(one.changed)}
            for one in book.mine(person)
        ]

    return Keeper("applications", told, _forgetting(documents))


def _forgetting(documents: Documents) -> Forget:
    def forget(connection: Connection, leaving: Leaving) -> partial[None]:
        gone = [
            document.id
            for one in all_locked(connection, leaving.person)
            if one.is_open and _let_go(connection, one, leaving)
            for document in one.attachments
        ]
        own = (INVITE.c.email == leaving.email) & (INVITE.c.email != "")  # an empty one is for whoever has the link
        connection.execute(delete(INVITE).where((INVITE.c.by == leaving.person) | own))
        documents.going(gone)
        return partial(documents.forget, gone)

    return forget


def _let_go(connection: Connection, one: Application, leaving: Leaving) -> bool:
    """Let somebody go from an application that can be written; whether it is gone with them."""
    here, author = APPLICATION.c.id == one.id, leaving.person
    if one.applicant == leaving.person and not one.authors:
        connection.execute(delete(APPLICATION).where(here))
        return True
    if one.applicant == leaving.person:
        author = one.authors[0]  # who is the applicant from now on, and no author beside them
        connection.execute(update(APPLICATION).where(here).values(applicant=author, changed=leaving.at))
    connection.execute(delete(AUTHOR).where(AUTHOR.c.application == one.id, AUTHOR.c.person == author))
    return False
