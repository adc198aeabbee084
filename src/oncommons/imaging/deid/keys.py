"""Pseudonyms, identifiers and dates by keyed hash: the same in every import of one node, and of no other.

From one secret of the node come three keys (BLAKE2b, RFC 7693, with a key and a purpose).  Nobody without the secret
can tell from a pseudonym whose it is, nor try out candidates.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from hashlib import blake2b

SECRET_BYTES = 32
_MOST_DAYS = 3650
_REMEMBERED, _LONGEST_UID, _LONGEST_DATE = 8192, 64, 26
_EARLIEST = date(1850, 1, 1)
_TIME = re.compile(rb"(?:\d\d(?:\d\d(?:\d\d(?:\.\d{1,6})?)?)?)?(?:[+-]\d{4})?")


@dataclass(frozen=True)
class Keys:
    """What a node makes pseudonyms with.

    Attributes:
        patient: Identifier of a patient to pseudonym.
        uid: UID to UID.
        days: Identifier of a patient to the number of days that its dates move into the past, 1 to 3,650.
    """

    patient: Callable[[bytes], bytes]
    uid: Callable[[bytes], bytes]
    days: Callable[[bytes], int]


def keys_of(secret: bytes) -> Keys:
    """The keys that come from a node's secret.

    Args:
        secret: At least 32 random bytes that never leave the node.
    """
    if len(secret) < SECRET_BYTES:
        raise ValueError("A secret has at least 32 bytes.")

    def hashed(purpose: bytes, value: bytes) -> bytes:
        return blake2b(value, digest_size=16, key=secret, person=purpose).digest()

    @lru_cache(maxsize=256)
    def short_patient(identifier: bytes) -> bytes:
        return b"P" + base64.b32encode(hashed(b"patient", identifier)[:10])

    def patient(identifier: bytes) -> bytes:
        bare = identifier.strip()
        return short_patient(bare) if len(bare) <= _LONGEST_UID else short_patient.__wrapped__(bare)

    @lru_cache(maxsize=_REMEMBERED)
    def short_uid(original: bytes) -> bytes:
        return b"2.25.%d" % int.from_bytes(hashed(b"uid", original), "big")

    def uid(original: bytes) -> bytes:
        """A UID of the UUID-derived root (PS3.5 section B.2) of at most 44 characters."""
        bare = original.strip(b"\0 ")
        return short_uid(bare) if len(bare) <= _LONGEST_UID else short_uid.__wrapped__(bare)

    def days(identifier: bytes) -> int:
        return 1 + int.from_bytes(hashed(b"days", identifier.strip()), "big") % _MOST_DAYS

    return Keys(patient, uid, days)


def label(original: bytes, keys: Keys) -> bytes:
    """What a thing is called instead, such as a device, a lesion or a code of one hospital: ten capitals and digits.

    Args:
        original: What it was called.
        keys: How pseudonyms are made.
    """
    number = int(keys.uid(b"label " + original.strip(b"\0 "))[5:])
    return b"L" + base64.b32encode(number.to_bytes(16, "big"))[:9]


def moved(value: bytes, days: int) -> bytes:
    """A date (DA) or date and time (DT) so many days earlier; its time stays, and what is not a date is emptied.

    Args:
        value: As PS3.5 section 6.2 writes it: ``YYYYMMDD``, for DT followed by a time and an offset from UTC.
        days: How many days to go back.
    """
    text = value.strip(b"\0 ")
    return _moved(text, days) if len(text) <= _LONGEST_DATE else b""


@lru_cache(maxsize=_REMEMBERED)
def _moved(text: bytes, days: int) -> bytes:
    digits, rest = text[:8], text[8:]
    if not (len(digits) == 8 and digits.isdigit() and _TIME.fullmatch(rest)):  # noqa: PLR2004
        return b""
    try:
        was = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        if was < _EARLIEST:
            return b""
        return (was - timedelta(days)).strftime("%Y%m%d").encode() + rest
    except (ValueError, OverflowError):
        return b""
