"""A file of JSON records, one a line, that only ever grows."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oncommons.storage.files import plain_file_errors


def append(path: Path, *records: Mapping[str, Any]) -> None:
    """Add records and make them durable together, all or none; a line that a crash left unfinished is closed first.

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
                lines.insert(0, b"\n")
            try:
                with open(handle, "wb", closefd=False) as file:  # which goes on where only a part could be written
                    file.write(b"".join(lines))
                os.fsync(handle)
            except OSError:
                os.ftruncate(handle, size)
                raise
        finally:
            os.close(handle)


def records(path: Path) -> list[dict[str, Any]]:
    """Every record that is whole, the oldest first; none where the file is not there.

    Raises:
        MachineError: it cannot be read.
    """
    with plain_file_errors():
        try:
            lines = path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
    found = []
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict):
            found.append(record)
    return found
