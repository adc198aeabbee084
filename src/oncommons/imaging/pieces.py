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


Piece = bytes | Span


def chunks_of(pieces: Iterable[Piece]) -> Iterator[bytes | memoryview]:
    """The bytes of pieces, in their order."""
    for piece in pieces:
        if isinstance(piece, Span):
            yield from piece.chunks()
        else:
            yield piece
