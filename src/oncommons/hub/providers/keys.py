"""Keys of providers and of issuers of visas, and what is signed with them.

Keys are kept for an hour.  A signature by a key that is not among them has them fetched anew, so that a provider may
change its keys at any time, but not more often than every half a minute, so that nobody makes us fetch for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from threading import Lock
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry

from oncommons.hub.providers.rules import ALGORITHMS
from oncommons.hub.providers.wire import Wire

HOUR, PAUSE = 3_600.0, 30.0
MOST_KEYS, MOST_TRIED = 100, 4
MOST_TOKEN = 65_536
"""Characters of the longest token that is looked at."""
_PUBLIC = ("kty", "crv", "n", "e", "x", "y")
_SHORTEST_RSA, _LONGEST_RSA = 2_048, 8_192
"""Bits; shorter ones are not safe, longer ones take too long."""


class KeyRing:
    """The keys at one address.

    Args:
        wire: To who has them.
        find: Gives the address; it may raise.
        clock: Seconds since the epoch.
    """

    def __init__(self, wire: Wire, find: Callable[[], str], clock: Callable[[], float]) -> None:
        self.wire, self.find, self.clock = wire, find, clock
        self._lock = Lock()
        self._keys: list[tuple[Mapping[str, Any], Any]] = []
        self._fetched = float("-inf")

    def read(self, token: str, algorithms: Collection[str]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims of a signed token (RFC 7515, RFC 7519), once its signature was found right.

        Args:
            token: In its compact form.
            algorithms: Signatures that are accepted.

        Raises:
            ValueError: it is not signed, or by none of these keys, or in another way.
            ProviderFailed: the keys cannot be had.
        """
        header = header_of(token)
        algorithm = str(header.get("alg"))
        if algorithm not in algorithms or algorithm not in ALGORITHMS:
            raise ValueError(f"the signature is of a kind that is not accepted: {algorithm[:40]!r}")
        for again in (False, True):
            for key in self._fitting(header, again=again)[:MOST_TRIED]:
                try:
                    return header, dict(jwt.decode(token, key, algorithms=[algorithm]).claims)
                except (JoseError, ValueError, TypeError, RecursionError):
                    continue
        raise ValueError(f"the signature is by none of the keys: {str(header.get('kid'))[:100]!r}")

    def _fitting(self, header: Mapping[str, Any], *, again: bool) -> list[Any]:
        """Keys that may have signed; ``again`` fetches them first, unless that was done just now."""
        with self._lock:
            now = self.clock()
            if now - self._fetched > HOUR or (again and now - self._fetched > PAUSE):
                self._fetched = now
                self._keys = []
                self._keys = keys_in(self.wire.get(self.find()))
            elif again:
                return []
            named = header.get("kid")
            return [key for jwk, key in self._keys if _fits(jwk, str(header["alg"]), named)]


def header_of(token: str) -> dict[str, Any]:
    """The header of a token, which nobody has vouched for yet.

    Raises:
        ValueError: it is not a JWS in its compact form, or too long.
    """
    if len(token) > MOST_TOKEN:
        raise ValueError("the token is too long")
    try:
        return dict(jws.extract_compact(token.encode()).headers())
    except (JoseError, ValueError, TypeError, RecursionError) as fault:
        raise ValueError(f"not a signed token: {fault!r}") from fault


def keys_in(body: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], Any]]:
    """Public keys of a JWK set (RFC 7517 section 5); what is no key that can be used here is left out."""
    listed = body.get("keys")
    found: list[tuple[Mapping[str, Any], Any]] = []
    for jwk in listed[:MOST_KEYS] if isinstance(listed, list) else ():
        if not isinstance(jwk, dict) or jwk.get("kty") not in ALGORITHMS.values() or jwk.get("use", "sig") != "sig":
            continue
        if jwk["kty"] == "RSA" and not _SHORTEST_RSA <= 6 * len(str(jwk.get("n", ""))) <= _LONGEST_RSA + 6:
            continue
        try:
            plain: dict[str, str | list[str]] = {name: str(jwk[name]) for name in _PUBLIC if name in jwk}
            found.append((jwk, JWKRegistry.import_key(plain)))
        except (JoseError, ValueError, KeyError, TypeError):
            continue
    return found


def _fits(jwk: Mapping[str, Any], algorithm: str, named: object) -> bool:
    """Whether a key may be the one that a token was signed with."""
    kind = jwk["kty"] == ALGORITHMS[algorithm] and jwk.get("alg", algorithm) == algorithm
    return kind and (named is None or jwk.get("kid") in (named, None))
