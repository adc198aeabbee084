"""Elements as bytes: how their headers are read and written, and where they end (PS3.5 section 7)."""

from __future__ import annotations

from functools import cache
from struct import Struct, error

from oncommons.imaging.pieces import Data
from oncommons.imaging.syntax import EXPLICIT_BIG, IMPLICIT_LITTLE, LONG_VRS
from oncommons.schema.errors import DamagedImage

UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
DEEPEST = 64
"""How many levels of sequences are followed."""
_DELIMITERS = 0xFFFE
_SHORT_HEAD, _LONG_HEAD = 8, 12

Element = tuple[int, bytes, int, int]
"""Tag, value representation (empty where the file does not give it), length, place of the value."""


class Coding:
    """How the elements of a transfer syntax are written."""

    def __init__(self, *, explicit: bool, big: bool) -> None:
        end = ">" if big else "<"
        self.explicit, self.big = explicit, big
        self.fewest = 2 if big else 1  # zeros that cannot begin the number of a group
        self.pair, self.short, self.long = Struct(end + "HH"), Struct(end + "H"), Struct(end + "I")
        self.item = self.header(ITEM, b"", UNDEFINED)
        self.item_end = self.header(ITEM_END, b"", 0)
        self.sequence_end = self.header(SEQUENCE_END, b"", 0)

    def header(self, tag: int, vr: bytes, length: int) -> bytes:
        """Tag, value representation and length of an element."""
        head = self.pair.pack(tag >> 16, tag & 0xFFFF)
        if not vr or not self.explicit:
            return head + self.long.pack(length)
        if vr in LONG_VRS:
            return head + vr + b"\0\0" + self.long.pack(length)
        return head + vr + self.short.pack(length)

    def element(self, data: Data, at: int) -> Element:
        """The element that begins at a place; a few zeros at the end of the data are one with the tag zero.

        Raises:
            DamagedImage: there is none.
        """
        head = data[at : at + _LONG_HEAD]
        if self.fewest <= len(head) < _SHORT_HEAD and not head.strip(b"\0"):
            return 0, b"", 0, at + len(head)
        try:
            group, element = self.pair.unpack_from(head)
            tag = group << 16 | element
            if not self.explicit or group == _DELIMITERS:
                return tag, b"", self.long.unpack_from(head, 4)[0], at + 8
            vr = head[4:6]
            if vr in LONG_VRS:
                return tag, vr, self.long.unpack_from(head, 8)[0], at + 12
            length = self.short.unpack_from(head, 6)[0]
        except error as fault:
            raise DamagedImage("The data set ends inside an element.") from fault
        if tag and not (vr.isalpha() and vr.isupper()):
            raise DamagedImage(f"There is no value representation at byte {at + 4:,}.")
        return tag, vr, length, at + 8

    def after(self, data: Data, element: Element, depth: int = 0) -> int:
        """Where an element ends.

        Raises:
            DamagedImage: beyond the end of the data, or nowhere.
        """
        _, vr, length, value_at = element
        if length == UNDEFINED:  # PS3.5 section 6.2.2: what is inside an unknown one is in implicit little endian
            return (coding_of(IMPLICIT_LITTLE) if vr == b"UN" else self).after_items(data, value_at, depth)
        if value_at + length > len(data):
            raise DamagedImage("An element is longer than the file.")
        return value_at + length

    def after_items(self, data: Data, at: int, depth: int) -> int:
        """Where a sequence or encapsulated pixel data of undefined length end.

        Raises:
            DamagedImage: nowhere, or too deep.
        """
        if depth >= DEEPEST:
            raise DamagedImage(f"Sequences lie in one another deeper than {DEEPEST} levels.")
        while True:
            inner = tag, _, length, value_at = self.element(data, at)
            if tag == SEQUENCE_END:
                return value_at
            if tag != ITEM:
                raise DamagedImage("A sequence holds something that is not an item.")
            at = self._after_item(data, value_at, depth) if length == UNDEFINED else self.after(data, inner)

    def after_item(self, data: Data, at: int, end: int) -> int:
        """Where an item of defined length ends.

        Raises:
            DamagedImage: there is none, or it ends behind a place.
        """
        tag, _, length, value_at = self.element(data, at)
        if tag != ITEM:
            raise DamagedImage("A sequence holds something that is not an item.")
        if value_at + length > end:
            raise DamagedImage("An item is longer than its sequence.")
        return value_at + length

    def _after_item(self, data: Data, at: int, depth: int) -> int:
        """The end of an item of undefined length."""
        while True:
            inner = self.element(data, at)
            if inner[0] == ITEM_END:
                return inner[3]
            at = self.after(data, inner, depth + 1)


def coding_of(syntax: bytes) -> Coding:
    """How the elements of a transfer syntax are written.

    Args:
        syntax: UID of the transfer syntax.
    """
    return _coding(syntax != IMPLICIT_LITTLE, syntax == EXPLICIT_BIG)


@cache
def _coding(explicit: bool, big: bool) -> Coding:  # noqa: FBT001
    return Coding(explicit=explicit, big=big)
