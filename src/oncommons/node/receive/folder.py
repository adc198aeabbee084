"""Files of a folder: regular ones only, each opened without following links."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from oncommons.imaging.pieces import Data
from oncommons.node.receive.large import LargeFile
from oncommons.schema.errors import DamagedImage, ImageError, ImageTooLarge, NotDicom, UnreadableSource

_IRREGULAR = (errno.ELOOP, errno.ENXIO, errno.ENODEV, errno.EISDIR)
"""How the system says that something is a link, a socket, a device without a driver, a folder."""
LARGEST_FILE = 16 * 1024**3
"""Bytes of the largest object that is taken in; a larger file is named in quarantine and stays where it is."""
_LARGEST_IN_MEMORY = 16 * 1024**2


def files_in(place: Path) -> Iterator[Path]:
    """Every entry below a folder that is not a folder, or the file itself; links are named, not followed.

    A folder below it that cannot be listed is named like a file, so that it is told of, and the others go on.

    Raises:
        UnreadableSource: there is no such place, or it cannot be listed.
    """
    folders: list[Path] = []
    try:
        if place.is_file():
            files = [place]
        elif place.is_dir():
            folders, files = _listed(place)
        else:
            raise UnreadableSource(f"There is no file or folder {place.name}.", detail=str(place))
    except OSError as fault:
        raise UnreadableSource(f"{place.name} cannot be read; may you read it?", detail=str(fault)) from fault
    yield from files
    waiting = folders[::-1]
    while waiting:
        folder = waiting.pop()
        try:
            folders, files = _listed(folder)
        except OSError:
            yield folder
            continue
        waiting += reversed(folders)
        yield from files


def _listed(folder: Path) -> tuple[list[Path], list[Path]]:
    """The folders in a folder, and what else is in it, by name."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    folders = [Path(entry.path) for entry in found if entry.is_dir(follow_symlinks=False)]
    return folders, [Path(entry.path) for entry in found if not entry.is_dir(follow_symlinks=False)]


@dataclass(frozen=True)
class FileArrival:
    """A file of a folder."""

    path: Path

    @property
    def name(self) -> str:
        """Its path."""
        return str(self.path)

    def read(self) -> Data:
        """Its bytes; see :func:`read_file`."""
        return read_file(self.path)


def read_file(path: Path) -> Data:
    """The bytes of a regular file; those of a large one are read when they are cut.

    Raises:
        NotDicom: it is a link, a pipe, a device.
        ImageTooLarge: it is larger than can be read.
        DamagedImage: it cannot be read, or changed meanwhile.
    """
    try:
        handle = _opened(path)
        try:
            return whole(handle)
        finally:
            os.close(handle)
    except OSError as fault:
        raise _told(fault) from fault


@contextmanager
def open_regular(path: Path) -> Iterator[BinaryIO]:
    """A regular file, opened without following links and without waiting.

    Raises:
        NotDicom: it is a link, a pipe, a device.
        DamagedImage: it cannot be read.
    """
    try:
        with os.fdopen(_opened(path), "rb") as file:
            yield file
    except OSError as fault:
        raise _told(fault) from fault


def _opened(path: Path) -> int:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise NotDicom("This is not a regular file.")
    return handle


def _told(fault: OSError) -> ImageError:
    """What the file system reports, in our own words."""
    if fault.errno in _IRREGULAR:
        return NotDicom("This is not a regular file.", detail=str(fault))
    return DamagedImage("The file cannot be read; may you read it?", detail=str(fault))


def whole(handle: int, read: Callable[[int, int], bytes] = os.read) -> Data:
    """The bytes of an open file, if it did not change while they were read; those of a large one are read later.

    Args:
        handle: The file.
        read: Reads from it; as much as is asked for, or less.

    Raises:
        ImageTooLarge: it is larger than can be read.
        DamagedImage: it changed; it may still be being copied.
        OSError: it cannot be read.
    """
    before = os.fstat(handle)
    if before.st_size > LARGEST_FILE:
        raise ImageTooLarge(f"The file is larger than {LARGEST_FILE // 1024**3} GiB.")
    if before.st_size > _LARGEST_IN_MEMORY:
        return LargeFile(os.dup(handle))
    content = read(handle, before.st_size + 1)
    while 0 < len(content) < before.st_size and (more := read(handle, before.st_size + 1 - len(content))):
        content += more
    after = os.fstat(handle)
    if len(content) != before.st_size or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise DamagedImage("The file changed while it was read; import it again when it is whole.")
    return content
