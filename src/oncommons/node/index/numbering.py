"""Numbers of people that stay: by them a node remembers whom it has told about.

The key of a person belongs to one file of tables; the number belongs to the person.  It counts from zero in each
dataset.  Whoever is in a dataset again when it is replaced keeps their number; whoever is new gets a new one; no number
is given twice, and nothing is kept of people who are gone.

Tables::

    person.roll               the person's number in their dataset
    numbering (dataset, next) by name of the dataset, the first number that nobody ever had
"""

from __future__ import annotations

import duckdb

_IN_ORDER = "CAST(row_number() OVER (PARTITION BY person.dataset ORDER BY person.key) - 1 AS INTEGER)"


def number_people(connection: duckdb.DuckDBPyConnection, *, old: bool) -> None:
    """Give everybody in ``person`` a number.

    Args:
        connection: A database being written, with its tables ``person`` and ``dataset``.
        old: Whether the present tables are attached as ``old``.
    """
    connection.execute("CREATE TABLE numbering (dataset VARCHAR, next INTEGER)")
    if old:
        _take_over(connection)
    connection.execute(
        f"""
        UPDATE person SET roll = fresh.roll FROM (
            SELECT person.key, coalesce(n.next, 0) + {_IN_ORDER} AS roll
            FROM person JOIN dataset d ON d.key = person.dataset LEFT JOIN numbering n ON n.dataset = d.name
            WHERE person.roll IS NULL) fresh
        WHERE fresh.key = person.key
        """,
    )
    connection.execute(
        """
        CREATE OR REPLACE TABLE numbering AS
        SELECT dataset, max(next) AS next FROM (
            SELECT * FROM numbering UNION ALL
            SELECT d.name, max(p.roll) + 1 FROM person p JOIN dataset d ON d.key = p.dataset GROUP BY d.name)
        GROUP BY dataset
        """,
    )


def number_for_reading(connection: duckdb.DuckDBPyConnection) -> int:
    """See that everybody has a number, in tables of before there were numbers too; returns the largest."""
    if not _has_numbers(connection, "person"):
        connection.execute(f"CREATE TEMP TABLE person AS {numbered(connection, 'person')}")
    return int(connection.execute("SELECT coalesce(max(roll), 0) FROM person").fetchall()[0][0])


def numbered(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """SQL for the people of a table, each with a number, in tables of before there were numbers too.

    Args:
        connection: The node's tables.
        table: The table's name.
    """
    if _has_numbers(connection, table):
        return f"SELECT * FROM {table} AS person"
    return f"SELECT *, {_IN_ORDER} AS roll FROM {table} AS person"


def _take_over(connection: duckdb.DuckDBPyConnection) -> None:
    numbered = _has_numbers(connection, "old.person")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE known AS SELECT d.name, p.id, {'p.roll' if numbered else 'p.n'} AS roll "
        f"FROM (SELECT *, {_IN_ORDER} AS n FROM old.person AS person) p JOIN old.dataset d ON d.key = p.dataset",
    )
    connection.execute(
        "UPDATE person SET roll = known.roll FROM known, dataset d "
        "WHERE d.key = person.dataset AND d.name = known.name AND known.id = person.id",
    )
    connection.execute("INSERT INTO numbering SELECT name, max(roll) + 1 FROM known GROUP BY name")
    if numbered:
        connection.execute("INSERT INTO numbering SELECT * FROM old.numbering")
        connection.execute(
            "CREATE OR REPLACE TABLE numbering AS SELECT dataset, max(next) AS next FROM numbering GROUP BY dataset",
        )


def _has_numbers(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    columns = connection.execute(f"DESCRIBE {table}").fetchall()
    return "roll" in {name for name, *_ in columns}
