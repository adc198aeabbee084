"""What a node has told, and to whom first: the numbers, and whom they counted; SQLite in write-ahead mode.

Tables::

    told  (project, dataset, entity, digest, crowd, at_least, at_most, precision, made, own)
    asked (project, question, cost, made)

``digest`` stands for the people counted, ``crowd`` holds them where the number is not that of others nearly the same,
``own`` is 0 where it was made of those of others; ``question`` is the digest of a question.  Times are seconds since the epoch.  The file is for its owner's eyes only and never leaves the node.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import astuple, dataclass
from pathlib import Path

from oncommons.storage.files import plain_file_errors
from oncommons.storage.owned import alone, open_owned, plain_errors

TOLD = "told.sqlite"
"""Name of the file in a node's directory."""
PATIENCE = 120
"""Seconds for which another server of the node may answer, or publish, before this one gives up."""
_TABLES = """
CREATE TABLE IF NOT EXISTS told (
    project TEXT NOT NULL, dataset TEXT NOT NULL, entity TEXT NOT NULL, digest BLOB NOT NULL, crowd BLOB,
    at_least INTEGER NOT NULL, at_most INTEGER, precision TEXT NOT NULL, made REAL NOT NULL,
    own INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS told_once ON told (project, dataset, entity, digest);
CREATE TABLE IF NOT EXISTS asked (
    project TEXT NOT NULL, question BLOB NOT NULL, cost INTEGER NOT NULL, made REAL NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS asked_once ON asked (project, question);
CREATE INDEX IF NOT EXISTS asked_when ON asked (project, made, cost);
"""
_TELLING = "dataset, entity, digest, crowd, at_least, at_most, precision, own"
"""The columns of a :class:`Telling`."""


@dataclass(frozen=True)
class Telling:
    """A number that was told.

    Attributes:
        dataset: Of which dataset.
        entity: What was counted.
        digest: Whom, as a hash.
        crowd: Whom, packed; ``None`` where the number was that of others nearly the same.
        at_least: The number's lower end.
        at_most: Its upper end, if it has one.
        precision: How exact it was.
        own: 0 where it was made of numbers of others.
    """

    dataset: str
    entity: str
    digest: bytes
    crowd: bytes | None
    at_least: int
    at_most: int | None
    precision: str
    own: int = 1


@dataclass(frozen=True)
class Asking:
    """A question that was answered.

    Attributes:
        question: Its digest.
        cost: What it took from the budget.
        made: When, in seconds since the epoch.
    """

    question: bytes
    cost: int
    made: float


class Released:
    """The ledger of what was told, opened; for one thread at a time.

    Args:
        path: Its file; made where it is missing.

    Raises:
        StorageFailed: it cannot be opened, or is not one.
    """

    def __init__(self, path: Path) -> None:
        with telling_errors():
            self._connection = open_owned(path, _TABLES, patience=PATIENCE)
            with alone(self._connection):  # a ledger of before it was told apart lacks the last column
                if "own" not in {row[1] for row in self._connection.execute("PRAGMA table_info(told)")}:
                    self._connection.execute("ALTER TABLE told ADD COLUMN own INTEGER NOT NULL DEFAULT 1")

    def told(self) -> list[Telling]:
        """What was told to anybody, the oldest first."""
        with telling_errors():
            return [Telling(*row) for row in self._connection.execute(f"SELECT {_TELLING} FROM told ORDER BY rowid")]

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let nobody else enter anything inside the block; what is entered in it is there when it ends without an error.

        Raises:
            StorageFull: the disk is full; nothing was entered.
            StorageFailed: the file cannot be written, or somebody else does not let go of it; nothing was entered.
        """
        with telling_errors(), alone(self._connection):
            yield

    def last(self) -> int:
        """A number that grows with whatever is told, by this process or another one."""
        with telling_errors():
            return int(self._connection.execute("SELECT coalesce(max(rowid), 0) FROM told").fetchone()[0])

    def has_answered(self, project: str, question: bytes) -> bool:
        """Whether this very question was answered to the project before."""
        query = "SELECT 1 FROM asked WHERE project = ? AND question = ?"
        with telling_errors():
            return self._connection.execute(query, [project, question]).fetchone() is not None

    def spent(self, project: str, since: float) -> int:
        """What the questions of a project took from its budget since a time."""
        query = "SELECT coalesce(sum(cost), 0) FROM asked WHERE project = ? AND made > ?"
        with telling_errors():
            return int(self._connection.execute(query, [project, since]).fetchone()[0])

    def record(self, project: str, asking: Asking, told: Sequence[Telling]) -> None:
        """Enter a question and what was told, all or nothing, by itself or inside :meth:`alone`.

        What is there already stays as it is.

        Raises:
            StorageFull: the disk is full; nothing was entered.
            StorageFailed: the file cannot be written; nothing was entered.
        """
        with nullcontext() if self._connection.in_transaction else self.alone(), telling_errors():
            self._connection.execute("INSERT OR IGNORE INTO asked VALUES (?, ?, ?, ?)", [project, *astuple(asking)])
            self._connection.executemany(
                f"INSERT OR IGNORE INTO told (project, made, {_TELLING}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(project, asking.made, *astuple(telling)) for telling in told],
            )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


@contextmanager
def telling_errors() -> Iterator[None]:
    """Tell what SQLite and the file system report in our own words."""
    broken, full = (
        "The ledger of what was told cannot be used.",
        "The disk is full. Nothing was told; make room and try again.",
    )
    with plain_file_errors(), plain_errors(broken, full):
        yield
