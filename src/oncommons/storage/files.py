"""Files that are written whole or not at all, a lock on a directory, and the file system's errors in our own words."""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from oncommons.schema.errors import OncommonsError, StorageFailed, StorageFull
from oncommons.schema.errors_of_rows import UnwritableReport

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_AT_A_TIME, _HANDS = 256, 8
"""Files that are open at once while they are made durable, and threads that wait for the disk."""


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


def replace_file(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Put new content into a file; whoever reads sees the old or the new, never a half.

    Args:
        path: The file.
        content: What it is to hold.
        mode: Who may read and write it, as far as the user's mask allows.

    Raises:
        OSError: the file cannot be written; it is as it was.
    """
    draft = path.with_name(f"{path.name}.new")
    _fill(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), content)
    draft.replace(path)


@contextmanager
def private_file(path: Path) -> Iterator[Callable[[Iterable[str]], None]]:
    """A file that only its owner can read, made before the work whose result it is to hold.

    Inside the block, the function that is given puts text into it (UTF-8), once; a file of that name is then replaced.
    Where the block raises, or puts nothing, all is as before.  What is no plain file, such as ``/dev/stdout``, is
    written to.

    Raises:
        UnwritableReport: it cannot be made there; the block was not begun.
        MachineError: the disk is full or broken.
    """
    target = path.resolve()
    special = target.exists() and not target.is_file()
    try:
        handle, draft = (os.open(target, os.O_WRONLY), "") if special else _beside(target)
    except OSError as fault:
        raise UnwritableReport(
            f"{path.name} cannot be written in {target.parent.name or '/'!r}: {fault.strerror}. Nothing was begun; "
            "name a file in a folder that is there and in which you may write.",
            detail=str(fault),
        ) from fault

    def put(text: Iterable[str]) -> None:
        with plain_file_errors():
            for part in text:
                file.write(part)
            file.flush()
            if draft:
                os.fsync(handle)
                Path(draft).replace(target)

    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        try:
            yield put
        finally:
            if draft:
                Path(draft).unlink(missing_ok=True)


def _beside(target: Path) -> tuple[int, str]:
    return tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.")  # readable by its owner only


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
    """Make files durable, many at a time: the disk begins with all before the first is waited for, and is asked by several.

    Raises:
        OSError: the machine cannot.
    """
    for at in range(0, len(paths), _AT_A_TIME):
        handles: list[int] = []
        try:
            for path in paths[at : at + _AT_A_TIME]:
                handles.append(os.open(path, os.O_RDONLY))
                _begin_writing(handles[-1])
            _sync_open(handles)
        finally:
            for handle in handles:
                os.close(handle)


def _sync_open(handles: Sequence[int]) -> None:
    """Make open files durable; a disk that is busy with others answers several who wait as soon as one."""
    hands = min(_HANDS, len(handles))
    if hands <= 1:
        _sync_each(handles)
        return
    with ThreadPoolExecutor(hands) as pool:
        for _ in pool.map(_sync_each, [handles[hand::hands] for hand in range(hands)]):
            pass


def _sync_each(handles: Sequence[int]) -> None:
    for handle in handles:
        os.fsync(handle)


def _begin_writing(handle: int) -> None:
    """Let the system begin to write what it holds of a file; it does so when it hears that nobody will read it soon."""
    if hasattr(os, "posix_fadvise"):  # not everywhere
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)


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
