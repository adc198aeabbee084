"""Free text, cleaned: words of imaging and plain measures stay, everything else goes.

An allow-list, because no list of names is complete: what nobody has read and allowed cannot stay.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

_TOKEN = re.compile(rb"[A-Za-z0-9.\x80-\xff]+")
_MEASURE = re.compile(
    rb"\d{1,2}|\d{1,3}\.\d{1,2}|\d{1,4}(?:mm|cm|ms|kv|kvp|mas|hz|deg|min|sec|ml|mg|mci|mbq|gy|cgy|hu|x|t|d)|[tb]\d{1,4}w?"
)
"""Measures such as 5MM, 1.25, 120KV, B800, T2W, 3D; longer numbers may be a patient's."""
_IN_A_ROW = re.compile(rb"[0-9]+(?:[^A-Za-z0-9\x80-\xff]+[0-9]+){2,}")
"""Three numbers and more in a row may be a date or a telephone number."""
_SPACES = re.compile(rb"[\s_^,;:/+-]{2,}")
_PRINTABLE = bytes(max(c, 32) for c in range(256))
_REMEMBERED, _LONGEST_REMEMBERED = 4096, 256


@lru_cache(maxsize=1)
def allowed() -> frozenset[bytes]:
    """The words that may stay, in small letters."""
    text = resources.files("oncommons.imaging.deid").joinpath("words.txt").read_text("ascii")
    return frozenset(word.encode() for line in text.splitlines() if not line.startswith("#") for word in line.split())


def clean_text(value: bytes) -> bytes:
    """A description without anything that is not known to be harmless; of even length.

    Args:
        value: Text in any character set of DICOM (PS3.5 section 6.1); only ASCII words can stay.
    """
    return _remembered(value) if len(value) <= _LONGEST_REMEMBERED else _clean(value)


def _clean(value: bytes) -> bytes:
    kept = _TOKEN.sub(lambda found: found[0] if _may_stay(found[0]) else b"", _ascii(value))
    kept = _IN_A_ROW.sub(b"", kept)
    tidy = _SPACES.sub(lambda found: found[0][:1], kept).strip(b" _^,;:/+-().[]{}#&*'\"")
    return tidy + b" " * (len(tidy) % 2)


_remembered = lru_cache(maxsize=_REMEMBERED)(_clean)


def _ascii(value: bytes) -> bytes:
    """Without escape sequences and control characters; other sets' bytes count as letters of a word that goes."""
    return value.translate(_PRINTABLE)


def _may_stay(token: bytes) -> bool:
    small = token.lower().strip(b".")
    return small in allowed() or _MEASURE.fullmatch(small) is not None
