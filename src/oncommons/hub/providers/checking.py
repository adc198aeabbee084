"""What will and what will not work with a provider, for the hub's operator, before people find out.

What the provider says of itself is read by a table, :data:`POINTS`.  Then it is asked as a sign-in would ask it: to send
somebody back without a question (``prompt=none``, Core 1.0, section 3.1.2.1), which shows whether it knows the client,
the address and the scopes, and to take a code that it never gave (RFC 6749, section 5.2), which shows whether it takes
the secret.  Nobody is signed in by either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from oncommons.hub.providers.book import Provider
from oncommons.hub.providers.keys import keys_in
from oncommons.hub.providers.passports import CLAIM
from oncommons.hub.providers.rules import (
    ALGORITHMS,
    LEEWAY,
    Metadata,
    challenge_of,
    discovery_address,
    read_metadata,
    shown_to,
    texts_in,
    way_to,
)
from oncommons.hub.providers.wire import Reply, Wire
from oncommons.schema.errors_of_people import ProviderFailed

Standing = Literal["works", "look", "fails"]
Body = Mapping[str, Any]
_VERIFIER = "0" * 43
"""Stands where a sign-in has a secret; nobody is signed in with it."""
_QUIET = frozenset({"login_required", "interaction_required", "consent_required", "account_selection_required"})
"""What a provider says that knows all it was asked, and may not ask who is there (Core 1.0, section 3.1.2.6)."""
_LED = frozenset({302, 303, 307})
_DENIED = frozenset({"invalid_client", "unauthorized_client"})
"""How providers refuse a client's secret: RFC 6749, section 5.2, and Keycloak in its own way."""
_PAGE = 200


@dataclass(frozen=True)
class Finding:
    """How one thing stands.

    Attributes:
        about: What it is about, in a word.
        standing: ``works``, ``look`` where a person should look at it, or ``fails``: nobody can sign in so.
        told: A sentence.
    """

    about: str
    standing: Standing
    told: str

    def to_json(self) -> dict[str, str]:
        """The JSON form."""
        return {"about": self.about, "standing": self.standing, "told": self.told}


Point = Callable[[Body, Provider], tuple[Standing, str]]


def _signatures(body: Body, _: Provider) -> tuple[Standing, str]:
    declared = texts_in(body.get("id_token_signing_alg_values_supported"))
    read, others = [a for a in declared if a in ALGORITHMS], [a for a in declared if a not in ALGORITHMS]
    unread = f" Not with {', '.join(others[:10])}: see that it does not use these for this client." if others else ""
    return (
        "works" if read else "fails"
    ), f"People are let in with tokens signed by {', '.join(read) or 'nothing'}.{unread}"


def _pkce(body: Body, _: Provider) -> tuple[Standing, str]:
    if "code_challenge_methods_supported" not in body:
        return "look", "It does not say whether it checks PKCE; the hub sends it in any case."
    if "S256" in texts_in(body["code_challenge_methods_supported"]):
        return "works", "It checks PKCE with S256. If it can demand that of this client, let it."
    return "fails", "It knows PKCE, and not by S256, which is all that the hub sends."


def _code(body: Body, _: Provider) -> tuple[Standing, str]:
    if "code" in texts_in(body.get("response_types_supported")):
        return "works", "It gives codes, as the hub asks."
    return "fails", "It does not give codes (response type code), which is all that the hub asks for."


def _methods(body: Body, provider: Provider) -> tuple[Standing, str]:
    methods = texts_in(body.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]))
    wanted = {"header": ["client_secret_basic"], "form": ["client_secret_post"]}.get(
        provider.shown_in, ["client_secret_basic", "client_secret_post"]
    )
    if not provider.secret:
        known = "none" in methods
        return (
            "works" if known else "look",
            f"The hub has no secret there; it {'says' if known else 'does not say'} that it lets in who has none.",
        )
    if not any(one in methods for one in wanted):
        return "fails", f"It wants to know the hub by {', '.join(methods[:10])}; the hub can show its secret only."
    return "works", f"It can take the hub's secret: {', '.join(one for one in wanted if one in methods)}."


def _issuer(body: Body, _: Provider) -> tuple[Standing, str]:
    if body.get("authorization_response_iss_parameter_supported") is True:
        return "works", "It names itself where it sends people back (RFC 9207), and the hub looks."
    return (
        "look",
        "It does not name itself where it sends people back (RFC 9207): enter the address for this provider alone.",
    )


def _scopes(body: Body, provider: Provider) -> tuple[Standing, str]:
    if "scopes_supported" not in body:
        return "look", "It does not say which scopes it knows."
    strange = [one for one in provider.scopes if one not in texts_in(body["scopes_supported"])]
    if strange:
        return "look", f"It does not name the scopes {', '.join(strange)}; it may refuse them, or say nothing for them."
    return "works", f"It knows the scopes {', '.join(provider.scopes)}."


def _claims(body: Body, provider: Provider) -> tuple[Standing, str]:
    wanted = list(dict.fromkeys([one.claim for one in provider.given] + ([CLAIM] if provider.visas else [])))
    named = texts_in(body.get("claims_supported"))
    strange = [one for one in wanted if one not in named and one.partition(".")[0] not in named]
    if strange:
        return "look", (
            f"It does not name {', '.join(strange)}, on which roles or passports stand. A Keycloak never names what "
            "its mappers add: sign in once, and look whether the account shows them."
        )
    return (
        "works",
        f"It names {', '.join(wanted)}." if wanted else "No role follows from a claim, and no visa is trusted.",
    )


def _userinfo(body: Body, _: Provider) -> tuple[Standing, str]:
    if body.get("userinfo_endpoint"):
        return "works", "It says more of people at userinfo, where the hub asks; that must be plain JSON, not signed."
    return "look", "It has no userinfo; what is not in the ID token is not known here."


def _acr(body: Body, provider: Provider) -> tuple[Standing, str]:
    if not provider.acr:
        return "works", "People may sign in there in any way; the hub does not ask for a second factor (--acr)."
    if set(provider.acr) & set(texts_in(body.get("acr_values_supported"))):
        return "works", f"It knows the way of signing in that the hub asks for: {', '.join(provider.acr)}."
    return (
        "look",
        f"It does not name {', '.join(provider.acr)}; who is not told to have signed in so is not let in (E408).",
    )


POINTS: Sequence[tuple[str, str, Point]] = (
    ("signatures", "Core 1.0, 3.1.3.7; RFC 7518", _signatures),
    ("codes", "Discovery 1.0, 3", _code),
    ("PKCE", "RFC 7636; RFC 9700, 2.1.1", _pkce),
    ("client", "RFC 6749, 2.3.1; Core 1.0, 9", _methods),
    ("issuer", "RFC 9207", _issuer),
    ("scopes", "Core 1.0, 5.4", _scopes),
    ("claims", "Core 1.0, 5.1", _claims),
    ("userinfo", "Core 1.0, 5.3", _userinfo),
    ("second factor", "Core 1.0, 3.1.2.1; REFEDS MFA profile", _acr),
)
"""What is read in a provider's description of itself: in a word, where it is described, and how."""


def read_description(body: Body, provider: Provider) -> list[Finding]:
    """How each point of :data:`POINTS` stands.

    Args:
        body: What the provider says of itself.
        provider: What the hub's operator has entered.
    """
    return [Finding(about, *point(body, provider)) for about, _, point in POINTS]


def read_clock(reply: Reply, now: float) -> Finding:
    """Whether the clock of a provider is that of the hub, from the date of an answer (RFC 9110, section 6.6.1)."""
    try:
        apart = parsedate_to_datetime(reply.headers.get("date", "")).timestamp() - now
    except ValueError:
        return Finding("clock", "look", "It does not tell the time; the clocks may differ by a minute.")
    way = "ahead of" if apart > 0 else "behind"
    standing: Standing = "fails" if abs(apart) > LEEWAY else "look" if abs(apart) > LEEWAY / 2 else "works"
    if standing == "works":
        return Finding("clock", standing, "Its clock is that of the hub.")
    return Finding("clock", standing, f"Its clock is {abs(apart):.0f} seconds {way} the hub's; a minute is the most.")


def read_return(reply: Reply, back: str, state: str) -> Finding:
    """Whether a provider sends people back, from its answer to a request that lets it ask nothing.

    Args:
        reply: The answer.
        back: Where it is to send people back to.
        state: What was given to it.
    """
    where = reply.headers.get("location", "")
    if reply.status in _LED and where.partition("?")[0] == back:
        told = dict(parse_qsl(urlsplit(where).query))
        wrong = f"{told.get('error', '')} {told.get('error_description', '')}".strip()[:300]
        if told.get("state") != state:
            return Finding("return", "fails", "It sends people back, and not with the state that the hub gave.")
        if told.get("error") in _QUIET:
            return Finding("return", "works", f"It knows the client, and sends people back to {back}.")
        return Finding(
            "return", "fails", f"It sends people back to {back}, and lets nobody in: {wrong or 'no reason'}."
        )
    if reply.status in _LED or reply.status == _PAGE:
        return Finding("return", "look", f"It answered with a page of its own. See that {back} is entered there.")
    words = (
        f"It answered {reply.status}: it does not know the client, or {back} is not entered there, letter for letter."
    )
    return Finding("return", "fails", words)


def read_secret(reply: Reply) -> Finding:
    """Whether a provider takes the hub's secret, from its answer to a code that it never gave."""
    error = str(reply.body().get("error", ""))[:100]
    if error == "invalid_grant":
        return Finding("secret", "works", "It takes the hub for its client.")
    if reply.status == 401 or error in _DENIED:  # noqa: PLR2004
        words = (
            f"It does not take the hub for its client ({error or reply.status}): look at --client-id, the secret, and "
        )
        return Finding(
            "secret", "fails", f"{words}whether it wants the secret in the header or in the form (--secret-in)."
        )
    return Finding(
        "secret", "look", f"It answered {reply.status} {error}".strip() + ", which tells nothing of the secret."
    )


class Trial:
    """Tries a provider.

    Args:
        make_wire: How providers are called.
        clock: Seconds since the epoch.
    """

    def __init__(self, make_wire: Callable[[str], Wire], clock: Callable[[], float]) -> None:
        self.make_wire, self.clock = make_wire, clock

    def of(self, provider: Provider, back: str) -> list[Finding]:
        """How everything stands; what cannot be tried, since something before it fails, is left out.

        Args:
            provider: What the hub's operator has entered.
            back: Where it is to send people back to; empty where the hub does not know.
        """
        wire = self.make_wire(provider.title)
        try:
            reply = wire.ask(discovery_address(provider.issuer))
            metadata = read_metadata(reply.body(), provider.issuer)
        except ProviderFailed as fault:
            return [Finding("description", "fails", f"It does not answer: {fault.detail}.")]
        except ValueError as fault:
            return [Finding("description", "fails", f"It answered {reply.status}, which cannot be used: {fault}.")]
        found = [Finding("description", "works", f"It describes itself as {provider.issuer}.")]
        found += [read_clock(reply, self.clock()), *read_description(reply.body(), provider)]
        found.append(self._keys(wire, metadata.keys, "keys"))
        found += self._tried(wire, provider, metadata, back)
        return found + [self._visas(issuer, keys) for issuer, keys in provider.visas.items()]

    def _tried(self, wire: Wire, provider: Provider, metadata: Metadata, back: str) -> list[Finding]:
        """What it does with somebody who comes, and with a code that it never gave."""
        state = nonce = "oncommons-check"
        fields = {"redirect_uri": back, "state": state, "nonce": nonce, "code_challenge": challenge_of(_VERIFIER)}
        headers, shown = shown_to(provider, metadata)
        code = {"grant_type": "authorization_code", "code": "oncommons-check", "code_verifier": _VERIFIER}
        returned = Finding("return", "fails", "This hub does not know its own address; hub serve --url keeps it.")
        try:
            if back:
                returned = read_return(wire.ask(way_to(provider, metadata, fields, "none")), back, state)
            return [returned, read_secret(wire.ask(metadata.token, code | {"redirect_uri": back} | shown, headers))]
        except ProviderFailed as fault:
            return [Finding("return", "fails", f"It does not answer: {fault.detail}.")]

    def _visas(self, issuer: str, keys: str) -> Finding:
        wire = self.make_wire(issuer)
        try:
            address = keys or read_metadata(wire.get(discovery_address(issuer)), issuer).keys
        except (ProviderFailed, ValueError) as fault:
            words = f"The keys of {issuer} cannot be found ({fault}); give their address: --visa-issuer ISSUER=ADDRESS."
            return Finding("visas", "look", words)
        return self._keys(wire, address, "visas")

    def _keys(self, wire: Wire, address: str, about: str) -> Finding:
        try:
            known = keys_in(wire.get(address))
        except ProviderFailed as fault:
            return Finding(about, "look" if about == "visas" else "fails", f"Its keys cannot be had: {fault.detail}.")
        names = ", ".join(sorted({str(jwk.get("alg", jwk["kty"])) for jwk, _ in known}))
        if known:
            return Finding(
                about, "works", f"It has {len(known)} {'key' if len(known) == 1 else 'keys'} at {address}: {names}."
            )
        return Finding(about, "look" if about == "visas" else "fails", f"No key at {address} can be used.")
