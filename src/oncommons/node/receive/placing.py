"""Rows of a table of series and the lines on which they stand; those that do not say whose they are are set apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from oncommons.node.receive.faults import COLUMNS, Fault, make_table, write_faults
from oncommons.node.receive.lines import Lines
from oncommons.schema.errors import UnreadableSource
from oncommons.schema.errors_of_rows import RowWithoutPerson
from oncommons.storage.generations import quoted

TOLD = "series_fault"
"""The temporary table of faults, see :mod:`oncommons.node.receive.faults`."""
UNREAD = "series_unread"
"""A temporary view of more of them, or nothing: values that no rule reads, which may be many."""
Numbers = Callable[[], int | Sequence[int]]
"""The number of each row of a source, in order, or that of the first one where none is left out."""
_CHUNK = 1 << 20


def rows_as_counted() -> int:
    """Rows counted from 1, as of a Parquet file."""
    return 1


@dataclass
class Teller:
    """Tells of rows by the numbers that the data manager knows them by, in the table :data:`TOLD`, which it makes.

    Attributes:
        connection: Holds the tables of a source.
        numbers: The numbers; they are asked for when there is something to tell.
        is_detailed: Whether the data manager has the rows, and hears of each what cannot be read; else only of those
            that are left out.
        refused: How many lines were left out before there were rows.
    """

    connection: duckdb.DuckDBPyConnection
    numbers: Numbers = rows_as_counted
    is_detailed: bool = True
    refused: int = 0
    _is_ready: bool = False

    def __post_init__(self) -> None:
        make_table(self.connection, TOLD)
        written = "SELECT 1 FROM duckdb_tables() WHERE temporary AND table_name = $1"
        kind = "TABLE" if self.connection.execute(written, [UNREAD]).fetchall() else "VIEW"
        self.connection.execute(f"DROP {kind} IF EXISTS {UNREAD}")  # to look for views would take it ten times as long

    def write(self, faults: Sequence[Fault]) -> None:
        """Tell faults of lines, which have their numbers already."""
        write_faults(self.connection, TOLD, faults)
        self.refused += sum(not fault.kept for fault in faults)

    def ready(self) -> None:
        """Make the SQL function ``line_of``, from a row counted from 0 to its number."""
        if self._is_ready:
            return
        found = self.numbers()
        if isinstance(found, int):
            self.connection.execute(f"CREATE OR REPLACE TEMP MACRO line_of(stood) AS stood + {found}")
        else:
            self.connection.execute("CREATE OR REPLACE TEMP TABLE line AS SELECT unnest($1) AS number", [list(found)])
            self.connection.execute(
                "CREATE OR REPLACE TEMP MACRO line_of(stood) AS (SELECT number FROM line WHERE line.rowid = stood)"
            )
        self._is_ready = True

    def tell(self, query: str) -> None:
        """Tell what a query finds: the columns of a table of faults, where ``line_of`` gives the number of a row."""
        self.ready()
        self.connection.execute(f"INSERT INTO {TOLD} {query}")


def set_apart(teller: Teller, places: Mapping[str, str]) -> int:
    """Take the rows that lack something out of the table ``row``, and tell of each; returns how many they are.

    Args:
        teller: Hears of them; its connection holds the table, in the order of the source.
        places: Columns that must not be empty, each with what the source calls it.
    """
    lacks = {name: f"({name} IS NULL OR {name} = '')" for name in places}
    some = " OR ".join(lacks.values())
    number = int(teller.connection.execute(f"SELECT count(*) FROM row WHERE {some}").fetchall()[0][0])
    if number:
        which = " ".join(f"WHEN {lack} THEN '{name}'" for name, lack in lacks.items())
        called = " ".join(f"WHEN '{name}' THEN {quoted(column)}" for name, column in places.items())
        teller.tell(
            f"SELECT line_of(stood), CASE name {called} END, '{RowWithoutPerson.code}', "
            "'The row does not name its ' || name || '.', FALSE "
            f"FROM (SELECT rowid AS stood, CASE {which} END AS name FROM row WHERE {some}) ORDER BY stood"
        )
        teller.connection.execute(f"DELETE FROM row WHERE {some}")
    return number


def told_in(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    """What was told of single rows: number, place, code, message, and whether the rest of the row was taken.

    Args:
        connection: Where the rows were received, or where it failed before.
    """
    parts = [f"SELECT {', '.join(COLUMNS)} FROM {name}" for _, name in _there(connection)]
    return connection.execute(f"{' UNION ALL '.join(parts)} ORDER BY ALL").fetchall() if parts else []


def _there(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """The tables and views of faults that there are: kind and name."""
    query = (
        "SELECT 'TABLE', table_name FROM duckdb_tables() WHERE temporary AND list_contains($names, table_name) UNION ALL "
        "SELECT 'VIEW', view_name FROM duckdb_views() WHERE temporary AND list_contains($names, view_name)"
    )
    return connection.execute(query, {"names": [TOLD, UNREAD]}).fetchall()


def lines_in(path: Path, total: int) -> Numbers:
    """The lines of a CSV file on which its rows end, counted from 1.

    Args:
        path: The file.
        total: How many rows were read from it.
    """

    def numbers() -> int | Sequence[int]:
        if _lines(path) == total + 1:
            return 2
        try:
            found = [line.number for line in Lines(path)]
        except UnreadableSource:  # as where a blank stands behind a quotation mark
            return 2
        return found if len(found) == total else 2

    return numbers


def _lines(path: Path) -> int:
    number, last = 0, b"\n"
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            number, last = number + chunk.count(b"\n"), chunk[-1:]
    return number + (last != b"\n")
