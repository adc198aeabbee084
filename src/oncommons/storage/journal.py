"""A file of JSON records, one a line, that only ever grows."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oncommons.schema.errors import StorageFailed
from oncommons.storage.files import plain_file_errors


def append(path: Path, *records: Mapping[str, Any]) -> None:
    """Add records and make them durable together, all or none; of a line that a crash left unfinished nothing stays.

    Args:
        path: The file; it need not be there.
        records: What is added, in this order.

    Raises:
        MachineError: the disk is full or broken; earlier records stay.
    """
    lines = [
        json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n" for record in records
    ]
    with plain_file_errors():
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)  # so that nothing of another's stands behind what is taken back
            size = os.fstat(handle).st_size
            if size and os.pread(handle, 1, size - 1) != b"\n":
                size = _mended(handle, size)
            try:
                with open(handle, "wb", closefd=False) as file:  # which goes on where only a part could be written
                    file.write(b"".join(lines))
                os.fsync(handle)
            except OSError:
                os.ftruncate(handle, size)
                raise
        finally:
            os.close(handle)


def _mended(handle: int, size: int) -> int:
    """Close the last line where a crash left out only its end, else take it away; gives the size after that."""
    begin = os.pread(handle, size, 0).rfind(b"\n") + 1
    if _record(os.pread(handle, size - begin, begin)) is None:
        os.ftruncate(handle, begin)
        return begin
    os.write(handle, b"\n")
    return size + 1


def _record(line: bytes) -> dict[str, Any] | None:
    """The record in a line; ``None`` where it holds none."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def records(path: Path) -> list[dict[str, Any]]:
    """Every record that is whole, the oldest first; none where the file is not there.

    Raises:
        MachineError: it cannot be read.
    """
    return [record for record in map(_record, _lines(path)) if record is not None]


def every_record(path: Path) -> list[dict[str, Any]]:
    """As :func:`records`, of a file of which no record may be missed; a last line that was never finished is none.

    Raises:
        StorageFailed: a line cannot be read.
        MachineError: the file cannot be read.
    """
    *lines, last = _lines(path) or [b""]
    found = [record for record in map(_record, lines) if record is not None]
    if len(found) < len(lines):
        raise StorageFailed(f"{path.name} is damaged; restore it from a backup.", detail=str(path))
    unfinished = _record(last)
    return found if unfinished is None else [*found, unfinished]


def _lines(path: Path) -> list[bytes]:
    """The lines, and last what stands behind the last line break; nothing where the file is not there."""
    with plain_file_errors():
        try:
            return path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
