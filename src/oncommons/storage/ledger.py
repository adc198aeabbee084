"""The ledger of a node: what became of every file that came in; SQLite in write-ahead mode.

A file is known by the SHA-256 of its bytes.  What is in the ledger is durable; whoever writes to it has made durable
before what the entry speaks of.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal, NamedTuple

from oncommons.storage.decisions import DECISIONS, Decision
from oncommons.storage.linked import LINKS
from oncommons.storage.owned import alone, open_owned, plain_errors
from oncommons.storage.tallies import COUNT_ANEW, TABLES

Outcome = Literal["kept", "quarantined", "refused"]
_AT_ONCE = 500
"""Values of one statement."""
_TABLE = """
CREATE TABLE IF NOT EXISTS file (
    digest TEXT NOT NULL PRIMARY KEY, outcome TEXT NOT NULL, dataset TEXT NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL,
    patient TEXT NOT NULL, study TEXT NOT NULL, series TEXT NOT NULL, sop TEXT NOT NULL,
    modality TEXT NOT NULL, manufacturer TEXT NOT NULL, sex TEXT NOT NULL, age TEXT NOT NULL, body_part TEXT NOT NULL,
    size INTEGER NOT NULL, syntax TEXT NOT NULL DEFAULT '', attributes TEXT NOT NULL DEFAULT '{}',
    entered TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS file_by_sop ON file (sop) WHERE outcome = 'kept';
DROP INDEX IF EXISTS file_by_dataset;
DROP INDEX IF EXISTS file_by_series;
CREATE INDEX IF NOT EXISTS file_by_kind ON file (dataset, outcome, code, entered);
CREATE INDEX IF NOT EXISTS file_of_series ON file (
    series, patient, study, dataset, outcome, modality, manufacturer, sex, age, body_part
) WHERE outcome = 'kept';
CREATE INDEX IF NOT EXISTS file_by_study ON file (study, series, sop) WHERE outcome = 'kept';
CREATE INDEX IF NOT EXISTS file_by_patient ON file (patient, entered) WHERE outcome = 'kept';
"""


@dataclass(frozen=True)
class Entry:
    """What became of one file.

    Attributes:
        digest: SHA-256 of the file as it came, in hexadecimal.
        outcome: ``kept``, ``quarantined`` or ``refused``.
        dataset: The dataset it was imported into.
        code: Error code of the reason where it was not kept.
        reason: The reason in words.
        patient: Pseudonym; this and what follows is filled for kept files only.
        study: New Study Instance UID.
        series: New Series Instance UID.
        sop: New SOP Instance UID.
        modality: As in the file, like the next four.
        manufacturer: Maker of the device.
        sex: Of the patient.
        age: Of the patient.
        body_part: Body part examined.
        size: Bytes of the file as it is kept, or as it came.
        syntax: UID of the transfer syntax.
        attributes: JSON object: attributes as they are kept, by tag, see ``oncommons.imaging.attributes``.
        entered: When it came, UTC (ISO 8601).
    """

    digest: str
    outcome: Outcome
    dataset: str
    code: str = ""
    reason: str = ""
    patient: str = ""
    study: str = ""
    series: str = ""
    sop: str = ""
    modality: str = ""
    manufacturer: str = ""
    sex: str = ""
    age: str = ""
    body_part: str = ""
    size: int = 0
    syntax: str = ""
    attributes: str = "{}"
    entered: str = ""


class SeriesRow(NamedTuple):
    """A kept series and what the index needs of it."""

    patient: str
    study: str
    series: str
    modality: str
    manufacturer: str
    sex: str
    age: str
    body_part: str
    instances: int


_JOURNAL_PAGES = 4000
"""Pages of 4 KiB after which what was written is moved from the journal to its place; fewer write the same pages more often."""
_values = attrgetter(*(f.name for f in fields(Entry)))
_COLUMNS = ", ".join(f.name for f in fields(Entry))
_MARKS = ", ".join("?" for _ in fields(Entry))
_RENEWED = ", ".join(f"{f.name} = excluded.{f.name}" for f in fields(Entry))


class Ledger:
    """One ledger, opened; for one thread at a time.

    Args:
        path: Its file; made where it is missing.

    Raises:
        StorageFailed: it cannot be opened, or is not a ledger.
    """

    def __init__(self, path: Path) -> None:
        with _plain_errors():
            self._connection = open_owned(path, _TABLE + TABLES + DECISIONS + LINKS)
            try:
                self._connection.execute(f"PRAGMA wal_autocheckpoint = {_JOURNAL_PAGES}")
                self._count_if_older()
            except sqlite3.Error:
                self._connection.close()
                raise

    def entry(self, digest: str) -> Entry | None:
        """What became of a file, by its digest."""
        with _plain_errors():
            row = self._connection.execute(f"SELECT {_COLUMNS} FROM file WHERE digest = ?", [digest]).fetchone()
        return None if row is None else Entry(*row)

    def holder(self, sop: str) -> str | None:
        """The digest of the kept file with this SOP Instance UID."""
        query = "SELECT digest FROM file WHERE sop = ? AND outcome = 'kept'"
        with _plain_errors():
            row = self._connection.execute(query, [sop]).fetchone()
        return None if row is None else str(row[0])

    def outcomes_of(self, digests: Sequence[str]) -> dict[str, str]:
        """Of files by their digests what became of them; those that never came are left out."""
        query = f"SELECT digest, outcome FROM file WHERE digest IN ({', '.join('?' * len(digests))})"
        with _plain_errors():
            return dict(self._connection.execute(query, digests))

    def held(self, sops: Sequence[str]) -> set[str]:
        """Those SOP Instance UIDs that a kept file has."""
        query = f"SELECT sop FROM file WHERE outcome = 'kept' AND sop IN ({', '.join('?' * len(sops))})"
        with _plain_errors():
            return {sop for (sop,) in self._connection.execute(query, sops)}

    def write(self, entries: Sequence[Entry], decisions: Sequence[Decision] = ()) -> None:
        """Enter files and what people decided about them, all or nothing; an earlier entry of the same file is replaced.

        Raises:
            StorageFull: the disk is full; nothing was entered.
            StorageFailed: another file is kept under the same SOP Instance UID; nothing was entered.
        """
        with _plain_errors(), alone(self._connection):
            self._connection.executemany(
                f"INSERT INTO file ({_COLUMNS}) VALUES ({_MARKS}) ON CONFLICT (digest) DO UPDATE SET {_RENEWED}",
                [_values(e) for e in entries],
            )
            self._connection.executemany(
                "INSERT INTO decision VALUES (:digest, :what, :who, :way, :made, :became)", [vars(d) for d in decisions]
            )

    def decisions(self, digest: str = "") -> list[Decision]:
        """What people decided about a file, or about all, the newest first."""
        query = "SELECT digest, what, who, way, made, became FROM decision"
        where, values = (" WHERE digest = ?", [digest]) if digest else ("", [])
        return [Decision(*row) for row in self._rows(f"{query}{where} ORDER BY rowid DESC", values)]

    def waiting(self) -> list[Entry]:
        """Files in quarantine, by reason."""
        query = f"SELECT {_COLUMNS} FROM file WHERE outcome = 'quarantined' ORDER BY code, digest"
        with _plain_errors():
            return [Entry(*row) for row in self._connection.execute(query)]

    def series(self, dataset: str) -> list[SeriesRow]:
        """The kept series of a dataset; of values that differ within a series, one is given."""
        query = (
            "SELECT patient, study, series, max(modality), max(manufacturer), max(sex), max(age), max(body_part), "
            "count(*) FROM file INDEXED BY file_of_series WHERE dataset = ? AND outcome = 'kept' "
            "GROUP BY series, patient, study"
        )
        with _plain_errors():
            return list(map(SeriesRow._make, self._connection.execute(query, [dataset])))

    def number_of_series(self, dataset: str) -> int:
        """How many series of a dataset are kept."""
        query = (
            "SELECT count(*) FROM (SELECT DISTINCT series, patient, study FROM file INDEXED BY file_of_series "
            "WHERE dataset = ? AND outcome = 'kept')"
        )
        return int(self._rows(query, [dataset])[0][0])

    def attributes(self, dataset: str) -> dict[str, str]:
        """Of every kept series of a dataset, the attributes of one of its files, as JSON."""
        query = (
            "SELECT series, (SELECT attributes FROM file one WHERE one.outcome = 'kept' AND one.study = file.study "
            "AND one.series = file.series ORDER BY one.sop LIMIT 1) "
            "FROM file INDEXED BY file_of_series WHERE dataset = ? AND outcome = 'kept' GROUP BY series, patient, study"
        )
        with _plain_errors():
            return dict(self._connection.execute(query, [dataset]))

    def kept(self, dataset: str) -> Iterator[Entry]:
        """Kept files of a dataset, series by series."""
        query = f"SELECT {_COLUMNS} FROM file WHERE outcome = 'kept' AND +dataset = ? ORDER BY series, sop"
        with _plain_errors():
            for row in self._connection.execute(query, [dataset]):
                yield Entry(*row)

    def in_series(self, series: str) -> list[Entry]:
        """Kept files of a series."""
        query = f"SELECT {_COLUMNS} FROM file WHERE outcome = 'kept' AND series = ? ORDER BY sop"
        with _plain_errors():
            return [Entry(*row) for row in self._connection.execute(query, [series])]

    def has_series(self, series: str) -> bool:
        """Whether a file of a series is kept."""
        query = "SELECT 1 FROM file WHERE outcome = 'kept' AND series = ? LIMIT 1"
        with _plain_errors():
            return self._connection.execute(query, [series]).fetchone() is not None

    def outcomes(self) -> dict[str, dict[str, int]]:
        """Dataset to outcome to number of files."""
        found: dict[str, dict[str, int]] = {}
        query = "SELECT dataset, outcome, count(*) FROM file GROUP BY dataset, outcome ORDER BY dataset, outcome"
        with _plain_errors():
            for dataset, outcome, number in self._connection.execute(query):
                found.setdefault(dataset, {})[outcome] = number
        return found

    def places(self, sops: Collection[str]) -> dict[str, str]:
        """The series of each kept file of these SOP Instance UIDs; those that are not here are left out."""
        found: dict[str, str] = {}
        waiting = iter(sops)
        while some := list(islice(waiting, _AT_ONCE)):
            marks = ", ".join("?" * len(some))
            found.update(self._rows(f"SELECT sop, series FROM file WHERE outcome = 'kept' AND sop IN ({marks})", some))
        return found

    def one_of_each_series(self, datasets: Collection[str] | None = None) -> list[tuple[int, Entry]]:
        """Of every kept series, how many files it has and one of them; in order of study and series.

        Args:
            datasets: Only files of these datasets; ``None`` for all.
        """
        within, named = _within(datasets)
        query = (
            f"SELECT number, {_COLUMNS} FROM file JOIN (SELECT min(sop) AS first, count(*) AS number FROM file "
            f"WHERE outcome = 'kept'{within} GROUP BY study, series) ON sop = first AND outcome = 'kept' "
            "ORDER BY study, series"
        )
        with _plain_errors():
            return [(row[0], Entry(*row[1:])) for row in self._connection.execute(query, named)]

    def objects(
        self, study: str = "", series: str = "", sop: str = "", datasets: Collection[str] | None = None
    ) -> list[Entry]:
        """Kept files of a study, a series, or one; in order of study, series and SOP Instance UID.

        Args:
            study: Study Instance UID; empty for any, like the next two.
            series: Series Instance UID.
            sop: SOP Instance UID.
            datasets: Only files of these datasets; ``None`` for all.
        """
        within, named = _within(datasets)
        given = {name: uid for name, uid in (("study", study), ("series", series), ("sop", sop)) if uid}
        where = "".join(f" AND {name} = :{name}" for name in given)
        query = f"SELECT {_COLUMNS} FROM file WHERE outcome = 'kept'{where}{within} ORDER BY study, series, sop"
        with _plain_errors():
            return [Entry(*row) for row in self._connection.execute(query, given | named)]

    def version(self) -> int:
        """A number that changes when another connection has written to the ledger."""
        with _plain_errors():
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def find(self, digest: str) -> list[Entry]:
        """Files whose digest begins so; of several hundred, the first two."""
        query = f"SELECT {_COLUMNS} FROM file WHERE digest GLOB ? LIMIT 2"
        with _plain_errors():
            return [Entry(*row) for row in self._connection.execute(query, [f"{digest}*"])]

    def close(self) -> None:
        """Close the ledger."""
        self._connection.close()

    def _rows(self, query: str, values: Sequence[str | int] = ()) -> list[Any]:
        with _plain_errors():
            return self._connection.execute(query, values).fetchall()

    def _enter(self, changes: Sequence[tuple[str, Sequence[Sequence[object]]]]) -> None:
        """Execute statements, each for some rows of values, all or nothing."""
        with _plain_errors(), alone(self._connection):
            for statement, rows in changes:
                self._connection.executemany(statement, rows)

    def _count_if_older(self) -> None:
        counted = self._connection.execute("SELECT EXISTS (SELECT 1 FROM tally) OR NOT EXISTS (SELECT 1 FROM file)")
        if not counted.fetchone()[0]:
            self._connection.executescript(COUNT_ANEW)


def _within(datasets: Collection[str] | None) -> tuple[str, dict[str, str]]:
    """A condition that only files of some datasets fulfil, and its values."""
    if datasets is None:
        return "", {}
    named = {f"dataset{i}": name for i, name in enumerate(sorted(datasets))}
    return f" AND dataset IN ({', '.join(f':{mark}' for mark in named)})", named


def _plain_errors() -> AbstractContextManager[None]:
    return plain_errors("The node's ledger cannot be used.", "The disk is full. Make room and import again.")
