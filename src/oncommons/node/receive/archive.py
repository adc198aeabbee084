"""Archives as a way in: zip and tar, packed or not, and single packed files; one file at a time, a large one not in memory.

Names inside an archive are told and never used as paths.  What an archive may cost is bounded: the bytes that come out
of it and of the archives in it, the number of its members, and what is held in memory at a time.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal, TypeAlias

from oncommons.imaging.pieces import Data
from oncommons.node.receive.folder import FileArrival, files_in, open_regular
from oncommons.node.receive.packed import UNPACKERS, Budget, Stream, content_in, unpacked, within
from oncommons.node.receive.tarred import TarMember, is_tar, tar_members
from oncommons.node.receive.zipped import (
    STORED,
    Entry,
    ZipMember,
    content_of,
    entries,
    file_pieces,
    pieces_of,
    place_of,
)
from oncommons.schema.errors import ImageError, ImageTooLarge, NotDicom
from oncommons.schema.errors_of_protocols import ArchiveTooLarge, DamagedArchive, NestedArchive

NAMED = (".zip", ".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".gz", ".bz2", ".xz")
"""How the names of archives end; a file in a folder that is called otherwise is not looked into."""
_NOT_NAMED = (".nii.gz",)
GROWTH, ALWAYS = 100, 4 * 1024**3
"""An archive may grow to a hundred times its size, and to 4 GiB in any case."""
LARGEST_NESTED = 32 * 1024 * 1024
"""Bytes of the largest zip that lies packed in another archive, and so must be held in memory."""
_HEAD = 512
_MAGIC_AT = 128
_ZIPS = (b"PK\3\4", b"PK\5\6")
Kind: TypeAlias = Literal["zip", "tar", "packed", ""]


@dataclass(frozen=True)
class Told:
    """A member whose bytes are at hand, or the reason why they are not.

    Attributes:
        name: Told at this node only.
        content: The bytes.
        fault: Why there are none.
    """

    name: str
    content: Data = b""
    fault: ImageError | None = None

    def read(self) -> Data:
        """The bytes of the member.

        Raises:
            ImageError: there are none.
        """
        if self.fault is not None:
            raise self.fault
        return self.content


Member: TypeAlias = ZipMember | Told


@dataclass(frozen=True)
class _Level:
    """Where in archives one is: a name, what may still come out, whether the archive lies in another, and room."""

    name: str
    budget: Budget
    nested: bool = False
    room: Path | None = None


def arrivals_in(place: Path, room: Path | None = None) -> Iterator[FileArrival | Member]:
    """Every file of a folder, and in place of an archive the files in it; or those of one archive, or one file.

    Args:
        place: The folder or file; a file that is named itself is looked into whatever its name.
        room: Directory in which large files of archives lie while they are taken in.

    Raises:
        UnreadableSource: there is no such place, or it cannot be listed.
    """
    return arrivals_of(files_in(place), whole=place, room=room)


def arrivals_of(
    paths: Iterable[Path], whole: Path | None = None, room: Path | None = None
) -> Iterator[FileArrival | Member]:
    """Files, and in place of archives the files in them.

    Args:
        paths: The files.
        whole: One of them that is looked into whatever its name.
        room: Directory in which large files of archives lie while they are taken in.
    """
    for path in paths:
        if is_archive(path, any_name=path == whole):
            yield from members(path, room=room)
        else:
            yield FileArrival(path)


def is_archive(path: Path, *, any_name: bool = False) -> bool:
    """Whether a file is an archive: by how its name ends and its bytes begin.

    Args:
        path: The file.
        any_name: Whether the name may be any.
    """
    if not (any_name or is_named_so(path.name)):
        return False
    try:
        with open_regular(path) as file:
            return bool(kind_of(file.read(_HEAD)))
    except ImageError:
        return False


def is_named_so(name: str) -> bool:
    """Whether a name ends as those of archives do."""
    return name.lower().endswith(NAMED) and not name.lower().endswith(_NOT_NAMED)


def kind_of(head: bytes) -> Kind:
    """What kind of archive begins so; empty for none, and for a DICOM file whatever its preamble says.

    Args:
        head: Its first 512 bytes.
    """
    if head[_MAGIC_AT : _MAGIC_AT + 4] == b"DICM":
        return ""
    if head.startswith(_ZIPS):
        return "zip"
    if head.startswith(tuple(UNPACKERS)):
        return "packed"
    return "tar" if is_tar(head) else ""


def members(place: Path, *, always: int = ALWAYS, room: Path | None = None) -> Iterator[Member]:
    """Every file in an archive and in the archives in it; what cannot be read says why when it is read.

    An archive that is damaged or too large gives what comes before the fault, and then itself, with the reason.

    Args:
        place: A file for which :func:`is_archive` is true.
        always: Bytes that may come out of it in any case.
        room: Directory in which large files lie while they are taken in.
    """
    return _told(_of_file(place, always, room), str(place))


def _told(found: Iterator[Member], name: str) -> Iterator[Member]:
    """Members, and at a fault the archive itself with the reason."""
    try:
        yield from found
    except ImageError as fault:
        yield Told(name, fault=fault)


def _of_file(place: Path, always: int, room: Path | None) -> Iterator[Member]:
    with open_regular(place) as file:
        size = os.fstat(file.fileno()).st_size
        level = _Level(str(place), Budget(always + GROWTH * size), room=room)
        if kind_of(file.read(_HEAD)) == "zip":
            yield from _of_zip(file, (0, size), place, level)
        else:
            yield from _of_stream(Stream(file_pieces(file, 0, size)), level)


def _of_zip(file: BinaryIO, span: tuple[int, int], place: Path | None, level: _Level) -> Iterator[Member]:
    """Members of a zip between two places of a file: to be read later where it is on disk, else with their bytes."""
    for entry in entries(file, *span):
        name = f"{level.name}/{entry.name}"
        if entry.is_folder:
            continue
        if is_named_so(entry.name):
            yield from _told(_of_zipped(file, span[0], entry, place, replace(level, name=name)), name)
            continue
        try:
            level.budget.spend(entry.size)
            if place is None:
                yield Told(name, content_of(file, entry, room=level.room))
            else:
                yield ZipMember(place, name, entry, span[0], level.room)
        except ImageError as fault:
            yield Told(name, fault=fault)


def _of_zipped(file: BinaryIO, start: int, entry: Entry, place: Path | None, level: _Level) -> Iterator[Member]:
    """A member of a zip whose name is that of an archive."""
    if entry.method == STORED and not level.nested:
        at = place_of(file, entry, start)
        file.seek(at)
        if kind_of(file.read(min(_HEAD, entry.packed))) == "zip":
            yield from _of_zip(file, (at, at + entry.packed), place, replace(level, nested=True))
            return
    yield from _of_inside(Stream(within(pieces_of(file, entry, start), level.budget)), level)


def _of_inside(stream: Stream, level: _Level) -> Iterator[Member]:
    """What lies in an archive and is named as one; a file as any other if it is none."""
    if not kind_of(stream.peek(_HEAD)):
        yield Told(level.name, content_in(stream, 0, level.room))
    elif level.nested:
        raise NestedArchive("Archives lie in it more than two deep; unpack the outer one to import it.")
    else:
        yield from _of_stream(stream, replace(level, nested=True))


def _of_stream(stream: Stream, level: _Level) -> Iterator[Member]:
    """Members of any archive, read in order."""
    kind = kind_of(stream.peek(_HEAD))
    if kind == "packed":
        stream = Stream(within(unpacked(stream.rest()), level.budget))
        kind = kind_of(stream.peek(_HEAD))
    if kind == "tar":
        for member in tar_members(stream):
            yield from _of_tar(member, replace(level, name=f"{level.name}/{member.name}"))
    elif kind == "zip":
        content = stream.read(LARGEST_NESTED + 1)
        if len(content) > LARGEST_NESTED:
            raise ArchiveTooLarge(f"A zip in it is larger than {LARGEST_NESTED // 1024**2} MiB; unpack the outer one.")
        yield from _of_zip(BytesIO(content), (0, len(content)), None, level)
    else:
        yield from _of_inside(stream, level)


def _of_tar(member: TarMember, level: _Level) -> Iterator[Member]:
    """A member of a tar archive, with its bytes."""
    if member.is_folder:
        return
    if not member.is_file:
        yield Told(level.name, fault=NotDicom("This is a link or another entry that is not a regular file."))
    elif member.has_holes:
        yield Told(level.name, fault=DamagedArchive("The file is stored with holes; unpack the archive to import it."))
    elif is_named_so(member.name):
        yield from _told(_of_inside(Stream(member.pieces()), level), level.name)
    else:
        yield _whole(level, member)


def _whole(level: _Level, member: TarMember) -> Told:
    try:
        return Told(level.name, content_in(Stream(member.pieces()), member.size, level.room))
    except ImageTooLarge as fault:
        return Told(level.name, fault=fault)
