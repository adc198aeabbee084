"""The people behind a number: who they are by their numbers in a dataset, and how many rows each contributes.

A crowd is kept as *bit planes*: bit ``n`` of plane ``i`` is bit ``i`` of the number of rows of person ``n``.
A set of people is a crowd of one plane.  All work is done on whole integers, so that a crowd of a hundred thousand
people is compared with another in microseconds.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

_LENGTH = 4
"""Bytes that tell how long a plane is."""


@dataclass(frozen=True)
class Crowd:
    """People of one dataset, each with a number of rows.

    Attributes:
        planes: The bit planes, lowest first; the last one is not zero.
    """

    planes: tuple[int, ...] = ()

    @classmethod
    def of(cls, planes: Iterable[int]) -> Crowd:
        """A crowd of planes, of which the last ones may be zero."""
        found = list(planes)
        while found and not found[-1]:
            found.pop()
        return cls(tuple(found))

    @classmethod
    def of_rows(cls, numbers: Iterable[int], rows: Iterable[int]) -> Crowd:
        """The crowd of these persons, each named once, with this many rows each."""
        pairs = [(n, w) for n, w in zip(numbers, rows, strict=True) if w]
        size = max((n for n, _ in pairs), default=0) // 8 + 1
        planes = [bytearray(size) for _ in range(max((w for _, w in pairs), default=0).bit_length())]
        for number, weight in pairs:
            for i, plane in enumerate(planes):
                if weight >> i & 1:
                    plane[number >> 3] |= 1 << (number & 7)
        return cls.of(int.from_bytes(plane, "little") for plane in planes)

    @cached_property
    def who(self) -> int:
        """The people, as one plane."""
        found = 0
        for plane in self.planes:
            found |= plane
        return found

    @cached_property
    def people(self) -> int:
        """How many people there are."""
        return self.who.bit_count()

    @cached_property
    def rows(self) -> int:
        """How many rows they have together."""
        return sum(plane.bit_count() << i for i, plane in enumerate(self.planes))

    def clipped(self, most: int) -> Crowd:
        """The same people, each with at most so many rows, a power of two."""
        place = most.bit_length() - 1
        if len(self.planes) <= max(place, 1):
            return self
        high = 0
        for plane in self.planes[place:]:
            high |= plane
        return Crowd.of([*(plane & ~high for plane in self.planes[:place]), high])

    def most_of(self, are_few: Callable[[Crowd], bool]) -> int:
        """The smallest power of two that so few people have more rows than that they must not show.

        Args:
            are_few: Judges people; it says so of nobody, and of a part of those of whom it does.
        """
        high, found = 0, 1 << len(self.planes)
        for place in range(len(self.planes) - 1, -1, -1):
            lower = 0
            for plane in self.planes[:place]:
                lower |= plane
            if not are_few(Crowd.of([high | (self.planes[place] & lower)])):
                return found
            high, found = high | self.planes[place], 1 << place
        return 1

    def apart(self, other: Crowd) -> Crowd:
        """The people by whom the two differ: who are in one only, or have another number of rows."""
        found = 0
        for i in range(max(len(self.planes), len(other.planes))):
            found |= self._plane(i) ^ other._plane(i)
        return Crowd.of([found])

    def joined(self, other: Crowd) -> Crowd:
        """Both crowds, rows added."""
        carry, found = 0, []
        for i in range(max(len(self.planes), len(other.planes)) + 1):
            one, two = self._plane(i), other._plane(i)
            found.append(one ^ two ^ carry)
            carry = (one & two) | (carry & (one ^ two))
        return Crowd.of(found)

    def without(self, other: Crowd) -> Crowd:
        """This crowd less another, rows subtracted; whoever has more rows in the other is left out."""
        borrow, found = 0, []
        for i in range(max(len(self.planes), len(other.planes))):
            one, two = self._plane(i), other._plane(i)
            found.append(one ^ two ^ borrow)
            borrow = (~one & (two | borrow)) | (two & borrow)
        return Crowd.of(plane & ~borrow for plane in found)

    def to_bytes(self) -> bytes:
        """The crowd as bytes; equal crowds give equal bytes."""
        parts = [plane.to_bytes((plane.bit_length() + 7) // 8, "little") for plane in self.planes]
        return b"".join(len(part).to_bytes(_LENGTH, "little") + part for part in parts)

    def packed(self) -> bytes:
        """The crowd as compressed bytes, see :meth:`unpacked`."""
        return zlib.compress(self.to_bytes())

    @classmethod
    def unpacked(cls, content: bytes) -> Crowd:
        """Read what :meth:`packed` wrote.

        Raises:
            ValueError: it is something else.
        """
        try:
            raw = zlib.decompress(content)
        except zlib.error as fault:
            raise ValueError("not a packed crowd") from fault
        planes, at = [], 0
        while at < len(raw):
            end = at + _LENGTH + int.from_bytes(raw[at : at + _LENGTH], "little")
            planes.append(int.from_bytes(raw[at + _LENGTH : end], "little"))
            at = end
        return cls.of(planes)

    def _plane(self, place: int) -> int:
        return self.planes[place] if place < len(self.planes) else 0


NOBODY = Crowd()
"""The empty crowd."""
