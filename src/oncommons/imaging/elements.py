"""A whole data set taken apart: where each value lies, every sequence entered, nothing decoded (PS3.5 section 7).

For what must see all of an object: its JSON form, other transfer syntaxes, contours, pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from struct import Struct, error, unpack_from
from types import MappingProxyType
from typing import Any, NamedTuple

from oncommons.imaging.charsets import text_of
from oncommons.imaging.dictionary import value_representations
from oncommons.imaging.pieces import Data
from oncommons.imaging.syntax import EXPLICIT_BIG, IMPLICIT_LITTLE, LONG_VRS, Opened
from oncommons.schema.errors import DamagedImage

NUMBERS: Mapping[str, str] = MappingProxyType(
    {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
)
"""Value representations of binary numbers, and how :mod:`struct` calls them."""
WORDS: Mapping[str, int] = MappingProxyType(
    {vr: Struct(f"={code}").size for vr, code in NUMBERS.items()}
    | {"AT": 2, "OB": 1, "UN": 1, "OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}
)
"""Bytes of a word in each binary value representation: what is turned round in big endian (PS3.5 section 7.3)."""
WHOLE = frozenset({"ST", "LT", "UT", "UR"})
"""Texts in which a backslash is a character like any other (PS3.5 section 6.2)."""
ENCODED = frozenset({"LO", "SH", "PN", "UC", "ST", "LT", "UT"})
"""Texts that Specific Character Set applies to."""
DEEPEST = 64
_NESTING = frozenset({"SQ", "UN"})
_LAST = 0xFFFFFFFF
_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_DELIMITERS = 0xFFFE
_CHARSET, _SIGNED = 0x00080005, 0x00280103
_PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_HEAD, _LONG_HEAD = 8, 12


class Element(NamedTuple):
    """Where one element lies.

    Attributes:
        tag: Group and element as one number.
        vr: Value representation, from the file or else from the dictionary; ``UN`` where neither knows.
        start: Where its value begins.
        end: Where its value ends.
        items: Its data sets, if it is a sequence.
        fragments: Places of the fragments of encapsulated pixel data, the offset table first (PS3.5 annex A.4).
    """

    tag: int
    vr: str
    start: int
    end: int
    items: tuple[Mapping[int, Element], ...] | None = None
    fragments: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True)
class Dataset:
    """A data set: its elements, and the bytes they lie in.

    Attributes:
        data: The bytes; anything that is sliced like bytes, such as a mapped file or pieces that are joined.
        elements: Tag to element, in their order.
        big: Whether numbers are big endian.
        charset: Specific Character Set, of this data set or of the one it lies in.
    """

    data: Data
    elements: Mapping[int, Element]
    big: bool = False
    charset: bytes = b""

    def __contains__(self, tag: int) -> bool:
        return tag in self.elements

    def raw(self, tag: int) -> bytes:
        """The bytes of a value; none where it is missing."""
        found = self.elements.get(tag)
        return b"" if found is None else self.data[found.start : found.end]

    def texts(self, tag: int) -> tuple[str, ...]:
        """The values of a text; none where it is missing or empty."""
        found = self.elements.get(tag)
        return () if found is None else self.texts_of(found)

    def texts_of(self, element: Element) -> tuple[str, ...]:
        """The values of an element of text, without their padding (PS3.5 section 6.2)."""
        value = self.data[element.start : element.end]
        text = text_of(value, self.charset) if element.vr in ENCODED else value.decode("latin-1")
        if element.vr in WHOLE:
            return (stripped,) if (stripped := text.rstrip("\0 ")) else ()
        stripped = text.strip("\0 ")
        return tuple(part.strip("\0 ") for part in stripped.split("\\")) if stripped else ()

    def text(self, tag: int) -> str:
        """The first value of a text; empty where there is none."""
        return next(iter(self.texts(tag)), "")

    def numbers(self, tag: int) -> tuple[float, ...]:
        """The values of a number, written in binary or as text; none where they are missing or cannot be read."""
        found = self.elements.get(tag)
        if found is None:
            return ()
        if found.vr in NUMBERS:
            return self.binary(found)
        try:
            return tuple(float(part) for part in self.texts_of(found) if part)
        except ValueError:
            return ()

    def little(self, element: Element) -> bytes:
        """The bytes of an element's value in little endian, whatever the file has."""
        value = self.data[element.start : element.end]
        return turned(value, WORDS.get(element.vr, 1)) if self.big else value

    def binary(self, element: Element) -> tuple[float, ...]:
        """The values of an element of binary numbers; bytes that are too few for one more are left out."""
        one = Struct(("><"[not self.big]) + NUMBERS[element.vr])
        value = self.data[element.start : element.end]
        return tuple(number for (number,) in one.iter_unpack(value[: len(value) // one.size * one.size]))

    def number(self, tag: int, otherwise: float = 0.0) -> float:
        """The first value of a number."""
        return next(iter(self.numbers(tag)), otherwise)

    def whole(self, tag: int, otherwise: int = 0) -> int:
        """The first value of a number, as a whole number."""
        return int(self.number(tag, otherwise))

    def items(self, tag: int) -> tuple[Dataset, ...]:
        """The data sets of a sequence; none where it is missing or empty."""
        found = self.elements.get(tag)
        return () if found is None else tuple(self.items_of(found))

    def items_of(self, element: Element) -> Iterator[Dataset]:
        """The data sets of an element that is a sequence."""
        for item in element.items or ():
            inner = Dataset(self.data, item, self.big, self.charset)
            yield Dataset(self.data, item, self.big, inner.raw(_CHARSET)) if _CHARSET in item else inner


def turned(value: bytes, width: int) -> bytes:
    """The words of a value, each with its bytes in the opposite order."""
    if width == 1 or len(value) % width:
        return value
    result = bytearray(len(value))
    for i in range(width):
        result[i::width] = value[width - 1 - i :: width]
    return bytes(result)


def read_elements(opened: Opened[bytes] | Opened[Data], last: int = _LAST) -> Dataset:
    """Take a data set apart.

    Args:
        opened: A file, opened; one that is deflated has been inflated by that.
        last: The last tag of the top level that is wanted; what comes after it is not read.

    Raises:
        DamagedImage: it cannot be read to its end.
    """
    reader = _Reader(opened.data, explicit=opened.syntax != IMPLICIT_LITTLE, big=opened.syntax == EXPLICIT_BIG)
    reader.last = last
    try:
        elements, _ = reader.dataset(opened.start, len(opened.data), 0, open_ended=False)
    except error as fault:
        raise DamagedImage("It ends in the middle of an element.", detail=str(fault)) from fault
    charset = elements.get(_CHARSET)
    encoding = b"" if charset is None else opened.data[charset.start : charset.end].strip(b"\0 ")
    return Dataset(opened.data, elements, reader.big, encoding)


Unpacker = Callable[[Any, int], tuple[Any, ...]]


def _unpacker(form: Struct, data: Data) -> Unpacker:
    """What takes numbers from a place in the data: without a copy where they lie in memory, from a cut otherwise."""
    try:
        memoryview(data).release()  # type: ignore[arg-type]
    except TypeError:
        return lambda data, at: form.unpack(data[at : at + form.size])
    return form.unpack_from


class _Reader:
    """One pass over a data set."""

    def __init__(self, data: Data, *, explicit: bool, big: bool) -> None:
        self.data, self.explicit, self.big = data, explicit, big
        end = ">" if big else "<"
        forms = (Struct(end + form) for form in ("HH2sH", "HHI", "I"))
        self.explicit_head, self.implicit_head, self.long = (_unpacker(form, data) for form in forms)
        self.signed, self.last = False, _LAST
        self.known = value_representations()

    def head(self, at: int) -> tuple[int, str, int, int]:
        """Tag, value representation, length and place of the value of the element at a place."""
        if self.explicit:
            group, number, vr, length = self.explicit_head(self.data, at)
            if group != _DELIMITERS:
                if vr not in LONG_VRS:
                    return group << 16 | number, vr.decode("latin-1"), length, at + _HEAD
                return group << 16 | number, vr.decode("latin-1"), self.long(self.data, at + _HEAD)[0], at + _LONG_HEAD
        group, number, length = self.implicit_head(self.data, at)
        tag = group << 16 | number
        return tag, "" if group == _DELIMITERS else self.guess(tag), length, at + _HEAD

    def guess(self, tag: int) -> str:
        """The value representation that the dictionary gives; a choice is made by the sign of the pixels (PS3.5 A.1)."""
        known = self.known.get(tag)
        if not known:
            return "LO" if tag >> 16 & 1 and 0x10 <= tag & 0xFFFF <= 0xFF else "UN"  # noqa: PLR2004
        if " " not in known:
            return known
        choices = known.split(" or ")
        if "OW" in choices and (tag in _PIXELS or "SS" not in choices):
            return "OW"
        return "SS" if self.signed and "SS" in choices else choices[0]

    def dataset(self, at: int, end: int, depth: int, *, open_ended: bool) -> tuple[dict[int, Element], int]:
        """The elements of a data set or item, and where it ends."""
        if depth > DEEPEST:
            raise DamagedImage(f"Sequences lie in one another deeper than {DEEPEST} levels.")
        found: dict[int, Element] = {}
        while at < end:
            tag, vr, length, value_at = self.head(at)
            if tag == _ITEM_END and open_ended:
                return found, value_at
            if tag > self.last and not depth:
                break
            if length != _UNDEFINED and vr not in _NESTING:
                element, at = Element(tag, vr, value_at, value_at + length), value_at + length
            else:
                element, at = self.element(tag, vr, length, value_at, depth)
            if at > end:
                raise DamagedImage("A value is longer than what is left.")
            if tag == _SIGNED and not depth:
                self.signed = self.data[element.start : element.end] in {b"\1\0", b"\0\1"}
            found[tag] = element
        if open_ended:
            raise DamagedImage("An item of a sequence does not end.")
        return found, at

    def element(self, tag: int, vr: str, length: int, at: int, depth: int) -> tuple[Element, int]:
        """One element, and where the next one begins."""
        if vr == "UN" and self.explicit:
            return self.unknown(tag, length, at, depth)
        if vr == "SQ" or (length == _UNDEFINED and tag not in _PIXELS):
            items, end = self.sequence(length, at, depth)
            return Element(tag, "SQ", at, end, items), end
        if length == _UNDEFINED:
            fragments, end = self.fragments(at)
            return Element(tag, vr, at, end, None, fragments), end
        return Element(tag, vr, at, at + length), at + length

    def unknown(self, tag: int, length: int, at: int, depth: int) -> tuple[Element, int]:
        """What the file calls unknown is written as in Implicit VR Little Endian (PS3.5 section 6.2.2)."""
        inner = _Reader(self.data, explicit=False, big=False)
        inner.signed = self.signed
        return inner.element(tag, inner.guess(tag), length, at, depth)

    def sequence(self, length: int, at: int, depth: int) -> tuple[tuple[Mapping[int, Element], ...], int]:
        """The items of a sequence, and where it ends (PS3.5 section 7.5)."""
        end = len(self.data) if length == _UNDEFINED else at + length
        items: list[Mapping[int, Element]] = []
        while at < end:
            tag, _, size, value_at = self.head(at)
            if tag == _SEQUENCE_END:
                return tuple(items), value_at
            if tag != _ITEM:
                raise DamagedImage("A sequence holds something that is not an item.")
            open_ended = size == _UNDEFINED
            item, at = self.dataset(value_at, end if open_ended else value_at + size, depth + 1, open_ended=open_ended)
            items.append(item)
        if length == _UNDEFINED:
            raise DamagedImage("A sequence does not end.")
        return tuple(items), at

    def fragments(self, at: int) -> tuple[tuple[tuple[int, int], ...], int]:
        """The fragments of encapsulated pixel data, and where it ends."""
        found: list[tuple[int, int]] = []
        while True:
            group, number, size = unpack_from("<HHI", self.data[at : at + _HEAD])
            at += _HEAD
            if (group, number) == (_SEQUENCE_END >> 16, _SEQUENCE_END & 0xFFFF):
                return tuple(found), at
            if (group, number) != (_ITEM >> 16, _ITEM & 0xFFFF) or at + size > len(self.data):
                raise DamagedImage("Compressed pixel data are cut short.")
            found.append((at, at + size))
            at += size
