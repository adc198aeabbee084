"""Messages of many parts, ``multipart/related`` (RFC 2387): written as they are sent, never held as a whole."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from oncommons.node.share.dicomweb.media import MULTIPART

CHUNK = 256 * 1024
"""Bytes that are sent at a time."""


@dataclass(frozen=True)
class Part:
    """One part.

    Attributes:
        media: Its media type.
        content: Its bytes, in pieces.
        syntax: Transfer syntax of what is in it; empty where there is none.
        place: Its address; empty where it has none.
    """

    media: str
    content: Iterable[bytes]
    syntax: str = ""
    place: str = ""

    def head(self) -> bytes:
        """Its header lines."""
        syntax = f"; transfer-syntax={self.syntax}" if self.syntax else ""
        place = f"\r\nContent-Location: {self.place}" if self.place else ""
        return f"Content-Type: {self.media}{syntax}{place}\r\n\r\n".encode("latin-1")


@dataclass(frozen=True)
class Message:
    """A message of many parts.

    Attributes:
        of: Media type of its parts.
        parts: The parts.
        boundary: What stands between them.
    """

    of: str
    parts: Iterable[Part]
    boundary: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def media(self) -> str:
        """The media type of the message."""
        return f'{MULTIPART}; type="{self.of}"; boundary={self.boundary}'

    def pieces(self) -> Iterator[bytes]:
        """The bytes of the message."""
        line = f"--{self.boundary}\r\n".encode("ascii")
        between = b""
        for part in self.parts:
            yield between + line + part.head()
            yield from part.content
            between = b"\r\n"
        yield between + f"--{self.boundary}--\r\n".encode("ascii")


def gathered(pieces: Iterable[bytes], size: int = CHUNK) -> Iterator[bytes]:
    """The same bytes in pieces that are worth being sent one by one."""
    waiting: list[bytes] = []
    length = 0
    for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length >= size:
            yield _joined(waiting)
            waiting, length = [], 0
    if waiting:
        yield _joined(waiting)


def _joined(pieces: Sequence[bytes]) -> bytes:
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
