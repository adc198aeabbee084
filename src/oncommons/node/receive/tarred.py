"""Tar archives, read as a stream (POSIX.1-2001 pax, ustar, GNU); nothing is unpacked to disk.

The library's own reader ends in silence at a damaged header in the middle; here it is told.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from oncommons.node.receive.packed import PIECE, Stream
from oncommons.schema.errors_of_protocols import ArchiveTooLarge, DamagedArchive

_BLOCK = 512
_LONGEST_HEADER = 256 * 1024
_LONGEST_SIZE = 19
_MOST_MEMBERS = 1_000_000
_LONG_NAME, _LONG_LINK, _PAX, _PAX_ALL, _HOLES = b"L", b"K", b"x", b"g", b"S"
_EXTENDED, _EXTENDED_AGAIN = 482, 504
"""Where an old GNU header says that a list of holes follows, and where that list says that another does."""


@dataclass
class TarMember:
    """A member of a tar archive; its bytes must be read or skipped before the next is asked for.

    Attributes:
        name: As text, for telling only; it is never used as a path.
        size: Bytes.
        is_file: Whether it is a regular file, not a link or device.
        is_folder: Whether it stands for a folder.
        has_holes: Whether it is stored without its zeros, which is not read here.
        stream: Where its bytes come from.
    """

    name: str
    size: int
    is_file: bool
    is_folder: bool
    has_holes: bool
    stream: Stream
    _left: int = field(init=False)

    def __post_init__(self) -> None:
        self._left = self.size

    def pieces(self) -> Iterator[bytes]:
        """Its bytes, piece by piece.

        Raises:
            DamagedArchive: the archive ends early.
        """
        while self._left > 0:
            piece = self.stream.exactly(min(self._left, PIECE))
            self._left -= len(piece)
            yield piece

    def leave(self) -> None:
        """Go on to the end of the member's last block."""
        self.stream.skip(self._left + -self.size % _BLOCK)
        self._left = 0


def is_tar(head: bytes) -> bool:
    """Whether bytes are the first header of a tar archive, by its checksum."""
    try:
        tarfile.TarInfo.frombuf(head[:_BLOCK], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def tar_members(stream: Stream) -> Iterator[TarMember]:
    """The members of a tar archive, in order.

    Raises:
        DamagedArchive: it is damaged or cut short; what was given before is right.
        ArchiveTooLarge: it has more members than can be handled.
    """
    said: dict[str, str] = {}
    for _ in range(_MOST_MEMBERS):
        block = stream.exactly(_BLOCK)
        if not block.strip(b"\0"):
            _end(stream)
            return
        header = _header(block)
        if header.type in {_LONG_NAME, _LONG_LINK, _PAX, _PAX_ALL}:
            said |= _more(header, stream)
            continue
        member = _member(header, said, stream)
        if header.type == _HOLES:
            _skip_holes(block, stream)
        yield member
        member.leave()
        said = {}
    raise ArchiveTooLarge(f"It holds more than {_MOST_MEMBERS:,} files.")


def _end(stream: Stream) -> None:
    """Read to the end, where nothing but zeros may be."""
    while piece := stream.read(PIECE):
        if piece.strip(b"\0"):
            raise DamagedArchive("Something else follows at the archive's end.")


def _header(block: bytes) -> tarfile.TarInfo:
    try:
        return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError as fault:
        raise DamagedArchive("The archive is damaged; what came before was taken in.", detail=str(fault)) from fault


def _member(header: tarfile.TarInfo, said: Mapping[str, str], stream: Stream) -> TarMember:
    size = said.get("size", "")
    return TarMember(
        name=said.get("path", header.name),
        size=int(size) if size.isascii() and size.isdigit() and len(size) < _LONGEST_SIZE else max(0, header.size),
        is_file=header.isfile() or header.type not in tarfile.SUPPORTED_TYPES,
        is_folder=header.isdir(),
        has_holes=header.type == _HOLES or any(key.startswith("GNU.sparse") for key in said),
        stream=stream,
    )


def _more(header: tarfile.TarInfo, stream: Stream) -> dict[str, str]:
    """What a header of its own says of the next member: its long name, or its name and size."""
    if header.size > _LONGEST_HEADER:
        raise ArchiveTooLarge("A name in the archive is longer than can be handled.")
    text = stream.exactly(header.size)
    stream.skip(-header.size % _BLOCK)
    if header.type == _LONG_NAME:
        return {"path": text.rstrip(b"\0").decode("utf-8", "surrogateescape")}
    return _records(text) if header.type == _PAX else {}


def _records(text: bytes) -> dict[str, str]:
    """The records of a pax header: ``LENGTH NAME=VALUE`` and a newline, each as long as it says."""
    found, at = {}, 0
    while at < len(text):
        space = text.find(b" ", at, at + 8)
        length = text[at : max(at, space)]
        end = at + int(length) if length.isdigit() else 0
        name, equal, value = text[space + 1 : end - 1].partition(b"=")
        if not (equal and space < end <= len(text)):
            raise DamagedArchive("The archive is damaged; what came before was taken in.")
        found[name.decode("utf-8", "replace")] = value.decode("utf-8", "surrogateescape")
        at = end
    return found


def _skip_holes(block: bytes, stream: Stream) -> None:
    """Go past the lists of holes of an old GNU header."""
    extended = block[_EXTENDED]
    while extended:
        extended = stream.exactly(_BLOCK)[_EXTENDED_AGAIN]
