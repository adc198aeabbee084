"""What a recogniser sees: a box and what it reads there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from oncommons.imaging.pieces import Piece, chunks_of

MOST_BYTES = 2 * 1024**3
"""Of an object, and of its decoded pixels; a larger one is not looked through, for it would take too long."""
LARGEST_FRAME = 128 * 1024**2
"""Bytes of a decoded frame; one is in memory at a time, and while it is decoded it takes three times as much."""


@dataclass(frozen=True, order=True)
class Box:
    """A rectangle in pixels; right and bottom are the first column and row outside.

    Attributes:
        left: First column.
        top: First row.
        right: Column after the last.
        bottom: Row after the last.
    """

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Columns."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Rows."""
        return self.bottom - self.top

    @property
    def line(self) -> int:
        """Height of a line of text that fills the box, lying or standing."""
        return min(self.width, self.height)

    def moved(self, right: int, down: int) -> Box:
        """It elsewhere."""
        return Box(self.left + right, self.top + down, self.right + right, self.bottom + down)

    def touches(self, other: Box) -> bool:
        """Whether they have a place in common."""
        beside = self.left < other.right and other.left < self.right
        return beside and self.top < other.bottom and other.top < self.bottom

    def holds(self, other: Box) -> bool:
        """Whether all of another box lies in it."""
        beside = self.left <= other.left and other.right <= self.right
        return beside and self.top <= other.top and other.bottom <= self.bottom

    def within(self, width: int, height: int) -> Box:
        """The part of it that lies in a picture; may be empty."""
        left, top = min(max(self.left, 0), width), min(max(self.top, 0), height)
        return Box(left, top, max(left, min(self.right, width)), max(top, min(self.bottom, height)))


@dataclass(frozen=True)
class Found:
    """Text that was found in a picture.

    Attributes:
        box: Where.
        text: What it reads; empty where something looks like a line of text but cannot be read.  Of what is faint,
            the little that is text where there is no other.
        sure: How sure the reading is, 0 to 1.
        cut: Whether it ends where the piece that was looked at does, so that it may be a part of something longer.
        faint: Whether it may be text and may be none; it counts beside text, or in a row of its own kind.
    """

    box: Box
    text: str
    sure: float
    cut: bool = False
    faint: bool = False


Picture: TypeAlias = Any
"""An array of 8-bit numbers, rows by columns by red, green and blue."""
Recogniser: TypeAlias = Callable[[Picture], list[Found]]
"""Finds the text in one picture."""


@dataclass(frozen=True)
class Mark:
    """A box that must be black.

    Attributes:
        frames: Numbers of the frames, from 0 on.
        box: Where in them.
    """

    frames: range
    box: Box


@dataclass(frozen=True)
class Looked:
    """An object that was looked through.

    Attributes:
        pieces: The file; frames that were changed are decoded and made black when they are cut.
        boxes: What was made black in it.
        syntax: UID of its transfer syntax.
        told: Attributes that are others now: tag to value as text.
    """

    pieces: Sequence[Piece]
    boxes: tuple[Box, ...]
    syntax: str
    told: Mapping[int, str]

    @property
    def content(self) -> bytes:
        """The file, in one; a large one is better written piece by piece."""
        return b"".join(chunks_of(self.pieces))
