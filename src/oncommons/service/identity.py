"""Who is calling: assertions of nodes, access tokens of the hub, orders that the hub signs, checkpoints of audit logs.

A node proves that it holds its private key (``private_key_jwt``: RFC 7523, OpenID Connect Core section 9) and gets
an access token for ten minutes (RFC 6749 section 4.4, RFC 9068).  All signatures are Ed25519 (RFC 8037, RFC 9864).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from oncommons.schema.errors import ClockSkew, TokenRefused
from oncommons.schema.errors_of_protocols import BadCheckpoint
from oncommons.schema.federation import ACCESS_TYPE, ASSERTION_SECONDS, CHECKPOINT_TYPE, CLOCK_LEEWAY, ORDER_TYPE
from oncommons.storage.chain import Head
from oncommons.storage.keys import public_part

TOKEN_SECONDS = 600
"""Life of an access token."""
_ALGORITHM = "Ed25519"
_HASH_BYTES = 32


@dataclass(frozen=True)
class Assertion:
    """A node's proof, checked: who signed, and the identifier that may be used once."""

    node: str
    jti: str
    expires: float


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

    def order(self, job: str, question: Mapping[str, Any], now: float) -> str:
        """A question as the nodes get it: signed, so that no proxy on the way can change it."""
        return self._sign(ORDER_TYPE, {"iss": self.name, "jti": job, "iat": int(now), "question": dict(question)})

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
            f"The node's clock is {_span(abs(skew))} {side} the hub's. Set the node's clock, then it goes on."
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

    def read(self, text: str) -> tuple[str, object]:
        """The job's identifier and the question's JSON.

        Raises:
            TokenRefused: the order was not signed by the hub that this node joined.
        """
        try:
            found = jwt.decode(text, self._keys, algorithms=[_ALGORITHM])
            return {ORDER_TYPE: str(found.claims["jti"])}[str(found.header["typ"])], found.claims["question"]
        except (JoseError, ValueError, KeyError, TypeError) as fault:
            raise TokenRefused(
                "The order was not signed by the hub that this node joined; it was not carried out.",
                detail=repr(fault),
            ) from fault


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


def _span(seconds: float) -> str:
    return f"{round(seconds / 60)} minutes" if seconds >= 90 else f"{round(seconds)} seconds"  # noqa: PLR2004
