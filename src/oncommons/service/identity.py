"""Who is calling: assertions of nodes, tokens, orders and permits of the hub, checkpoints of audit logs.

A node proves that it holds its private key (``private_key_jwt``: RFC 7523, OpenID Connect Core section 9) and gets
an access token for ten minutes (RFC 6749 section 4.4, RFC 9068).  All signatures are Ed25519 (RFC 8037, RFC 9864).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from oncommons.schema.errors import ClockSkew, TokenRefused
from oncommons.schema.errors_of_permits import BadPermit, ImagesNotOpened, NoticeNotTrusted, PermitNotTrusted
from oncommons.schema.errors_of_protocols import BadCheckpoint
from oncommons.schema.federation import (
    ACCESS_TYPE,
    ASSERTION_SECONDS,
    CHECKPOINT_TYPE,
    CLOCK_LEEWAY,
    IMAGES_SECONDS,
    IMAGES_TYPE,
    ORDER_TYPE,
    REVOKED_TYPE,
    ImageToken,
    Revoked,
    lasting,
)
from oncommons.schema.permit import PERMIT_TYPE, Permit, parse_permit
from oncommons.schema.permit_views import visas_of
from oncommons.storage.chain import Head
from oncommons.storage.keys import public_part

TOKEN_SECONDS = 600
"""Life of an access token."""
LONGEST_IMAGE_TOKEN = 7_000
"""Characters of a token for images: what the usual proxies let through in a header."""
_ALGORITHM = "Ed25519"
_NO_IMAGES = "A token is needed that the hub has made for this node, and that has not ended: oncommons images NODE."
NOTHING: Mapping[str, str] = MappingProxyType({})
_HASH_BYTES = 32


@dataclass(frozen=True)
class Assertion:
    """A node's proof, checked: who signed, and the identifier that may be used once."""

    node: str
    jti: str
    expires: float


class Order(NamedTuple):
    """A question as a node gets it.

    Attributes:
        job: Identifier of the question.
        question: Its JSON.
        person: Who asks, as the hub vouches for; empty without a permit.
        permit: The signed permit under which it is asked; empty without one.
    """

    job: str
    question: object
    person: str = ""
    permit: str = ""


class Opening(NamedTuple):
    """What a token for images says, checked.

    Attributes:
        id: Its identifier.
        person: Whom it was made for.
        permit: The permit, of which only this person and the datasets of this node are left.
    """

    id: str
    person: str
    permit: Permit


class Issuer:
    """The hub's signing side.

    Args:
        key: The hub's key.

    Attributes:
        name: How the hub names itself in tokens: by its key, whatever addresses it is reached under.
    """

    def __init__(self, key: OKPKey) -> None:
        self.key = key
        self.name = f"urn:oncommons:hub:{key.thumbprint()}"
        self._read = lru_cache(maxsize=4096)(self._decode)

    def keys(self) -> dict[str, Any]:
        """The hub's public keys as a JWK set."""
        return {"keys": [public_part(self.key)]}

    def token(self, node: str, now: float) -> str:
        """An access token for a node."""
        claims = {"iss": self.name, "sub": node, "aud": self.name, "iat": int(now), "exp": int(now) + TOKEN_SECONDS}
        return self._sign(ACCESS_TYPE, {**claims, "jti": secrets.token_urlsafe(9)})

    def bearer(self, token: str, now: float) -> str:
        """The node that an access token was issued to.

        Raises:
            TokenRefused: it is forged, foreign or expired.
        """
        try:
            claims = self._read(token)
        except (JoseError, ValueError, TypeError, RecursionError) as fault:
            raise TokenRefused("The access token is not one of this hub's.", detail=repr(fault)) from fault
        if claims.get("exp", 0) <= now:
            raise TokenRefused("The access token has expired; ask for a new one.")
        return str(claims["sub"])

    def order(self, job: str, question: Mapping[str, Any], now: float, beside: Mapping[str, str] = NOTHING) -> str:
        """A question as the nodes get it: signed, so that no proxy on the way can change it.

        Args:
            job: Its identifier.
            question: Its JSON.
            now: Seconds since the epoch.
            beside: ``person`` and ``permit``, where it is asked under a permit.
        """
        claims = {"iss": self.name, "jti": job, "iat": int(now), "question": dict(question)}
        return self._sign(ORDER_TYPE, {**beside, **claims})

    def permit(self, permit: Permit, now: float) -> str:
        """A permit as nodes verify it without asking anybody: one signed object, visas inside (RFC 7515, RFC 7519).

        Raises:
            PermitNotTrusted: the permit names another hub.
        """
        if permit.hub != self.name:
            raise PermitNotTrusted("The permit names another hub as the one that issues it.")
        claims = {"iss": self.name, "jti": permit.id, "iat": int(now), "nbf": permit.not_before}
        claims |= {"exp": permit.not_after, "permit": permit.to_json(), "visas": visas_of(permit, int(now))}
        return self._sign(PERMIT_TYPE, claims)

    def image_token(self, permit: Permit, person: str, node: str, now: float) -> ImageToken:
        """What opens the images of a node to one person of a permit, until it ends or a quarter of an hour has passed.

        The permit travels in it, narrowed to this person and node, so that it fits into a header of HTTP.

        Raises:
            BadPermit: it names so many datasets of the node that it does not fit.
        """
        ends = min(int(now) + IMAGES_SECONDS, permit.not_after)
        entities = tuple(sorted({name.partition(".")[0] for name in permit.variables}))
        part = replace(permit, people=(person,), datasets=permit.at(node), variables=entities, title="", address="")
        name = secrets.token_urlsafe(12)
        claims = {"iss": self.name, "sub": person, "aud": node, "iat": int(now), "exp": ends, "jti": name}
        claims |= {"permit": part.to_json()}
        token = self._sign(IMAGES_TYPE, claims)
        if len(token) > LONGEST_IMAGE_TOKEN:
            raise BadPermit(f"The permit names too many datasets of {node} for a token; ask for a permit of fewer.")
        return ImageToken(name, node, token, ends)

    def revoked(self, revoked: Revoked, now: float) -> str:
        """The permits of a node that were taken back, as it verifies them without asking anybody."""
        return self._sign(REVOKED_TYPE, {"iss": self.name, "iat": int(now), **revoked.to_json()})

    def _sign(self, kind: str, claims: dict[str, Any]) -> str:
        header = {"alg": _ALGORITHM, "typ": kind, "kid": self.key.thumbprint()}
        return jwt.encode(header, claims, self.key, algorithms=[_ALGORITHM])

    def _decode(self, token: str) -> dict[str, Any]:
        found = jwt.decode(token, self.key, algorithms=[_ALGORITHM])
        if found.header.get("typ") != ACCESS_TYPE or found.claims.get("aud") != self.name:
            message = "not an access token of this hub"
            raise ValueError(message)
        return dict(found.claims)


def read_assertion(text: str, find_key: Callable[[str], Mapping[str, Any]], audience: str, now: float) -> Assertion:
    """Check a node's assertion.

    Args:
        text: The signed assertion.
        find_key: Gives the public JWK of a node by name; it may raise.
        audience: The name that the hub goes by.
        now: Seconds since the epoch by the hub's clock.

    Raises:
        TokenRefused: forged, meant for somebody else, or malformed.
        ClockSkew: made in the past or the future by more than the leeway.
    """
    try:
        claimed = jws.extract_compact(text.encode()).payload
        node = str(json.loads(claimed)["sub"])
        key = OKPKey.import_key(dict(find_key(node)))
        claims = jwt.decode(text, key, algorithms=[_ALGORITHM]).claims
        made, ends = _moment(claims["iat"]), _moment(claims["exp"])
    except (JoseError, ValueError, KeyError, TypeError, RecursionError) as fault:
        raise TokenRefused("The node's proof of its key is not valid.", detail=repr(fault)) from fault
    if claims.get("iss") != node or claims.get("aud") != audience or not claims.get("jti"):
        raise TokenRefused("The node's proof of its key is meant for another hub.")
    skew = made - now
    if abs(skew) > CLOCK_LEEWAY + ASSERTION_SECONDS:
        side = "ahead of" if skew > 0 else "behind"
        raise ClockSkew(
            f"The node's clock is {lasting(abs(skew))} {side} the hub's. Set the node's clock, then it goes on."
        )
    if ends + CLOCK_LEEWAY < now:
        raise TokenRefused("The node's proof of its key has expired.")
    return Assertion(node, str(claims["jti"])[:128], made + ASSERTION_SECONDS + 2 * CLOCK_LEEWAY)


class OrderReader:
    """Checks orders against the hub's keys that a node pinned when it joined.

    Args:
        keys: The pinned JWK set.

    Raises:
        TokenRefused: the pinned keys cannot be read.
    """

    def __init__(self, keys: Mapping[str, Any]) -> None:
        try:
            self._keys = KeySet.import_key_set({"keys": list(keys["keys"])})
        except (JoseError, ValueError, KeyError, TypeError) as fault:
            raise TokenRefused("The hub's pinned keys cannot be read; join again.", detail=repr(fault)) from fault

    def read(self, text: str) -> Order:
        """An order.

        Raises:
            TokenRefused: it was not signed by the hub that this node joined.
        """
        try:
            found = jwt.decode(text, self._keys, algorithms=[_ALGORITHM])
            job = {ORDER_TYPE: str(found.claims["jti"])}[str(found.header["typ"])]
            person, permit = (_text(found.claims.get(name, "")) for name in ("person", "permit"))
            return Order(job, found.claims["question"], person, permit)
        except (JoseError, ValueError, KeyError, TypeError) as fault:
            message = "The order was not signed by the hub that this node joined; it was not carried out."
            raise TokenRefused(message, detail=repr(fault)) from fault

    def read_permit(self, text: str) -> Permit:
        """A permit, verified offline; whether it holds now, and here, is for :mod:`oncommons.policy.access` to decide.

        Raises:
            PermitNotTrusted: it was not signed by the hub that this node joined, or was changed since.
        """
        try:
            found = jwt.decode(text, self._keys, algorithms=[_ALGORITHM])
            claims = found.claims
            permit = {PERMIT_TYPE: parse_permit}[str(found.header["typ"])](claims["permit"])
            said = (claims["iss"], claims["jti"], claims["nbf"], claims["exp"], claims["visas"])
        except (JoseError, ValueError, KeyError, TypeError, RecursionError, BadPermit) as fault:
            message = "The permit was not signed by the hub that this node joined; nothing was asked under it."
            raise PermitNotTrusted(message, detail=repr(fault)) from fault
        visas = visas_of(permit, claims.get("iat", 0))
        if said != (permit.hub, permit.id, permit.not_before, permit.not_after, visas):
            raise PermitNotTrusted("The permit contradicts itself; nothing was asked under it.")
        return permit

    def read_revoked(self, text: str) -> Revoked:
        """A list of permits that were taken back; whether it is the newest is for who keeps them to decide.

        Raises:
            NoticeNotTrusted: it was not signed by the hub that this node joined, or is of another kind.
        """
        try:
            found = jwt.decode(text, self._keys, algorithms=[_ALGORITHM])
            return {REVOKED_TYPE: Revoked.from_json}[str(found.header["typ"])](found.claims)
        except (JoseError, ValueError, KeyError, TypeError, RecursionError) as fault:
            message = "The list of permits that were taken back was not signed by the hub that this node joined."
            raise NoticeNotTrusted(message, detail=repr(fault)) from fault

    def read_image_token(self, text: str, node: str, now: float) -> Opening:
        """A token for images, verified offline; whether its permit holds here is for :mod:`oncommons.policy.access`.

        A stranger is told the same whatever is wrong, and leaves no line in a log, which strangers could fill.

        Raises:
            ImagesNotOpened: it was not signed by the hub that this node joined, is of another kind, was made for
                another node, has ended, or contradicts itself.
        """
        try:
            if len(text) > LONGEST_IMAGE_TOKEN:
                raise ValueError("too long")  # noqa: TRY301  told like all else that is wrong
            found = jwt.decode(text, self._keys, algorithms=[_ALGORITHM])
            claims = found.claims
            permit = {IMAGES_TYPE: parse_permit}[str(found.header["typ"])](claims["permit"])
            made, ends = _moment(claims["iat"]), _moment(claims["exp"])
            opening = Opening(_text(claims["jti"]), _text(claims["sub"]), permit)
            said = (claims["iss"], claims["aud"], (opening.person,), permit.at(node))
        except (JoseError, ValueError, KeyError, TypeError, RecursionError, BadPermit) as fault:
            raise ImagesNotOpened(_NO_IMAGES) from fault
        holds = made - CLOCK_LEEWAY <= now < ends <= made + IMAGES_SECONDS
        if not holds or said != (permit.hub, node, permit.people, permit.datasets):
            raise ImagesNotOpened(_NO_IMAGES)
        return opening


def asker_in(order: str) -> tuple[str, str]:
    """The identifier of the permit in an order that this hub has kept, and the person; both empty without a permit.

    The signature is not looked at: whoever keeps the order has made it.
    """
    return asker_of(_said(order))


def asker_of(beside: Mapping[str, Any]) -> tuple[str, str]:
    """The same of what stands beside a question in an order: ``person`` and ``permit``, the signed one."""
    permit = beside.get("permit", "")
    return str(_said(permit).get("jti", "")) if permit else "", str(beside.get("person", ""))


def _said(text: object) -> dict[str, Any]:
    """What a token says, whoever signed it; nothing where it is none."""
    try:
        said = json.loads(jws.extract_compact(str(text).encode()).payload)
    except (JoseError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


@dataclass(frozen=True)
class Checkpoint:
    """What the owner of an audit log says of it, signed.

    Attributes:
        log: Thumbprint of the key that signs, which is the log's name.
        head: How far the log goes.
        made: When, in seconds since the epoch.
    """

    log: str
    head: Head
    made: int


def sign_checkpoint(key: OKPKey, head: Head, now: float) -> str:
    """A checkpoint as it is sent and kept: a JWS in its compact form (RFC 7515)."""
    header = {"alg": _ALGORITHM, "typ": CHECKPOINT_TYPE, "kid": key.thumbprint()}
    claims = {"log": key.thumbprint(), "size": head.size, "head": head.digest, "iat": int(now)}
    return jwt.encode(header, claims, key, algorithms=[_ALGORITHM])


def read_checkpoint(text: str, jwk: Mapping[str, Any]) -> Checkpoint:
    """Check a checkpoint.

    Args:
        text: The signed checkpoint.
        jwk: The public key of the log's owner.

    Raises:
        BadCheckpoint: it is not one, or another key has signed it.
    """
    try:
        key = OKPKey.import_key({name: str(jwk[name]) for name in ("kty", "crv", "x")})
        found = jwt.decode(text, key, algorithms=[_ALGORITHM])
        if found.header.get("typ") != CHECKPOINT_TYPE or found.claims["log"] != key.thumbprint():
            raise BadCheckpoint("What was signed is not a checkpoint of its owner's log.")
        size, digest = found.claims["size"], found.claims["head"]
        if type(size) is not int or size < 0 or len(bytes.fromhex(digest)) != _HASH_BYTES:
            raise BadCheckpoint("What was signed is not a checkpoint.")
        return Checkpoint(key.thumbprint(), Head(size, digest), int(_moment(found.claims["iat"])))
    except (JoseError, ValueError, KeyError, TypeError, RecursionError) as fault:
        raise BadCheckpoint("The checkpoint was not signed by the owner of the log.", detail=repr(fault)) from fault


def thumbprint_of(jwk: Mapping[str, Any]) -> str:
    """The thumbprint of a public key (RFC 7638); empty for something that is not a key."""
    try:
        return OKPKey.import_key({name: str(jwk[name]) for name in ("kty", "crv", "x")}).thumbprint()
    except (JoseError, ValueError, KeyError, TypeError):
        return ""


def _moment(value: object) -> float:
    """A NumericDate (RFC 7519 section 2) that a clock could show."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:  # noqa: PLR2004
        raise ValueError("not a date")
    return float(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
