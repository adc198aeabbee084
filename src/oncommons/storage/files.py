"""Files that are written whole or not at all, a lock on a directory, and the file system's errors in our own words."""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from oncommons.schema.errors import OncommonsError, StorageFailed, StorageFull

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_AT_A_TIME = 8


def write_once(path: Path, content: bytes) -> None:
    """Write a new file, readable by its owner only; one that is there already is never overwritten.

    Raises:
        OSError: the file exists or cannot be written.
    """
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # readable by its owner only
    try:
        _fill(handle, content)
        os.link(draft, path)
    finally:
        Path(draft).unlink()


def replace_file(path: Path, content: bytes) -> None:
    """Put new content into a file; whoever reads sees the old or the new, never a half.

    Raises:
        OSError: the file cannot be written; it is as it was.
    """
    draft = path.with_name(f"{path.name}.new")
    _fill(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666), content)
    draft.replace(path)


def sync(path: Path) -> None:
    """Make a file or a directory durable.

    Raises:
        OSError: the machine cannot.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_all(paths: Sequence[Path]) -> None:
    """Make files durable, several at a time: the disk's journal takes them together.

    Raises:
        OSError: the machine cannot.
    """
    if len(paths) <= 1:
        for path in paths:
            sync(path)
        return
    with ThreadPoolExecutor(min(_AT_A_TIME, len(paths))) as pool:
        for _ in pool.map(sync, paths):
            pass


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """One writer at a time in a directory, which is made if need be; others wait.

    The lock goes with the process that holds it.

    Raises:
        StorageFailed: the directory cannot be used.
    """
    with plain_file_errors():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@contextmanager
def plain_file_errors() -> Iterator[None]:
    """Tell what the file system reports in our own words."""
    try:
        yield
    except OSError as fault:
        raise storage_error(fault) from fault


def storage_error(fault: OSError) -> OncommonsError:
    """The error of ours for an error of the file system."""
    if fault.errno in _FULL:
        return StorageFull("The disk is full. Nothing was changed; make room and try again.", detail=str(fault))
    place = Path(fault.filename).name if fault.filename else "a file"
    return StorageFailed(f"{place} cannot be used: {fault.strerror}.", detail=str(fault))


def _fill(handle: int, content: bytes) -> None:
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
