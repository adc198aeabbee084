"""Who is here: people, organisations, and the roles of the ones at the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from oncommons.hub.people.rules import Membership
from oncommons.hub.people.sealing import new_id
from oncommons.hub.people.tables import DEVICE, IDENTITY, MEMBERSHIP, ORGANISATION, PERSON, RECOVERY, SESSION, TOKEN
from oncommons.hub.people.tidings import Tell, role_changed, untold
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_people import LastOperator
from oncommons.schema.notices import Notice
from oncommons.storage.database import Database, insert_into

_UNKNOWN = "This hub knows no such person."


@dataclass(frozen=True)
class Person:
    """An account; times are seconds since the epoch.

    Attributes:
        id: What tables and logs call the person; stays as a pseudonym after erasure.
        email: Address that was invited; empty for who came by a provider only, and after erasure.
        name: What the person is called.
        password: argon2id hash; empty for who signs in by a provider only.
        factor: Sealed secret of the second factor; empty where there is none.
        step: The last time step of which a code was used.
        made: When the account was made.
    """

    id: str
    email: str
    name: str
    password: str
    factor: str
    step: int
    made: float


@dataclass(frozen=True)
class Leaving:
    """Somebody whose account is erased.

    Attributes:
        person: Identifier, which stays as a pseudonym.
        email: Address that the account had; empty where there was none.
        at: When, in seconds since the epoch.
    """

    person: str
    email: str
    at: float


Forget = Callable[[Connection, Leaving], Callable[[], None] | None]
"""Deletes what is kept of a person, in the transaction in which the account is erased; what it gives back is done when
that is kept, such as deleting files, and is harmless where it is left undone."""


@dataclass(frozen=True)
class Held:
    """A role at an organisation, with its name."""

    organisation: str
    name: str
    role: str

    def to_json(self) -> dict[str, str]:
        """The JSON form."""
        return {"id": self.organisation, "organisation": self.name, "role": self.role}


class Register:
    """The people in the hub's database.

    Args:
        database: The hub's database.
        tell: How people are told.
    """

    def __init__(self, database: Database, tell: Tell = untold) -> None:
        self.database, self.tell = database, tell

    def find(self, email: str) -> Person | None:
        """The account with an address."""
        with self.database.read() as connection:
            row = connection.execute(select(PERSON).where(PERSON.c.email == email)).first()
        return None if row is None else _person(row)

    def person(self, identifier: str) -> Person:
        """An account that was not erased.

        Raises:
            NotFound: there is none.
        """
        with self.database.read() as connection:
            mine = select(PERSON).where(PERSON.c.id == identifier, PERSON.c.erased.is_(None))
            row = connection.execute(mine).first()
        if row is None:
            raise NotFound(_UNKNOWN)
        return _person(row)

    def has_left(self, person: str) -> bool:
        """Whether somebody had an account here that was erased."""
        gone = select(PERSON.c.id).where(PERSON.c.id == person, PERSON.c.erased.is_not(None))
        with self.database.read() as connection:
            return connection.execute(gone).first() is not None

    def names(self, people: Collection[str]) -> dict[str, str]:
        """What those of these people are called whose accounts were not erased."""
        here = select(PERSON.c.id, PERSON.c.name).where(PERSON.c.id.in_(people), PERSON.c.erased.is_(None))
        if not people:
            return {}
        with self.database.read() as connection:
            return {row.id: row.name for row in connection.execute(here)}

    def everybody(self, organisations: Collection[str] | None) -> list[tuple[Person, list[Held]]]:
        """The people with roles at these organisations, or all people, with their roles there, in order of address."""
        here = select(PERSON).where(PERSON.c.erased.is_(None)).order_by(PERSON.c.email)
        with self.database.read() as connection:
            people = [_person(row) for row in connection.execute(here)]
            roles = _roles(connection, organisations)
        return [(one, roles.get(one.id, [])) for one in people if organisations is None or one.id in roles]

    def roles(self, person: str) -> list[Held]:
        """A person's roles, in order of organisation and role."""
        with self.database.read() as connection:
            return _roles(connection, None, person).get(person, [])

    def memberships(self, person: str) -> list[Membership]:
        """A person's roles, as the rules want them."""
        return [Membership(one.organisation, one.role) for one in self.roles(person)]

    def organisations(self) -> dict[str, str]:
        """Identifiers of all organisations and their names, in order of name."""
        with self.database.read() as connection:
            rows = connection.execute(select(ORGANISATION.c.id, ORGANISATION.c.name).order_by(ORGANISATION.c.name))
            return {row.id: row.name for row in rows}

    def organisation_called(self, name: str) -> str:
        """The identifier of the organisation of a name, written in whatever case; empty where there is none."""
        found = (key for key, known in self.organisations().items() if known.casefold() == name.casefold())
        return next(found, "")

    def organisation(self, name: str, now: float) -> str:
        """The identifier of an organisation, which is made where there is none of that name."""
        if known := self.organisation_called(name):
            return known
        with self.database.write() as connection:
            row = {"id": new_id(), "name": name, "made": now}
            connection.execute(insert_into(connection, ORGANISATION).on_conflict_do_nothing(), row)
            return str(connection.execute(select(ORGANISATION.c.id).where(ORGANISATION.c.name == name)).scalar_one())

    def give(self, person: str, organisation: str, role: str, now: float) -> None:
        """Give a person a role, which they may have already.

        Raises:
            NotFound: there is no such person or organisation.
        """
        self.person(person)
        known = self.organisations()
        if organisation not in known:
            raise NotFound("This hub knows no such organisation.")
        with self.database.write() as connection:
            if give_role(connection, person, organisation, role, now):
                held = organisation, known[organisation], role
                self.tell(connection, [role_changed(person, held, now, is_given=True)], now)

    def take(self, person: str, organisation: str, role: str, now: float) -> None:
        """Take a role from a person.

        Args:
            person: Identifier of the person.
            organisation: Identifier of the organisation.
            role: The role there.
            now: Seconds since the epoch.

        Raises:
            NotFound: the person does not have it.
            LastOperator: it is the last operator's.
        """
        with self.database.write() as connection:
            here = MEMBERSHIP.c.person == person, MEMBERSHIP.c.organisation == organisation, MEMBERSHIP.c.role == role
            name = connection.execute(select(ORGANISATION.c.name).join(MEMBERSHIP).where(*here)).scalar()
            if name is None:
                raise NotFound("The person does not have this role.")
            if role == "operator":
                _keep_one(connection, (person, organisation))
            connection.execute(delete(MEMBERSHIP).where(*here))
            self.tell(connection, [role_changed(person, (organisation, name, role), now, is_given=False)], now)

    def erase(self, person: str, now: float, others: Sequence[Forget] = ()) -> None:
        """Forget who a person is: nothing stays but the identifier and when it was made and erased.

        Args:
            person: Identifier of the person.
            now: Seconds since the epoch.
            others: What forgets all else that the hub keeps of the person, in the same transaction.

        Raises:
            NotFound: there is no such person.
            LastOperator: it is the last operator.
        """
        with self.database.write() as connection:
            mine = select(PERSON.c.email).where(PERSON.c.id == person, PERSON.c.erased.is_(None)).with_for_update()
            row = connection.execute(mine).first()
            if row is None:
                raise NotFound(_UNKNOWN)
            _keep_one(connection, (person, None))
            nothing = {"email": None, "name": "", "password": "", "factor": "", "step": 0, "erased": now}
            connection.execute(update(PERSON).where(PERSON.c.id == person).values(nothing))  # first: others wait for it
            for table in (MEMBERSHIP, SESSION, TOKEN, DEVICE, RECOVERY, IDENTITY):
                connection.execute(delete(table).where(table.c.person == person))
            leaving = Leaving(person, row.email or "", now)
            afterwards = [forget(connection, leaving) for forget in others]
        for work in afterwards:
            if work is not None:
                work()

    def change(self, person: str, told: tuple[Notice, float] | None = None, **values: Any) -> None:
        """Change columns of an account; nothing where it was erased.

        Args:
            person: Identifier of the person.
            told: What they are told of it, and when.
            values: Column to its new value.
        """
        with self.database.write() as connection:
            mine = PERSON.c.id == person, PERSON.c.erased.is_(None)
            connection.execute(update(PERSON).where(*mine).values(values))
            if told is not None:
                self.tell(connection, [told[0]], told[1])

    def rehash(self, person: Person, new: str) -> None:
        """Put a new hash of the same password in the place of the old one, unless the password was changed since."""
        with self.database.write() as connection:
            same = PERSON.c.id == person.id, PERSON.c.password == person.password, PERSON.c.erased.is_(None)
            connection.execute(update(PERSON).where(*same).values(password=new))

    def use_step(self, person: str, step: int) -> bool:
        """Note that a code was used; false where it, or a newer one, was used before."""
        with self.database.write() as connection:
            newer = update(PERSON).where(PERSON.c.id == person, PERSON.c.step < step).values(step=step)
            return connection.execute(newer).rowcount == 1

    def keep_recovery(self, person: str, digests: Sequence[str]) -> None:
        """Keep new recovery codes in the place of the old ones; none ends them."""
        with self.database.write() as connection:
            connection.execute(delete(RECOVERY).where(RECOVERY.c.person == person))
            for digest in digests:
                connection.execute(insert(RECOVERY), {"person": person, "digest": digest})

    def use_recovery(self, person: str, digest: str) -> bool:
        """Use a recovery code up; false where there is none such."""
        with self.database.write() as connection:
            mine = delete(RECOVERY).where(RECOVERY.c.person == person, RECOVERY.c.digest == digest)
            return connection.execute(mine).rowcount == 1

    def recovery_left(self, person: str) -> int:
        """How many recovery codes are left."""
        with self.database.read() as connection:
            return len(connection.execute(select(RECOVERY.c.digest).where(RECOVERY.c.person == person)).all())


def new_person(connection: Connection, email: str | None, name: str, password: str, now: float) -> str:
    """Make an account; its identifier.

    Args:
        connection: A transaction.
        email: Address, which no other account has; nothing where none was invited.
        name: What the person is called.
        password: argon2id hash; empty where there is none.
        now: Seconds since the epoch.
    """
    row = {"id": new_id(), "email": email, "name": name, "password": password, "factor": "", "step": 0}
    connection.execute(insert(PERSON), row | {"made": now, "erased": None})
    return str(row["id"])


def hold_accounts(connection: Connection, people: Collection[str]) -> dict[str, bool]:
    """Of these people those who have or had an account here, and whether it stands; none who stands can leave meanwhile.

    Whatever is kept of a person is written after this, in the same transaction, and rows that go with the account are
    locked after this: erasing locks the account first, so that neither misses, nor for ever waits for, the other.

    Args:
        connection: A transaction that writes.
        people: Their identifiers; one of a permit need not be an account.
    """
    if not people:
        return {}
    query = select(PERSON.c.id, PERSON.c.erased).where(PERSON.c.id.in_(people))
    rows = connection.execute(query.order_by(PERSON.c.id).with_for_update(read=True)).all()
    return {row.id: row.erased is None for row in rows}


def give_role(connection: Connection, person: str, organisation: str, role: str, now: float) -> bool:
    """Give a person a role within a transaction; whether they did not have it."""
    row = {"person": person, "organisation": organisation, "role": role, "made": now}
    return connection.execute(insert_into(connection, MEMBERSHIP).on_conflict_do_nothing(), row).rowcount == 1


def _keep_one(connection: Connection, leaving: tuple[str, str | None]) -> None:
    """See that an operator stays; of two that leave at the same time the second one waits for the first."""
    operators = select(MEMBERSHIP).where(MEMBERSHIP.c.role == "operator").with_for_update()
    rows = connection.execute(operators).all()
    person, organisation = leaving
    gone = [r for r in rows if r.person == person and organisation in {None, r.organisation}]
    if gone and len(gone) == len(rows):
        raise LastOperator("This is the hub's last operator; make another one first.")


def _roles(
    connection: Connection, organisations: Collection[str] | None, person: str | None = None
) -> dict[str, list[Held]]:
    """Roles by person."""
    query = select(MEMBERSHIP, ORGANISATION.c.name).join(ORGANISATION)
    if organisations is not None:
        query = query.where(MEMBERSHIP.c.organisation.in_(organisations))
    if person is not None:
        query = query.where(MEMBERSHIP.c.person == person)
    found: dict[str, list[Held]] = {}
    for row in connection.execute(query.order_by(ORGANISATION.c.name, MEMBERSHIP.c.role)):
        found.setdefault(row.person, []).append(Held(row.organisation, row.name, row.role))
    return found


def _person(row: Row[Any]) -> Person:
    return Person(row.id, row.email or "", row.name, row.password, row.factor, row.step, row.made)
