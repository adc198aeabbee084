"""Identities of providers, and the accounts that they open.

An identity is named by its issuer and its subject, never by an e-mail address: an address that a provider claims
opens no account and becomes none's.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from oncommons.hub.people.links import LINK_REFUSED, drop_identities, tell_host, use_link
from oncommons.hub.people.register import give_role, new_person
from oncommons.hub.people.rules import PROVEN
from oncommons.hub.people.sealing import new_id
from oncommons.hub.people.tables import GRANTED, IDENTITY, MEMBERSHIP, ORGANISATION, PERSON, TOKEN
from oncommons.hub.people.tidings import Tell, identity_linked, role_changed, untold
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_people import InviteRefused, PeopleError
from oncommons.schema.saved import utc
from oncommons.storage.database import Database

_TAKEN = "There is an account with the address of the invitation; sign in with it to accept."


@dataclass(frozen=True)
class Vouched:
    """What a provider says of somebody, checked.

    Attributes:
        provider: Name of the provider in the hub's settings.
        issuer: Its issuer.
        subject: What it calls the person, always the same.
        name: What the person is called, for a new account.
        told: What is kept of its other claims.
        visas: What is kept of the passport.
        roles: Roles that follow from the claims, as identifiers of organisations and roles.
        proven: When the provider asked them who they are, in seconds since the epoch; nothing where it is not known.
    """

    provider: str
    issuer: str
    subject: str
    name: str
    told: Mapping[str, Any]
    visas: Sequence[Mapping[str, Any]] = ()
    roles: Collection[tuple[str, str]] = ()
    proven: float | None = None


class Identities:
    """The identities in the hub's database.

    Args:
        database: The hub's database.
        tell: How people are told.
    """

    def __init__(self, database: Database, tell: Tell = untold) -> None:
        self.database, self.tell = database, tell

    def of(self, person: str) -> list[dict[str, Any]]:
        """A person's identities, the oldest first; times are seconds since the epoch."""
        mine = select(IDENTITY).where(IDENTITY.c.person == person).order_by(IDENTITY.c.made, IDENTITY.c.id)
        with self.database.read() as connection:
            return [_shown(row) for row in connection.execute(mine)]

    def land(self, vouched: Vouched, now: float, invitation: str = "") -> tuple[str, str]:
        """The account that an identity opens, and the identity's identifier; a new account where it opens none.

        Args:
            vouched: Who it is.
            now: Seconds since the epoch.
            invitation: Secret of a link that is accepted with it; empty for none.

        Raises:
            InviteRefused: the link is wrong, used or expired, or for the owner of another address.
            PeopleError: the address of the link is that of another account.
        """
        with self.database.write() as connection:
            row = _find(connection, vouched)
            if row is None:
                person = _newcomer(connection, vouched, now, invitation, self.tell)
                identity = _keep(connection, vouched, person, now)
            else:
                person, identity = row.person, row.id
                if invitation:
                    _accept(connection, person, invitation, now, self.tell)
                _renew(connection, identity, vouched, now)
            changed = _grant(connection, (person, identity), vouched.roles, now)
            if row is not None:  # who has just come sees it
                self._tell(connection, person, changed, now)
        return person, identity

    def join(self, vouched: Vouched, person: str, now: float) -> str:
        """Let an identity open an account from now on, whose owner is there and wants it; the identity's identifier.

        Raises:
            PeopleError: it opens another account.
        """
        with self.database.write() as connection:
            row = _find(connection, vouched)
            if row is not None and row.person != person:
                raise PeopleError("This identity opens another account at this hub; nothing was linked.")
            identity = _keep(connection, vouched, person, now) if row is None else str(row.id)
            _renew(connection, identity, vouched, now)
            self._tell(connection, person, _grant(connection, (person, identity), vouched.roles, now), now)
            if row is None:
                self.tell(connection, [identity_linked(person, now)], now)
        return identity

    def part(self, person: str, identifier: str) -> None:
        """Let an identity open a person's account no more; what it opened ends, and what it gave goes.

        Raises:
            NotFound: the person has no such identity.
            PeopleError: nothing else opens the account.
        """
        with self.database.write() as connection:
            owner = connection.execute(select(PERSON).where(PERSON.c.id == person).with_for_update()).first()
            rows = connection.execute(select(IDENTITY.c.id).where(IDENTITY.c.person == person)).all()
            if owner is None or identifier not in {row.id for row in rows}:
                raise NotFound("You have no such identity.")
            if not owner.password and len(rows) == 1:
                raise PeopleError("Nothing else opens your account; set a password or link another identity first.")
            drop_identities(connection, person, IDENTITY.c.id == identifier)

    def close(self, provider: str) -> int:
        """End what was opened by a provider, as when it is removed; how many identities of it there are.

        Programs of people who can sign in no other way end as well.
        """
        with self.database.write() as connection:
            found = connection.execute(select(IDENTITY).where(IDENTITY.c.provider == provider)).all()
            for row in found:
                drop_identities(connection, row.person, IDENTITY.c.id == row.id, forget=False)
                stranded = select(PERSON.c.id).where(PERSON.c.id == row.person, PERSON.c.password == "")
                connection.execute(delete(TOKEN).where(TOKEN.c.person.in_(stranded)))
        return len(found)

    def _tell(self, connection: Connection, person: str, changed: Sequence[tuple[str, str, bool]], now: float) -> None:
        """Tell a person which roles what a provider says has given and taken: organisation, role, whether given."""
        if changed:
            here = select(ORGANISATION.c.id, ORGANISATION.c.name).where(
                ORGANISATION.c.id.in_({place for place, _, _ in changed})
            )
            names = {row.id: row.name for row in connection.execute(here)}
            notices = [
                role_changed(person, (place, names[place], role), now, is_given=given) for place, role, given in changed
            ]
            self.tell(connection, notices, now)


def _find(connection: Connection, vouched: Vouched) -> Row[Any] | None:
    same = IDENTITY.c.issuer == vouched.issuer, IDENTITY.c.subject == vouched.subject
    return connection.execute(select(IDENTITY).where(*same)).first()


def _newcomer(connection: Connection, vouched: Vouched, now: float, invitation: str, tell: Tell) -> str:
    """A new account: of the one who was invited, or of somebody without address and role."""
    if not invitation:
        return new_person(connection, None, vouched.name, "", now)
    link = use_link(connection, invitation, "join", now)
    if connection.execute(select(PERSON.c.id).where(PERSON.c.email == link.email)).first() is not None:
        raise PeopleError(_TAKEN)
    person = new_person(connection, link.email, vouched.name, "", now)
    give_role(connection, person, link.organisation, link.role, now)
    tell_host(connection, tell, link, now)
    return person


def _accept(connection: Connection, person: str, invitation: str, now: float, tell: Tell) -> None:
    """Give somebody who has an account the role that a link invites to, and the address where they have none."""
    link = use_link(connection, invitation, "join", now)
    mine = connection.execute(select(PERSON.c.email).where(PERSON.c.id == person)).scalar()
    if mine is None:
        if connection.execute(select(PERSON.c.id).where(PERSON.c.email == link.email)).first() is not None:
            raise PeopleError(_TAKEN)
        connection.execute(update(PERSON).where(PERSON.c.id == person).values(email=link.email))
    elif mine != link.email:
        raise InviteRefused(LINK_REFUSED)
    give_role(connection, person, link.organisation, link.role, now)
    tell_host(connection, tell, link, now)


def _keep(connection: Connection, vouched: Vouched, person: str, now: float) -> str:
    row = {"id": new_id(), "person": person, "issuer": vouched.issuer, "subject": vouched.subject, "made": now}
    connection.execute(insert(IDENTITY), row | _said(vouched, now))
    return str(row["id"])


def _renew(connection: Connection, identity: str, vouched: Vouched, now: float) -> None:
    connection.execute(update(IDENTITY).where(IDENTITY.c.id == identity).values(_said(vouched, now)))


def _said(vouched: Vouched, now: float) -> dict[str, Any]:
    told = {**vouched.told, **({} if vouched.proven is None else {PROVEN: [utc(vouched.proven)]})}
    visas = json.dumps([dict(one) for one in vouched.visas])
    return {"provider": vouched.provider, "seen": now, "told": json.dumps(told), "visas": visas}


def _grant(
    connection: Connection, whose: tuple[str, str], wanted: Collection[tuple[str, str]], now: float
) -> list[tuple[str, str, bool]]:
    """Give the roles that follow from what a provider says now, and take those that followed from it before only.

    Returns:
        What has changed: organisation, role, and whether it was given.
    """
    person, identity = whose
    changed = []
    granted = {(r.organisation, r.role) for r in connection.execute(_granted(identity))}
    held = select(MEMBERSHIP).where(MEMBERSHIP.c.person == person)
    has = {(r.organisation, r.role) for r in connection.execute(held)}
    for place, role in granted - set(wanted):
        here = GRANTED.c.identity == identity, GRANTED.c.organisation == place, GRANTED.c.role == role
        connection.execute(delete(GRANTED).where(*here))
        mine = MEMBERSHIP.c.person == person, MEMBERSHIP.c.organisation == place, MEMBERSHIP.c.role == role
        if connection.execute(delete(MEMBERSHIP).where(*mine)).rowcount:
            changed.append((place, role, False))
    for place, role in set(wanted) - has:
        give_role(connection, person, place, role, now)
        changed.append((place, role, True))
        if (place, role) not in granted:
            connection.execute(insert(GRANTED), {"identity": identity, "organisation": place, "role": role})
    return changed


def _granted(identity: str) -> Any:
    return select(GRANTED).where(GRANTED.c.identity == identity)


def _shown(row: Row[Any]) -> dict[str, Any]:
    shown = {"id": row.id, "provider": row.provider, "issuer": row.issuer, "subject": row.subject}
    return shown | {"made": row.made, "seen": row.seen, "told": json.loads(row.told), "visas": json.loads(row.visas)}
