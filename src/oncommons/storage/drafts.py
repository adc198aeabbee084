"""Drafts: files that are written before they get their place, in a directory of the process that writes them.

A process that is killed leaves its directory behind; the next one finds its lock free and takes it away.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from oncommons.storage.files import alone_in, plain_file_errors, storage_error

CHUNK = 1024 * 1024
"""Bytes that are written at once."""
_MOST_AT_ONCE = 512
_numbers = count()
"""Drafts of this process are numbered; those of another one have its number before theirs."""


@contextmanager
def drafts_in(folder: Path) -> Iterator[Path]:
    """A directory for drafts below another; it goes when the block ends, and with it those of processes that are gone.

    Args:
        folder: The directory of all drafts, made if need be.

    Raises:
        MachineError: it cannot be used.
    """
    with plain_file_errors(), alone_in(folder):
        _take_away_abandoned(folder)
        mine = Path(tempfile.mkdtemp(dir=folder))
        lock = _locked(mine)
    try:
        yield mine
    finally:
        shutil.rmtree(mine, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def write_draft(folder: Path, content: Iterable[bytes | memoryview]) -> Path:
    """Write a draft; whoever gives it its place makes it durable.

    Args:
        folder: As :func:`drafts_in` gives it.
        content: The bytes, in pieces.

    Raises:
        MachineError: the disk is full or broken; nothing is left.
    """
    place = Path(f"{folder}/{os.getpid()}-{next(_numbers)}")
    try:
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            for pieces in _together(content):
                _write(handle, pieces)
        except BaseException:
            place.unlink()
            raise
        finally:
            os.close(handle)
    except OSError as fault:
        raise storage_error(fault) from fault
    return place


def _together(content: Iterable[bytes | memoryview]) -> Iterator[list[bytes | memoryview]]:
    """Pieces that the system is given at once: no more than it takes, nor many bytes in memory."""
    pieces: list[bytes | memoryview] = []
    size = 0
    for piece in content:
        pieces.append(piece)
        size += len(piece)
        if size >= CHUNK or len(pieces) == _MOST_AT_ONCE:
            yield pieces
            pieces, size = [], 0
    if size:
        yield pieces


def _write(handle: int, pieces: list[bytes | memoryview]) -> None:
    """Write all of some pieces; the system may take less at a time."""
    lacking = sum(map(len, pieces)) - os.writev(handle, pieces)
    rest = memoryview(b"".join(pieces) if lacking else b"")
    while lacking:
        lacking -= os.write(handle, rest[-lacking:])


def _take_away_abandoned(folder: Path) -> None:
    for path in folder.iterdir():
        lock = _locked(path)
        if lock is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _locked(folder: Path) -> int | None:
    """A lock on a directory, as long as the handle is open; none where another process has it."""
    with suppress(FileNotFoundError, NotADirectoryError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
        else:
            return handle
    return None
