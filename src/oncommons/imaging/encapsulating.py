"""Native pixel data of a file taken out, and put back as encapsulated ones (PS3.5 annex A.4), one fragment a frame.

All else of the file stays as it is; one in Implicit VR is written in Explicit VR, which every compressed transfer syntax
asks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from struct import pack

from oncommons.imaging.elements import read_elements
from oncommons.imaging.explicit import explicit_parts
from oncommons.imaging.frames import Layout, layout_of
from oncommons.imaging.pieces import Piece, Span, chunks_of
from oncommons.imaging.syntax import EXPLICIT_LITTLE, IMPLICIT_LITTLE, Opened, file_head, open_file, open_head
from oncommons.schema.errors import ImageError

LARGEST_FRAME = 10 * 1024 * 1024
"""Bytes of the largest native frame that is compressed; the codec needs five times as many bytes of memory."""
LARGEST_REST = 8 * 1024 * 1024
"""Bytes that a file may have besides its pixel data."""
_MOST_OFFSET = 0xFFFFFFFF
_BEFORE = 0x7FE0000F
"""The last tag before the pixel data."""
_TAG, _PIXELS = 0x7FE00010, pack("<HH", 0x7FE0, 0x0010)
_HEADS = {IMPLICIT_LITTLE: 8, EXPLICIT_LITTLE: 12}
"""Bytes of the head of native pixel data, tag to length, by transfer syntax."""
_ENCAPSULATED = _PIXELS + b"OB\0\0" + pack("<I", 0xFFFFFFFF)
_ITEM, _END = pack("<HH", 0xFFFE, 0xE000), pack("<HHI", 0xFFFE, 0xE0DD, 0)
_HIGH_BIT, _SOP = 0x00280102, 0x00080018
_BYTE = 8
_ODD = 2


@dataclass(frozen=True)
class Native:
    """A file with native pixel data, taken apart.

    Attributes:
        before: Its data set before the pixel data, in Explicit VR Little Endian.
        pixels: The pixel data.
        after: Its data set after them, likewise.
        layout: How the pixels are described.
        high_bit: The highest bit that is used of a sample.
        sop_class: UID of what it is.
        sop: SOP Instance UID.
    """

    before: Sequence[Piece]
    pixels: Span
    after: Sequence[Piece]
    layout: Layout
    high_bit: int
    sop_class: bytes
    sop: bytes

    @property
    def frame_size(self) -> int:
        """Bytes of a frame; none where frames do not begin at bytes."""
        bits = self.layout.frame_bits
        return 0 if bits % _BYTE else bits // _BYTE

    def frames(self) -> Iterator[bytes]:
        """The frames, one after the other."""
        data, size, start = self.pixels.data, self.frame_size, self.pixels.start
        for number in range(self.layout.frames):
            yield bytes(data[start + number * size : start + (number + 1) * size])


def native_of(pieces: Sequence[Piece], syntax: bytes) -> Native | None:
    """A file taken apart at its pixel data; nothing where it has none that could be encapsulated frame by frame.

    Args:
        pieces: The file.
        syntax: UID of its transfer syntax.
    """
    if syntax not in _HEADS:
        return None
    if len(pieces) == 1 and isinstance(pieces[0], bytes):
        pieces = _cut(pieces[0])
    spans = [n for n, piece in enumerate(pieces) if isinstance(piece, Span)]
    if not spans:
        return None
    at = max(spans, key=lambda n: len(pieces[n]))
    pixels, rest = pieces[at], [*pieces[:at], *pieces[at + 1 :]]
    if sum(map(len, rest)) > LARGEST_REST:
        return None
    before, after = b"".join(chunks_of(pieces[:at])), b"".join(chunks_of(pieces[at + 1 :]))
    head = before[-_HEADS[syntax] :]
    if not isinstance(pixels, Span) or head[:4] != _PIXELS or head[-4:] != pack("<I", len(pixels)):
        return None
    try:
        found = _apart(before[: -len(head)], pixels, after, syntax)
    except ImageError:  # the pixels lie in a sequence, such as those of an icon
        return None
    whole = found.layout.frames * found.frame_size
    fits = 0 < whole <= len(pixels) < whole + _ODD and found.frame_size <= LARGEST_FRAME
    return found if fits else None


def _cut(content: bytes) -> Sequence[Piece]:
    """A file that is in one, with its pixel data as a piece of their own."""
    found = read_elements(open_file(content)).elements.get(_TAG)
    if found is None or found.fragments is not None:
        return [content]
    return [content[: found.start], Span(content, found.start, found.end), content[found.end :]]


def _apart(before: bytes, pixels: Span, after: bytes, syntax: bytes) -> Native:
    outside = open_head(before)
    dataset = read_elements(outside, _BEFORE)
    parts: tuple[Sequence[Piece], Sequence[Piece]] = [before[outside.start :]], [after]
    if syntax == IMPLICIT_LITTLE:
        parts = explicit_parts(dataset), explicit_parts(read_elements(Opened(syntax, b"", after, 0)))
    layout = layout_of(dataset)
    high_bit = dataset.whole(_HIGH_BIT, layout.stored - 1)
    sop = dataset.raw(_SOP).strip(b"\0 ")
    return Native(parts[0], pixels, parts[1], layout, high_bit, outside.sop_class, sop)


def encapsulated(native: Native, syntax: bytes, lengths: Sequence[int], fragments: Sequence[Piece]) -> list[Piece]:
    """A file again, with compressed frames in the place of its native ones; nothing where these are not longer.

    Args:
        native: The file, taken apart.
        syntax: UID of its new transfer syntax.
        lengths: Bytes of each frame, in their order, as :func:`fragment` gives them.
        fragments: The frames as :func:`fragment` gives them, in any number of pieces.
    """
    offsets = [0, *accumulate(lengths)]
    table = pack(f"<{len(lengths)}I", *offsets[:-1]) if offsets[-1] <= _MOST_OFFSET else b""
    start = [_ENCAPSULATED, _ITEM, pack("<I", len(table)), table]
    if sum(map(len, start)) + offsets[-1] + len(_END) >= len(native.pixels):
        return []
    return [
        file_head(syntax, native.sop_class, native.sop),
        *native.before,
        b"".join(start),
        *fragments,
        _END,
        *native.after,
    ]


def fragment(frame: bytes) -> bytes:
    """A compressed frame as an item of encapsulated pixel data, of even length."""
    padded = frame + b"\0" * (len(frame) % 2)
    return _ITEM + pack("<I", len(padded)) + padded
