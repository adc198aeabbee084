"""Zip archives, read member by member (APPNOTE.TXT 6.3.10); the list of members is never held whole.

The library's own reader holds a record of each member in memory, some 100 MB for the files of a large export.
"""

from __future__ import annotations

import bz2
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import iter_unpack, unpack_from
from typing import BinaryIO

from oncommons.imaging.pieces import Data
from oncommons.node.receive.folder import open_regular
from oncommons.node.receive.packed import PIECE, Stream, content_in
from oncommons.schema.errors import NotDicom
from oncommons.schema.errors_of_protocols import ArchiveTooLarge, DamagedArchive, LockedArchive

MOST_MEMBERS = 1_000_000
_END, _END_64, _LOCATOR, _ENTRY, _LOCAL = b"PK\5\6", b"PK\6\6", b"PK\6\7", b"PK\1\2", b"PK\3\4"
_END_SIZE, _END_64_SIZE, _LOCATOR_SIZE, _ENTRY_SIZE, _LOCAL_SIZE = 22, 56, 20, 46, 30
_LONGEST_COMMENT = 0xFFFF
_IN_EXTRA = 0xFFFFFFFF
"""A number that stands in the extra field instead (section 4.5.3)."""
STORED, _DEFLATED, _BZIP2 = 0, 8, 12
_LOCKED = 0x1 | 0x40 | 0x2000
"""Flags of what is encrypted: a member, strongly, the list of members (section 4.4.4)."""
_UNIX = 3
_ONE_ARCHIVE = "It is one of several parts of an archive."
_CUT = "The list of its members is damaged or missing; it may have been cut short."


@dataclass(frozen=True)
class Entry:
    """What the archive's list says of a member.

    Attributes:
        name: As text, for telling only; it is never used as a path.
        at: Where its local header begins.
        packed: Bytes in the archive.
        size: Bytes when unpacked.
        check: Their CRC-32.
        method: How it is packed.
        locked: Whether it is encrypted.
        mode: Type and rights as in ``stat``; 0 where the archive does not say.
    """

    name: str
    at: int
    packed: int
    size: int
    check: int
    method: int
    locked: bool = False
    mode: int = 0

    @property
    def is_folder(self) -> bool:
        """Whether it stands for a folder."""
        return self.name.endswith(("/", "\\")) and not self.size


@dataclass(frozen=True)
class ZipMember:
    """A member of a zip archive on disk, unpacked when it is read.

    Attributes:
        place: The archive.
        name: The member, told at this node only.
        entry: What the list says of it.
        start: Where in the file the archive begins.
        room: Directory in which it lies while it is taken in, if it is large.
    """

    place: Path
    name: str
    entry: Entry
    start: int = 0
    room: Path | None = None

    def read(self) -> Data:
        """The bytes of the member.

        Raises:
            ImageError: it is no file, too large, locked, or damaged.
        """
        with open_regular(self.place) as file:
            return content_of(file, self.entry, self.start, self.room)


def entries(file: BinaryIO, start: int, end: int) -> Iterator[Entry]:
    """The members of a zip archive, in the order of its list.

    Args:
        file: Where it is.
        start: Its first byte there.
        end: The byte after its last.

    Raises:
        DamagedArchive: the list cannot be read to its end; what was given before is right.
        ArchiveTooLarge: it has more members than can be handled.
    """
    first, last, before, count = _directory(file, start, end)
    at, found = first, 0
    while at < last:
        file.seek(at)
        head = file.read(_ENTRY_SIZE)
        if len(head) < _ENTRY_SIZE or not head.startswith(_ENTRY):
            raise DamagedArchive(_CUT)
        name, extra, comment = unpack_from("<3H", head, 28)
        entry = _entry(head, file.read(name), file.read(extra), before)
        at += _ENTRY_SIZE + name + extra + comment
        found += 1
        if found > MOST_MEMBERS:
            raise ArchiveTooLarge(f"It holds more than {MOST_MEMBERS:,} files.")
        yield entry
    if found % 65_536 != count % 65_536:
        raise DamagedArchive(_CUT)


def content_of(file: BinaryIO, entry: Entry, start: int = 0, room: Path | None = None) -> Data:
    """The bytes of a member.

    Args:
        file: Where the archive is.
        entry: What its list says of the member.
        start: The first byte of the archive.
        room: Directory in which they lie if they are many.

    Raises:
        ImageError: it is no file, too large, locked, or damaged.
    """
    return content_in(Stream(filter(None, pieces_of(file, entry, start))), entry.size, room)


def pieces_of(file: BinaryIO, entry: Entry, start: int = 0) -> Iterator[bytes]:
    """The bytes of a member, piece by piece, never more than the archive's list says; arguments as above.

    Raises:
        ImageError: it is no file, locked, or damaged; what was given before may then be wrong.
    """
    at = place_of(file, entry, start)
    size = check = 0
    for piece in _UNPACKERS[entry.method](file_pieces(file, at, entry.packed)):
        size, check = size + len(piece), zlib.crc32(piece, check)
        if size > entry.size:
            break
        yield piece
    if size != entry.size or check != entry.check:
        raise DamagedArchive("A file in the archive is not what its list says; it is damaged or cut short.")


def place_of(file: BinaryIO, entry: Entry, start: int = 0) -> int:
    """Where in the file the packed bytes of a member begin; arguments as above.

    Raises:
        ImageError: it is no file, locked, or damaged.
    """
    if entry.mode and not stat.S_ISREG(entry.mode):
        raise NotDicom("This is a link or another entry that is not a regular file.")
    if entry.locked:
        raise LockedArchive("The file can be read only with a password.")
    if entry.method not in _UNPACKERS:
        raise DamagedArchive("The file is packed in a way that cannot be read; unpack the archive to import it.")
    file.seek(start + entry.at)
    head = file.read(_LOCAL_SIZE)
    if len(head) < _LOCAL_SIZE or not head.startswith(_LOCAL):
        raise DamagedArchive("A file in the archive is not where its list says.")
    name, extra = unpack_from("<2H", head, 26)
    return int(start + entry.at + _LOCAL_SIZE + name + extra)


def _directory(file: BinaryIO, start: int, end: int) -> tuple[int, int, int, int]:
    """Where the list of members begins and ends, how many bytes lie before the archive, and how many members it has."""
    reach = max(start, end - _END_SIZE - _LONGEST_COMMENT)
    file.seek(reach)
    tail = file.read(end - reach)
    found = tail.rfind(_END, 0, max(0, len(tail) - _END_SIZE + len(_END)))
    if found < 0:
        raise DamagedArchive(_CUT)
    here = reach + found
    disk, _, _, count, size, at = unpack_from("<4H2L", tail, found + 4)
    if disk not in {0, 0xFFFF}:
        raise DamagedArchive(_ONE_ARCHIVE)
    if _IN_EXTRA in {at, size} or count == 0xFFFF:  # noqa: PLR2004
        here, count, size, at = _directory_64(file, start, here, (here, count, size, at))
    before = here - size - at - start
    if before < 0:
        raise DamagedArchive(_CUT)
    return here - size, here, before, count


def _directory_64(file: BinaryIO, start: int, end: int, said: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """The same of an archive with long numbers (section 4.3.14); what was said without them where there are none."""
    file.seek(max(start, end - _LOCATOR_SIZE))
    if not file.read(_LOCATOR_SIZE).startswith(_LOCATOR):
        return said
    here = end - _LOCATOR_SIZE - _END_64_SIZE
    file.seek(max(start, here))
    record = file.read(_END_64_SIZE)
    if len(record) < _END_64_SIZE or not record.startswith(_END_64):
        raise DamagedArchive(_CUT)
    count, size, at = unpack_from("<3Q", record, 32)
    return here, count, size, at


def _entry(head: bytes, name: bytes, extra: bytes, before: int) -> Entry:
    made_on, flags, method = head[5], *unpack_from("<2H", head, 8)
    check, packed, size = unpack_from("<3L", head, 16)
    mode, at = unpack_from("<2L", head, 38)
    long = _long_numbers(extra)
    size, packed, at = (next(long, n) if n == _IN_EXTRA else n for n in (size, packed, at))
    text = name.decode("utf-8" if flags & 0x800 else "cp437", "replace")
    mode = mode >> 16 if made_on == _UNIX else 0
    return Entry(
        text, at + before, packed, size, check, method, bool(flags & _LOCKED), mode if stat.S_IFMT(mode) else 0
    )


def _long_numbers(extra: bytes) -> Iterator[int]:
    """The numbers of eight bytes in the extra field of a member (section 4.5.3)."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = unpack_from("<2H", extra, at)
        if kind == 1:
            values = extra[at + 4 : at + 4 + length]
            yield from (n for (n,) in iter_unpack("<Q", values[: len(values) // 8 * 8]))
        at += 4 + length


def file_pieces(file: BinaryIO, at: int, size: int) -> Iterator[bytes]:
    """So many bytes of a file from a place on, or fewer at its end, piece by piece."""
    file.seek(at)
    while size > 0 and (piece := file.read(min(size, PIECE))):
        size -= len(piece)
        yield piece


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for piece in packed:
            waiting = piece
            while waiting and not unpacker.eof:
                yield unpacker.decompress(waiting, 4 * PIECE)
                waiting = unpacker.unconsumed_tail
    except zlib.error as fault:
        raise DamagedArchive("A file in the archive is damaged.", detail=str(fault)) from fault


def _unzipped(packed: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = bz2.BZ2Decompressor()
    try:
        for piece in packed:
            waiting = piece
            while not unpacker.eof and (waiting or not unpacker.needs_input):
                yield unpacker.decompress(waiting, 4 * PIECE)
                waiting = b""
    except OSError as fault:
        raise DamagedArchive("A file in the archive is damaged.", detail=str(fault)) from fault


_UNPACKERS = {STORED: lambda packed: packed, _DEFLATED: _inflated, _BZIP2: _unzipped}
