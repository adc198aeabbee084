"""Bytes that are given on without being copied: an object in pieces, the long ones as places in the file they are from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

CHUNK = 1024 * 1024
"""Bytes of a large file that are looked at in one go."""


class Data(Protocol):
    """Bytes that can be cut; those of a large file are read when they are cut."""

    def __len__(self) -> int: ...

    def __getitem__(self, where: slice, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a file.

    Attributes:
        data: The file.
        start: Where it begins.
        end: Where it ends.
    """

    data: Data
    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def chunks(self) -> Iterator[bytes | memoryview]:
        """Its bytes, one after the other; in one chunk where they are in memory."""
        if isinstance(self.data, bytes):
            yield memoryview(self.data)[self.start : self.end]
            return
        for at in range(self.start, self.end, CHUNK):
            yield self.data[at : min(at + CHUNK, self.end)]


@dataclass(frozen=True, slots=True)
class Zeros:
    """So many zero bytes, made when they are cut."""

    length: int

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, where: slice, /) -> bytes:
        return bytes(len(range(self.length)[where]))


Piece = bytes | Span


class Joined:
    """Pieces as if they were in one; what is cut is read, and nothing else.

    Args:
        pieces: The pieces, in their order.
    """

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._pieces = [piece for piece in pieces if len(piece)]
        self._ends = list(accumulate(map(len, self._pieces)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, where: slice, /) -> bytes:
        start, stop, step = where.indices(len(self))
        found: list[bytes] = []
        number = bisect_right(self._ends, start)
        while start < stop:
            piece, end = self._pieces[number], self._ends[number]
            before = end - len(piece)
            found.append(_cut(piece, start - before, min(stop, end) - before))
            start, number = end, number + 1
        return (found[0] if len(found) == 1 else b"".join(found))[::step]


def _cut(piece: Piece, start: int, stop: int) -> bytes:
    if isinstance(piece, Span):
        return piece.data[piece.start + start : piece.start + stop]
    return piece[start:stop]


def chunks_of(pieces: Iterable[Piece]) -> Iterator[bytes | memoryview]:
    """The bytes of pieces, in their order."""
    for piece in pieces:
        if isinstance(piece, Span):
            yield from piece.chunks()
        else:
            yield piece


def joined(pieces: Iterable[Piece], short: int = -1) -> Iterator[Piece]:
    """The same bytes in fewer pieces: short ones are joined until they are as long as a chunk.

    Args:
        pieces: What to join.
        short: Bytes up to which places in a file are read, to be joined too; others stay as they are.
    """
    waiting: list[bytes | memoryview] = []
    length = 0
    for piece in pieces:
        if isinstance(piece, bytes):
            waiting.append(piece)
        elif len(piece) <= short:
            waiting += piece.chunks()
        else:
            if waiting:
                yield b"".join(waiting)
            yield piece
            waiting, length = [], 0
            continue
        length += len(piece)
        if length >= CHUNK:
            yield b"".join(waiting)
            waiting, length = [], 0
    if waiting:
        yield b"".join(waiting)
