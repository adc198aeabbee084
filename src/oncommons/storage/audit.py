"""The audit log of a node: entries that only ever grow, in SQLite; each is durable when it has been entered.

Tables::

    entry (number, line)      the line is the entry itself, see oncommons.storage.chain
    head  (one, size, digest) how far the log goes, so that an end that is cut off without more ado shows

Lines are only added.  Nothing in SQLite keeps the file's owner from rewriting it; what does is that others keep its
checkpoints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from oncommons.schema.errors_of_protocols import NoAuditLog
from oncommons.storage.chain import Event, Head, next_entry
from oncommons.storage.files import plain_file_errors
from oncommons.storage.owned import alone, open_owned, plain_errors

AUDIT = "audit.sqlite"
"""Name of the file in a node's directory."""
KEY = "key.pem"
"""Name of the file with the node's key, beside it."""
_PATIENCE = 60
_AT_A_TIME = 500
_TABLES = """
CREATE TABLE IF NOT EXISTS entry (number INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS head (
    one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, digest TEXT NOT NULL
) STRICT;
"""


class AuditLog:
    """A node's log, opened; threads and processes may enter at the same time.

    Args:
        path: Its file; made where it is missing.
        begin: Gives what is entered first into a new log; it says whose log this is.

    Raises:
        StorageFailed: it cannot be opened, or is none.
    """

    def __init__(self, path: Path, begin: Callable[[], Event] | None = None) -> None:
        self._begin = begin
        self._lock = Lock()
        with _errors():
            self._connection = open_owned(path, _TABLES, patience=_PATIENCE)

    def enter(self, *events: Event) -> Head:
        """Enter what happened, in this order, all or nothing; it is on disk when this returns.

        Returns:
            The head of the log.

        Raises:
            StorageFull: the disk is full; nothing was entered.
            StorageFailed: the file cannot be written; nothing was entered.
            ValueError: a body is not JSON; nothing was entered.
        """
        with self._lock, _errors(), alone(self._connection):
            head = self._head()
            waiting = [self._begin(), *events] if self._begin and not head.size else list(events)
            rows: list[tuple[int, str]] = []
            for event in waiting:
                entry = next_entry(event, head)
                head = entry.head
                rows.append((entry.number, entry.to_line()))
            self._connection.executemany("INSERT INTO entry VALUES (?, ?)", rows)
            self._connection.execute("INSERT OR REPLACE INTO head VALUES (1, ?, ?)", [head.size, head.digest])
        return head

    def head(self) -> Head:
        """How far the log goes."""
        with self._lock, _errors():
            return self._head()

    def _head(self) -> Head:
        row = self._connection.execute("SELECT size, digest FROM head").fetchone()
        return Head(*row) if row else Head()

    def lines(self) -> Iterator[str]:
        """Every entry as it is kept, the first one first."""
        last = -1
        while True:
            query = "SELECT number, line FROM entry WHERE number > ? ORDER BY number LIMIT ?"
            with self._lock, _errors():
                rows = self._connection.execute(query, [last, _AT_A_TIME]).fetchall()
            if not rows:
                return
            yield from (line for _, line in rows)
            last = rows[-1][0]

    def lines_with(self, words: str, most: int) -> list[str]:
        """The newest entries whose line has these very words somewhere, the newest first; not more than so many."""
        query = "SELECT line FROM entry WHERE instr(line, ?) > 0 ORDER BY number DESC LIMIT ?"
        with self._lock, _errors():
            return [line for (line,) in self._connection.execute(query, [words, most])]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def open_audit(path: Path) -> AuditLog:
    """Open a log that is there.

    Raises:
        NoAuditLog: there is none.
        StorageFailed: it cannot be read.
    """
    if not path.is_file():
        raise NoAuditLog(f"{path.parent.name or 'The directory'} has no audit log.", detail=str(path))
    return AuditLog(path)


@contextmanager
def _errors() -> Iterator[None]:
    broken, full = (
        "The audit log cannot be used; nothing is told that cannot be entered.",
        "The disk is full. Nothing was entered in the audit log, and nothing told; make room and try again.",
    )
    with plain_file_errors(), plain_errors(broken, full):
        yield
