"""Signing in, and proving once more who one is.

Every wrong sign-in gets the same words after the same work: an unknown address, a wrong password, a wrong code.
Wrong tries are slowed down per account and per address.  Browsers in which the owner has signed in before are counted
apart, so that nobody can keep the owner out by guessing (OWASP, "Device cookies").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import Connection

from oncommons.hub.people import totp
from oncommons.hub.people.register import Leaving, Person, Register
from oncommons.hub.people.rules import ADDRESS, ASKED, ASKED_HERE, CODES, KNOWN, PROOFS, STRANGERS, Pace
from oncommons.hub.people.sealing import Passwords, Seal, digest_of
from oncommons.hub.people.sessions import REFUSED, Asker, Sessions
from oncommons.hub.people.tries import Tries, forget
from oncommons.schema.errors_of_people import SignInRefused, TooManyTries
from oncommons.schema.federation import lasting

_PREFIX_BITS = 64


@dataclass(frozen=True)
class Attempt:
    """What somebody shows who wants to sign in.

    Attributes:
        email: Address of the account.
        password: The password.
        code: Code of the second factor, or a recovery code; empty where there is none.
        device: Secret by which the browser is known; empty where it is not.
        place: Address on the network; empty where it is not known, and then it is not counted.
        browser: What the browser calls itself.
    """

    email: str
    password: str
    code: str = ""
    device: str = ""
    place: str = ""
    browser: str = ""


@dataclass(frozen=True)
class Opened:
    """A sign-in that was right: the secrets of the new session and of the browser, and who it is."""

    session: str
    device: str
    person: Person


@dataclass(frozen=True)
class Entry:
    """The door of the hub.

    Attributes:
        register: Who is here.
        sessions: Ways in that were opened.
        tries: Wrong tries.
        passwords: Compares passwords.
        seal: Opens the secrets of second factors.
    """

    register: Register
    sessions: Sessions
    tries: Tries
    passwords: Passwords
    seal: Seal

    def sign_in(self, attempt: Attempt, now: float) -> Opened:
        """Open a session, new in any case, for who shows the right things.

        Raises:
            SignInRefused: something was wrong.
            TooManyTries: too much was wrong before.
        """
        person, known = self._look(attempt, now)
        account = _short(attempt.email)
        paces: Mapping[str, Pace] = {f"account:{account}": STRANGERS}
        if attempt.place:
            paces = {**paces, f"place:{_place(attempt.place)}": ADDRESS}
        if known:
            paces = {f"known:{_short(attempt.device)}": KNOWN}
        self._take(paces, now)
        is_right = self.passwords.is_right(None if person is None else person.password, attempt.password)
        bucket = f"code:{person.id}" if person is not None and is_right else f"none:{account}"
        bucket = f"code-known:{_short(attempt.device)}" if known and is_right else bucket
        if not self._second(person if is_right else None, attempt.code, bucket, now) or person is None:
            raise SignInRefused(REFUSED)
        self.tries.forget(*(name for name in paces if not name.startswith("place:")))
        self.tries.give_back({name: pace for name, pace in paces.items() if name.startswith("place:")}, now)
        opened = self.open(person, attempt, now, attempt.device if known else "", is_news=True)
        if self.passwords.is_old(person.password):
            self.register.rehash(person, self.passwords.hash(attempt.password))
        return opened

    def open(self, person: Person, attempt: Attempt, now: float, device: str = "", *, is_news: bool = False) -> Opened:
        """Open a session for who was found to be a person.

        Args:
            person: Who, with the hash of the password as it was then.
            attempt: What they showed.
            now: Seconds since the epoch.
            device: Secret by which the browser is known already; empty where it is not.
            is_news: Whether the person is told of a browser that is not known.

        Raises:
            SignInRefused: password or account have changed since.
        """
        session = self.sessions.start(person.id, attempt.browser, now, person.password)
        return Opened(session, self.sessions.know(person.id, now, device, is_news=is_news), person)

    def forget(self, email: str) -> None:
        """Forget the wrong tries at an address, as when its owner has a new password."""
        self.tries.forget(*_at(email))

    def ask_link(self, attempt: Attempt, now: float) -> None:
        """Count a link that is asked for, the same whether anybody has the address.

        Raises:
            TooManyTries: so many were asked for that the next one has to wait.
        """
        known = self._look(attempt, now)[1]
        name = f"asked-known:{_short(attempt.device)}" if known else f"asked:{_short(attempt.email)}"
        places = {f"asked-from:{_place(attempt.place)}": ASKED_HERE} if attempt.place else {}
        wait = self.tries.take({name: ASKED, **places}, now)
        if wait > 0:
            raise TooManyTries(f"Too many links were asked for; wait {lasting(wait)} before the next one.")

    def check_second(self, person: Person, attempt: Attempt, now: float) -> str:
        """See that who shows all else has the second factor too, if there is one; the device, where it is known.

        Raises:
            SignInRefused: the code is wrong, or has to wait after wrong ones.
        """
        known = self.sessions.is_known(person.id, attempt.device, now)
        bucket = f"code-known:{_short(attempt.device)}" if known else f"code:{person.id}"
        if not self._second(person, attempt.code, bucket, now):
            raise SignInRefused("The code of the second factor is missing or wrong.")
        return attempt.device if known else ""

    def prove(self, asker: Asker, password: str, code: str, now: float) -> Person:
        """Who has a session, proven once more by the password, and by a code where there is a second factor.

        Who has no password has signed in by a provider: then the session must have been opened just now.

        Raises:
            SignInRefused: something was wrong.
            TooManyTries: too much was wrong before, in this session.
        """
        person = self.register.person(asker.person)
        if not person.password:
            if not self.sessions.is_fresh(asker.session, now):
                raise SignInRefused("Sign in by your provider again; for ten minutes from then on you can do this.")
            return person
        name = f"proof:{asker.session}"
        self._take({name: PROOFS}, now)
        if not self.passwords.is_right(person.password, password):
            raise SignInRefused("The password is wrong.")
        if not self._second(person, code, f"code:{person.id}:{asker.session}", now):
            raise SignInRefused("The code is wrong.")
        self.tries.forget(name)
        return person

    def _look(self, attempt: Attempt, now: float) -> tuple[Person | None, bool]:
        person = self.register.find(attempt.email)
        known = self.sessions.is_known("" if person is None else person.id, attempt.device, now)
        return person, known

    def _take(self, paces: Mapping[str, Pace], now: float) -> None:
        wait = self.tries.take(paces, now)
        if wait > 0:
            raise TooManyTries(f"Too many wrong tries; wait {lasting(wait)} before the next one.")

    def _second(self, person: Person | None, code: str, bucket: str, now: float) -> bool:
        """Whether the second factor is right, or there is none; nobody's is wrong after as much work."""
        if person is not None and not person.factor:
            return True
        if person is not None and len(plain := totp.plain_recovery(code)) > totp.DIGITS:
            return self.register.use_recovery(person.id, digest_of(plain))
        if self.tries.take({bucket: CODES}, now) > 0 or person is None:
            return False
        secret = self.seal.open(person.factor, person.id)
        step = totp.matching_step(secret, code, now, person.step)
        if step is None or not self.register.use_step(person.id, step):
            return False
        self.tries.forget(bucket)
        return True


def forget_tries(connection: Connection, leaving: Leaving) -> None:
    """Forget the wrong tries at the address of somebody whose account is erased, in that transaction."""
    forget(connection, _at(leaving.email))


def is_loopback(host: str) -> bool:
    """Whether a name or an address on the network is this machine's own."""
    try:
        found = ip_address(host)
    except ValueError:
        return host == "localhost"
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def _at(email: str) -> tuple[str, ...]:
    """What tries at an address are counted under, wherever they come from: wrong ones, and links that are asked for."""
    account = _short(email)
    return f"account:{account}", f"none:{account}", f"asked:{account}"


def _short(text: str) -> str:
    return digest_of(text)[:40]


def _place(address: str) -> str:
    """An address as it is counted: with IPv6 the network, since everybody has many addresses in one."""
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(ip_network((found, _PREFIX_BITS), strict=False).network_address)
    return str(getattr(found, "ipv4_mapped", None) or found)
