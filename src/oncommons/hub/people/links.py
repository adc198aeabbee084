"""Links that work once: invitations to people, and links for a new password."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from oncommons.hub.people.register import Leaving, give_role, new_person
from oncommons.hub.people.rules import INVITATION_SECONDS, RESET_SECONDS, Membership, is_operator, may_give
from oncommons.hub.people.sealing import digest_of, new_id, new_secret
from oncommons.hub.people.tables import (
    GRANTED,
    IDENTITY,
    LINK,
    MEMBERSHIP,
    ORGANISATION,
    PERSON,
    RECOVERY,
    SESSION,
    TOKEN,
)
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_people import InviteRefused, PeopleError
from oncommons.storage.database import Database

LINK_REFUSED = "The link is not valid: it is wrong, was used or withdrawn, or has expired. Ask for a new one."


@dataclass(frozen=True)
class Link:
    """A link that was not used yet.

    Attributes:
        id: For who withdraws it.
        purpose: ``join`` or ``reset``.
        email: Who it is for.
        organisation: Identifier of the organisation; empty where it is for a new password.
        name: Name of the organisation.
        role: The role there.
        expires: Seconds since the epoch.
    """

    id: str
    purpose: str
    email: str
    organisation: str
    name: str
    role: str
    expires: float


class Links:
    """The links in the hub's database.

    Args:
        database: The hub's database.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def invite(self, email: str, organisation: str, role: str, by: str, now: float) -> str:
        """The secret of a new invitation, in the place of one to the same role that was not used.

        Args:
            email: Who is invited.
            organisation: Identifier of the organisation.
            role: The role there.
            by: Identifier of who invites; empty at the command line.
            now: Seconds since the epoch.
        """
        same = LINK.c.email == email, LINK.c.organisation == organisation, LINK.c.role == role
        row = {"purpose": "join", "email": email, "organisation": organisation, "role": role, "by": by, "made": now}
        return self._keep(same, row | {"expires": now + INVITATION_SECONDS})

    def reset(self, email: str, by: str, now: float) -> str:
        """The secret of a new link for a new password; raises :class:`NotFound` where nobody has the address."""
        with self.database.read() as connection:
            if connection.execute(select(PERSON.c.id).where(PERSON.c.email == email)).first() is None:
                raise NotFound("Nobody here has that address.")
        row = {"purpose": "reset", "email": email, "organisation": None, "role": "", "by": by, "made": now}
        return self._keep((LINK.c.email == email, LINK.c.purpose == "reset"), row | {"expires": now + RESET_SECONDS})

    def look(self, secret: str, now: float) -> Link:
        """What a link is for; looking does not use it up.

        Raises:
            InviteRefused: it is wrong, used or expired, or who made it may not any more.
        """
        with self.database.read() as connection:
            return _good(connection, secret, now)

    def waiting(self, organisations: Collection[str] | None, now: float) -> list[Link]:
        """Invitations to these organisations, or to all, that can still be used, in order of address."""
        query = _query().where(LINK.c.expires > now, LINK.c.purpose == "join").order_by(LINK.c.email)
        with self.database.read() as connection:
            found = [_link(row) for row in connection.execute(query).all() if _is_backed(connection, row)]
        return [one for one in found if organisations is None or one.organisation in organisations]

    def withdraw(self, identifier: str) -> None:
        """End a link before it is used; nothing where there is none."""
        with self.database.write() as connection:
            connection.execute(delete(LINK).where(LINK.c.id == identifier))

    def withdraw_resets(self, email: str) -> None:
        """End the links for a new password of an address."""
        with self.database.write() as connection:
            connection.execute(delete(LINK).where(LINK.c.email == email, LINK.c.purpose == "reset"))

    def withdraw_all(self, email: str) -> None:
        """End every link to an address."""
        with self.database.write() as connection:
            connection.execute(delete(LINK).where(LINK.c.email == email))

    def join(self, secret: str, name: str, password: str, now: float) -> str:
        """Make the account that a link invites to; its identifier.

        Args:
            secret: The link's.
            name: What the person is called.
            password: argon2id hash.
            now: Seconds since the epoch.

        Raises:
            InviteRefused: the link is wrong, used or expired.
            PeopleError: there is an account with this address, whose owner can sign in and accept.
        """
        with self.database.write() as connection:
            link = use_link(connection, secret, "join", now)
            if connection.execute(select(PERSON.c.id).where(PERSON.c.email == link.email)).first() is not None:
                raise PeopleError("There is an account with this address; sign in with it to accept.")
            person = new_person(connection, link.email, name, password, now)
            give_role(connection, person, link.organisation, link.role, now)
        return person

    def accept(self, secret: str, person: str, email: str, now: float) -> None:
        """Give somebody who has an account the role that a link invites to.

        Raises:
            InviteRefused: the link is wrong, used, expired, or for somebody else.
        """
        with self.database.write() as connection:
            link = use_link(connection, secret, "join", now)
            if link.email != email:
                raise InviteRefused(LINK_REFUSED)
            give_role(connection, person, link.organisation, link.role, now)

    def renew(self, secret: str, password: str, now: float) -> str:
        """Set the new password that a link allows, and end all else that opens the account.

        Sessions and tokens end, the second factor is off, and identities of providers are linked no more.

        Args:
            secret: The link's.
            password: argon2id hash.
            now: Seconds since the epoch.

        Returns:
            The person's identifier.

        Raises:
            InviteRefused: the link is wrong, used or expired.
        """
        with self.database.write() as connection:
            link = use_link(connection, secret, "reset", now)
            person = connection.execute(select(PERSON.c.id).where(PERSON.c.email == link.email)).scalar()
            if person is None:
                raise InviteRefused(LINK_REFUSED)
            drop_identities(connection, str(person), IDENTITY.c.person == person)
            for table in (SESSION, TOKEN, RECOVERY):
                connection.execute(delete(table).where(table.c.person == person))
            new = {"password": password, "factor": "", "step": 0}
            connection.execute(update(PERSON).where(PERSON.c.id == person).values(new))
        return str(person)

    def _keep(self, same: Collection[Any], row: dict[str, Any]) -> str:
        secret = new_secret()
        with self.database.write() as connection:
            connection.execute(delete(LINK).where(LINK.c.expires <= row["made"]))
            connection.execute(delete(LINK).where(*same))
            connection.execute(insert(LINK), {**row, "digest": digest_of(secret), "id": new_id()})
        return secret


def forget_links(connection: Connection, leaving: Leaving) -> None:
    """End every link to the address of somebody whose account is erased, in that transaction."""
    connection.execute(delete(LINK).where(LINK.c.email == leaving.email))


def drop_identities(connection: Connection, person: str, which: Any, *, forget: bool = True) -> None:
    """End what some identities of a person have opened and given, within a transaction.

    Args:
        connection: The transaction.
        person: Identifier of the person.
        which: A condition on the table of identities.
        forget: Whether they are forgotten as well.
    """
    chosen = select(IDENTITY.c.id).where(IDENTITY.c.person == person, which)
    for row in connection.execute(select(GRANTED).where(GRANTED.c.identity.in_(chosen))).all():
        here = MEMBERSHIP.c.organisation == row.organisation, MEMBERSHIP.c.role == row.role
        connection.execute(delete(MEMBERSHIP).where(MEMBERSHIP.c.person == person, *here))
    connection.execute(delete(GRANTED).where(GRANTED.c.identity.in_(chosen)))
    connection.execute(delete(SESSION).where(SESSION.c.person == person, SESSION.c.identity.in_(chosen)))
    if forget:
        connection.execute(delete(IDENTITY).where(IDENTITY.c.person == person, which))


def _query() -> Any:
    return select(LINK, ORGANISATION.c.name).outerjoin(ORGANISATION)


def _good(connection: Connection, secret: str, now: float) -> Link:
    row = connection.execute(_query().where(LINK.c.digest == digest_of(secret), LINK.c.expires > now)).first()
    if row is None or not _is_backed(connection, row):
        raise InviteRefused(LINK_REFUSED)
    return _link(row)


def _is_backed(connection: Connection, row: Row[Any]) -> bool:
    """Whether who made a link may still make it; one of the command line has the machine's word."""
    if not row.by:
        return True
    mine = select(MEMBERSHIP.c.organisation, MEMBERSHIP.c.role).where(MEMBERSHIP.c.person == row.by)
    held = [Membership(one.organisation, one.role) for one in connection.execute(mine)]
    return is_operator(held) if row.purpose == "reset" else may_give(held, row.organisation, row.role)


def use_link(connection: Connection, secret: str, purpose: str, now: float) -> Link:
    """A link, used up within a transaction; of two that use it at the same time one gets it.

    Raises:
        InviteRefused: it is wrong, used or expired, or for something else.
    """
    link = _good(connection, secret, now)
    used = delete(LINK).where(LINK.c.digest == digest_of(secret), LINK.c.purpose == purpose)
    if connection.execute(used).rowcount != 1:
        raise InviteRefused(LINK_REFUSED)
    return link


def _link(row: Row[Any]) -> Link:
    return Link(row.id, row.purpose, row.email, row.organisation or "", row.name or "", row.role, row.expires)
