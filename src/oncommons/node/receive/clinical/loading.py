"""Rows of OMOP tables and faults on their way into temporary tables of DuckDB, thousands at a time.

A row of table ``t`` goes into ``clinical_t``, every column a text; a fault into ``clinical_fault``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import duckdb

from oncommons.node.receive.clinical.records import OmopRow
from oncommons.node.receive.faults import Fault, make_table, write_faults
from oncommons.schema.omop import OWN, TABLES

_BATCH = 20_000
FIRST = 1_000
"""How many faults a report tells one by one; all are kept in the node's table ``omop.fault``."""


def columns_in(table: str) -> tuple[str, ...]:
    """The columns of the temporary table of an OMOP table."""
    return ("person", "item", "source_row", *TABLES[table], *OWN)


class Loading:
    """Takes rows and faults; what it took is in the tables when the ``with`` block ends.

    Args:
        connection: Where the tables are made.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.rows: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.first: list[Fault] = []
        self._waiting: dict[str, list[OmopRow]] = {table: [] for table in TABLES}
        self._told: list[Fault] = []

    def __enter__(self) -> Self:
        for table in TABLES:
            columns = ", ".join(f"{c} {'BIGINT' if c == 'source_row' else 'VARCHAR'}" for c in columns_in(table))
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE clinical_{table} ({columns})")
        make_table(self.connection, "clinical_fault")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            for table in TABLES:
                self._write(table)
            self._write_faults()

    def put(self, row: OmopRow) -> None:
        """Take a row."""
        waiting = self._waiting[row.table]
        waiting.append(row)
        self.rows[row.table] += 1
        if len(waiting) >= _BATCH:
            self._write(row.table)

    def complain(self, fault: Fault) -> None:
        """Take a fault."""
        self.faults[fault.code] += 1
        if len(self.first) < FIRST:
            self.first.append(fault)
        self._told.append(fault)
        if len(self._told) >= _BATCH:
            self._write_faults()

    def _write(self, table: str) -> None:
        rows, self._waiting[table] = self._waiting[table], []
        if not rows:
            return
        said = set().union(*(row.values for row in rows))
        named = [c for c in columns_in(table) if c in said]
        values: list[Sequence[object]] = [[r.person for r in rows], [r.item for r in rows], [r.row for r in rows]]
        values += [[r.values.get(column) for r in rows] for column in named]
        self._insert(f"clinical_{table}", ("person", "item", "source_row", *named), values)

    def _write_faults(self) -> None:
        told, self._told = self._told, []
        write_faults(self.connection, "clinical_fault", told)

    def _insert(self, table: str, columns: Sequence[str], values: Sequence[Sequence[object]]) -> None:
        marks = ", ".join(f"unnest(${i + 1})" for i in range(len(columns)))
        self.connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {marks}", list(values))
