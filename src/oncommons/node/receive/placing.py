"""Rows of a table of series that say whose they are are taken; the others are set apart and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb

from oncommons.node.receive.faults import COLUMNS, Fault, make_table, write_faults
from oncommons.node.receive.lines import Lines
from oncommons.schema.errors_of_rows import RowWithoutPerson

TOLD = "series_fault"
"""The temporary table of faults, see :mod:`oncommons.node.receive.faults`."""
NumberOf = Callable[[Sequence[int]], Sequence[int]]
"""Rows, counted from 0 and ascending, to the numbers that the data manager knows them by."""
_CHUNK = 1 << 20


def set_apart(connection: duckdb.DuckDBPyConnection, places: Mapping[str, str], number_of: NumberOf) -> int:
    """Take the rows that lack something out of the table ``row``, and tell of each; returns how many they are.

    Args:
        connection: Holds the table, in the order of the source; the table :data:`TOLD` is made anew.
        places: Columns that must not be empty, each with what the source calls it.
        number_of: What the data manager knows the rows by.
    """
    make_table(connection, TOLD)
    lacks = {name: f"({name} IS NULL OR {name} = '')" for name in places}
    which = " ".join(f"WHEN {lack} THEN '{name}'" for name, lack in lacks.items())
    some = " OR ".join(lacks.values())
    found = connection.execute(f"SELECT rowid, CASE {which} END FROM row WHERE {some} ORDER BY rowid").fetchall()
    if not found:
        return 0
    numbers = number_of([row for row, _ in found])
    write_faults(connection, TOLD, [_fault(n, name, places) for n, (_, name) in zip(numbers, found, strict=True)])
    connection.execute(f"DELETE FROM row WHERE {some}")
    return len(found)


def told_in(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    """What was told of single rows: number, place, code, message, and whether the rest of the row was taken.

    Args:
        connection: Where the rows were received, or where it failed before.
    """
    there = "SELECT count(*) FROM duckdb_tables() WHERE table_name = $1 AND temporary"
    if not connection.execute(there, [TOLD]).fetchall()[0][0]:
        return []
    return connection.execute(f"SELECT {', '.join(COLUMNS)} FROM {TOLD} ORDER BY ALL").fetchall()


def _fault(number: int, name: str, places: Mapping[str, str]) -> Fault:
    fault = RowWithoutPerson(f"The row does not name its {name}.")
    return Fault.of(number, places[name], fault, kept=False)


def rows_as_counted(rows: Sequence[int]) -> list[int]:
    """Rows counted from 1, as of a Parquet file."""
    return [row + 1 for row in rows]


def lines_in(path: Path, total: int) -> NumberOf:
    """The lines of a CSV file on which its rows end, counted from 1.

    Args:
        path: The file.
        total: How many rows were read from it.
    """

    def number_of(rows: Sequence[int]) -> list[int]:
        if _lines(path) == total + 1:
            return [row + 2 for row in rows]
        wanted = set(rows)
        return [line.number for row, line in enumerate(Lines(path)) if row in wanted]

    return number_of


def _lines(path: Path) -> int:
    number, last = 0, b"\n"
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            number, last = number + chunk.count(b"\n"), chunk[-1:]
    return number + (last != b"\n")
