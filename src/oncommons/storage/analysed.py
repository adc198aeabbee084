"""Whose rows a node's analyses used, so that two of them cannot be set off against each other; SQLite.

Tables::

    analysed (dataset, crowd, run, made)

``crowd`` are the people as a plane of bits.  The file is for its owner's
eyes only and never leaves the node.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from oncommons.storage.files import plain_file_errors
from oncommons.storage.owned import alone, open_owned, plain_errors

_TABLES = """
CREATE TABLE IF NOT EXISTS analysed (
    dataset TEXT NOT NULL, crowd BLOB NOT NULL, run TEXT NOT NULL, made REAL NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS analysed_once ON analysed (dataset, crowd);
"""


@dataclass(frozen=True)
class Tally:
    """How often a dataset was analysed in one way.

    Attributes:
        dataset: Its name.
        run: Name of the analysis.
        crowds: Of so many different crowds; the same people again count once, under what was made of them first.
        last: When of a new one last, in seconds since the epoch.
    """

    dataset: str
    run: str
    crowds: int
    last: float


class Analysed:
    """The ledger of analyses, opened; for one thread at a time.

    Args:
        path: Its file; made where it is missing.

    Raises:
        StorageFailed: it cannot be opened, or is not one.
    """

    def __init__(self, path: Path) -> None:
        with _errors():
            self._connection = open_owned(path, _TABLES)

    def crowds(self, dataset: str) -> list[int]:
        """The people of every analysis of a dataset before, each as a plane of bits."""
        query = "SELECT crowd FROM analysed WHERE dataset = ?"
        with _errors():
            rows = self._connection.execute(query, [dataset]).fetchall()
        return [int.from_bytes(crowd, "big") for (crowd,) in rows]

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let nobody else enter anything inside the block.

        Raises:
            StorageFull: the disk is full; nothing was entered.
        """
        with _errors(), alone(self._connection):
            yield

    def enter(self, dataset: str, crowd: int, run: str, now: float) -> None:
        """Enter whose rows an analysis used; once for the same people.

        Raises:
            StorageFull: the disk is full; nothing was entered.
        """
        packed = crowd.to_bytes((crowd.bit_length() + 7) // 8, "big")
        with _errors():
            self._connection.execute("INSERT OR IGNORE INTO analysed VALUES (?, ?, ?, ?)", [dataset, packed, run, now])

    def tallies(self) -> list[Tally]:
        """Of how many crowds each dataset was analysed by what, and when last, in order of dataset and analysis."""
        query = "SELECT dataset, run, count(*), max(made) FROM analysed GROUP BY dataset, run ORDER BY dataset, run"
        with _errors():
            return [Tally(*row) for row in self._connection.execute(query)]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


@contextmanager
def _errors() -> Iterator[None]:
    broken, full = (
        "The ledger of analyses cannot be used.",
        "The disk is full. Nothing was told; make room and try again.",
    )
    with plain_file_errors(), plain_errors(broken, full):
        yield
