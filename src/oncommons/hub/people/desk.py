"""What people do with their own accounts, and the parts that it takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc.jwk import OKPKey

from oncommons.hub.people import totp
from oncommons.hub.people.entry import Entry, forget_tries
from oncommons.hub.people.identities import Identities
from oncommons.hub.people.links import Links, forget_links
from oncommons.hub.people.mailed import Mailed
from oncommons.hub.people.register import Forget, Person, Register
from oncommons.hub.people.rules import TOKEN_DAYS, check_password
from oncommons.hub.people.sealing import Passwords, Seal, digest_of
from oncommons.hub.people.sessions import Asker, Sessions
from oncommons.hub.people.tidings import Tell, factor_changed, password_changed, untold
from oncommons.hub.people.tries import Tries
from oncommons.schema.errors import BadRequest, StorageFailed
from oncommons.schema.errors_of_people import PeopleError, SignInRefused
from oncommons.schema.people import check_scopes, check_words
from oncommons.schema.saved import utc
from oncommons.storage.database import Database

_TIMES = frozenset({"made", "seen", "expires", "asserted"})


@dataclass(frozen=True)
class Keeper:
    """Another part of the hub that keeps something of people: they can see it, and it goes with their account.

    Attributes:
        name: What it is, as a key of what a person is told.
        told: From a person to what is kept, as JSON.
        forget: Deletes it.
    """

    name: str
    told: Callable[[str], Any]
    forget: Forget


@dataclass(frozen=True)
class Proof:
    """What proves once more who has a session: password, and code where there is a second factor."""

    password: str
    code: str = ""


@dataclass(frozen=True)
class Desk:
    """Accounts, as their owners use them.

    Attributes:
        register: Who is here.
        links: Links that work once.
        sessions: Ways in that were opened.
        entry: The door.
        clock: Seconds since the epoch.
        identities: What providers call people.
        mailed: Links that people have asked for by e-mail.
        keepers: Other parts of the hub that keep something of people.
    """

    register: Register
    links: Links
    sessions: Sessions
    entry: Entry
    clock: Callable[[], float]
    identities: Identities
    mailed: Mailed
    keepers: tuple[Keeper, ...] = ()

    def about(self, asker: Asker) -> dict[str, Any]:
        """All that the hub knows of a person; times are in UTC."""
        now, person = self.clock(), self.register.person(asker.person)
        waiting = [one for one in self.links.waiting(None, now) if one.email == person.email]
        identities = self.identities.of(person.id)
        links = self.links.to(person.email) if person.email else []
        return {
            "id": person.id,
            "name": person.name,
            "email": person.email,
            "made": utc(person.made),
            "roles": [one.to_json() for one in self.register.roles(person.id)],
            "has_password": bool(person.password),
            "identities": [_dated(one) | {"visas": _judged(one["visas"], now)} for one in identities],
            "second_factor": bool(person.factor),
            "recovery_codes_left": self.register.recovery_left(person.id),
            "sessions": [
                _dated(one) | {"current": one["id"] == asker.session} for one in self.sessions.sessions(person.id, now)
            ],
            "tokens": [_dated(one) for one in self.sessions.tokens(person.id, now)],
            "known_browsers": self.sessions.devices(person.id),
            "invitations": [
                {"organisation": one.name, "role": one.role, "expires": utc(one.expires)} for one in waiting
            ],
            "links": [_dated(one) for one in links],
            **{one.name: one.told(person.id) for one in self.keepers},
        }

    def rename(self, asker: Asker, name: object) -> None:
        """Change what a person is called.

        Raises:
            BadRequest: it is not a name.
        """
        self.register.change(asker.person, name=check_words(name, "A name"))

    def change_password(self, asker: Asker, proof: Proof, new: object) -> None:
        """Set a new password, and end all other sessions, all tokens, and links for a new password.

        Raises:
            SignInRefused: the proof is wrong.
            BadPassword: the new one is not good enough.
            PeopleError: the account has no address to sign in with.
        """
        known = self.register.person(asker.person)
        if not known.email:
            raise PeopleError("Your account has no address to sign in with, so that a password would open nothing.")
        chosen = check_password(new, known.email, known.name)
        now = self.clock()
        person = self.entry.prove(asker, proof.password, proof.code, now)
        told = password_changed(person.id, "", now), now
        self.register.change(person.id, told, password=self.entry.passwords.hash(chosen))
        self.links.withdraw_resets(person.email)
        self.sessions.end_all(person.id, asker.session)

    def new_factor(self, asker: Asker, hub: str, sealed: str = "") -> dict[str, str]:
        """The secret of a second factor that is not on yet: to type, as an address for apps, and sealed for the proof.

        Args:
            asker: Who wants it.
            hub: Name of the hub, for the app.
            sealed: One that was given before, to be told again since the app has it; a new one where it is none.

        Raises:
            PeopleError: there is one already.
        """
        person = self.register.person(asker.person)
        _check_new_factor(person)
        seal, owner = self.entry.seal, f"new {person.id}"
        try:
            secret = seal.open(sealed, owner)
        except StorageFailed:
            secret = totp.new_secret()
            sealed = seal.close(secret, owner)
        address = totp.address(secret, hub, person.email)
        return {"secret": totp.spoken(secret), "address": address, "sealed": sealed}

    def factor_on(self, asker: Asker, proof: Proof, sealed: object) -> Sequence[str]:
        """Turn the second factor on, with a code as the proof that the app works; the recovery codes.

        Raises:
            SignInRefused: password or code is wrong.
            PeopleError: there is one already.
            BadRequest: the sealed secret is not one of this hub for this person.
        """
        now = self.clock()
        _check_new_factor(self.register.person(asker.person))
        person = self.entry.prove(asker, proof.password, "", now)
        try:
            secret = self.entry.seal.open(str(sealed), f"new {person.id}")
        except StorageFailed:
            raise BadRequest("The secret of the second factor is not one of this page; begin again.") from None
        step = totp.matching_step(secret, proof.code, now, 0)
        if step is None:
            raise SignInRefused("The code is wrong; look at the clock of the app's device.")
        codes = totp.new_recovery_codes()
        self.register.keep_recovery(person.id, [digest_of(totp.plain_recovery(code)) for code in codes])
        told = factor_changed(person.id, is_on=True, now=now), now
        self.register.change(person.id, told, factor=self.entry.seal.close(secret, person.id), step=step)
        return codes

    def factor_off(self, asker: Asker, proof: Proof) -> None:
        """Turn the second factor off; raises :class:`SignInRefused` where the proof is wrong."""
        now = self.clock()
        person = self.entry.prove(asker, proof.password, proof.code, now)
        self.register.change(person.id, (factor_changed(person.id, is_on=False, now=now), now), factor="", step=0)
        self.register.keep_recovery(person.id, ())

    def make_token(self, asker: Asker, proof: Proof, name: object, scopes: object, days: object) -> str:
        """The secret of a new token for a program.

        Raises:
            SignInRefused: the proof is wrong.
            BadRequest: name, scopes or days cannot be, or there are too many tokens.
        """
        called, allowed = check_words(name, "A token's name"), check_scopes(scopes)
        if not isinstance(days, int) or isinstance(days, bool) or not 0 < days <= TOKEN_DAYS:
            raise BadRequest(f"A token lives for 1 to {TOKEN_DAYS} days.")
        now = self.clock()
        person = self.entry.prove(asker, proof.password, proof.code, now)
        return self.sessions.make_token(person.id, called, allowed, days, now)

    def part(self, asker: Asker, proof: Proof, identity: str) -> None:
        """Let an identity of a provider open the account no more.

        Raises:
            SignInRefused: the proof is wrong.
            NotFound: the person has no such identity.
            PeopleError: nothing else opens the account.
        """
        person = self.entry.prove(asker, proof.password, proof.code, self.clock())
        self.identities.part(person.id, identity)

    def erase(self, asker: Asker, proof: Proof) -> None:
        """Forget who a person is.

        Raises:
            SignInRefused: the proof is wrong.
            LastOperator: it is the last operator.
        """
        now = self.clock()
        self.erase_person(self.entry.prove(asker, proof.password, proof.code, now).id)

    def erase_person(self, person: str) -> None:
        """Forget who a person is, asked for by an operator.

        Raises:
            NotFound: there is no such person.
            LastOperator: it is the last operator.
        """
        others = [keeper.forget for keeper in self.keepers]
        self.register.erase(person, self.clock(), [forget_links, forget_tries, *others])


def open_desk(
    database: Database,
    key: OKPKey,
    clock: Callable[[], float],
    passwords: Passwords | None = None,
    keepers: tuple[Keeper, ...] = (),
    tell: Tell = untold,
) -> Desk:
    """The accounts of a hub.

    Args:
        database: The hub's database.
        key: The hub's key, with which second factors are sealed.
        clock: Seconds since the epoch.
        passwords: How passwords are kept.
        keepers: Other parts of the hub that keep something of people.
        tell: How people are told of what happens to their accounts.
    """
    register, sessions = Register(database, tell), Sessions(database, tell)
    entry = Entry(register, sessions, Tries(database), passwords or Passwords(), Seal(key))
    links, identities = Links(database, tell), Identities(database, tell)
    return Desk(register, links, sessions, entry, clock, identities, Mailed(links), keepers)


def _check_new_factor(person: Person) -> None:
    """See that a second factor can be turned on: there is a password, and none is on."""
    if person.factor:
        raise PeopleError("The second factor is on; turn it off first.")
    if not person.password:
        raise PeopleError(
            "You sign in by a provider, which asks for its own second factor; the hub's is for passwords."
        )


def _judged(visas: Sequence[dict[str, Any]], now: float) -> list[dict[str, Any]]:
    """Visas as they stand now: one that was good may have ended since."""
    ended = [one["standing"] == "verified" and one["expires"] <= now for one in visas]
    return [_dated(one) | ({"standing": "ended"} if over else {}) for one, over in zip(visas, ended, strict=True)]


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    return {key: utc(value) if key in _TIMES else value for key, value in row.items()}
