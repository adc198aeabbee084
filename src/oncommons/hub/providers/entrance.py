"""The way in by a provider: to it, and back from it (authorization code with PKCE, state, nonce and issuer).

Each provider sends people back to an address of its own, so that what one provider gave is never shown to another
(RFC 9700 section 4.4.2.2).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from oncommons.hub.people.desk import Desk
from oncommons.hub.people.identities import Vouched
from oncommons.hub.people.sealing import new_secret
from oncommons.hub.people.sessions import Asker
from oncommons.hub.providers.book import Provider, ProviderBook
from oncommons.hub.providers.keys import HOUR, PAUSE, KeyRing
from oncommons.hub.providers.passports import visas_in
from oncommons.hub.providers.rules import (
    Asked,
    Metadata,
    address_with,
    challenge_of,
    discovery_address,
    fault_in,
    given_by,
    is_subject,
    name_in,
    proven_at,
    read_metadata,
    shown_to,
    told_by,
    way_to,
)
from oncommons.hub.providers.visits import Visit, Visits
from oncommons.hub.providers.wire import Wire
from oncommons.schema.errors_of_people import NotStrongEnough, ProviderFailed, SignInRefused

MakeWire = Callable[[str], Wire]


class Peer:
    """A provider as it describes itself, and its keys; both are kept for an hour.

    Args:
        title: What people call it, for errors.
        issuer: Its issuer.
        keys: Where its keys are; empty where it says so itself.
        clock: Seconds since the epoch.
        make_wire: How it is called.
    """

    def __init__(self, title: str, issuer: str, keys: str, clock: Callable[[], float], make_wire: MakeWire) -> None:
        self.wire, self.issuer, self.clock = make_wire(title), issuer, clock
        self.ring = KeyRing(self.wire, lambda: keys or self.metadata().keys, clock)
        self._lock = Lock()
        self._known: Metadata | ProviderFailed | None = None
        self._until = 0.0

    def metadata(self) -> Metadata:
        """What it says of itself; one that does not answer is asked again after half a minute.

        Raises:
            ProviderFailed: it cannot be had, or cannot be trusted.
        """
        with self._lock:
            if self._known is None or self.clock() >= self._until:
                self._known = self._fetch()
                self._until = self.clock() + (PAUSE if isinstance(self._known, ProviderFailed) else HOUR)
            if isinstance(self._known, ProviderFailed):
                raise ProviderFailed(self._known.message, detail=self._known.detail)
            return self._known

    def _fetch(self) -> Metadata | ProviderFailed:
        try:
            return read_metadata(self.wire.get(discovery_address(self.issuer)), self.issuer)
        except ProviderFailed as fault:
            return fault
        except ValueError as fault:
            return self.wire.distrust(str(fault))


@dataclass(frozen=True)
class Returned:
    """What somebody brings back from a provider.

    Attributes:
        state: What was given to the provider.
        browser: Secret of the browser.
        code: What becomes tokens; empty where the provider let nobody in.
        error: Why it did not (RFC 6749 section 4.1.2.1); empty where it did.
        issuer: Who it says it is (RFC 9207); empty where it does not say.
    """

    state: str
    browser: str
    code: str = ""
    error: str = ""
    issuer: str = ""


@dataclass(frozen=True)
class Arrived:
    """Where a sign-in has led.

    Attributes:
        person: Whose account it opens.
        session: The secret of a new session; empty where an identity was linked.
        next: Where they wanted to go.
    """

    person: str
    session: str
    next: str


class Entrance:
    """Sign-ins by providers.

    Args:
        desk: Accounts.
        book: The providers.
        make_wire: How providers are called.
    """

    def __init__(self, desk: Desk, book: ProviderBook, make_wire: MakeWire = Wire) -> None:
        self.desk, self.book, self.make_wire = desk, book, make_wire
        self.visits = Visits(desk.register.database, desk.entry.seal)
        self._lock = Lock()
        self._peers: dict[tuple[str, str, str], Peer] = {}

    def begin(self, visit: Visit, browser: str) -> str:
        """The address at which somebody signs in at a provider.

        Args:
            visit: What is wanted; nonce, verifier and time are made here.
            browser: Secret of the browser.

        Raises:
            NotFound: there is no such provider.
            ProviderFailed: it does not answer, or cannot be trusted.
        """
        provider = self.book.provider(visit.provider)
        metadata = self._peer(provider).metadata()
        state, nonce, verifier = new_secret(), new_secret(), secrets.token_urlsafe(48)
        self.visits.begin(replace(visit, nonce=nonce, verifier=verifier, made=self.desk.clock()), state, browser)
        fields = {"redirect_uri": visit.back, "state": state, "nonce": nonce, "code_challenge": challenge_of(verifier)}
        return way_to(provider, metadata, fields, "login" if visit.again else "")

    def arrive(self, name: str, returned: Returned, browser_name: str, asker: Asker | None) -> Arrived:
        """Open a session, new in any case, or link an identity, for who comes back from a provider.

        Args:
            name: The provider to whose own address they came.
            returned: What they bring.
            browser_name: What the browser calls itself.
            asker: Who is signed in meanwhile; only they can link.

        Raises:
            SignInRefused: they come from elsewhere, again, or too late, or the provider did not let them in.
            ProviderFailed: it does not answer, or cannot be trusted.
            NotStrongEnough: they signed in there in another way than the hub asks for.
            PeopleError: the identity cannot be linked, or the invitation not be accepted.
        """
        visit = self.visits.end(name, returned.state, returned.browser, self.desk.clock())
        if visit.session and (asker is None or asker.session != visit.session):
            raise SignInRefused("You are not signed in any more as the one who wanted to link an identity.")
        provider = self.book.provider(name)
        vouched = self._vouched(provider, visit, returned)
        now = self.desk.clock()
        if visit.session and asker is not None:
            self.desk.identities.join(vouched, asker.person, now)
            return Arrived(asker.person, "", visit.next)
        identifier, identity = self.desk.identities.land(vouched, now, visit.invitation)
        person = self.desk.register.person(identifier)
        session = self.desk.sessions.start(person.id, browser_name, now, person.password, identity)
        return Arrived(person.id, session, visit.next)

    def leave(self, name: str) -> str:
        """The address at which people sign out at a provider (OpenID Connect RP-Initiated Logout 1.0, section 2).

        The provider asks whether they want to, since the hub keeps no token of theirs by which to name them.

        Raises:
            NotFound: there is no such provider.
            ProviderFailed: it does not answer, cannot be trusted, or does not say where.
        """
        provider = self.book.provider(name)
        metadata = self._peer(provider).metadata()
        if not metadata.leave:
            raise ProviderFailed(f"{provider.title} does not say where people sign out; sign out at its own pages.")
        return address_with(metadata.leave, {"client_id": provider.client})

    def check(self, provider: Provider) -> Metadata:
        """What a provider says of itself, as when it is added; raises :class:`ProviderFailed`."""
        return self._peer(provider).metadata()

    def _peer(self, provider: Provider, issuer: str = "") -> Peer:
        """A provider, or an issuer of visas that it trusts."""
        key = (provider.title, issuer or provider.issuer, provider.visas.get(issuer, "") if issuer else "")
        with self._lock:
            if key not in self._peers:
                self._peers[key] = Peer(*key, self.desk.clock, self.make_wire)
            return self._peers[key]

    def _vouched(self, provider: Provider, visit: Visit, returned: Returned) -> Vouched:
        peer = self._peer(provider)
        metadata = peer.metadata()
        if returned.issuer != provider.issuer and (returned.issuer or metadata.names_itself):
            raise peer.wire.distrust("the response is of another issuer")
        if returned.error or not returned.code:
            raise SignInRefused(f"{provider.title} did not let you in. Begin again, or ask there.")
        claims = self._claims(provider, peer, visit, self._tokens(provider, peer, visit, returned.code))
        now = self.desk.clock()
        rows = given_by(claims, provider.given)
        given = [(self.desk.register.organisation(one.organisation, now), one.role) for one in rows]
        visas = visas_in(claims, lambda issuer: self._ring(provider, issuer), claims["sub"], now)
        told = {"title": [provider.title], **told_by(claims)}
        proven = proven_at(claims, visit.made if visit.again else None, now)
        return Vouched(provider.name, provider.issuer, claims["sub"], name_in(claims), told, visas, given, proven)

    def _ring(self, provider: Provider, issuer: str) -> KeyRing | None:
        return self._peer(provider, issuer).ring if issuer in provider.visas else None

    def _tokens(self, provider: Provider, peer: Peer, visit: Visit, code: str) -> dict[str, Any]:
        """The tokens for a code (Core 1.0, section 3.1.3)."""
        metadata, fields = peer.metadata(), {"grant_type": "authorization_code", "code": code}
        fields |= {"redirect_uri": visit.back, "code_verifier": visit.verifier}
        headers, shown = shown_to(provider, metadata)
        tokens = peer.wire.post(metadata.token, fields | shown, headers)
        kind, both = tokens.get("token_type"), (tokens.get("id_token"), tokens.get("access_token"))
        if not isinstance(kind, str) or kind.lower() != "bearer" or not all(isinstance(one, str) for one in both):
            raise peer.wire.distrust("the tokens are not of OpenID Connect")
        return tokens

    def _claims(self, provider: Provider, peer: Peer, visit: Visit, tokens: Mapping[str, Any]) -> dict[str, Any]:
        """What the provider says of somebody: in the ID token, and where it says more."""
        metadata, access = peer.metadata(), str(tokens["access_token"])
        try:
            header, claims = peer.ring.read(tokens["id_token"], metadata.algorithms)
        except ValueError as fault:
            raise peer.wire.distrust(f"ID token: {fault}") from fault
        now = self.desk.clock()
        asked = Asked(provider.issuer, provider.client, visit.nonce, visit.made, now, header["alg"], access)
        if wrong := fault_in(claims, asked):
            raise peer.wire.distrust(f"ID token: {wrong} does not fit: {str(claims.get(wrong))[:200]!r}")
        if provider.acr and claims.get("acr") not in provider.acr:  # of the ID token, which alone is signed
            words = f"{provider.title} did not say that you signed in there as strongly as this hub asks."
            raise NotStrongEnough(words, detail=f"{provider.title}: acr is {str(claims.get('acr'))[:200]!r}")
        if metadata.userinfo:
            more = peer.wire.get(metadata.userinfo, access)
            if not is_subject(more.get("sub")) or more["sub"] != claims["sub"]:  # Core 1.0, section 5.3.2
                raise peer.wire.distrust("userinfo is about somebody else")
            claims = {**claims, **more, "auth_time": claims.get("auth_time")}  # signed, or not at all
        return claims
