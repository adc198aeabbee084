"""Links that work once: invitations to people, links for a new password, and links to sign in.

What each kind may do is one table, :data:`oncommons.hub.people.rules.LINK_KINDS`.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from oncommons.hub.people.register import Leaving, give_role, new_person
from oncommons.hub.people.rules import (
    ASKED_SECONDS,
    LINK_KINDS,
    PASSWORD_LINKS,
    Kind,
    Membership,
    is_operator,
    may_give,
)
from oncommons.hub.people.sealing import digest_of, new_id, new_secret
from oncommons.hub.people.tables import (
    ASKED,
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
from oncommons.hub.people.tidings import Tell, invitation_accepted, password_changed, untold
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_people import InviteRefused, OtherBrowser, PeopleError
from oncommons.storage.database import Database

LINK_REFUSED = "The link is not valid: it is wrong, was used or withdrawn, or has expired. Ask for a new one."


@dataclass(frozen=True)
class Link:
    """A link that was not used yet.

    Attributes:
        id: For who withdraws it.
        purpose: Of :data:`LINK_KINDS`.
        email: Who it is for.
        organisation: Identifier of the organisation; empty where it is for a new password.
        name: Name of the organisation.
        role: The role there.
        expires: Seconds since the epoch.
        by: Who has made it; empty for the command line, and for a person's own.
    """

    id: str
    purpose: str
    email: str
    organisation: str
    name: str
    role: str
    expires: float
    by: str = ""

    @property
    def kind(self) -> Kind:
        """What it may do."""
        return LINK_KINDS[self.purpose]

    @property
    def held(self) -> tuple[str, str, str]:
        """What it gives: identifier and name of the organisation, and the role."""
        return self.organisation, self.name, self.role


class Links:
    """The links in the hub's database.

    Args:
        database: The hub's database.
        tell: How people are told.
    """

    def __init__(self, database: Database, tell: Tell = untold) -> None:
        self.database, self.tell = database, tell

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
        with self.database.write() as connection:
            return _keep(connection, same, row)

    def reset(self, email: str, by: str, now: float) -> str:
        """The secret of a new link for a new password; raises :class:`NotFound` where nobody has the address."""
        row = {"purpose": "reset", "email": email, "organisation": None, "role": "", "by": by, "made": now}
        with self.database.write() as connection:
            if not _has_owner(connection, PERSON.c.email == email):
                raise NotFound("Nobody here has that address.")
            return _keep(connection, (LINK.c.email == email, LINK.c.purpose == "reset"), row)

    def own(self, purpose: str, email: str, browser: str, now: float) -> tuple[str, str] | None:
        """Secret and identifier of a new link that a person has asked for; ``None`` where nobody has the address.

        Who signs in by providers only gets none: a mailbox is not to open what a provider guards.

        Args:
            purpose: Of :data:`OWN_LINKS`.
            email: The address of the account, to which it goes.
            browser: Digest of the secret of the browser in which alone it works.
            now: Seconds since the epoch.
        """
        row = {"purpose": purpose, "email": email, "organisation": None, "role": "", "by": "", "made": now}
        identifier = new_id()
        with self.database.write() as connection:
            if not _has_owner(connection, PERSON.c.email == email, PERSON.c.password != ""):
                return None
            same = (LINK.c.id == identifier,)
            return _keep(connection, same, row | {"browser": browser, "id": identifier}), identifier

    def look(self, secret: str, now: float, browser: str = "") -> Link:
        """What a link is for; looking does not use it up.

        Args:
            secret: The link's.
            now: Seconds since the epoch.
            browser: Secret of the browser; empty where it has asked for no link.

        Raises:
            InviteRefused: it is wrong, used or expired, or who made it may not any more.
            OtherBrowser: it was asked for in another one.
        """
        with self.database.read() as connection:
            return _good(connection, secret, now, browser)

    def waiting(self, organisations: Collection[str] | None, now: float) -> list[Link]:
        """Invitations to these organisations, or to all, that can still be used, in order of address."""
        query = _query().where(LINK.c.expires > now, LINK.c.purpose == "join").order_by(LINK.c.email)
        with self.database.read() as connection:
            found = [_link(row) for row in connection.execute(query).all() if _is_backed(connection, row)]
        return [one for one in found if organisations is None or one.organisation in organisations]

    def to(self, email: str) -> list[dict[str, Any]]:
        """Links that open the account of an address, and those that were asked for, as long as they are kept.

        Each has its kind, of :data:`PASSWORD_LINKS`, when it expires, in seconds since the epoch, and whether it is made.
        """
        made = select(LINK.c.purpose, LINK.c.expires).where(LINK.c.email == email, LINK.c.purpose.in_(PASSWORD_LINKS))
        asked = select(ASKED.c.purpose, ASKED.c.made).where(ASKED.c.email == email)
        with self.database.read() as connection:
            rows = connection.execute(made.order_by(LINK.c.expires, LINK.c.id)).all()
            wishes = connection.execute(asked.order_by(ASKED.c.made, ASKED.c.id)).all()
        found = [{"kind": row.purpose, "expires": row.expires, "is_made": True} for row in rows]
        return found + [{"kind": row.purpose, "expires": row.made + ASKED_SECONDS, "is_made": False} for row in wishes]

    def withdraw(self, identifier: str) -> None:
        """End a link before it is used; nothing where there is none."""
        with self.database.write() as connection:
            connection.execute(delete(LINK).where(LINK.c.id == identifier))

    def withdraw_resets(self, email: str) -> None:
        """End the links that open the account of an address, and those that were asked for."""
        with self.database.write() as connection:
            _withdraw(connection, email)

    def withdraw_all(self, email: str) -> None:
        """End every link to an address."""
        with self.database.write() as connection:
            connection.execute(delete(LINK).where(LINK.c.email == email))
            connection.execute(delete(ASKED).where(ASKED.c.email == email))

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
            tell_host(connection, self.tell, link, now)
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
            tell_host(connection, self.tell, link, now)

    def renew(self, secret: str, link: Link, password: str, now: float, browser: str = "") -> str:
        """Set the new password that a link allows: sessions and tokens end, and other links that open the account.

        Args:
            secret: The link's.
            link: What was found when it was looked at.
            password: argon2id hash.
            now: Seconds since the epoch.
            browser: Secret of the browser.

        Returns:
            The person's identifier.

        Raises:
            InviteRefused: the link is wrong, used or expired, or sets no password of somebody who is here.
            OtherBrowser: it was asked for in another one.
        """
        if link.purpose not in PASSWORD_LINKS or not link.kind.sets_password:
            raise InviteRefused(LINK_REFUSED)
        with self.database.write() as connection:
            person = _owner(connection, use_link(connection, secret, link.purpose, now, browser))
            new: dict[str, Any] = {"password": password}
            if link.kind.unlocks:
                drop_identities(connection, person, IDENTITY.c.person == person)
                connection.execute(delete(RECOVERY).where(RECOVERY.c.person == person))
                new |= {"factor": "", "step": 0}
            for table in (SESSION, TOKEN):
                connection.execute(delete(table).where(table.c.person == person))
            connection.execute(update(PERSON).where(PERSON.c.id == person).values(new))
            _withdraw(connection, link.email)
            self.tell(connection, [password_changed(person, link.purpose, now)], now)
        return person

    def enter(self, secret: str, now: float, browser: str) -> str:
        """Use a link to sign in, and with it all others of the same person; the person's identifier.

        Args:
            secret: The link's.
            now: Seconds since the epoch.
            browser: Secret of the browser.

        Raises:
            InviteRefused: the link is wrong, used or expired, or not one to sign in.
            OtherBrowser: it was asked for in another one.
        """
        with self.database.write() as connection:
            link = use_link(connection, secret, "sign-in", now, browser)
            person = _owner(connection, link)
            connection.execute(delete(LINK).where(LINK.c.email == link.email, LINK.c.purpose == link.purpose))
        return person


def forget_links(connection: Connection, leaving: Leaving) -> None:
    """End every link to the address of somebody whose account is erased, in that transaction, and what was asked for."""
    for table in (LINK, ASKED):
        connection.execute(delete(table).where(table.c.email == leaving.email))


def tell_host(connection: Connection, tell: Tell, link: Link, now: float) -> None:
    """Tell who has made an invitation that it was accepted, within the transaction in which it is."""
    if link.by:
        tell(connection, [invitation_accepted(link.by, link.held, now)], now)


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


def _has_owner(connection: Connection, *which: ColumnElement[bool]) -> bool:
    """Whether there is such an account, which then stays until the transaction ends, so that no link outlives it."""
    return connection.execute(select(PERSON.c.id).where(*which).with_for_update(read=True)).first() is not None


def _keep(connection: Connection, same: Collection[Any], row: dict[str, Any]) -> str:
    """Keep a new link in the place of the same ones; its secret."""
    secret = new_secret()
    told = {"id": new_id(), "browser": None, "expires": row["made"] + LINK_KINDS[row["purpose"]].seconds}
    connection.execute(delete(LINK).where(LINK.c.expires <= row["made"]))
    connection.execute(delete(LINK).where(*same))
    connection.execute(insert(LINK), {**told, **row, "digest": digest_of(secret)})
    return secret


def _query() -> Any:
    return select(LINK, ORGANISATION.c.name).outerjoin(ORGANISATION)


def _good(connection: Connection, secret: str, now: float, browser: str = "") -> Link:
    row = connection.execute(_query().where(LINK.c.digest == digest_of(secret), LINK.c.expires > now)).first()
    if row is None or not _is_backed(connection, row):
        raise InviteRefused(LINK_REFUSED)
    if LINK_KINDS[row.purpose].is_bound and not hmac.compare_digest(row.browser or "", digest_of(browser)):
        raise OtherBrowser("Open the link in the browser in which you asked for it, or ask for a new one here.")
    return _link(row)


def _owner(connection: Connection, link: Link) -> str:
    """Whose account a link opens."""
    person = connection.execute(select(PERSON.c.id).where(PERSON.c.email == link.email)).scalar()
    if person is None:
        raise InviteRefused(LINK_REFUSED)
    return str(person)


def _withdraw(connection: Connection, email: str) -> None:
    connection.execute(delete(LINK).where(LINK.c.email == email, LINK.c.purpose.in_(PASSWORD_LINKS)))
    connection.execute(delete(ASKED).where(ASKED.c.email == email))


def _is_backed(connection: Connection, row: Row[Any]) -> bool:
    """Whether who made a link may still make it; one of the command line has the machine's word."""
    if not row.by:
        return True
    mine = select(MEMBERSHIP.c.organisation, MEMBERSHIP.c.role).where(MEMBERSHIP.c.person == row.by)
    held = [Membership(one.organisation, one.role) for one in connection.execute(mine)]
    by_operator = LINK_KINDS[row.purpose].made_by == "operator"
    return is_operator(held) if by_operator else may_give(held, row.organisation, row.role)


def use_link(connection: Connection, secret: str, purpose: str, now: float, browser: str = "") -> Link:
    """A link, used up within a transaction; of two that use it at the same time one gets it.

    Args:
        connection: A transaction.
        secret: The link's.
        purpose: What it is to be for.
        now: Seconds since the epoch.
        browser: Secret of the browser; empty where it has asked for no link.

    Raises:
        InviteRefused: it is wrong, used or expired, or for something else.
        OtherBrowser: it was asked for in another one.
    """
    link = _good(connection, secret, now, browser)
    used = delete(LINK).where(LINK.c.digest == digest_of(secret), LINK.c.purpose == purpose)
    if connection.execute(used).rowcount != 1:
        raise InviteRefused(LINK_REFUSED)
    return link


def _link(row: Row[Any]) -> Link:
    place = row.organisation or "", row.name or ""
    return Link(row.id, row.purpose, row.email, *place, row.role, row.expires, row.by)
