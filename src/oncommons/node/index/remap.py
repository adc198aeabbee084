"""Accepted mappings applied to what is indexed already: readings, the rows that they led to, and the statistics.

What is not there cannot be mapped: a value that was never kept raw, such as a date, or one of an import before readings
were kept.  It is mapped when its source is imported again.
"""

from __future__ import annotations

import duckdb

from oncommons.node.index.build import copy_old, derive_again
from oncommons.schema.image_fields import OF_SERIES

_MAPPED = (
    "SELECT r.key, r.field, coalesce(special.code, general.code) AS code FROM {reading} r "
    "LEFT JOIN accepted special ON special.field = r.field AND special.context != '' AND special.context = r.context "
    "AND special.raw = lower(trim(r.raw)) "
    "LEFT JOIN accepted general ON general.field = r.field AND general.context = '' AND general.raw = lower(trim(r.raw)) "
    "WHERE coalesce(special.code, general.code) IS NOT NULL "
    "AND (r.code IS DISTINCT FROM coalesce(special.code, general.code) OR NOT ends_with(r.rule, '.accepted'))"
)


def keeps_readings(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether tables are of a dictionary with readings."""
    return bool(connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'reading'").fetchall())


def to_remap(connection: duckdb.DuckDBPyConnection) -> int:
    """How many readings the mappings of the temporary table ``accepted`` would change.

    Args:
        connection: The node's tables.
    """
    if not keeps_readings(connection):
        return 0
    return int(connection.execute(f"SELECT count(*) FROM ({_MAPPED.format(reading='reading')})").fetchall()[0][0])


def remap(connection: duckdb.DuckDBPyConnection) -> int:
    """Write the tables anew with the mappings of the temporary table ``accepted``; returns how many series changed.

    Args:
        connection: An empty database beside which the present tables are attached as ``old``.
    """
    copy_old(connection)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE remapped AS {_MAPPED.format(reading='reading')}")
    connection.execute(
        "UPDATE reading SET code = m.code, rule = reading.field || '.accepted', confidence = 1 "
        "FROM remapped m WHERE m.key = reading.key"
    )
    fields = [row[0] for row in connection.execute("SELECT DISTINCT field FROM remapped ORDER BY 1").fetchall()]
    touched = " OR ".join(f"{f}_reading IN (SELECT key FROM remapped)" for f in fields) or "FALSE"
    changed = int(connection.execute(f"SELECT count(*) FROM series WHERE {touched}").fetchall()[0][0])
    for field in fields:
        _write(connection, field)
    derive_again(connection)
    for field in fields:
        _count(connection, "person" if field == "sex" else "series", field)
    return changed


def _write(connection: duckdb.DuckDBPyConnection, field: str) -> None:
    """Bring the codes of changed readings into the rows."""
    if field == "sex":
        connection.execute(
            "UPDATE person SET sex = told.number FROM ("
            "  SELECT s.person, CASE WHEN min(r.code) = max(r.code) THEN min(c.number) END AS number FROM series s "
            "  JOIN reading r ON r.key = s.sex_reading "
            "  LEFT JOIN code c ON c.vocabulary = 'sex' AND c.code = r.code "
            "  WHERE s.person IN (SELECT person FROM series WHERE sex_reading IN (SELECT key FROM remapped)) "
            "  GROUP BY s.person"
            ") told WHERE told.person = person.key"
        )
        return
    value = "c.number" if field in OF_SERIES else "m.code"
    connection.execute(
        f"UPDATE series SET {field} = {value} FROM remapped m "
        f"LEFT JOIN code c ON c.vocabulary = m.field AND c.code = m.code WHERE m.key = series.{field}_reading"
    )


def _count(connection: duckdb.DuckDBPyConnection, entity: str, field: str) -> None:
    connection.execute(
        f"UPDATE field SET lacking = told.lacking FROM (SELECT dataset, count(*) - count({field}) AS lacking "
        f"FROM {entity} GROUP BY dataset) told "
        f"WHERE told.dataset = field.dataset AND field.entity = '{entity}' AND field.field = '{field}'"
    )
