"""Comments and metadata inside compressed pixel data, blanked in place.

JPEG (ISO/IEC 10918-1 annex B), JPEG-LS (ISO/IEC 14495-1 annex C) and JPEG 2000 (ISO/IEC 15444-1 annex A) carry
segments that no decoder needs.  Their bytes become zero and their lengths stay, so no offset has to be changed.
"""

from __future__ import annotations

from struct import unpack_from

_START, _SCAN, _END = 0xFFD8, 0xFFDA, 0xFFD9
_COMMENT = 0xFFFE
_APPLICATION = range(0xFFE0, 0xFFF0)
_NEEDED = (b"JFIF\0", b"Adobe", b"mrfx")
"""Application segments that tell how to read colours; only their known bytes are kept."""
_NEEDED_BYTES = 14
_START_2000, _TILE_2000, _COMMENT_2000 = 0xFF4F, 0xFF90, 0xFF64
_ALONE = range(0xFFD0, 0xFFD8)


def blanked(items: bytes) -> bytes:
    """Encapsulated pixel data, each fragment without its comments and metadata; the lengths stay.

    Args:
        items: All items, from the basic offset table to the sequence delimiter (PS3.5 annex A.4).
    """
    parts, at = [], 0
    while at + 8 <= len(items):
        (length,) = unpack_from("<I", items, at + 4)
        parts += [items[at : at + 8], without_comments(items[at + 8 : at + 8 + length])]
        at += 8 + length
    return b"".join(parts)


def without_comments(fragment: bytes) -> bytes:
    """A fragment of encapsulated pixel data with its comments and metadata blanked; others come back as they are.

    Args:
        fragment: One item of encapsulated pixel data (PS3.5 annex A.4).
    """
    if len(fragment) < 4:  # noqa: PLR2004
        return fragment
    (first,) = unpack_from(">H", fragment)
    if first not in {_START, _START_2000}:
        return fragment
    blanked = bytearray(fragment)
    at = 2
    while at + 4 <= len(fragment):
        marker, length = unpack_from(">HH", fragment, at)
        if marker in {_SCAN, _END, _TILE_2000} or marker < 0xFF00:  # noqa: PLR2004
            break
        if marker in _ALONE or marker == 0xFFFF:  # noqa: PLR2004  no segment follows; fill bytes
            at += 1 if marker == 0xFFFF else 2  # noqa: PLR2004
            continue
        end = min(at + 2 + length, len(fragment))
        start = at + 4 + _kept(marker, fragment[at + 4 : end], first)
        if start < end:
            blanked[start:end] = bytes(end - start)
        at = end
    return bytes(blanked)


def _kept(marker: int, segment: bytes, first: int) -> int:
    """How many bytes of a segment stay."""
    if first == _START_2000:
        return 2 if marker == _COMMENT_2000 else len(segment)
    if marker == _COMMENT:
        return 0
    if marker in _APPLICATION:
        return min(_NEEDED_BYTES, len(segment)) if segment.startswith(_NEEDED) else 0
    return len(segment)
