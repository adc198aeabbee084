"""The second factor: codes that change with the time (TOTP, RFC 6238, over HOTP, RFC 4226), and recovery codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
"""As many as the hash has (RFC 4226 section 4, R6: at least 128 bits, 160 recommended)."""
RECOVERY_CODES = 10
_EITHER_SIDE = 1
"""Steps by which clocks may differ (RFC 6238 section 5.2)."""


def new_secret() -> bytes:
    """A secret for a new second factor."""
    return secrets.token_bytes(SECRET_BYTES)


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of a time step (RFC 4226 section 5.3: dynamic truncation of HMAC-SHA-1)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}d}"


def step_of(now: float) -> int:
    """The time step of a moment."""
    return int(now // STEP_SECONDS)


def matching_step(secret: bytes, code: str, now: float, last: int) -> int | None:
    """The time step that a code is of; nothing where it is wrong, or of a step that was used.

    Args:
        secret: The secret.
        code: What was typed; space in it does not count.
        now: Seconds since the epoch.
        last: The last step that was used: a code serves once (RFC 6238 section 5.2).
    """
    typed = "".join(code.split()).encode("utf-8", "replace")
    here, found = step_of(now), None
    for step in range(here - _EITHER_SIDE, here + _EITHER_SIDE + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), typed) and step > last:
            found = step
    return found


def spoken(secret: bytes) -> str:
    """A secret as people type it into an app: base 32 (RFC 4648 section 6) in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def address(secret: bytes, hub: str, email: str) -> str:
    """A secret as apps read it: the ``otpauth`` address of Google Authenticator's key URI format."""
    label = quote(f"{hub}:{email}", safe="")
    fields = {"secret": spoken(secret).replace(" ", ""), "issuer": hub, "digits": DIGITS, "period": STEP_SECONDS}
    return f"otpauth://totp/{label}?{urlencode(fields, quote_via=quote)}"


def new_recovery_codes() -> list[str]:
    """Codes that serve once each where the app is lost; each has 80 random bits, so nobody can try them all."""
    return [spoken(secrets.token_bytes(10)).replace(" ", "-").lower() for _ in range(RECOVERY_CODES)]


def plain_recovery(code: str) -> str:
    """A recovery code as it is compared: however it was typed."""
    return "".join(sign for sign in code.lower() if sign.isalnum())
