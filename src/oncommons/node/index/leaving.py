"""The tables as if some people had never come: views over the file, and what follows from all people counted anew.

============================= ==========================================================================================
what                          is
============================= ==========================================================================================
rows of people who left       not there, in any table
numbers of records            counted anew in the datasets that they were in
what sources hold             told anew: a source that held an entity by their rows alone does not hold it
entities and fields of        not there, where only they had rows of it and the hospital named no column of it
datasets with clinical data
datasets                      all there; one that everybody left has nobody
what describes a series       as it was: it depends on the same person's objects alone
numbers of people             as they were, so that what was told before is still known to be of the same people
============================= ==========================================================================================

Nothing is written: the rows stay in the file, and are there again for whom the list does not name any more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

import duckdb

from oncommons.node.index.deriving import SPEAKING, SPOKEN, TOLD
from oncommons.node.index.numbering import numbered
from oncommons.schema.clinical import CLINICAL
from oncommons.schema.dictionary import ENTITIES, FIELDS

PSEUDONYM = re.compile(r"P[A-Z2-7]{16}")
"""What :mod:`oncommons.imaging.deid.keys` calls a patient."""
_COUNTED = ("entity", "field", "person")
"""Tables of the file that are made anew."""
_GONE_FROM_OMOP = """
CREATE TABLE gone_from_omop AS SELECT DISTINCT o.person_id FROM kept.omop.person o
    JOIN kept.main.dataset d ON d.name = o.dataset
    JOIN kept.main.person p ON p.dataset = d.key AND p.id = o.person_source_value JOIN gone ON gone.key = p.key
"""


def people_gone(connection: duckdb.DuckDBPyConnection, names: Collection[str], call: Callable[[str], str]) -> list[int]:
    """Keys of the people whom a list names, by their pseudonym or by the number of which it is the pseudonym.

    Args:
        connection: A database with the node's tables attached as ``kept``.
        names: Pseudonyms.
        call: Number of a person to pseudonym, for datasets that call people as their source does.
    """
    rows = connection.execute("SELECT key, id FROM kept.main.person").fetchall()
    return [key for key, name in rows if name in names or (not PSEUDONYM.fullmatch(name) and call(name) in names)]


def leave_out(connection: duckdb.DuckDBPyConnection, gone: Sequence[int]) -> None:
    """Make the tables without some people.

    Args:
        connection: An empty database with the node's tables attached as ``kept``.
        gone: The people's keys.
    """
    connection.execute("CREATE TABLE gone AS SELECT unnest($1::INTEGER[]) AS key", [list(gone)])
    found = _tables(connection)
    if "omop" in {schema for schema, _ in found}:
        connection.execute("CREATE SCHEMA omop")
    has_omop = ("omop", "person") in found
    if has_omop:
        connection.execute(_GONE_FROM_OMOP)
    for (schema, table), columns in found.items():
        if (schema, table) not in {("main", name) for name in _COUNTED}:
            _lay_view(connection, f"{schema}.{table}", columns)
    connection.execute("CREATE TABLE entity AS FROM kept.main.entity; CREATE TABLE field AS FROM kept.main.field")
    connection.execute(
        f"CREATE TABLE person AS FROM ({numbered(connection, 'kept.main.person')}) ANTI JOIN gone USING (key)"
    )
    if has_omop and {*TOLD} <= {*found["main", "person"]}:
        connection.execute(SPOKEN)
        connection.execute(SPEAKING)
    query = "SELECT DISTINCT dataset FROM kept.main.person JOIN gone USING (key) ORDER BY 1"
    left = [key for (key,) in connection.execute(query).fetchall()]
    for entity in ENTITIES:
        if left and ("main", entity) in found:
            _count(connection, entity, {*found["main", entity]}, left)
    if has_omop:
        _forget(connection, left)


def _tables(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[str]]:
    """Schema and name of each table of the file, with its columns."""
    query = (
        "SELECT schema_name, table_name, list(column_name) FROM duckdb_columns() "
        "WHERE database_name = 'kept' AND NOT internal GROUP BY ALL ORDER BY ALL"
    )
    return {(schema, table): columns for schema, table, columns in connection.execute(query).fetchall()}


def _lay_view(connection: duckdb.DuckDBPyConnection, name: str, columns: Collection[str]) -> None:
    """Show a table of the file, without the rows of those who left."""
    without = ""
    if name.startswith("omop.") and "person_id" in columns:
        without = "ANTI JOIN gone_from_omop g ON g.person_id = t.person_id"
    elif name.startswith("main.") and "person" in columns:
        without = "ANTI JOIN gone ON gone.key = t.person"
    connection.execute(f"CREATE VIEW {name} AS FROM kept.{name} t {without}")


def _count(connection: duckdb.DuckDBPyConnection, entity: str, columns: Collection[str], datasets: list[int]) -> None:
    """Count the rows of an entity in datasets that somebody left, and those that lack a field."""
    names = [f.name for f in FIELDS if f.entity == entity and f.name in columns]
    counts = "".join(f", count(*) FILTER (WHERE {name} IS NULL)" for name in names)
    query = f"SELECT dataset, count(*){counts} FROM {entity} WHERE list_contains($1, dataset) GROUP BY dataset"
    rows = {key: numbers for key, *numbers in connection.execute(query, [datasets]).fetchall()}
    for key in datasets:
        records, *lacking = rows.get(key, [0] * (len(names) + 1))
        where = "WHERE dataset = $1 AND entity = $2"
        connection.execute(f"UPDATE entity SET records = $3 {where}", [key, entity, records])
        connection.execute(f"UPDATE field SET lacking = $3 {where}", [key, entity, records])
        connection.execute(
            f"UPDATE field SET lacking = told.lacking FROM (SELECT unnest($3::VARCHAR[]) AS name, "
            f"unnest($4::BIGINT[]) AS lacking) told {where} AND field.field = told.name",
            [key, entity, names, lacking],
        )


def _forget(connection: duckdb.DuckDBPyConnection, datasets: list[int]) -> None:
    """Take away, from datasets with clinical sources, what only those who left had."""
    named = "SELECT unnest(s.fields) AS name, d.key FROM omop.source s JOIN dataset d ON d.name = s.dataset"
    touched = "list_contains($datasets, dataset) AND dataset IN (SELECT key FROM (" + named + "))"
    empty = (
        f"SELECT dataset, entity FROM entity WHERE {touched} AND records = 0 AND entity != 'person' "
        "AND NOT (list_contains($clinical, entity) AND EXISTS (SELECT 1 FROM "
        f"({named} WHERE s.kind = 'table') n WHERE n.key = dataset AND starts_with(n.name, entity || '.')))"
    )
    lost = connection.execute(empty, {"datasets": datasets, "clinical": list(CLINICAL)}).fetchall()
    for key, entity in lost:
        for table in ("entity", "field"):
            connection.execute(f"DELETE FROM {table} WHERE dataset = $1 AND entity = $2", [key, entity])
    connection.execute(
        f"UPDATE field SET known = FALSE WHERE entity = 'person' AND {touched} AND dataset NOT IN "
        f"(SELECT dataset FROM study) AND field NOT IN (SELECT n.name[8:] FROM ({named}) n WHERE n.key = field.dataset)",
        {"datasets": datasets},
    )
