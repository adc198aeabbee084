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

from oncommons.storage.files import alone_in, plain_file_errors

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
    place = folder / f"{os.getpid()}-{next(_numbers)}"
    with plain_file_errors():
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines(content)
        except BaseException:
            place.unlink()
            raise
    return place


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
