"""Text of a data set: Specific Character Set and what it makes of bytes (PS3.3 C.12.1.1.2, PS3.5 section 6.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

DEFAULT = "latin-1"
"""Where nothing is said only ASCII is allowed; of what is written instead, Latin 1 is met most and never fails."""
CODECS: Mapping[str, str] = MappingProxyType(
    {
        "IR 6": DEFAULT,
        "IR 13": "shift_jis",
        "IR 100": DEFAULT,
        "IR 101": "iso8859_2",
        "IR 109": "iso8859_3",
        "IR 110": "iso8859_4",
        "IR 126": "iso8859_7",
        "IR 127": "iso8859_6",
        "IR 138": "iso8859_8",
        "IR 144": "iso8859_5",
        "IR 148": "iso8859_9",
        "IR 166": "iso8859_11",
        "IR 203": "iso8859_15",
        "IR 149": "euc_kr",
        "IR 58": "gb2312",
        "IR 87": "iso2022_jp",
        "IR 159": "iso2022_jp_2",
        "IR 192": "utf-8",
        "GB18030": "gb18030",
        "GBK": "gbk",
    },
)
"""Defined terms of Specific Character Set, less ``ISO_`` or ``ISO 2022``, and the codec of Python for each."""
_BY_ESCAPE: Mapping[bytes, str] = MappingProxyType(
    {
        b"(B": "IR 6",
        b"(J": "IR 13",
        b")I": "IR 13",
        b"-A": "IR 100",
        b"-B": "IR 101",
        b"-C": "IR 109",
        b"-D": "IR 110",
        b"-F": "IR 126",
        b"-G": "IR 127",
        b"-H": "IR 138",
        b"-L": "IR 144",
        b"-M": "IR 148",
        b"-T": "IR 166",
        b"-b": "IR 203",
        b"$)C": "IR 149",
        b"$)A": "IR 58",
        b"$B": "IR 87",
        b"$(D": "IR 159",
    },
)
_ESCAPE = re.compile(rb"(\x1b(?:\$[()]?.|[()\-].))", re.DOTALL)
_SHIFTED = frozenset({"IR 87", "IR 159"})
"""Their codecs of Python want to see the escape sequence themselves."""
_PREFIX = re.compile(r"ISO(?:_| 2022 )")


def text_of(value: bytes, charset: bytes = b"") -> str:
    """The text of a value; what cannot be read becomes U+FFFD.

    Args:
        value: Bytes of the value.
        charset: Value of Specific Character Set (0008,0005) of the data set; empty where it has none.
    """
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    terms = _terms(charset)
    if len(terms) == 1 or b"\x1b" not in value:
        return value.decode(CODECS[terms[0]], "replace")
    first, *rest = _ESCAPE.split(value)
    parts = [first.decode(CODECS[terms[0]], "replace")]
    parts += [_part(escape, part, terms) for escape, part in zip(rest[::2], rest[1::2], strict=True)]
    return "".join(parts)


def _part(escape: bytes, part: bytes, terms: Sequence[str]) -> str:
    term = _BY_ESCAPE.get(escape[1:], terms[0])
    shifted = escape if term in _SHIFTED else b""
    return (shifted + part).decode(CODECS[term], "replace")


@lru_cache(maxsize=64)
def _terms(charset: bytes) -> tuple[str, ...]:
    said = [_PREFIX.sub("", term.strip()) for term in charset.decode("latin-1").split("\\")]
    return tuple(term if term in CODECS else "IR 6" for term in said)
