"""Frames of pixel data: how they are described, where each lies, native or encapsulated (PS3.5 section 8 and annex A.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from struct import unpack_from
from types import MappingProxyType

from oncommons.imaging.elements import WORDS, Dataset, Element, turned
from oncommons.imaging.syntax import DEFLATED_LITTLE, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE
from oncommons.schema.errors import DamagedImage
from oncommons.schema.errors_of_protocols import NoPicture

NATIVE = frozenset(syntax.decode() for syntax in (IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG, DEFLATED_LITTLE))
"""Transfer syntaxes whose pixels are not compressed."""
MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "1.2.840.10008.1.2.5": "image/dicom-rle",
        "1.2.840.10008.1.2.4.50": "image/jpeg",
        "1.2.840.10008.1.2.4.51": "image/jpeg",
        "1.2.840.10008.1.2.4.57": "image/jpeg",
        "1.2.840.10008.1.2.4.70": "image/jpeg",
        "1.2.840.10008.1.2.4.80": "image/jls",
        "1.2.840.10008.1.2.4.81": "image/jls",
        "1.2.840.10008.1.2.4.90": "image/jp2",
        "1.2.840.10008.1.2.4.91": "image/jp2",
        "1.2.840.10008.1.2.4.92": "image/jpx",
        "1.2.840.10008.1.2.4.93": "image/jpx",
        "1.2.840.10008.1.2.4.100": "video/mpeg",
        "1.2.840.10008.1.2.4.101": "video/mpeg",
        "1.2.840.10008.1.2.4.102": "video/mp4",
        "1.2.840.10008.1.2.4.103": "video/mp4",
        "1.2.840.10008.1.2.4.104": "video/mp4",
        "1.2.840.10008.1.2.4.105": "video/mp4",
        "1.2.840.10008.1.2.4.106": "video/mp4",
        "1.2.840.10008.1.2.4.201": "image/jphc",
        "1.2.840.10008.1.2.4.202": "image/jphc",
        "1.2.840.10008.1.2.4.203": "image/jphc",
    }
)
"""Media type of a frame in each compressed transfer syntax (PS3.18 table 8.7.3-5)."""
LOSSY = frozenset(
    f"1.2.840.10008.1.2.4.{last}" for last in (50, 51, 81, 91, 93, 100, 101, 102, 103, 104, 105, 106, 203)
)
"""Transfer syntaxes that lose something; they are given as they are where nobody asks for another (PS3.18 8.7.3.4)."""
PIXEL_TAGS = (0x7FE00010, 0x7FE00008, 0x7FE00009)
_EXTENDED_OFFSETS = 0x7FE00001
_STARTS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51")
"""How a JPEG and a JPEG 2000 codestream begin."""
_BYTE = 8


@dataclass(frozen=True)
class Layout:
    """What the header says of the pixels (PS3.3 C.7.6.3).

    Attributes:
        rows: Rows of a frame.
        columns: Columns of a frame.
        samples: Samples per pixel.
        allocated: Bits that a sample takes.
        stored: Bits of it that are used.
        signed: Whether samples have a sign.
        photometric: Photometric interpretation.
        planar: Whether colours lie plane by plane.
        frames: Number of frames.
    """

    rows: int
    columns: int
    samples: int
    allocated: int
    stored: int
    signed: bool
    photometric: str
    planar: bool
    frames: int

    @property
    def frame_bits(self) -> int:
        """Bits of a native frame; with half the colours, two samples a pixel (PS3.3 C.7.6.3.1.2)."""
        samples = 2 if self.photometric == "YBR_FULL_422" else self.samples
        return self.rows * self.columns * samples * self.allocated


def layout_of(dataset: Dataset) -> Layout:
    """How the pixels of a data set are described."""
    allocated = dataset.whole(0x00280100)
    return Layout(
        rows=dataset.whole(0x00280010),
        columns=dataset.whole(0x00280011),
        samples=dataset.whole(0x00280002, 1),
        allocated=allocated,
        stored=dataset.whole(0x00280101, allocated),
        signed=dataset.whole(0x00280103) == 1,
        photometric=dataset.text(0x00280004),
        planar=dataset.whole(0x00280006) == 1,
        frames=max(dataset.whole(0x00280008, 1), 1),
    )


def pixel_element(dataset: Dataset) -> Element:
    """The element that holds the pixels.

    Raises:
        NoPicture: there is none.
    """
    for tag in PIXEL_TAGS:
        if tag in dataset:
            return dataset.elements[tag]
    raise NoPicture("The object has no pixels.")


def frame(dataset: Dataset, number: int, layout: Layout | None = None) -> bytes:
    """One frame as it lies in the file: native in little endian, or one compressed codestream.

    Args:
        dataset: The data set.
        number: Which frame, from 1 on.
        layout: How the data set describes its pixels, where that was read before.

    Raises:
        NoPicture: there is no such frame.
        DamagedImage: the pixel data end before it.
    """
    element, layout = pixel_element(dataset), layout or layout_of(dataset)
    if not 1 <= number <= layout.frames:
        raise NoPicture(f"There is no frame {number}; the object has {layout.frames}.")
    if element.fragments is None:
        return _native(dataset, element, layout, number)
    places = _places(dataset, element.fragments, layout.frames)
    return b"".join(dataset.data[start:end] for start, end in places[number - 1])


def native(dataset: Dataset, element: Element) -> bytes:
    """All native pixel data of an element in little endian."""
    value = dataset.data[element.start : element.end]
    return turned(value, _width(element, layout_of(dataset))) if dataset.big else value


def _width(element: Element, layout: Layout) -> int:
    """Bytes of what is turned round in big endian: a sample, or a word that holds two (PS3.5 annex A.3)."""
    return layout.allocated // _BYTE if layout.allocated > _BYTE else WORDS.get(element.vr, 1)


def _native(dataset: Dataset, element: Element, layout: Layout, number: int) -> bytes:
    bits = layout.frame_bits
    first = (number - 1) * bits
    start, end = first // _BYTE, -(-(first + bits) // _BYTE)
    if not bits or element.start + end > element.end:
        raise DamagedImage(f"The pixel data end before frame {number}.")
    if dataset.big:
        width = _width(element, layout)
        from_, to = start // width * width, -(-end // width) * width
        data = turned(dataset.data[element.start + from_ : element.start + to], width)[start - from_ :][: end - start]
    else:
        data = dataset.data[element.start + start : element.start + end]
    if first % _BYTE or bits % _BYTE:  # frames of single bits need not begin at a byte (PS3.5 section 8.1.1)
        whole = int.from_bytes(data, "little") >> first % _BYTE & (1 << bits) - 1
        return whole.to_bytes(-(-bits // _BYTE), "little")
    return data


Places = Sequence[tuple[int, int]]


def _places(dataset: Dataset, fragments: Places, frames: int) -> list[Places]:
    """Which fragments make up each frame: by the offset tables, else by number, else by how codestreams begin."""
    table, *parts = fragments
    if frames == 1:
        return [parts]
    if len(parts) == frames:
        return [[part] for part in parts]
    firsts = _offsets(dataset, table)
    if len(firsts) != frames:
        firsts = [n for n, (start, _) in enumerate(parts) if dataset.data[start : start + 4].startswith(_STARTS)]
    else:
        base = parts[0][0] - _BYTE
        by_offset = {start - _BYTE - base: n for n, (start, _) in enumerate(parts)}
        firsts = [by_offset.get(offset, -1) for offset in firsts]
    if len(firsts) != frames or firsts[0] != 0 or any(a >= b for a, b in pairwise(firsts)):
        raise DamagedImage("It cannot be told which pieces of the pixel data make up a frame.")
    return [parts[a:b] for a, b in pairwise([*firsts, len(parts)])]


def _offsets(dataset: Dataset, table: tuple[int, int]) -> list[int]:
    """Offsets of the frames from the first item, from the extended or the basic offset table."""
    extended = dataset.raw(_EXTENDED_OFFSETS)
    if extended:
        return list(unpack_from(f"<{len(extended) // 8}Q", extended))
    basic = dataset.data[table[0] : table[1]]
    return list(unpack_from(f"<{len(basic) // 4}I", basic))
