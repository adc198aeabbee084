"""Passports: what others vouch for of a researcher, as signed visas (GA4GH Passport 1.2; GA4GH AAI OIDC profile 1.2).

A visa counts as verified where its issuer is trusted by the hub's operator, its signature is by a key of that issuer,
it has not ended, and it is of the same subject as the passport.  All others are kept as well, and said to be what they
are.  Nothing is decided by any of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from oncommons.hub.providers.keys import KeyRing, header_of
from oncommons.hub.providers.rules import ALGORITHMS, LEEWAY
from oncommons.schema.errors import OncommonsError

CLAIM, VISA = "ga4gh_passport_v1", "ga4gh_visa_v1"
MOST_VISAS, MOST_TEXT = 100, 500
Ring = Callable[[str], KeyRing | None]
"""The keys of an issuer of visas that is trusted; nothing where it is not."""


def visas_in(claims: Mapping[str, Any], ring: Ring, subject: str, now: float) -> list[dict[str, Any]]:
    """What the visas of a passport say, each with how it stands; what is no visa at all is left out.

    Args:
        claims: What the provider says of somebody.
        ring: The keys of issuers that are trusted.
        subject: What the provider calls the person.
        now: Seconds since the epoch.
    """
    listed = claims.get(CLAIM)
    signed = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    found = (_visa(one, ring, subject, now) for one in signed[:MOST_VISAS])
    return [one for one in found if one is not None]


def _visa(token: str, ring: Ring, subject: str, now: float) -> dict[str, Any] | None:
    """One visa, with its standing: verified, untrusted, unchecked, forged, ended or another's."""
    try:
        header = header_of(token)
        claims = json.loads(jws.extract_compact(token.encode()).payload)
        said = claims[VISA]
        kind, issuer, expires = _line(said["type"]), _line(claims["iss"]), float(claims["exp"])
    except (JoseError, ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return None
    if not kind or not 0 <= expires < 1e12:  # noqa: PLR2004  seconds of a clock
        return None
    standing = _standing(token, header, ring(issuer))
    if standing == "verified" and expires + LEEWAY <= now:
        standing = "ended"
    if standing == "verified" and claims.get("sub") != subject:
        standing = "another's"
    shown = {"type": kind, "issuer": issuer, "expires": expires, "standing": standing, "asserted": _moment(said)}
    return shown | {name: _line(said.get(name, "")) for name in ("value", "source", "by")}


def _standing(token: str, header: Mapping[str, Any], ring: KeyRing | None) -> str:
    if ring is None:
        return "untrusted"
    try:
        if header.get("jku", ring.find()) != ring.find():  # keys are fetched from where the operator trusts, only
            return "forged"
        ring.read(token, tuple(ALGORITHMS))
    except OncommonsError:
        return "unchecked"
    except ValueError:
        return "forged"
    return "verified"


def _moment(said: Mapping[str, Any]) -> float | None:
    found = said.get("asserted")
    return float(found) if isinstance(found, int | float) and 0 <= found < 1e12 else None  # noqa: PLR2004


def _line(found: object) -> str:
    text = found if isinstance(found, str) else ""
    return text[:MOST_TEXT] if text.isprintable() else ""
