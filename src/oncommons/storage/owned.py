"""Small SQLite files that one node writes and only their owner may read: its ledgers."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path


def open_owned(path: Path, tables: str, *, patience: float = 15) -> sqlite3.Connection:
    """A connection in autocommit, whose writes are durable when they return, for one thread at a time.

    The file and its journal are readable by their owner only.

    Args:
        path: The file; made where it is missing.
        tables: Statements that make the tables which are not there yet.
        patience: Seconds for which others may write before a write gives up.

    Raises:
        sqlite3.Error: it cannot be opened, or is no such file.
        OSError: it cannot be made.
    """
    with suppress(FileExistsError, FileNotFoundError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, timeout=patience, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(tables)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
