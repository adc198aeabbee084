"""The second look: whether anything of this patient is left in what is about to be kept.

It knows nothing of tags that are safe or not.  It takes the values that were replaced, and looks for them in every
byte, because makers put a patient's number where no table expects it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import cast

from oncommons.imaging.deid.terms import is_known
from oncommons.imaging.pieces import CHUNK, Data, Piece, Span, joined

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
    {b"anonymous", b"anonymized", b"none", b"unknown", b"removed", b"patient", b"test", b"mri", b"the", b"prof", b""}
)
_SHORT_DIGITS = 6
_NUMERIC = b"0123456789."
_MARGIN = 26
"""Bytes on each side of a token that say whether it stands there by chance."""
_STRETCH = 128 * 1024
"""Bytes of pixel data that are looked at in one go; they stay in the processor's cache."""
_SHARED = 16
"""Bytes of the beginning that tokens are grouped by; UIDs of one maker have it in common, and it is looked for once."""

Groups = Mapping[bytes, Sequence[bytes]]
"""Tokens by their beginning."""


def grouped(tokens: Iterable[bytes]) -> Groups:
    """Tokens by their beginning."""
    groups: dict[bytes, list[bytes]] = {}
    for token in tokens:
        groups.setdefault(token[:_SHARED], []).append(token)
    return groups


def holds(groups: Groups, small: bytes) -> bool:
    """Whether one of the tokens is found in bytes in small letters."""
    return any(head in small and any(occurs(token, small) for token in group) for head, group in groups.items())


def occurs(token: bytes, small: bytes, margin: int = 0) -> bool:
    """Whether a token is found in bytes in small letters, and not by chance.

    A short number counts only where it stands as a number alone: patient 1024 is not found in an intercept of -1024 nor
    in 1024.5, but in "scan 1024".  A name counts everywhere but inside a longer word that is known to be harmless: Mary
    is not found in PRIMARY, but in "scanMary" and in "Mary".

    Args:
        token: What to look for.
        small: Where.
        margin: Bytes at both ends that are there only to tell what stands round it.
    """
    if token not in small:
        return False
    if token.isdigit() and len(token) < _SHORT_DIGITS:
        found: Iterable[re.Match[bytes]] = _alone(token).finditer(small)
    elif token.isalpha():
        found = (one for one in _around(token).finditer(small) if one[0] == token or not _harmless(one[0]))
    else:
        return True
    return any(margin <= one.start(1) and one.end(1) <= len(small) - margin for one in found)


@lru_cache(maxsize=4096)
def _alone(number: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?<![\d.+-])(" + number + rb")(?![\d.])")


@lru_cache(maxsize=4096)
def _around(name: bytes) -> re.Pattern[bytes]:
    """A name and the word round it, as far as a harmless one could reach; so no long word costs long.

    The word ends before a letter that is followed by a zero: such begins the next element (group 0062 is ``b``).
    """
    end = rb"(?:[a-z0-9]{0,24}?(?=[^a-z0-9]|[a-z0-9]\0|\Z)|[a-z0-9]{24})"
    return re.compile(rb"[a-z0-9]{0,24}(" + name + rb")" + end)


def _harmless(word: bytes) -> bool:
    return word in _EVERYBODY or is_known(word)


def tokens_in(tag: int, vr: str, raw: bytes) -> frozenset[bytes]:
    """What a value that does not stay would tell of who the patient is, in small letters.

    Args:
        tag: The attribute.
        vr: Its value representation.
        raw: The value.
    """
    value = raw.strip(b"\0 ").lower()
    found: Iterable[bytes] = ()
    if vr == "PN":
        found = (p for p in _NAME_PARTS.split(value) if len(p) >= _SHORTEST_NAME)
    elif vr == "DA":
        found = (d for d in value.split(b"\\") if len(d) == _DATE_DIGITS)
    elif vr == "UI":
        found = (u.strip(b"\0 ") for u in value.split(b"\\") if not u.startswith(b"1.2.840.10008."))
    elif tag in IDENTIFIERS:
        found = (v.strip() for v in value.split(b"\\") if len(v.strip()) >= _SHORTEST_NUMBER)
    return frozenset(found) - _EVERYBODY


def left_over(left: Sequence[Piece], pixels: Iterable[Sequence[Piece]], tokens: frozenset[bytes]) -> frozenset[bytes]:
    """Those of the tokens that are found in what is about to be kept.

    Args:
        left: Its bytes that were in the file, in pieces.
        pixels: Pixel data, in pieces; short tokens occur there by chance and are not looked for.
        tokens: What to look for, in small letters.
    """
    found = {token for small in _texts(left, tokens) for token in _among(tokens, small)}
    long = [token for token in tokens if len(token) >= _SHORTEST_IN_PIXELS and token not in found]
    for pieces in pixels if long else ():
        found |= _in_pixels(pieces, long)
    return frozenset(found)


def _among(tokens: Iterable[bytes], small: bytes) -> Iterator[bytes]:
    """Tokens that are found in bytes in small letters; few are, so their beginnings are looked for first."""
    return (token for token in _begun(tokens, small) if occurs(token, small, _MARGIN))


def _begun(tokens: Iterable[bytes], where: bytes) -> Iterable[bytes]:
    """Tokens whose beginning is found, and perhaps others; several have the same, and mostly none is found."""
    heads = tuple([head for head in {token[:_SHARED] for token in tokens} if head in where])
    return [token for token in tokens if token.startswith(heads)] if heads else ()


def _texts(left: Sequence[Piece], tokens: Collection[bytes]) -> Iterator[bytes]:
    """All bytes in small letters with a margin round them; in stretches where they are many.

    What stands in the margin of a stretch stands within another one.
    """
    margin = b" " * _MARGIN
    if set(map(type, left)) <= {bytes} and sum(map(len, left)) <= CHUNK:
        yield b"".join([margin, *cast("Sequence[bytes]", left), margin]).lower()
        return
    reach = max(map(len, tokens), default=0) + 2 * _MARGIN
    for data, start, end in _stretches(joined(chain([margin], left, [margin]), _STRETCH), CHUNK, reach):
        yield data[start:end].lower()


def _stretches(pieces: Iterable[Piece], size: int, reach: int) -> Iterator[tuple[Data, int, int]]:
    """Stretches of bytes in pieces; whatever is not longer than their reach lies whole in one of them."""
    before = b""
    for piece in pieces:
        data, first, last = (piece.data, piece.start, piece.end) if isinstance(piece, Span) else (piece, 0, len(piece))
        if before:
            seam = before + data[first : min(first + reach, last)]
            yield seam, 0, len(seam)
        for start in range(first, last, size):
            yield data, start, min(start + size + reach, last)
        before = (before + data[max(first, last - reach) : last])[-reach:]


def _in_pixels(pieces: Iterable[Piece], tokens: Sequence[bytes]) -> set[bytes]:
    """Those of the tokens that are found in small letters, in capitals, or with capitals at the beginning of words."""
    shortest, longest = min(map(len, tokens)), max(map(len, tokens))
    letters = b"".join(tokens)
    characters = _characters(frozenset((letters + letters.upper()).translate(None, _NUMERIC)))
    found: set[bytes] = set()
    forms: dict[bytes, bytes] = {}
    for data, start, end in _stretches(pieces, _STRETCH, longest):
        if _possible(data, start, end, shortest, characters):
            forms = forms or _forms(tokens)
            cut = data[start:end]
            found |= {forms[form] for form in _begun(forms, cut) if form in cut}
    return found


def _forms(tokens: Iterable[bytes]) -> dict[bytes, bytes]:
    """The ways in which tokens may be written, and the token of each."""
    forms = {token: token for token in tokens}
    for token in tokens:
        forms |= {token.upper(): token, token.title(): token}
    return forms


def _possible(data: Data, start: int, end: int, shortest: int, characters: bytes) -> bool:
    """Whether any of the forms can be there, judged by which characters they have; never wrongly no.

    What is as long as the shortest form covers one of the bytes that are looked at.  They lie at odd places, where
    the values of most images, of two bytes with the lower first, have no letters and digits.
    """
    if data[start + 1 : end : shortest & ~1].translate(characters).find(1) < 0:
        return False
    return data[start:end].translate(characters).rfind(b"\1" * shortest) >= 0


@lru_cache(maxsize=64)
def _characters(among: frozenset[int]) -> bytes:
    """A table that makes these bytes, digits and points one and all others zero."""
    return bytes(c in among or c in _NUMERIC for c in range(256))
