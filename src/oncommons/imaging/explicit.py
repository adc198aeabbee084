"""An object in another transfer syntax: Explicit VR Little Endian, which web clients get when they ask for no other.

PS3.18 section 8.7.3.4; values longer than their representation can hold are written as UN (note 3 there).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from struct import pack

from oncommons.imaging.elements import Dataset, Element
from oncommons.imaging.frames import PIXEL_TAGS, layout_of, native
from oncommons.imaging.syntax import EXPLICIT_LITTLE, LONG_VRS, write_file

Decoded = tuple[bytes, Mapping[int, bytes]]
"""All frames of an object, native, and the attributes that change with that: tag to value in little endian."""
_UNDEFINED = pack("<I", 0xFFFFFFFF)
_ITEM = pack("<HH", 0xFFFE, 0xE000) + _UNDEFINED
_ITEM_END, _SEQUENCE_END = pack("<HHI", 0xFFFE, 0xE00D, 0), pack("<HHI", 0xFFFE, 0xE0DD, 0)
_LONGEST_SHORT = 0xFFFE
_SOP_CLASS, _SOP = 0x00080016, 0x00080018
_OFFSETS = frozenset({0x7FE00001, 0x7FE00002})
_BYTE = 8


def to_explicit(dataset: Dataset, decoded: Callable[[], Decoded]) -> bytes:
    """The same object as a file in Explicit VR Little Endian.

    Args:
        dataset: The data set of a file.
        decoded: Called where the pixels are compressed.
    """
    pixels: bytes | None = None
    changed: Mapping[int, bytes] = {}
    for tag in PIXEL_TAGS:
        if tag in dataset and dataset.elements[tag].fragments is not None:
            pixels, changed = decoded()
    parts = list(_dataset(dataset, pixels, changed))
    return write_file(EXPLICIT_LITTLE, _uid(dataset, _SOP_CLASS), _uid(dataset, _SOP), parts)


def _uid(dataset: Dataset, tag: int) -> bytes:
    return dataset.raw(tag).strip(b"\0 ")


def _dataset(dataset: Dataset, pixels: bytes | None, changed: Mapping[int, bytes]) -> Iterator[bytes]:
    for tag, element in dataset.elements.items():
        if element.items is not None:
            yield _head(tag, "SQ") + _UNDEFINED
            for item in dataset.items_of(element):
                yield _ITEM
                yield from _dataset(item, None, {})
                yield _ITEM_END
            yield _SEQUENCE_END
        elif tag in PIXEL_TAGS:
            yield from _pixels(dataset, element, pixels)
        elif tag & 0xFFFF and not (tag in _OFFSETS and pixels is not None):
            yield from _plain(tag, element.vr, changed.get(tag, dataset.little(element)))


def _pixels(dataset: Dataset, element: Element, pixels: bytes | None) -> Iterator[bytes]:
    value = native(dataset, element) if pixels is None else pixels
    vr = element.vr if pixels is None else "OW" if layout_of(dataset).allocated > _BYTE else "OB"
    yield from _plain(element.tag, vr, value)


def _plain(tag: int, vr: str, value: bytes) -> Iterator[bytes]:
    value += (b"\0" if vr in {"UI", "OB", "UN"} else b" ") * (len(value) % 2)
    long = vr.encode("ascii") in LONG_VRS
    if len(value) > _LONGEST_SHORT and not long:
        vr, long = "UN", True
    yield _head(tag, vr) + (pack("<I", len(value)) if long else pack("<H", len(value)))
    yield value


def _head(tag: int, vr: str) -> bytes:
    name = vr.encode("ascii")
    return pack("<HH", tag >> 16, tag & 0xFFFF) + name + (b"\0\0" if name in LONG_VRS else b"")
