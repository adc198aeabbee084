"""Files of a folder: regular ones only, each opened without following links."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from oncommons.schema.errors import DamagedImage, ImageTooLarge, NotDicom, UnreadableSource

_IRREGULAR = (errno.ELOOP, errno.ENXIO, errno.ENODEV, errno.EISDIR)
"""How the system says that something is a link, a socket, a device without a driver, a folder."""
LARGEST_FILE = 256 * 1024 * 1024
"""Bytes of the largest file that is read; a larger one is named in quarantine and stays where it is."""


def files_in(place: Path) -> Iterator[Path]:
    """Every entry below a folder that is not a folder, or the file itself; links are named, not followed.

    Raises:
        UnreadableSource: there is no such place, or it cannot be listed.
    """
    try:
        single = place.is_file()
        if not single and not place.is_dir():
            raise UnreadableSource(f"There is no file or folder {place.name}.", detail=str(place))
    except OSError as fault:
        raise UnreadableSource(f"{place.name} cannot be read; may you read it?", detail=str(fault)) from fault
    if single:
        yield place
        return
    waiting = [place]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as fault:
            raise UnreadableSource("A folder cannot be listed; may you read it?", detail=str(fault)) from fault
        folders = [Path(entry.path) for entry in found if entry.is_dir(follow_symlinks=False)]
        waiting += reversed(folders)
        yield from (Path(entry.path) for entry in found if not entry.is_dir(follow_symlinks=False))


@dataclass(frozen=True)
class FileArrival:
    """A file of a folder."""

    path: Path

    @property
    def name(self) -> str:
        """Its path."""
        return str(self.path)

    def read(self) -> bytes:
        """Its bytes; see :func:`read_file`."""
        return read_file(self.path)


def read_file(path: Path) -> bytes:
    """The bytes of a regular file.

    Raises:
        NotDicom: it is a link, a pipe, a device.
        ImageTooLarge: it is larger than can be read.
        DamagedImage: it cannot be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            about = os.fstat(handle)
            if not stat.S_ISREG(about.st_mode):
                raise NotDicom("This is not a regular file.")
            if about.st_size > LARGEST_FILE:
                raise ImageTooLarge(f"The file is larger than {LARGEST_FILE // 1024**2} MiB.")
            return file.read(LARGEST_FILE + 1)
    except OSError as fault:
        if fault.errno in _IRREGULAR:
            raise NotDicom("This is not a regular file.", detail=str(fault)) from fault
        raise DamagedImage("The file cannot be read; may you read it?", detail=str(fault)) from fault
