"""Comments and metadata inside compressed pixel data, blanked in place.

JPEG (ISO/IEC 10918-1 annex B), JPEG-LS (ISO/IEC 14495-1 annex C) and JPEG 2000 (ISO/IEC 15444-1 annex A) carry
segments that no decoder needs, and bytes may follow their end.  They become zero and all lengths stay, so no offset
has to be changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice, pairwise
from struct import error, unpack, unpack_from

_START, _SCAN, _END = 0xFFD8, 0xFFDA, 0xFFD9
_COMMENT = 0xFFFE
_APPLICATION = range(0xFFE0, 0xFFF0)
_NEEDED = (b"JFIF\0", b"Adobe", b"mrfx")
"""Application segments that tell how to read colours; only their known bytes are kept."""
_NEEDED_BYTES = 14
_START_2000, _TILE_2000, _DATA_2000, _COMMENT_2000 = 0xFF4F, 0xFF90, 0xFF93, 0xFF64
_STARTS = frozenset({_START, _START_2000})
_TILE_BYTES = 12
_ALONE = frozenset(range(0xFFD0, 0xFFD8)) | {0xFF01}
_FILL = 0xFFFF
_NEXT_MARKER = re.compile(rb"\xff[\x80-\xcf\xd8-\xfe]")
"""What ends a scan; in its data, 0xFF is followed by less than 0x80 or by a restart."""


Item = tuple[bytes, bytes]
"""Header and value of an item."""


def blanked(items: bytes) -> bytes:
    """Encapsulated pixel data, each frame without its comments and metadata; the lengths stay.

    An offset table that does not hold offsets is left out.

    Args:
        items: All items, from the basic offset table to the sequence delimiter (PS3.5 annex A.4).
    """
    parts: list[bytes] = []
    found = _items(items)
    for head, value in islice(found, 1):
        parts += [head, value] if _is_table(value, len(items)) else [head[:4] + bytes(4)]
    for frame in _frames(found):
        whole = without_comments(b"".join(value for _, value in frame))
        at = 0
        for head, value in frame:
            parts += [head, whole[at : at + len(value)]]
            at += len(value)
    return b"".join(parts)


def without_comments(frame: bytes) -> bytes:
    """A frame with its comments and metadata blanked; what is not JPEG comes back as it is.

    Args:
        frame: One fragment of encapsulated pixel data (PS3.5 annex A.4), or several joined.
    """
    first = _first(frame)
    if first not in _STARTS:
        return frame
    cleaned = bytearray(frame)
    with suppress(error):  # cut short
        end = (_jpeg if first == _START else _jpeg_2000)(frame, cleaned)
        cleaned[end:] = bytes(len(cleaned) - end)
    return bytes(cleaned)


def _items(items: bytes) -> Iterator[Item]:
    at = 0
    while at + 8 <= len(items):
        (length,) = unpack_from("<I", items, at + 4)
        yield items[at : at + 8], items[at + 8 : at + 8 + length]
        at += 8 + length


def _frames(items: Iterator[Item]) -> Iterator[list[Item]]:
    """Items that belong together: one that begins a picture of JPEG, and those after it up to the next one."""
    frame: list[Item] = []
    for item in items:
        if frame and (_first(frame[0][1]) not in _STARTS or _first(item[1]) in _STARTS or not item[1]):
            yield frame
            frame = []
        frame.append(item)
    if frame:
        yield frame


def _first(data: bytes) -> int:
    return int.from_bytes(data[:2], "big") if len(data) >= 4 else 0  # noqa: PLR2004


def _is_table(value: bytes, most: int) -> bool:
    if len(value) % 4:
        return False
    offsets = unpack(f"<{len(value) // 4}I", value)
    ascending = all(a < b for a, b in pairwise(offsets))
    return not offsets or (offsets[0] == 0 and ascending and offsets[-1] < most)


def _jpeg(frame: bytes, cleaned: bytearray) -> int:
    """Blank the comments of JPEG or JPEG-LS; gives the place after its end."""
    at = 2
    while True:
        (marker,) = unpack_from(">H", frame, at)
        if marker == _END:
            return at + 2
        if marker in _ALONE or marker == _FILL:
            at += 1 if marker == _FILL else 2
            continue
        (length,) = unpack_from(">H", frame, at + 2)
        end = at + 2 + length
        if marker == _SCAN or marker < 0xFF80:  # noqa: PLR2004  no marker: to the next one
            found = _NEXT_MARKER.search(frame, end if marker == _SCAN else at)
            at = found.start() if found else len(frame)
            continue
        _blank(cleaned, at + 4 + _kept(marker, frame[at + 4 : end]), end)
        at = end


def _jpeg_2000(frame: bytes, cleaned: bytearray) -> int:
    """Blank the comments of JPEG 2000 in its main header and in those of its tile-parts; gives the place after it."""
    at, next_tile = 2, 0
    while True:
        (marker,) = unpack_from(">H", frame, at)
        if marker == _END:
            return at + 2
        if marker == _TILE_2000:
            (size,) = unpack_from(">I", frame, at + 6)
            next_tile = at + size if size else max(frame.rfind(b"\xff\xd9"), at + _TILE_BYTES)
            at += _TILE_BYTES
        elif marker == _DATA_2000:
            at = max(next_tile, at + 2)
        else:
            (length,) = unpack_from(">H", frame, at + 2)
            if marker == _COMMENT_2000:
                _blank(cleaned, at + 6, at + 2 + length)
            at += 2 + length


def _blank(cleaned: bytearray, start: int, end: int) -> None:
    end = min(end, len(cleaned))
    if start < end:
        cleaned[start:end] = bytes(end - start)


def _kept(marker: int, segment: bytes) -> int:
    """How many bytes of a segment stay."""
    if marker == _COMMENT:
        return 0
    if marker in _APPLICATION:
        return min(_NEEDED_BYTES, len(segment)) if segment.startswith(_NEEDED) else 0
    return len(segment)
