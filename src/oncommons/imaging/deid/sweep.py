"""The second look: whether anything of this patient is left in what is about to be kept.

It knows nothing of tags that are safe or not.  It takes the values that were replaced, and looks for them in every
byte, because makers put a patient's number where no table expects it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

Seen = tuple[int, str, bytes]
"""Tag, value representation and value of an attribute that did not stay as it was."""
IDENTIFIERS = frozenset(
    {
        0x00080050,  # Accession Number
        0x00080080,  # Institution Name
        0x00080081,  # Institution Address
        0x00100020,  # Patient ID
        0x00100030,  # Patient's Birth Date
        0x00101000,  # Other Patient IDs
        0x00101040,  # Patient's Address
        0x00101080,  # Military Rank
        0x00101090,  # Medical Record Locator
        0x00102154,  # Patient's Telephone Numbers
        0x00380010,  # Admission ID
        0x00400009,  # Scheduled Procedure Step ID
        0x00401001,  # Requested Procedure ID
    },
)
"""Attributes whose values tell who the patient is, names apart."""
_SHORTEST_NAME, _SHORTEST_NUMBER, _SHORTEST_IN_PIXELS = 3, 4, 8
_DATE_DIGITS = 8
_NAME_PARTS = re.compile(rb"[\^=\s,;.\\]+")
_EVERYBODY = frozenset(
    {b"anonymous", b"anonymized", b"none", b"unknown", b"removed", b"patient", b"test", b"mri", b"the", b"prof"}
)
_SHORT_DIGITS = 6


def occurs(token: bytes, small: bytes) -> bool:
    """Whether a token is found in bytes in small letters; a short number only where it stands as a number alone.

    Patient 1024 is not found in an intercept of -1024 nor in 1024.5, but in "scan 1024".
    """
    if token not in small:
        return False
    return len(token) >= _SHORT_DIGITS or not token.isdigit() or _alone(token).search(small) is not None


@lru_cache(maxsize=4096)
def _alone(number: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?<![\d.+-])" + number + rb"(?![\d.])")


def tokens_of(seen: Iterable[Seen], made: Iterable[bytes]) -> frozenset[bytes]:
    """What would tell who the patient is, in small letters.

    Args:
        seen: Attributes that were replaced or removed, with their values.
        made: Values that were written instead; what is among them says nothing.
    """
    found: set[bytes] = set()
    for tag, vr, raw in seen:
        value = raw.strip(b"\0 ").lower()
        if vr == "PN":
            found.update(p for p in _NAME_PARTS.split(value) if len(p) >= _SHORTEST_NAME)
        elif vr == "DA":
            found.update(d for d in value.split(b"\\") if len(d) == _DATE_DIGITS)
        elif vr == "UI":
            found.update(u.strip(b"\0 ") for u in value.split(b"\\") if not u.startswith(b"1.2.840.10008."))
        elif tag in IDENTIFIERS:
            found.update(v.strip() for v in value.split(b"\\") if len(v.strip()) >= _SHORTEST_NUMBER)
    return frozenset(found - _EVERYBODY - {m.lower() for m in made} - {b""})


def left_over(parts: Sequence[bytes], pixels: set[int], tokens: frozenset[bytes]) -> frozenset[bytes]:
    """Those of the tokens that are found in what is about to be kept.

    Args:
        parts: The bytes, in pieces.
        pixels: Which pieces hold pixel data; short tokens occur there by chance and are not looked for.
        tokens: As :func:`tokens_of` gives them.
    """
    header = b"".join(part for i, part in enumerate(parts) if i not in pixels).lower()
    found = {token for token in tokens if occurs(token, header)}
    long = [token for token in tokens if len(token) >= _SHORTEST_IN_PIXELS and token not in found]
    for i in pixels:
        for token in long:
            if any(parts[i].find(form) >= 0 for form in {token, token.upper(), token.title()}):
                found.add(token)
    return frozenset(found)
