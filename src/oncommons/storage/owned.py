"""Small SQLite files that one node writes and only their owner may read: its ledgers."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from oncommons.schema.errors import StorageFailed, StorageFull

_PAUSE = 0.01
"""Seconds between two tries where SQLite itself does not wait."""


def open_owned(path: Path, tables: str, *, patience: float = 15) -> sqlite3.Connection:
    """A connection in autocommit, whose writes are durable when they return, for one thread at a time.

    The file and its journal are readable by their owner only.  Several processes may open it at once.

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
        write_ahead(connection, patience)
        connection.execute("PRAGMA synchronous = FULL")
        new = not connection.execute("SELECT EXISTS (SELECT 1 FROM sqlite_master)").fetchone()[0]
        connection.executescript(f"BEGIN IMMEDIATE;{tables};COMMIT" if new else tables)  # or each is made durable alone
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def write_ahead(connection: sqlite3.Connection, patience: float) -> None:
    """Keep a database in write-ahead mode.

    Of two connections that turn the same new file to it at once, SQLite refuses one without waiting; so we wait.

    Args:
        connection: The database.
        patience: Seconds after which it gives up.

    Raises:
        sqlite3.Error: others do not let go of the file, or it is no database.
    """
    end = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(_PAUSE)
        else:
            return


@contextmanager
def alone(connection: sqlite3.Connection) -> Iterator[None]:
    """Let nobody else write inside the block; what is written in it is there when it ends without an error, or not at all.

    Raises:
        sqlite3.Error: the file cannot be written, or somebody else does not let go of it; nothing was written.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has ended it already
            connection.execute("ROLLBACK")
        raise


@contextmanager
def plain_errors(broken: str, full: str) -> Iterator[None]:
    """Tell what SQLite reports in our own words.

    Args:
        broken: What is said where the file cannot be used.
        full: What is said where the disk is full.

    Raises:
        StorageFull: the disk is full.
        StorageFailed: the file cannot be used.
    """
    try:
        yield
    except sqlite3.Error as fault:
        if "full" in str(fault):
            raise StorageFull(full, detail=str(fault)) from fault
        raise StorageFailed(broken, detail=str(fault)) from fault
