"""Wanted attributes of a file, read byte by byte, without the pixels and no further than needed.

Elements that nobody asked for are stepped over by their length; those of undefined length by their items (PS3.5
section 7.5).  A file is read in windows of 64 KiB, most files in one.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from struct import Struct
from types import MappingProxyType

from oncommons.imaging.charsets import text_of
from oncommons.imaging.dictionary import vr_of
from oncommons.imaging.syntax import (
    DEFLATED_LITTLE,
    EXPLICIT_BIG,
    IMPLICIT_LITTLE,
    LONG_VRS,
    MOST_INFLATED,
    Opened,
    open_head,
)
from oncommons.imaging.tags import Tag
from oncommons.schema.errors import DamagedImage, ImageTooLarge

Read = Callable[[int, int], bytes]
"""Gives so many bytes from a place on, fewer at the end of the file: ``functools.partial(os.pread, handle)``."""
WINDOW = 64 * 1024
LONGEST_VALUE = 64 * 1024
"""A longer value is stepped over, whatever was asked for."""
_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _DELIMITERS = 0xFFFEE000, 0xFFFEE00D, 0xFFFE
_FIRST_PIXELS, _LAST_PIXELS = 0x7FE00008, 0x7FE00010
_CHARSET = 0x00080005
_HEAD = 12
_PART = 1024 * 1024
_TAG = 0xFFFFFFFF
_NUMBERS: Mapping[bytes, str] = MappingProxyType(
    {b"US": "H", b"SS": "h", b"UL": "I", b"SL": "i", b"UV": "Q", b"SV": "q", b"FL": "f", b"FD": "d"}
)
_BINARY = frozenset({b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"UN", b"SQ", b"AT"})
_WHOLE = frozenset({b"ST", b"LT", b"UT", b"UR"})
"""Texts in which a backslash is a character like any other (PS3.5 section 6.2)."""
_ENCODED = frozenset({b"LO", b"SH", b"PN", b"UC", b"ST", b"LT", b"UT", b""})
"""Texts that Specific Character Set applies to."""
_SHORT = frozenset({b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FL", b"FD", b"IS", b"LO", b"LT", b"PN"})
_SHORT |= {b"SH", b"SL", b"SS", b"ST", b"TM", b"UI", b"UL", b"US"}
"""Value representations with a length of two bytes in explicit syntaxes (PS3.5 section 7.1.2)."""


_LAYOUTS = MappingProxyType(
    {end: (Struct(f"{end}HH2sH"), Struct(f"{end}HHI"), Struct(f"{end}I")) for end in ("<", ">")},
)


@dataclass(frozen=True)
class Wanted:
    """What to read.

    Attributes:
        tags: Attributes of the top level.
        inside: Sequences of the top level, each with attributes wanted of its first item.
    """

    tags: frozenset[int]
    inside: Mapping[int, frozenset[int]]

    @cached_property
    def plain(self) -> frozenset[int]:
        """Attributes of the top level whose value is taken as it is: all but pixel data."""
        return frozenset(tag for tag in self.tags if tag < _FIRST_PIXELS)

    @classmethod
    def of(cls, places: Iterable[str]) -> Wanted:
        """From places as :class:`oncommons.imaging.tags.Tag` writes them."""
        inside: dict[int, set[int]] = {}
        tags = set()
        for place in places:
            outer, _, inner = place.partition("/")
            if inner:
                inside.setdefault(int(outer, 16), set()).add(int(inner, 16))
            else:
                tags.add(int(outer, 16))
        return cls(frozenset(tags), MappingProxyType({tag: frozenset(inner) for tag, inner in inside.items()}))


EVERYTHING = Wanted.of(Tag)
"""All attributes that a node knows of."""


def read_header(read: Read, size: int, wanted: Wanted = EVERYTHING) -> dict[str, str]:
    """The wanted attributes of a file that it has, as :data:`oncommons.imaging.tags.Attributes`.

    Args:
        read: Gives bytes of the file.
        size: How many bytes it has.
        wanted: What to read.

    Raises:
        NotDicom: it is something else, or its transfer syntax is private.
        DamagedImage: it ends before its pixel data, or is broken.
        ImageTooLarge: inflated, it is larger than allowed.
    """
    walk = _walked(read, size, wanted)
    found = _texts(walk.found, walk.end)
    found[Tag.SYNTAX] = walk.syntax.decode("ascii")
    if walk.pixels is not None:
        stated, at = walk.pixels
        found[Tag.PIXELS] = "" if stated == _UNDEFINED else str(walk.source.available(stated, at))
    return found


def pixel_digest(read: Read, size: int) -> str:
    """SHA-256 of the pixel data of a file as they stand there, in hexadecimal; empty where it has none.

    Args:
        read: Gives bytes of the file.
        size: How many bytes it has.

    Raises:
        ImageError: as :func:`read_header`.
    """
    walk = _walked(read, size, Wanted(frozenset(), {}))
    if walk.pixels is None:
        return ""
    stated, at = walk.pixels
    end = at + stated if stated != _UNDEFINED else size
    digest = sha256()
    while at < end and (part := walk.source.read(min(_PART, end - at), at)):
        digest.update(part)
        at += len(part)
    return digest.hexdigest()


def _walked(read: Read, size: int, wanted: Wanted) -> _Walk:
    opened = _open(read, size)
    if opened.syntax == DEFLATED_LITTLE:
        walk = _Walk(_Inflating(read, opened.start), opened.syntax, wanted, b"")
        walk.dataset(0)
    else:
        walk = _Walk(_Plain(read, size), opened.syntax, wanted, opened.data)
        walk.dataset(opened.start)
    return walk


def _open(read: Read, size: int) -> Opened[bytes]:
    try:
        return open_head(read(WINDOW, 0))
    except DamagedImage:
        if size <= WINDOW:
            raise
        return open_head(read(size, 0))


def _texts(found: Mapping[int, tuple[bytes, bytes]], end: str) -> dict[str, str]:
    charset = found.get(_CHARSET, (b"", b""))[1].strip(b"\0 ")
    texts = {}
    for place, (vr, value) in found.items():
        text = _text(place & _TAG, vr, value, charset, end)
        if text is not None:
            texts[_key(place)] = text
    return texts


@lru_cache(maxsize=4096)
def _key(place: int) -> str:
    return f"{place >> 32:08X}/{place & _TAG:08X}" if place > _TAG else f"{place:08X}"


@lru_cache(maxsize=65_536)
def _text(tag: int, vr: bytes, value: bytes, charset: bytes, end: str) -> str | None:
    """The text of a value; the files of a series repeat most of them, so that they are kept at hand."""
    if not vr or vr == b"UN":
        vr = vr_of(tag)[:2].encode("ascii")
    if vr in _BINARY:
        return None
    code = _NUMBERS.get(vr)
    if code:
        one = Struct(end + code)
        numbers = [one.unpack_from(value, at)[0] for at in range(0, len(value) - one.size + 1, one.size)]
        return "\\".join([f"{number:.17g}" if code in "fd" else str(number) for number in numbers])
    text = text_of(value, charset) if vr in _ENCODED else value.decode("latin-1")
    if "\\" not in text or vr in _WHOLE:
        return text.strip("\0 ")
    return "\\".join([part.strip("\0 ") for part in text.split("\\")])


@dataclass(frozen=True)
class _Plain:
    """A file as it is."""

    read: Read
    size: int

    def available(self, size: int, at: int) -> int:
        """How many of so many bytes from a place on there are."""
        return max(0, min(size, self.size - at))


class _Inflating:
    """A deflated data set, inflated as far as it is read."""

    def __init__(self, read: Read, start: int) -> None:
        self.source, self.at = read, start
        self.unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        self.data = bytearray()

    def read(self, size: int, at: int) -> bytes:
        """So many inflated bytes from a place on."""
        if at + size > MOST_INFLATED:
            raise ImageTooLarge(f"The deflated data set is larger than {MOST_INFLATED // 1024**2} MiB.")
        while len(self.data) < at + size and not self.unpacker.eof:
            packed = self.unpacker.unconsumed_tail or self.next()
            try:
                self.data += self.unpacker.decompress(packed, WINDOW)
            except zlib.error as fault:
                raise DamagedImage("The deflated data set cannot be inflated.", detail=str(fault)) from fault
        return bytes(self.data[at : at + size])

    def next(self) -> bytes:
        """The next packed bytes."""
        packed = self.source(WINDOW, self.at)
        if not packed:
            raise DamagedImage("The deflated data set is cut short.")
        self.at += len(packed)
        return packed

    def available(self, size: int, at: int) -> int:
        """How many of so many bytes from a place on there are."""
        return len(self.read(size, at))


class _Walk:
    """One pass over the top level of a data set.

    Places are counted from the start of the file, but for those of the one loop that must be fast.
    """

    def __init__(self, source: _Plain | _Inflating, syntax: bytes, wanted: Wanted, data: bytes) -> None:
        self.source, self.syntax, self.wanted, self.plain = source, syntax, wanted, wanted.plain
        self.explicit, self.end = syntax != IMPLICIT_LITTLE, ">" if syntax == EXPLICIT_BIG else "<"
        self.head, self.bare, self.long = (layout.unpack_from for layout in _LAYOUTS[self.end])
        self.data, self.base = data, 0
        self.found: dict[int, tuple[bytes, bytes]] = {}
        self.pixels: tuple[int, int] | None = None

    def dataset(self, at: int) -> None:
        """Read the wanted attributes of the top level."""
        if self.explicit:
            self.explicit_dataset(at)
        else:
            self.implicit_dataset(at)

    def explicit_dataset(self, at: int) -> None:
        """Read the top level where elements name their value representation."""
        plain, found, head, data = self.plain, self.found, self.head, self.data
        while at >= 0:
            if at + _HEAD > len(data):
                data, at = self.move(self.base + at), 0
                if not data:
                    return
            group, element, vr, length = head(data, at)
            tag = group << 16 | element
            at += 8
            following = at + length
            if vr in _SHORT and (tag not in plain or following <= len(data)):
                if tag in plain:
                    found[tag] = vr, data[at:following]
                at = following
                continue
            if vr in LONG_VRS:
                length, at = self.long(data, at)[0], at + 4
            at = self.take(tag, vr, length, self.base + at) - self.base
            data = self.data

    def implicit_dataset(self, at: int) -> None:
        """Read the top level where elements do not name their value representation."""
        plain, found, bare, data = self.plain, self.found, self.bare, self.data
        rare = {*self.wanted.inside, 0}
        while at >= 0:
            if at + _HEAD > len(data):
                data, at = self.move(self.base + at), 0
                if not data:
                    return
            group, element, length = bare(data, at)
            tag = group << 16 | element
            at += 8
            following = at + length
            if tag in plain and following <= len(data):
                found[tag] = b"", data[at:following]
                at = following
            elif tag in plain or length == _UNDEFINED or tag >= _FIRST_PIXELS or tag in rare:
                at = self.take(tag, b"", length, self.base + at) - self.base
                data = self.data
            else:
                at = following

    def take(self, tag: int, vr: bytes, length: int, at: int) -> int:
        """Read an attribute that is not plain, or step over it; returns where the next begins, -1 after the last."""
        if not tag:  # padding
            return -1
        if self.explicit and vr not in LONG_VRS and vr not in _SHORT:
            raise DamagedImage(f"There is no value representation before byte {at:,}.")
        if tag >= _FIRST_PIXELS:
            if tag <= _LAST_PIXELS:
                self.pixels = length, at
            return -1
        if tag in self.wanted.inside:
            return self.first_item(tag, length, at)
        if length == _UNDEFINED:
            return self.skip(at, explicit=self.explicit and vr != b"UN")
        if tag in self.plain and length <= LONGEST_VALUE:
            self.found[tag] = vr, self.far(length, at)
        return at + length

    def far(self, length: int, at: int) -> bytes:
        """A value that does not lie in the window."""
        value = self.source.read(length, at)
        if len(value) < length:
            raise DamagedImage("An element is longer than the file.")
        return value

    def first_item(self, tag: int, length: int, at: int) -> int:
        """Read wanted attributes of a sequence's first item; returns the end of the sequence."""
        if not length:
            return at
        inner, _, size, place = self.element(at)
        end = place + size
        while inner == _ITEM and place < end:
            within, vr, number, place = self.element(place)
            if within == _ITEM_END:
                break
            if number == _UNDEFINED:
                place = self.skip(place, explicit=self.explicit and vr != b"UN")
                continue
            if within in self.wanted.inside[tag] and number <= LONGEST_VALUE:
                self.found[tag << 32 | within] = vr, self.far(number, place)
            place += number
        return self.skip(at, explicit=self.explicit) if length == _UNDEFINED else at + length

    def skip(self, at: int, *, explicit: bool) -> int:
        """The end of a sequence or of pixel data of undefined length; one that stands as UN is implicit inside."""
        before: list[bool] = [explicit]
        head, bare, long, base, data = self.head, self.bare, self.long, self.base, self.data
        at -= base
        while before:
            if at < 0 or at + _HEAD > len(data):
                data, base, at = self.move(base + at), base + at, 0
                if not data:
                    raise DamagedImage("The data set ends inside a sequence.")
            group, element, length = bare(data, at)
            vr = b""
            if explicit and group != _DELIMITERS:
                _, _, vr, length = head(data, at)
                if vr in LONG_VRS:
                    length = long(data, at + 8)[0]
                    at += 4
            at += 8
            if group == _DELIMITERS and element != _ITEM & 0xFFFF:
                explicit = before.pop()
            elif length == _UNDEFINED:
                before.append(explicit)
                explicit = explicit and vr != b"UN"
            else:
                at += length
        return base + at

    def element(self, at: int) -> tuple[int, bytes, int, int]:
        """Tag, value representation, length and place of the value of an element."""
        if not (self.base <= at <= self.base + len(self.data) - _HEAD) and not self.move(at):
            raise DamagedImage("The data set ends inside a sequence.")
        group, element, length = self.bare(self.data, at - self.base)
        if not self.explicit or group == _DELIMITERS:
            return group << 16 | element, b"", length, at + 8
        group, element, vr, length = self.head(self.data, at - self.base)
        if vr in LONG_VRS:
            return group << 16 | element, vr, self.long(self.data, at - self.base + 8)[0], at + 12
        return group << 16 | element, vr, length, at + 8

    def move(self, at: int) -> bytes:
        """Move the window to a place; it is empty where nothing follows, and holds zeros after the last element."""
        if at and self.source.available(1, at - 1) == 0:
            raise DamagedImage("An element is longer than the file.")
        data = self.source.read(WINDOW, at)
        self.base, self.data = at, data + bytes(_HEAD) if len(data) in range(8, WINDOW) else data
        if len(data) < 8:  # noqa: PLR2004
            self.data = b""
        return self.data
