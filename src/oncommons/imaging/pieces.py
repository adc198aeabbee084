"""Bytes that are given on without being copied: an object in pieces, the long ones as places in the file they are from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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
