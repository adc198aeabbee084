"""An object in another transfer syntax: Explicit VR Little Endian, which web clients get when they ask for no other.

PS3.18 section 8.7.3.4; values longer than their representation can hold are written as UN (note 3 there).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from struct import Struct, pack

from oncommons.imaging.elements import Dataset, Element
from oncommons.imaging.frames import PIXEL_TAGS, layout_of, native
from oncommons.imaging.pieces import Piece, Span, chunks_of
from oncommons.imaging.syntax import EXPLICIT_LITTLE, LONG_VRS, file_pieces

Decoded = tuple[bytes, Mapping[int, bytes]]
"""All frames of an object, native, and the attributes that change with that: tag to value in little endian."""
_UNDEFINED = pack("<I", 0xFFFFFFFF)
_ITEM = pack("<HH", 0xFFFE, 0xE000) + _UNDEFINED
_ITEM_END, _SEQUENCE_END = pack("<HHI", 0xFFFE, 0xE00D, 0), pack("<HHI", 0xFFFE, 0xE0DD, 0)
_LONGEST_SHORT = 0xFFFE
_SHORT, _LONG = Struct("<H"), Struct("<I")
_SOP_CLASS, _SOP = 0x00080016, 0x00080018
_OFFSETS = frozenset({0x7FE00001, 0x7FE00002})
_BYTE = 8


def to_explicit(dataset: Dataset, decoded: Callable[[], Decoded]) -> bytes:
    """The bytes of :func:`explicit_pieces`."""
    return b"".join(chunks_of(explicit_pieces(dataset, decoded)))


def explicit_pieces(dataset: Dataset, decoded: Callable[[], Decoded]) -> list[Piece]:
    """The same object as a file in Explicit VR Little Endian, in pieces; native pixels stay where they are.

    Args:
        dataset: The data set of a file.
        decoded: Called where the pixels are compressed.
    """
    pixels: bytes | None = None
    changed: Mapping[int, bytes] = {}
    for tag in PIXEL_TAGS:
        if tag in dataset and dataset.elements[tag].fragments is not None:
            pixels, changed = decoded()
    parts: list[Piece] = []
    _write(dataset, parts, pixels, changed)
    return file_pieces(EXPLICIT_LITTLE, _uid(dataset, _SOP_CLASS), _uid(dataset, _SOP), parts)


def explicit_parts(dataset: Dataset) -> list[Piece]:
    """A data set alone, or what was read of it, in Explicit VR Little Endian; its pixels stay as they are."""
    parts: list[Piece] = []
    _write(dataset, parts, None, {})
    return parts


def _uid(dataset: Dataset, tag: int) -> bytes:
    return dataset.raw(tag).strip(b"\0 ")


def _write(dataset: Dataset, parts: list[Piece], pixels: bytes | None, changed: Mapping[int, bytes]) -> None:
    """Write a data set, or an item, behind what was written before."""
    for tag, element in dataset.elements.items():
        if element.items is not None:
            parts.append(_head(tag, "SQ")[0] + _UNDEFINED)
            for item in dataset.items_of(element):
                parts.append(_ITEM)
                _write(item, parts, None, {})
                parts.append(_ITEM_END)
            parts.append(_SEQUENCE_END)
        elif tag in PIXEL_TAGS:
            parts += _pixels(dataset, element, pixels)
        elif tag & 0xFFFF and not (tag in _OFFSETS and pixels is not None):
            value = changed[tag] if tag in changed else dataset.little(element)
            parts.append(_plain(tag, element.vr, value))


def _pixels(dataset: Dataset, element: Element, pixels: bytes | None) -> list[Piece]:
    if pixels is None and not dataset.big:
        value: Piece = Span(dataset.data, element.start, element.end)
    else:
        value = native(dataset, element) if pixels is None else pixels
    vr = element.vr if pixels is None else "OW" if layout_of(dataset).allocated > _BYTE else "OB"
    odd = len(value) % 2
    return [_head(element.tag, vr)[0] + _LONG.pack(len(value) + odd), value, b"\0" * odd]


def _plain(tag: int, vr: str, value: bytes) -> bytes:
    if len(value) % 2:
        value += b"\0" if vr in {"UI", "OB", "UN"} else b" "
    head, length = _head(tag, vr)
    if len(value) > _LONGEST_SHORT and length is _SHORT:
        head, length = _head(tag, "UN")
    return head + length.pack(len(value)) + value


@lru_cache(maxsize=4096)
def _head(tag: int, vr: str) -> tuple[bytes, Struct]:
    """Tag and value representation of an element as they are written, and how its length is."""
    name = vr.encode("ascii")
    long = name in LONG_VRS
    return pack("<HH", tag >> 16, tag & 0xFFFF) + name + (b"\0\0" if long else b""), _LONG if long else _SHORT
