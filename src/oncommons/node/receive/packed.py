"""Streams packed with gzip (RFC 1952), bzip2 or xz, unpacked piece by piece within a budget."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from oncommons.imaging.pieces import Data
from oncommons.node.receive.folder import LARGEST_FILE
from oncommons.node.receive.spool import spooled
from oncommons.schema.errors import ImageTooLarge
from oncommons.schema.errors_of_protocols import ArchiveTooLarge, DamagedArchive

PIECE = 256 * 1024
LARGEST_UNKNOWN = 64 * 1024 * 1024
"""Bytes of the largest file in an archive that does not begin as DICOM files do; a bomb is not unpacked further."""
_MAGIC_AT = 128
_MOST_XZ_MEMORY = 80 * 1024 * 1024
"""What ``xz -9`` needs to be unpacked, and some."""
_CUT = "The archive ends early; what came before was taken in."


class Gunzip:
    """Unpacks gzip in the way of the other two, which keep what they have not used yet."""

    def __init__(self) -> None:
        self._inside = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._waiting = b""

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""
        return self._inside.eof

    @property
    def needs_input(self) -> bool:
        """Whether more must be given before more comes out."""
        return not self._waiting

    @property
    def unused_data(self) -> bytes:
        """What was given beyond the stream's end."""
        return self._inside.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Unpack at most so many bytes."""
        out = self._inside.decompress(self._waiting + data, max_length)
        self._waiting = self._inside.unconsumed_tail
        return out


Unpacker: TypeAlias = Gunzip | bz2.BZ2Decompressor | lzma.LZMADecompressor
UNPACKERS: Mapping[bytes, Callable[[], Unpacker]] = MappingProxyType(
    {
        b"\x1f\x8b": Gunzip,
        b"BZh": bz2.BZ2Decompressor,
        b"\xfd7zXZ\0": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _MOST_XZ_MEMORY),
    }
)
"""How a packed stream begins, and what unpacks it."""


@dataclass
class Budget:
    """How many bytes may still come out of an archive and the archives in it.

    Attributes:
        left: Bytes.
    """

    left: int

    def spend(self, size: int) -> None:
        """Take bytes from the budget.

        Raises:
            ArchiveTooLarge: it is spent.
        """
        self.left -= size
        if self.left < 0:
            raise ArchiveTooLarge("The archive grows to far more than its size; the rest of it was not read.")


@dataclass
class Stream:
    """Bytes that come in pieces, read in order.

    Attributes:
        pieces: Where they come from.
    """

    pieces: Iterator[bytes]
    _ahead: bytes = field(default=b"", repr=False)

    def read(self, size: int) -> bytes:
        """So many bytes, or fewer at the end."""
        return joined(self._take(size))

    def _take(self, size: int) -> Iterator[bytes]:
        while size > 0:
            self._ahead = self._ahead or next(self.pieces, b"")
            if not self._ahead:
                return
            piece, self._ahead = self._ahead[:size], self._ahead[size:]
            size -= len(piece)
            yield piece

    def peek(self, size: int) -> bytes:
        """The next bytes, which stay to be read."""
        found = self.read(size)
        self._ahead = found + self._ahead
        return found

    def rest(self) -> Iterator[bytes]:
        """What is left, piece by piece."""
        while piece := self.read(PIECE):
            yield piece

    def exactly(self, size: int) -> bytes:
        """So many bytes.

        Raises:
            DamagedArchive: there are fewer.
        """
        found = self.read(size)
        if len(found) < size:
            raise DamagedArchive(_CUT)
        return found

    def skip(self, size: int) -> None:
        """Read so many bytes and forget them.

        Raises:
            DamagedArchive: there are fewer.
        """
        while size > 0:
            size -= len(self.exactly(min(size, PIECE)))


def joined(pieces: Iterable[bytes]) -> bytes:
    """Pieces as one; unlike ``bytes.join``, without holding all of them twice."""
    whole = BytesIO()
    for piece in pieces:
        whole.write(piece)
    return whole.getvalue()


def content_in(stream: Stream, size: int, room: Path | None = None) -> Data:
    """A whole file in an archive.

    Args:
        stream: Its bytes.
        size: How many they should be, if the archive tells; the stream is not read where they are too many.
        room: Directory in which they lie if they are many.

    Raises:
        ImageTooLarge: they are more than can be handled.
    """
    known = stream.peek(_MAGIC_AT + 4)[_MAGIC_AT:] == b"DICM"
    most = LARGEST_FILE if known else LARGEST_UNKNOWN
    if size > most:
        raise _too_large(most)
    return spooled(_up_to(stream, most), room)


def _up_to(stream: Stream, most: int) -> Iterator[bytes]:
    left = most
    for piece in stream.rest():
        left -= len(piece)
        if left < 0:
            raise _too_large(most)
        yield piece


def _too_large(most: int) -> ImageTooLarge:
    return ImageTooLarge(f"The file is larger than {most // 1024**2:,} MiB; unpack the archive to import it.")


def within(pieces: Iterator[bytes], budget: Budget) -> Iterator[bytes]:
    """The same pieces, until the budget is spent.

    Raises:
        ArchiveTooLarge: it is spent.
    """
    for piece in pieces:
        budget.spend(len(piece))
        if piece:
            yield piece


def unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """A packed stream, unpacked; several streams after each other are one, and zeros at the end are padding.

    Raises:
        DamagedArchive: it is damaged or cut short, or needs too much memory.
    """
    waiting = next(pieces, b"")
    try:
        while waiting.strip(b"\0"):
            unpacker = _unpacker(waiting)
            while not unpacker.eof:
                if unpacker.needs_input and not waiting:
                    waiting = next(pieces, b"")
                    if not waiting:
                        raise DamagedArchive(_CUT)
                yield unpacker.decompress(waiting, 4 * PIECE)
                waiting = b""
            waiting = unpacker.unused_data or next(pieces, b"")
    except (zlib.error, lzma.LZMAError, OSError, EOFError) as fault:
        raise DamagedArchive("The archive is damaged; what came before was taken in.", detail=str(fault)) from fault


def _unpacker(start: bytes) -> Unpacker:
    for magic, make in UNPACKERS.items():
        if start.startswith(magic):
            return make()
    raise DamagedArchive("Something else follows at the archive's end.")
