"""What authors say to one another about a paragraph: threads that are resolved and opened again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, insert, select, update

from oncommons.hub.applications.book import check_writer, is_identifier
from oncommons.hub.applications.tables import COMMENT
from oncommons.hub.people.sealing import new_id
from oncommons.schema.application_form import is_name, plain_text
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_applications import ApplicationError
from oncommons.storage.database import Database

MOST_COMMENTS = 1_000
"""Comments of one application."""
LONGEST_COMMENT = 4_000
"""Characters."""


@dataclass(frozen=True)
class Comment:
    """What somebody said; times are seconds since the epoch.

    Attributes:
        id: Its identifier.
        paragraph: About which paragraph.
        thread: The first comment that it answers, or its own identifier.
        by: Who.
        at: When.
        text: What.
        resolved: When the thread was resolved; nothing while it is open, and in all comments but a first one.
        resolver: By whom.
    """

    id: str
    paragraph: str
    thread: str
    by: str
    at: float
    text: str
    resolved: float | None = None
    resolver: str = ""


class Comments:
    """The comments in the hub's database.

    Args:
        database: The hub's database.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def of(self, identifier: str, person: str) -> list[Comment]:
        """All comments of an application, thread by thread, the oldest first.

        Raises:
            NotFound: there is no such application, or they do not write it.
        """
        query = select(COMMENT).where(COMMENT.c.application == identifier).order_by(COMMENT.c.at, COMMENT.c.id)
        with self.database.read() as connection:
            check_writer(connection, identifier, person)
            rows = connection.execute(query).all()
        found = [Comment(r.id, r.paragraph, r.thread, r.by, r.at, r.text, r.resolved, r.resolver) for r in rows]
        begun = {one.id: i for i, one in enumerate(found)}
        return sorted(found, key=lambda one: (begun.get(one.thread, 0), one.id != one.thread, one.at, one.id))

    def say(self, identifier: str, person: str, said: tuple[str, str, str], now: float) -> str:
        """Say something; the identifier of the comment.  An answer opens a thread again that was resolved.

        Args:
            identifier: Of the application.
            person: Who.
            said: About which paragraph, in answer to which thread or empty, and what.
            now: Seconds since the epoch.

        Raises:
            NotFound: there is no such application or thread, or they do not write it.
            ApplicationError: it is empty or too long, or there are too many.
        """
        paragraph, thread, text = said[0], said[1], plain_text(said[2]).strip()
        if not 0 < len(text) <= LONGEST_COMMENT or not is_name(paragraph):
            raise ApplicationError(f"A comment has 1 to {LONGEST_COMMENT:,} characters.")
        known = {one.id: one for one in self.of(identifier, person)}
        first = known.get(thread)
        if thread and (first is None or first.thread != thread or first.paragraph != paragraph):
            raise NotFound("There is no such thread.")
        row = {"id": new_id(), "application": identifier, "paragraph": paragraph, "by": person, "at": now, "text": text}
        row |= {"thread": thread or row["id"], "resolved": None, "resolver": ""}
        here = COMMENT.c.application == identifier
        with self.database.write() as connection:
            if connection.execute(select(func.count()).select_from(COMMENT).where(here)).scalar_one() >= MOST_COMMENTS:
                raise ApplicationError(f"An application has at most {MOST_COMMENTS:,} comments.")
            connection.execute(insert(COMMENT), row)
            open_again = update(COMMENT).where(here, COMMENT.c.id == row["thread"])
            connection.execute(open_again.values(resolved=None, resolver=""))
        return str(row["id"])

    def resolve(self, identifier: str, person: str, thread: str, now: float | None) -> None:
        """Resolve a thread, or, with no time, open it again.

        Raises:
            NotFound: there is no such application or thread, or they do not write it.
        """
        here = COMMENT.c.application == identifier, COMMENT.c.id == thread, COMMENT.c.thread == thread
        values = {"resolved": now, "resolver": "" if now is None else person}
        with self.database.write() as connection:
            check_writer(connection, identifier, person)
            if (
                not is_identifier(thread)
                or connection.execute(update(COMMENT).where(*here).values(values)).rowcount != 1
            ):
                raise NotFound("There is no such thread.")
