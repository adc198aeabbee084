"""Pixel data with boxes in black, of which each frame is made when it is cut: one is in memory at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from oncommons.imaging.deid.pixels.found import Mark
from oncommons.imaging.deid.pixels.frames import Frame, Stack
from oncommons.imaging.elements import WORDS, turned
from oncommons.imaging.frames import Layout

_BYTE = 8


class Blackened:
    """Native pixel data with boxes in black, of even length (PS3.5 section 8), colour by pixel.

    Attributes:
        layout: How they are described.

    Args:
        stack: The frames.
        marks: What is black in them.
        vr: Value representation of the pixel data.
        big: Whether they are in big endian.

    Raises:
        UnreadablePixels: the first frame cannot be decoded here.
        DamagedImage: the pixel data end before it.
    """

    def __init__(self, stack: Stack, marks: Sequence[Mark], vr: str, *, big: bool) -> None:
        self._stack, self._marks = stack, marks
        first, self.layout = stack.stored(0)
        self._bits = first.size * self.layout.allocated
        size = -(-self._bits * stack.layout.frames // _BYTE)
        self._length = size + size % 2
        self._word = _word(self.layout, vr) if big else 1
        self._number, self._held = -1, b""

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, where: slice, /) -> bytes:
        start, stop, step = where.indices(self._length)
        before, after = start % self._word, -stop % self._word
        little = self._little(start - before, min(stop + after, self._length))
        return turned(little, self._word)[before : before + max(stop - start, 0)][::step]

    def _little(self, start: int, stop: int) -> bytes:
        """A stretch in little endian."""
        if start >= stop:
            return b""
        first, last = start * _BYTE // self._bits, min(-(-stop * _BYTE // self._bits), self._stack.layout.frames)
        skipped = start * _BYTE - first * self._bits
        if self._bits % _BYTE:  # frames of single bits need not begin at a byte (PS3.5 section 8.1.1)
            frames = [self._frame(number).reshape(-1) for number in range(first, last)]
            bits = np.concatenate(frames)[skipped : skipped + (stop - start) * _BYTE]
            raw = np.packbits(bits, bitorder="little").tobytes()
        else:
            at = skipped // _BYTE
            held = [self._bytes(number) for number in range(first, last)]
            raw = b"".join(held)[at : at + stop - start] if len(held) != 1 else held[0][at : at + stop - start]
        return raw + bytes(stop - start - len(raw))

    def _bytes(self, number: int) -> bytes:
        """A frame in little endian; the last one that was cut is held, since it is cut in many pieces."""
        if number != self._number:
            self._held = b""
            self._number, self._held = number, to_bytes(self._frame(number), self.layout)
        return self._held

    def _frame(self, number: int) -> Frame:
        """The stored numbers of a frame with its boxes in black."""
        stored, layout = self._stack.stored(number)
        marks = [mark for mark in self._marks if number in mark.frames]
        if not marks:
            return stored
        frame, black = np.array(stored), self._stack.black(stored, layout)
        for mark in marks:
            frame[mark.box.top : mark.box.bottom, mark.box.left : mark.box.right] = black
        return frame


def to_bytes(frame: Frame, layout: Layout) -> bytes:
    """A frame as native pixel data in little endian.

    Args:
        frame: Stored values.
        layout: How they are described.
    """
    if layout.allocated == 1:
        return np.packbits(frame.reshape(-1), bitorder="little").tobytes()
    kind = f"<{'i' if layout.signed else 'u'}{layout.allocated // _BYTE}"
    return np.ascontiguousarray(frame, kind).tobytes()


def _word(layout: Layout, vr: str) -> int:
    """Bytes of what is turned round in big endian: a sample, or a word that holds two (PS3.5 annex A.3)."""
    return layout.allocated // _BYTE if layout.allocated > _BYTE else WORDS.get(vr, 1)
