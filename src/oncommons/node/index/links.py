"""Which objects of a node describe which series, as rows of its tables, and what that makes known of each series.

Table::

    link  (object, series, kind, target, objects, sole)

``object`` and ``series`` are the identifiers of a kept object that refers to others and of its series, ``kind`` what it is
to them (``contours``, ``dose``, ...), ``target`` the series that it refers to, missing for all that is not here; ``objects``
how many of its objects it names, and ``sole`` which, where it is one.  A series knows by ``described_by`` which kinds
refer to it; what refers to a segmentation or to contours refers to the images under them, too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import duckdb

from oncommons.schema.describing import DESCRIBED_BY, KINDS, NOTHING, codes_by_kinds

FIELD = f"series.{DESCRIBED_BY}"
"""The field that a source of images with links fills."""
TABLE = (
    "CREATE TABLE link (object VARCHAR, series VARCHAR, kind VARCHAR, target VARCHAR, objects INTEGER, sole VARCHAR);"
)
_REACH = """
    WITH RECURSIVE whose AS (
        SELECT s.id, p.id AS person FROM series s JOIN person p ON p.key = s.person
    ), own AS (
        SELECT DISTINCT l.* FROM link l JOIN whose f ON f.id = l.series JOIN whose t ON t.id = l.target
        WHERE f.person = t.person
    ), reach AS (
        SELECT kind, target, sole FROM own
        UNION
        SELECT r.kind, l.target, l.sole FROM reach r
        JOIN own l ON l.series = r.target AND (r.sole = '' OR r.sole = l.object)
    )
"""
"""Kinds and all series of the same person that they refer to, step by step: a dose to its plan, the plan to contours, these
to slices.  A reference to somebody else's series is a row, but what is said of a person depends on nobody else."""


def offer_links(connection: duckdb.DuckDBPyConnection, rows: Sequence[tuple[str, str, str, str, int, str]]) -> None:
    """Put all links of the node where :func:`keep_links` finds them.

    Args:
        connection: An empty database, about to be filled.
        rows: As the table has them; an empty target stands for none.
    """
    connection.execute(f"CREATE TEMP TABLE received_{TABLE.removeprefix('CREATE TABLE ')}")
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        marks = ", ".join("nullif(unnest($4), '')" if i == 4 else f"unnest(${i})" for i in range(1, 7))  # noqa: PLR2004
        connection.execute(f"INSERT INTO received_link SELECT {marks}", columns)


def keep_links(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the table with the links that are offered, or with those that the node had before."""
    connection.execute(TABLE)
    sources = (("temp", "received_link"), ("old", "link"))
    query = "SELECT database_name, table_name FROM duckdb_tables() WHERE database_name IN ('temp', 'old')"
    there = connection.execute(query).fetchall()
    for source in sources:
        if source in there:
            connection.execute(f"INSERT INTO link FROM {'.'.join(source)}")
            return


def undescribed(connection: duckdb.DuckDBPyConnection, datasets: Collection[int]) -> str:
    """SQL for what a new series is described by: nothing, where its dataset knows.

    Args:
        connection: The database, its codes numbered.
        datasets: Keys of the datasets that know.
    """
    numbers = _numbers(connection)
    if not datasets:
        return "CAST(NULL AS USMALLINT)"
    return f"CASE WHEN s.dataset IN ({', '.join(map(str, sorted(datasets)))}) THEN {numbers[NOTHING]} END"


def describe(connection: duckdb.DuckDBPyConnection, datasets: Collection[int]) -> None:
    """Tell each series by which kinds of object it is referred to; what is gone describes nothing any more.

    Args:
        connection: The database, its series and links filled in.
        datasets: Keys of the datasets, beside those of before, that know what describes their series.
    """
    numbers = _numbers(connection)
    connection.execute(
        "UPDATE series SET described_by = $nothing WHERE described_by <> $nothing", {"nothing": numbers[NOTHING]}
    )
    if not connection.execute("SELECT 1 FROM link WHERE target IS NOT NULL LIMIT 1").fetchall():
        return
    cases = " ".join(f"WHEN '{kinds}' THEN {numbers[code]}" for kinds, code in codes_by_kinds().items())
    known = "SELECT dataset FROM field WHERE entity = 'series' AND field = $field AND known"
    connection.execute(
        f"{_REACH} UPDATE series SET described_by = CASE said.kinds {cases} END FROM ("
        "SELECT target, string_agg(DISTINCT kind, ',' ORDER BY kind) AS kinds FROM reach "
        "WHERE list_contains($kinds, kind) GROUP BY target) said "
        f"WHERE series.id = said.target AND (list_contains($new, series.dataset) OR series.dataset IN ({known}))",
        {"field": DESCRIBED_BY, "kinds": list(KINDS), "new": list(datasets)},
    )


def _numbers(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    query = "SELECT code, number FROM code WHERE vocabulary = $name"
    return dict(connection.execute(query, {"name": DESCRIBED_BY}).fetchall())
