"""What could not be read of a source as it is, row by row: told to the data manager, never to anybody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from oncommons.schema.errors_of_rows import ClinicalRowError

FEW = 3
"""So many rows are named of faults that are alike."""
COLUMNS = ("source_row", "place", "code", "message", "kept")
"""Columns of every table of faults; they hold the attributes of a :class:`Fault` in this order."""
_TYPES = ("BIGINT", "VARCHAR", "VARCHAR", "VARCHAR", "BOOLEAN")


@dataclass(frozen=True)
class Fault:
    """Something of a source that could not be read as it is.

    Attributes:
        row: Where in the source it stood, counted from 1.
        at: The column or element.
        code: Code of the error; its help page says what to do.
        message: What is wrong, for the data manager; may quote the value.
        kept: Whether the rest of the row was taken.
    """

    row: int
    at: str
    code: str
    message: str
    kept: bool = True

    @classmethod
    def of(cls, row: int, at: str, fault: ClinicalRowError, *, kept: bool = True) -> Fault:
        """What an error says, with its place.

        Args:
            row: Where in the source it stood.
            at: The column or element.
            fault: The error.
            kept: Whether the rest of the row was taken.
        """
        return cls(row, at, fault.code, fault.message, kept)


@dataclass(frozen=True)
class FaultGroup:
    """Faults of one kind in one place.

    Attributes:
        at: The column or element.
        code: Code of the error.
        kept: Whether the rest of the rows was taken.
        number: How many rows have it.
        rows: The first of them.
        message: What is wrong with the first.
        messages: What is wrong with each of ``rows``.
        alike: Whether the message of the first is true of all.
    """

    at: str
    code: str
    kept: bool
    number: int
    rows: tuple[int, ...]
    message: str
    messages: tuple[str, ...] = ()
    alike: bool = True


def make_table(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Make an empty temporary table of faults.

    Args:
        connection: Where it is made.
        name: What it is called; one of that name is replaced.
    """
    columns = ", ".join(f"{column} {kind}" for column, kind in zip(COLUMNS, _TYPES, strict=True))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({columns})")


def write_faults(connection: duckdb.DuckDBPyConnection, name: str, faults: Sequence[Fault]) -> None:
    """Add faults to a table of them.

    Args:
        connection: Holds the table.
        name: What it is called.
        faults: The faults.
    """
    if faults:
        values = [[getattr(f, a) for f in faults] for a in ("row", "at", "code", "message", "kept")]
        connection.execute(f"INSERT INTO {name} SELECT {', '.join(f'unnest(${i + 1})' for i in range(5))}", values)


def grouped(
    connection: duckdb.DuckDBPyConnection, table: str, where: str = "TRUE", values: Sequence[str] = ()
) -> tuple[FaultGroup, ...]:
    """The faults of a table, those of one place and kind together, by the first row of each.

    Args:
        connection: Holds the table.
        table: What it is called.
        where: SQL for which of its faults.
        values: Parameters of that.
    """
    query = (
        f"SELECT place, code, kept, count(*), min(source_row, {FEW}), "
        f"arg_min(message, source_row, {FEW}), min(message) = max(message) AND bool_and(one) FROM ("
        "  SELECT place, code, kept, source_row, min(message) AS message, min(message) = max(message) AS one "
        f"  FROM {table} WHERE {where} GROUP BY ALL"
        ") GROUP BY place, code, kept ORDER BY min(source_row), place, code"
    )
    return tuple(
        FaultGroup(at, code, kept, n, tuple(first), texts[0], tuple(texts), alike)
        for at, code, kept, n, first, texts, alike in connection.execute(query, list(values)).fetchall()
    )
