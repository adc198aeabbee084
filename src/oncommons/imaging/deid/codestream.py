"""Comments and metadata inside compressed pixel data, blanked in place.

JPEG (ISO/IEC 10918-1 annex B), JPEG-LS (ISO/IEC 14495-1 annex C) and JPEG 2000 (ISO/IEC 15444-1 annex A) carry
segments that no decoder needs, and bytes may follow their end.  They become zero and all lengths stay, so no offset
has to be changed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import accumulate, chain, islice, pairwise
from struct import error, unpack, unpack_from

from oncommons.imaging.pieces import CHUNK, Data, Piece, Span, Zeros
from oncommons.schema.errors import ImageTooLarge

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
_MOST_PIECES = 131_072
_LARGEST_TABLE = 4 * 1024 * 1024
_NEXT_MARKER = re.compile(rb"\xff[\x80-\xcf\xd8-\xfe]")
"""What ends a scan; in its data, 0xFF is followed by less than 0x80 or by a restart."""


Place = tuple[int, int]
"""Where something begins and ends in a file."""


def blanked(items: Span) -> list[Piece]:
    """Encapsulated pixel data, each frame without its comments and metadata; the lengths stay.

    An offset table that does not hold offsets is left out.

    Args:
        items: All items, from the basic offset table to the sequence delimiter (PS3.5 annex A.4).

    Raises:
        ImageTooLarge: there are more comments, or more fragments of one frame, than can be remembered.
    """
    pieces: list[Piece] = []
    data, at, found = items.data, items.start, _items(items)
    for start, end in islice(found, 1):
        if not _is_table(data, start, end, len(items)):
            pieces.append(data[at : at + 4] + bytes(4))
            at = end
    for start, end in chain.from_iterable(_comments(Frame(data, frame)) for frame in _frames(data, found)):
        pieces += [Span(data, at, start), Span(Zeros(end - start), 0, end - start)]
        at = end
        if len(pieces) > _MOST_PIECES:
            raise ImageTooLarge("Its compressed pixel data hold too many comments.")
    return [*pieces, Span(data, at, items.end)]


class Frame:
    """The bytes of a frame, which may lie in several fragments."""

    def __init__(self, data: Data, fragments: Sequence[Place]) -> None:
        self.data, self.fragments = data, fragments
        self.ends = list(accumulate(end - start for start, end in fragments))

    def __len__(self) -> int:
        return self.ends[-1]

    def __getitem__(self, where: slice, /) -> bytes:
        start, stop, _ = where.indices(len(self))
        return b"".join(self.data[begin:end] for begin, end in self.places(start, stop))

    def places(self, start: int, stop: int) -> Iterator[Place]:
        """Where the bytes from one place in the frame to another lie in the file."""
        i = bisect_right(self.ends, start)
        while start < stop:
            begin, end = self.fragments[i]
            here = begin + start - (self.ends[i] - (end - begin))
            yield here, min(here + stop - start, end)
            start, i = self.ends[i], i + 1

    def find(self, pattern: re.Pattern[bytes], at: int) -> int:
        """Where two bytes are found from a place on; the end of the frame if they are not."""
        for start in range(at, len(self), CHUNK):
            if found := pattern.search(self[start : start + CHUNK + 1]):
                return start + found.start()
        return len(self)

    def last(self, mark: bytes) -> int:
        """Where two bytes are found for the last time; -1 if they are not."""
        for stop in range(len(self), 0, -CHUNK):
            start = max(0, stop - CHUNK)
            found = self[start : stop + 1].rfind(mark)
            if found >= 0:
                return start + found
        return -1


def _items(items: Span) -> Iterator[Place]:
    """Where the values of the items lie."""
    at = items.start
    while at + 8 <= items.end:
        (length,) = unpack_from("<I", items.data[at : at + 8], 4)
        yield at + 8, at + 8 + length
        at += 8 + length


def _frames(data: Data, items: Iterable[Place]) -> Iterator[list[Place]]:
    """Items that belong together: one that begins a picture of JPEG, and those after it up to the next one."""
    frame: list[Place] = []
    for item in items:
        begins = _first(data, item) in _STARTS
        if frame and (begins or item[0] == item[1]):
            yield frame
            frame = []
        if frame or begins:
            frame.append(item)
        if len(frame) > _MOST_PIECES:
            raise ImageTooLarge("One of its compressed frames lies in too many fragments.")
    if frame:
        yield frame


def _first(data: Data, item: Place) -> int:
    start, end = item
    return int.from_bytes(data[start : start + 2], "big") if end - start >= 4 else 0  # noqa: PLR2004


def _is_table(data: Data, start: int, end: int, most: int) -> bool:
    if (end - start) % 4 or end - start > _LARGEST_TABLE:
        return False
    offsets = unpack(f"<{(end - start) // 4}I", data[start:end])
    ascending = all(a < b for a, b in pairwise(offsets))
    return not offsets or (offsets[0] == 0 and ascending and offsets[-1] < most)


def _comments(frame: Frame) -> Iterator[Place]:
    """Where a frame has what no decoder needs, in the file."""
    first = _first(frame.data, frame.fragments[0])
    if first not in _STARTS:
        return
    with suppress(error):  # cut short
        for start, end in (_jpeg if first == _START else _jpeg_2000)(frame):
            yield from frame.places(start, min(end, len(frame)))


def _jpeg(frame: Frame) -> Iterator[Place]:
    """The comments of JPEG or JPEG-LS, and what comes after its end."""
    at = 2
    while True:
        (marker,) = unpack(">H", frame[at : at + 2])
        if marker == _END:
            yield at + 2, len(frame)
            return
        if marker in _ALONE or marker == _FILL:
            at += 1 if marker == _FILL else 2
            continue
        (length,) = unpack(">H", frame[at + 2 : at + 4])
        end = at + 2 + length
        if marker == _SCAN or marker < 0xFF80:  # noqa: PLR2004  no marker: to the next one
            at = frame.find(_NEXT_MARKER, end if marker == _SCAN else at)
            continue
        yield at + 4 + _kept(marker, frame[at + 4 : end]), end
        at = end


def _jpeg_2000(frame: Frame) -> Iterator[Place]:
    """The comments of JPEG 2000 in its main header and in those of its tile-parts, and what comes after its end."""
    at, next_tile = 2, 0
    while True:
        (marker,) = unpack(">H", frame[at : at + 2])
        if marker == _END:
            yield at + 2, len(frame)
            return
        if marker == _TILE_2000:
            (size,) = unpack(">I", frame[at + 6 : at + 10])
            next_tile = at + size if size else max(frame.last(b"\xff\xd9"), at + _TILE_BYTES)
            at += _TILE_BYTES
        elif marker == _DATA_2000:
            at = max(next_tile, at + 2)
        else:
            (length,) = unpack(">H", frame[at + 2 : at + 4])
            if marker == _COMMENT_2000:
                yield at + 6, at + 2 + length
            at += 2 + length


def _kept(marker: int, segment: bytes) -> int:
    """How many bytes of a segment stay."""
    if marker == _COMMENT:
        return 0
    if marker in _APPLICATION:
        return min(_NEEDED_BYTES, len(segment)) if segment.startswith(_NEEDED) else 0
    return len(segment)
