"""Whose rows a node's analyses used, so that two of them cannot be set off against each other; SQLite.

Tables::

    analysed        (dataset, crowd, run, made)
    analysed_values (dataset, field, words, made)   of each person in turn a word that stands for their number of a field
    summed          (id, company, crowd)            whose numbers were added to those of other hospitals
    summed_crowd    (summed, dataset, crowd)
    summed_told     (summed, asked, numbers, made)  how many different numbers were told of what was asked
    summed_column   (summed, variable, columns)     what stands for a field or column that they are of
    lacking         (crowd, told, made)             of whom a variable was missing, and how many that was told to be
    withheld        (project, run, made)            what was asked for a project and was refused
    partner         (name, key, since, confirmed, offered)  keys of other hospitals, as they were first seen

``crowd`` are the people as a plane of bits; of ``summed`` the hash of all of them.  ``company`` are the others, with how
many people each.  The file is for its owner's eyes only and never leaves the node.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from oncommons.storage.files import plain_file_errors
from oncommons.storage.owned import alone, open_owned, plain_errors

_TABLES = """
CREATE TABLE IF NOT EXISTS analysed (
    dataset TEXT NOT NULL, crowd BLOB NOT NULL, run TEXT NOT NULL, made REAL NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS analysed_once ON analysed (dataset, crowd);
CREATE TABLE IF NOT EXISTS analysed_values (
    dataset TEXT NOT NULL, field TEXT NOT NULL, words BLOB NOT NULL, made REAL NOT NULL, UNIQUE (dataset, field, words)
) STRICT;
CREATE TABLE IF NOT EXISTS summed (id INTEGER PRIMARY KEY, company TEXT NOT NULL, crowd TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS summed_once ON summed (company, crowd);
CREATE TABLE IF NOT EXISTS summed_crowd (
    summed INTEGER NOT NULL, dataset TEXT NOT NULL, crowd BLOB NOT NULL, PRIMARY KEY (summed, dataset)
) STRICT;
CREATE TABLE IF NOT EXISTS summed_told (
    summed INTEGER NOT NULL, asked TEXT NOT NULL, numbers INTEGER NOT NULL, made REAL NOT NULL,
    PRIMARY KEY (summed, asked)
) STRICT;
CREATE TABLE IF NOT EXISTS summed_column (
    summed INTEGER NOT NULL, variable TEXT NOT NULL, columns INTEGER NOT NULL, PRIMARY KEY (summed, variable)
) STRICT;
CREATE TABLE IF NOT EXISTS lacking (crowd TEXT NOT NULL UNIQUE, told INTEGER NOT NULL, made REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS withheld (
    project TEXT NOT NULL, run BLOB NOT NULL, made REAL NOT NULL, PRIMARY KEY (project, run)
) STRICT;
CREATE TABLE IF NOT EXISTS partner (
    name TEXT PRIMARY KEY, key BLOB NOT NULL, since REAL NOT NULL, confirmed INTEGER NOT NULL, offered BLOB NOT NULL
) STRICT;
"""

Whom: TypeAlias = frozenset[tuple[str, int]]
"""Datasets, each with its people as a plane of bits."""


@dataclass(frozen=True)
class Sum:
    """Whose numbers were added to those of other hospitals, and what was told of them.

    Attributes:
        company: The others, with how many people each.
        crowd: The node's own people.
        asked: What stands for each thing that was asked, with how many different numbers were told of it.
        columns: What stands for each field and column that these are of, with how many numbers a person has of it.
    """

    company: Mapping[str, int]
    crowd: Whom
    asked: Mapping[str, int]
    columns: Mapping[str, int]


@dataclass(frozen=True)
class Partner:
    """Another hospital, as this node knows it.

    Attributes:
        name: Its name in the federation.
        key: Its public key, with which sums are secured; 32 bytes.
        since: When it was first seen, in seconds since the epoch.
        confirmed: Whether the data manager has confirmed that the key is the hospital's.
        offered: The key that the hub told last; another one where it has changed, until that is confirmed.
    """

    name: str
    key: bytes
    since: float
    confirmed: bool
    offered: bytes


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
        with _errors():
            entry = [dataset, _packed(crowd), run, now]
            self._connection.execute("INSERT OR IGNORE INTO analysed VALUES (?, ?, ?, ?)", entry)

    def values(self, dataset: str, field: str) -> Iterator[bytes]:
        """What stood for people's numbers of a field in every analysis of a dataset before, one after the other.

        All of them together are eight bytes of each person for each crowd that was analysed.
        """
        query = "SELECT words FROM analysed_values WHERE dataset = ? AND field = ?"
        with _errors():
            for (words,) in self._connection.execute(query, [dataset, field]):
                yield words

    def enter_values(self, dataset: str, field: str, words: bytes, now: float) -> None:
        """Enter what stands for people's numbers of a field; once for the same.

        Raises:
            StorageFull: the disk is full; nothing was entered.
        """
        with _errors():
            self._connection.execute(
                "INSERT OR IGNORE INTO analysed_values VALUES (?, ?, ?, ?)", [dataset, field, words, now]
            )

    def lacking(self) -> Iterator[tuple[Whom, int]]:
        """Of whom a variable was missing in analyses before, and how many that was told to be, the oldest first."""
        with _errors():
            for crowd, told in self._connection.execute("SELECT crowd, told FROM lacking ORDER BY rowid"):
                yield frozenset((dataset, int(plane, 16)) for dataset, plane in json.loads(crowd)), told

    def enter_lacking(self, crowd: Whom, told: int, now: float) -> None:
        """Enter of whom a variable is missing, and how many that is told to be; what was told is not told otherwise.

        Raises:
            StorageFull: the disk is full; nothing was entered.
        """
        packed = json.dumps(sorted([dataset, f"{plane:x}"] for dataset, plane in crowd))
        with _errors():
            self._connection.execute("INSERT OR IGNORE INTO lacking VALUES (?, ?, ?)", [packed, told, now])

    def sums(self) -> list[Sum]:
        """All sums that the node was in, the oldest first."""
        with _errors():
            rows = self._connection.execute("SELECT id, company FROM summed ORDER BY id").fetchall()
            crowds = self._of_each("SELECT summed, dataset, crowd FROM summed_crowd")
            asked = self._of_each("SELECT summed, asked, numbers FROM summed_told")
            columns = self._of_each("SELECT summed, variable, columns FROM summed_column")
        return [
            Sum(
                json.loads(company),
                frozenset((dataset, int.from_bytes(plane, "big")) for dataset, plane in crowds[number].items()),
                asked[number],
                columns[number],
            )
            for number, company in rows
        ]

    def enter_sum(self, one: Sum, now: float) -> None:
        """Enter what is told in a sum, beside what was told in it before; what was told is not told again.

        Raises:
            StorageFull: the disk is full; nothing was entered.
        """
        planes = sorted((dataset, _packed(plane)) for dataset, plane in one.crowd)
        company = json.dumps(dict(sorted(one.company.items())))
        crowd = hashlib.sha256(repr(planes).encode()).hexdigest()
        run = self._connection.execute
        with _errors():
            run("INSERT OR IGNORE INTO summed (company, crowd) VALUES (?, ?)", [company, crowd])
            found = run("SELECT id FROM summed WHERE company = ? AND crowd = ?", [company, crowd]).fetchone()[0]
            for dataset, plane in planes:
                run("INSERT OR IGNORE INTO summed_crowd VALUES (?, ?, ?)", [found, dataset, plane])
            for asked, numbers in one.asked.items():
                run("INSERT OR IGNORE INTO summed_told VALUES (?, ?, ?, ?)", [found, asked, numbers, now])
            for variable, columns in one.columns.items():
                run("INSERT OR IGNORE INTO summed_column VALUES (?, ?, ?)", [found, variable, columns])

    def withheld(self, since: float) -> dict[str, int]:
        """Of how many runs of each project the result stayed at the node since a time, in order of projects."""
        query = "SELECT project, count(*) FROM withheld WHERE made > ? GROUP BY project ORDER BY project"
        with _errors():
            return dict(self._connection.execute(query, [since]).fetchall())

    def enter_withheld(self, project: str, run: bytes, now: float) -> None:
        """Enter that the result of a run stayed at the node; once for the same, which counts as of the last time.

        Args:
            project: For which it was asked.
            run: Stands for what was asked.
            now: Seconds since the epoch.

        Raises:
            StorageFull: the disk is full; nothing was entered.
        """
        with _errors():
            self._connection.execute("INSERT OR REPLACE INTO withheld VALUES (?, ?, ?)", [project, run, now])

    def forget_withheld(self, project: str) -> int:
        """Count anew for a project, as its data manager has decided; how many were forgotten.

        Raises:
            StorageFull: the disk is full; nothing was changed.
        """
        with _errors():
            return self._connection.execute("DELETE FROM withheld WHERE project = ?", [project]).rowcount

    def partners(self) -> dict[str, Partner]:
        """The hospitals that are known, by name."""
        with _errors():
            rows = self._connection.execute("SELECT * FROM partner ORDER BY name").fetchall()
        return {row[0]: Partner(row[0], row[1], row[2], bool(row[3]), row[4]) for row in rows}

    def offer_partner(self, name: str, key: bytes, now: float) -> None:
        """Enter that a hospital has a key; the first one is its key until the data manager confirms another.

        Raises:
            StorageFull: the disk is full; nothing was entered.
        """
        with _errors():
            self._connection.execute(
                "INSERT INTO partner VALUES (?, ?, ?, 0, ?) ON CONFLICT (name) DO UPDATE SET offered = excluded.offered",
                [name, key, now, key],
            )

    def confirm_partner(self, name: str, key: bytes) -> None:
        """Enter that a key is a hospital's, as its people have said.

        Raises:
            StorageFull: the disk is full; nothing was entered.
        """
        with _errors():
            self._connection.execute(
                "UPDATE partner SET key = ?, offered = ?, confirmed = 1 WHERE name = ?", [key, key, name]
            )

    def _of_each(self, query: str) -> dict[int, dict[str, Any]]:
        found: dict[int, dict[str, Any]] = defaultdict(dict)
        for number, name, value in self._connection.execute(query):
            found[number][name] = value
        return found

    def tallies(self) -> list[Tally]:
        """Of how many crowds each dataset was analysed by what, and when last, in order of dataset and analysis."""
        query = "SELECT dataset, run, count(*), max(made) FROM analysed GROUP BY dataset, run ORDER BY dataset, run"
        with _errors():
            return [Tally(*row) for row in self._connection.execute(query)]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _packed(plane: int) -> bytes:
    return plane.to_bytes((plane.bit_length() + 7) // 8, "big")


@contextmanager
def _errors() -> Iterator[None]:
    broken, full = (
        "The ledger of analyses cannot be used.",
        "The disk is full. Nothing was told; make room and try again.",
    )
    with plain_file_errors(), plain_errors(broken, full):
        yield
