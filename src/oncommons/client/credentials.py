"""How a node proves to the hub that it holds its key: a signed assertion that lives one minute."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from joserfc import jwt
from joserfc.jwk import OKPKey

from oncommons.schema.federation import ASSERTION_SECONDS


def make_assertion(node: str, key: OKPKey, audience: str, clock: Callable[[], float] = time.time) -> str:
    """A ``private_key_jwt`` assertion (RFC 7523 section 3; OpenID Connect Core section 9).

    Args:
        node: The node's name: issuer and subject.
        key: The node's private key.
        audience: The name that the hub goes by.
        clock: Seconds since the epoch.
    """
    now = int(clock())
    claims = {
        "iss": node,
        "sub": node,
        "aud": audience,
        "jti": secrets.token_urlsafe(16),
        "iat": now,
        "exp": now + ASSERTION_SECONDS,
    }
    return jwt.encode({"alg": "Ed25519", "kid": key.thumbprint()}, claims, key, algorithms=["Ed25519"])
