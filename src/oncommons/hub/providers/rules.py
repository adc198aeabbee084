"""What is decided about sign-ins at providers, purely: what a token must say, what is kept, which roles follow.

Sources: OpenID Connect Core 1.0 (errata set 2) and Discovery 1.0; RFC 6749 (OAuth 2.0), RFC 7636 (PKCE), RFC 9207
(issuer in the response), RFC 9700 (security of OAuth 2.0); AARC-G056 and the Life Science AAI for names of claims.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from types import MappingProxyType
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from oncommons.hub.providers.book import Given, Provider, check_provider_address
from oncommons.schema.errors import OncommonsError

LEEWAY = 60.0
"""Seconds by which the clocks of hub and provider may differ."""
VISIT_SECONDS = 600.0
"""A sign-in at a provider takes no longer."""
ALGORITHMS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
        **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
        "Ed25519": "OKP",
    },
)
"""Signatures that are accepted (RFC 7518 section 3.1, RFC 9864), each with the kind of its key; all are asymmetric, so
that who knows a public key can sign nothing."""
_HASHES: Mapping[str, str] = MappingProxyType({"256": "sha256", "384": "sha384", "512": "sha512"})
MOST_VALUES, MOST_SIGNS = 100, 300
"""What is kept of a claim: so many values, of so many characters each."""
Claims = Mapping[str, Any]


@dataclass(frozen=True)
class Metadata:
    """What a provider says of itself (Discovery 1.0, section 3).

    Attributes:
        issuer: Its issuer.
        authorization: Where people sign in.
        token: Where a code becomes tokens.
        userinfo: Where it says more of somebody; empty where it does not.
        keys: Where its keys are.
        algorithms: Signatures of its ID tokens that are accepted here.
        basic: Whether the hub's secret is shown in ``Authorization``; in the form otherwise.
        names_itself: Whether its responses name the issuer (RFC 9207).
        leave: Where people sign out (RP-Initiated Logout 1.0); empty where it does not say.
    """

    issuer: str
    authorization: str
    token: str
    userinfo: str
    keys: str
    algorithms: tuple[str, ...]
    basic: bool
    names_itself: bool
    leave: str = ""


def discovery_address(issuer: str) -> str:
    """Where an issuer describes itself (Discovery 1.0, section 4.1)."""
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


def read_metadata(body: Claims, issuer: str) -> Metadata:
    """What a provider says of itself.

    Args:
        body: The JSON object at its address.
        issuer: The issuer that it must be.

    Raises:
        ValueError: it is another's, or lacks or claims what cannot be.
    """
    if body.get("issuer") != issuer:
        raise ValueError(f"the description is of another issuer: {str(body.get('issuer'))[:200]!r}")
    way, token = _address(body, "authorization_endpoint", issuer), _address(body, "token_endpoint", issuer)
    userinfo, keys = _address(body, "userinfo_endpoint", issuer), _address(body, "jwks_uri", issuer)
    declared = texts_in(body.get("id_token_signing_alg_values_supported"))
    known = tuple(alg for alg in ALGORITHMS if alg in declared)
    if not known:
        raise ValueError(f"none of the signatures is accepted: {declared[:10]}")
    methods = texts_in(body.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]))
    basic = "client_secret_basic" in methods or "client_secret_post" not in methods
    names_itself = body.get("authorization_response_iss_parameter_supported") is True
    leave = _address(body, "end_session_endpoint", issuer)
    return Metadata(issuer, way, token, userinfo, keys, known, basic, names_itself, leave)


_MAY_LACK = ("userinfo_endpoint", "end_session_endpoint")


def _address(body: Claims, name: str, issuer: str) -> str:
    found = body.get(name)
    if found is None and name in _MAY_LACK:  # some write null for what they have not
        return ""
    if not isinstance(found, str):
        raise ValueError(f"{name} is not an address")  # noqa: TRY004  whoever reads the log looks for one kind of fault
    try:
        return check_provider_address(found, remote=urlsplit(issuer).scheme == "https")
    except OncommonsError as fault:
        raise ValueError(f"{name}: {fault.message}") from fault


@dataclass(frozen=True)
class Asked:
    """What a sign-in was begun with, which its ID token must fit.

    Attributes:
        issuer: Of the provider that was asked.
        client: What it calls this hub.
        nonce: What it was to put into the token.
        begun: Seconds since the epoch.
        now: Seconds since the epoch.
        algorithm: With which the token is signed.
        access: The access token that came along.
    """

    issuer: str
    client: str
    nonce: str
    begun: float
    now: float
    algorithm: str = "RS256"
    access: str = ""


def half_hash(algorithm: str, text: str) -> str:
    """The left half of a hash, as tokens name one another by (Core 1.0, section 3.1.3.6)."""
    digest = hashlib.new(_HASHES.get(algorithm[-3:], "sha512"), text.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).decode().rstrip("=")


def _audiences(claims: Claims) -> list[str]:
    found = claims.get("aud")
    return [found] if isinstance(found, str) else texts_in(found)


def _same(found: object, wanted: str) -> bool:
    return isinstance(found, str) and hmac.compare_digest(found.encode("utf-8", "replace"), wanted.encode())


CHECKS: Sequence[tuple[str, str, Callable[[Claims, Asked], bool]]] = (
    ("iss", "Core 3.1.3.7, 2", lambda c, a: c.get("iss") == a.issuer),
    ("aud", "Core 3.1.3.7, 3", lambda c, a: a.client in _audiences(c)),
    ("azp", "Core 3.1.3.7, 4 and 5", lambda c, a: c.get("azp", _audiences(c)) in (a.client, [a.client])),
    ("exp", "Core 3.1.3.7, 9", lambda c, a: _moment(c.get("exp")) + LEEWAY > a.now),
    ("iat", "Core 3.1.3.7, 10", lambda c, a: a.begun - LEEWAY <= _moment(c.get("iat")) <= a.now + LEEWAY),
    ("nbf", "RFC 7519, 4.1.5", lambda c, a: _moment(c.get("nbf", 0)) <= a.now + LEEWAY),
    ("nonce", "Core 3.1.3.7, 11", lambda c, a: _same(c.get("nonce"), a.nonce)),
    ("at_hash", "Core 3.1.3.8", lambda c, a: _same(c.get("at_hash", h := half_hash(a.algorithm, a.access)), h)),
    ("sub", "Core 2", lambda c, _: is_subject(c.get("sub"))),
)
"""What an ID token must say, each with where it is asked for.  Other audiences besides the hub are taken only where
``azp`` says that the token was made for the hub."""


def fault_in(claims: Claims, asked: Asked) -> str:
    """The first claim of an ID token that does not fit what was asked; empty where all do."""
    return next((name for name, _, fits in CHECKS if not fits(claims, asked)), "")


def is_subject(found: object) -> bool:
    """Whether something is what a provider may call a person: 1 to 255 signs of ASCII (Core 1.0, section 2)."""
    return isinstance(found, str) and 0 < len(found) <= 255 and found.isascii() and found.isprintable()  # noqa: PLR2004


def challenge_of(verifier: str) -> str:
    """The challenge of PKCE for a verifier (RFC 7636 section 4.2, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def way_to(provider: Provider, metadata: Metadata, fields: Mapping[str, str], prompt: str = "") -> str:
    """The address at which somebody signs in (Core 1.0, section 3.1.2.1).

    Args:
        provider: The provider.
        metadata: What it says of itself.
        fields: ``redirect_uri``, ``state``, ``nonce`` and ``code_challenge``.
        prompt: ``login`` where it is to ask who is there even where it knows, ``none`` where it is to ask nothing.
    """
    plain = {"response_type": "code", "client_id": provider.client, "scope": " ".join(provider.scopes)}
    wished = {"prompt": prompt, "acr_values": " ".join(provider.acr), "max_age": "0" if prompt == "login" else ""}
    asked = {**plain, **fields, "code_challenge_method": "S256", **{key: text for key, text in wished.items() if text}}
    return address_with(metadata.authorization, asked)


def address_with(address: str, fields: Mapping[str, str]) -> str:
    """An address with fields, which may have some already (RFC 6749 section 3.1)."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(fields)}"


def shown_to(provider: Provider, metadata: Metadata) -> tuple[dict[str, str], dict[str, str]]:
    """How the hub shows who it is where a code becomes tokens: headers, and fields (RFC 6749 section 2.3.1)."""
    if not provider.secret:
        return {}, {"client_id": provider.client}
    if provider.shown_in != "header" and (provider.shown_in == "form" or not metadata.basic):
        return {}, {"client_id": provider.client, "client_secret": provider.secret}
    pair = f"{quote_plus(provider.client)}:{quote_plus(provider.secret)}".encode()  # both as in forms, then joined
    return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}, {}


KEPT: Sequence[tuple[str, str, str]] = (
    ("username", "preferred_username", "Core 1.0, 5.1"),
    ("email", "email", "Core 1.0, 5.1; never an address of ours"),
    ("home", "schac_home_organization", "SCHAC 1.5, AARC-G056"),
    ("affiliations", "voperson_external_affiliation", "voPerson 2.0; Life Science AAI"),
    ("affiliations", "eduperson_scoped_affiliation", "eduPerson 202208, 2.2.9"),
    ("entitlements", "eduperson_entitlement", "eduPerson 202208, 2.2.2; AARC-G069"),
    ("groups", "groups", "Keycloak, mapper of group membership"),
    ("groups", "realm_access.roles", "Keycloak, roles of the realm"),
)
"""What is kept of a provider's claims: under which name, from which claim, and where it is described."""


def values_at(claims: Claims, claim: str) -> list[str]:
    """The values of a claim, however it is written: one text or a list; a dot leads into an object."""
    found: Any = claims.get(claim)
    if found is None:
        found = claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    return [found] if isinstance(found, str) else texts_in(found)


def told_by(claims: Claims) -> dict[str, list[str]]:
    """What is kept of claims: lines that can be shown, each once."""
    told: dict[str, list[str]] = {}
    for name, claim, _ in KEPT:
        lines = [one[:MOST_SIGNS] for one in values_at(claims, claim)[:MOST_VALUES] if one and one.isprintable()]
        told[name] = list(dict.fromkeys([*told.get(name, []), *lines]))[:MOST_VALUES]
    return {name: values for name, values in told.items() if values}


def name_in(claims: Claims) -> str:
    """What somebody is called, of what a provider says; a word where it says nothing that can be shown."""
    whole = " ".join(values_at(claims, "given_name")[:1] + values_at(claims, "family_name")[:1])
    for text in (*values_at(claims, "name"), whole, *values_at(claims, "preferred_username")):
        line = " ".join(text.split())[:120].strip()
        if line and line.isprintable():
            return line
    return "Somebody"


def proven_at(claims: Claims, asked: float | None, now: float) -> float | None:
    """When a provider asked somebody who they are; nothing where that is not known.

    It must say so where it was to ask (``max_age``, Core 1.0, section 3.1.2.1); one that does not is taken at its doing
    what it was asked.

    Args:
        claims: Of the ID token.
        asked: When it was to ask, in seconds since the epoch; nothing where it was free not to.
        now: Seconds since the epoch.
    """
    said = _moment(claims.get("auth_time"))
    return asked if isnan(said) else min(said, now)


def given_by(claims: Claims, table: Collection[Given]) -> list[Given]:
    """The rows of a provider's table that its claims fit: the value is there, exactly."""
    return [one for one in table if one.value in values_at(claims, one.claim)]


def texts_in(found: object) -> list[str]:
    """The texts of a list; none where it is no list."""
    return [one for one in found if isinstance(one, str)] if isinstance(found, list | tuple) else []


def _moment(found: object) -> float:
    """A NumericDate (RFC 7519 section 2); one that fits nothing where it is none."""
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < 1e12:  # noqa: PLR2004
        return float("nan")
    return float(found)
