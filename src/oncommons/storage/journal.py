"""A file of JSON records, one a line, that only ever grows."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oncommons.storage.files import plain_file_errors


def append(path: Path, record: Mapping[str, Any]) -> None:
    """Add a record and make it durable; a line that a crash left unfinished is closed first.

    Raises:
        MachineError: the disk is full or broken; earlier records stay.
    """
    line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"
    with plain_file_errors():
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(handle).st_size
            if size and os.pread(handle, 1, size - 1) != b"\n":
                line = b"\n" + line
            os.write(handle, line)
            os.fsync(handle)
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
