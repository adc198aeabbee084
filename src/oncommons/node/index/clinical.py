"""Clinical tables of a node: those of OMOP in the schema ``omop``, and from them the tables that questions are put to.

The tables of OMOP have the columns of the standard and a few of ours (:mod:`oncommons.schema.omop`); they hold true
dates and the texts of the source, and are kept from one file to the next, source by source::

    omop.person, omop.condition_occurrence, omop.measurement, ...    only where there is a source
    omop.source  (dataset, name, kind, digest, fields, title, licence, origin, about)
    omop.fault   (dataset, source, source_row, place, code, message, kept)
    omop.imaged  (dataset, field)                    fields that a dataset has without its clinical sources
    omop.changed (dataset, id, sex)                  the sex in the images of people whom a clinical source knows better

What questions are put to is made anew with every file: ``condition``, ``measurement``, ``treatment``, ``episode`` and
``specimen``, each with ``key``, ``dataset``, ``person`` and the fields of the dictionary, and more columns of ``person``.
They hold no dates, only years, ages and days between two events of the same person.

``person.told_condition`` and its like are true where a source speaks of the person and holds diagnoses, of whomever: who
has no row there had none.  Of somebody else nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from oncommons.node.index.deriving import DERIVATIONS, PERSON, SOURCES, SPOKEN, TOLD
from oncommons.schema.clinical import CLINICAL
from oncommons.schema.dictionary import FIELDS, Field
from oncommons.schema.omop import CONDITION_FIELD, REQUIRED_CONCEPTS, TABLES, columns_of, type_of

_EVENTS = {"measurement": "measurement_event_id", "observation": "observation_event_id"}
_EVENT_FIELDS = {"measurement": "meas_event_field_concept_id", "observation": "obs_event_field_concept_id"}
_OWN_TABLES = """
CREATE SCHEMA omop;
CREATE TABLE omop.source (dataset VARCHAR, name VARCHAR, kind VARCHAR, digest VARCHAR, fields VARCHAR[],
                          title VARCHAR, licence VARCHAR, origin VARCHAR, about VARCHAR);
CREATE TABLE omop.fault (dataset VARCHAR, source VARCHAR, source_row BIGINT, place VARCHAR, code VARCHAR, message VARCHAR,
                         kept BOOLEAN);
CREATE TABLE omop.imaged (dataset VARCHAR, field VARCHAR);
CREATE TABLE omop.changed (dataset VARCHAR, id VARCHAR, sex USMALLINT);
"""
_OMOP_TABLES = "".join(
    f"CREATE TABLE omop.{table} ({', '.join(f'{column} {type_of(column)}' for column in columns_of(table))});"
    for table in TABLES
)


def _type(field: Field) -> str:
    if field.type == "code":
        return "VARCHAR" if field.codes.pattern else "USMALLINT"
    return "INTEGER" if field.type == "integer" else "DOUBLE"


_ENTITY_TABLES = "".join(
    f"CREATE TABLE {entity} (key INTEGER, dataset INTEGER, person INTEGER, "
    f"{', '.join(f'{f.name} {_type(f)}' for f in FIELDS if f.entity == entity)});"
    for entity in CLINICAL
)


_WITHOUT_ANYTHING = """
DELETE FROM dataset WHERE name = $1 AND key NOT IN (SELECT dataset FROM study)
    AND name NOT IN (SELECT dataset FROM omop.source) AND name NOT IN (SELECT dataset FROM omop.imaged)
"""
SourceKey = tuple[str, str]
"""Dataset and name of a source."""
NO_SOURCE: SourceKey = ("", "")


@dataclass(frozen=True)
class NewSource:
    """A source of clinical data about to be indexed.

    Attributes:
        dataset: Which dataset it belongs to.
        name: What it is called there.
        kind: ``table``, ``fhir`` or ``omop``.
        digest: SHA-256 of its bytes.
        fields: Fields of the dictionary (``entity.field``) that it can fill.
        words: Title, licence, origin and about of the dataset; empty ones change nothing.
    """

    dataset: str
    name: str
    kind: str
    digest: str
    fields: frozenset[str]
    words: tuple[str, str, str, str] = ("", "", "", "")


def keep(connection: duckdb.DuckDBPyConnection, new: NewSource | None, gone: SourceKey = NO_SOURCE) -> None:
    """Make the tables of OMOP: what the attached database ``old`` holds, with a source added or replaced, or removed.

    Args:
        connection: A database whose tables of datasets and series are there already.
        new: The source; its rows are in the temporary tables ``clinical_…``.
        gone: The source to leave out.
    """
    old = _old(connection)
    gone = (new.dataset, new.name) if new else gone
    sourced = new is not None or bool(sources(connection, old=True))
    connection.execute(_OWN_TABLES + _OMOP_TABLES * sourced)
    if sourced:
        _keep_sources(connection, gone, old)
    if "changed" in old:
        connection.execute(
            "UPDATE person SET sex = c.sex FROM old.omop.changed c JOIN dataset d ON d.name = c.dataset "
            "WHERE person.dataset = d.key AND person.id = c.id",
        )
    if "imaged" in old:
        connection.execute("INSERT INTO omop.imaged SELECT * FROM old.omop.imaged")
    elif _is_there(connection, "old"):
        connection.execute(
            "INSERT INTO omop.imaged SELECT DISTINCT d.name, f.entity || '.' || f.field "
            "FROM old.field f JOIN old.dataset d ON d.key = f.dataset WHERE f.known",
        )
    if new is not None:
        _take(connection, new)


def derive(connection: duckdb.DuckDBPyConnection, less: str = "") -> None:
    """Make the tables that questions are put to, and count their rows.

    Args:
        connection: A database whose tables of people, studies and series, and those of OMOP, are complete.
        less: The dataset that has lost a source; it goes where nothing else is in it.
    """
    connection.execute(_ENTITY_TABLES)
    if less or _has_rows(connection, "omop.source"):
        columns = ("birth_year", "vital_status", "follow_up", *TOLD)
        connection.execute(f"UPDATE person SET {', '.join(f'{column} = NULL' for column in columns)}")
        _add_people(connection)
        connection.execute(SPOKEN)
        connection.execute(PERSON)
        for entity in CLINICAL:
            if any(_has_rows(connection, f"omop.{table}") for table in SOURCES[entity]):
                _fill(connection, entity)
        _count(connection, less)
    if less and not sources(connection):
        connection.execute("".join(f"DROP TABLE omop.{table};" for table in TABLES))
    connection.execute(_WITHOUT_ANYTHING, [less])


def sources(connection: duckdb.DuckDBPyConnection, digest: str = "", *, old: bool = False) -> list[SourceKey]:
    """The sources that are there, by dataset and name.

    Args:
        connection: The node's tables.
        digest: Only those of this content; all where empty.
        old: Whether those of the attached database ``old`` are meant.
    """
    if old and not _is_there(connection, "old"):
        return []
    base = "'old'" if old else "current_database()"
    there = f"SELECT 1 FROM duckdb_tables() WHERE database_name = {base} AND schema_name = 'omop' LIMIT 1"
    if connection.execute(there).fetchone() is None:  # nothing is there yet, or only what an older version wrote
        return []
    query = f"SELECT dataset, name FROM {'old.' if old else ''}omop.source WHERE $1 IN ('', digest) ORDER BY ALL"
    return connection.execute(query, [digest]).fetchall()


def remember_imaged(connection: duckdb.DuckDBPyConnection, known: Mapping[str, frozenset[str]]) -> None:
    """Note which fields datasets have without their clinical sources.

    Args:
        connection: A database with the tables of OMOP.
        known: Dataset to fields (``entity.field``).
    """
    connection.execute("DELETE FROM omop.imaged WHERE list_contains($names, dataset)", {"names": list(known)})
    rows = [(name, field) for name, fields in known.items() for field in sorted(fields)]
    if rows:
        names, fields = zip(*rows, strict=True)
        connection.execute("INSERT INTO omop.imaged SELECT unnest($1), unnest($2)", [list(names), list(fields)])


def links(connection: duckdb.DuckDBPyConnection, dataset: str) -> dict[str, int]:
    """How the people of a dataset are linked: ``both``, ``clinical`` only and ``images`` only.

    Args:
        connection: The node's tables.
        dataset: Name of the dataset.
    """
    query = (
        "SELECT count(*) FILTER (WHERE c.id IS NOT NULL AND s.person IS NOT NULL), "
        "count(*) FILTER (WHERE c.id IS NOT NULL AND s.person IS NULL), count(*) FILTER (WHERE c.id IS NULL) "
        "FROM person p JOIN dataset d ON d.key = p.dataset "
        "LEFT JOIN (SELECT DISTINCT person_source_value AS id FROM omop.person WHERE dataset = $1) c ON c.id = p.id "
        "LEFT JOIN (SELECT DISTINCT person FROM study) s ON s.person = p.key WHERE d.name = $1"
    )
    both, clinical, images = connection.execute(query, [dataset]).fetchall()[0]
    return {"both": both, "clinical": clinical, "images": images}


def _old(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The tables of OMOP that the attached database has."""
    if not _is_there(connection, "old"):
        return frozenset()
    query = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old' AND schema_name = 'omop'"
    return frozenset(name for (name,) in connection.execute(query).fetchall())


def _has_rows(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    return connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None


def _is_there(connection: duckdb.DuckDBPyConnection, database: str) -> bool:
    """Whether a database is attached; to look for its tables takes ten times as long."""
    query = "SELECT 1 FROM duckdb_databases() WHERE database_name = $name"
    return bool(connection.execute(query, {"name": database}).fetchall())


def _keep_sources(connection: duckdb.DuckDBPyConnection, gone: SourceKey, there: frozenset[str]) -> None:
    """Copy what stays of clinical sources."""
    for table in (name for name in there & {*TABLES, "source", "fault"} if _has_rows(connection, f"old.omop.{name}")):
        name = "name" if table == "source" else "source"
        connection.execute(
            f"INSERT INTO omop.{table} BY NAME SELECT * FROM old.omop.{table} WHERE NOT (dataset = $1 AND {name} = $2)",
            list(gone),
        )


def _take(connection: duckdb.DuckDBPyConnection, new: NewSource) -> None:
    """Put the rows of a source into the tables of OMOP."""
    place = {"dataset": new.dataset, "source": new.name}
    for table in (name for name in TABLES if _has_rows(connection, f"clinical_{name}")):
        columns = columns_of(table)
        values = ", ".join(_value(table, column) for column in columns)
        connection.execute(
            f"INSERT INTO omop.{table} ({', '.join(columns)}) SELECT {values} FROM clinical_{table} "
            "ORDER BY source_row, item",
            place,
        )
    for table in TABLES:
        connection.execute(f"DROP TABLE clinical_{table}")
    connection.execute(
        "INSERT INTO omop.fault SELECT $dataset, $source, source_row, place, code, message, kept FROM clinical_fault",
        place,
    )
    connection.execute("DROP TABLE clinical_fault")
    row = [new.dataset, new.name, new.kind, new.digest, sorted(new.fields), *new.words]
    connection.execute("INSERT INTO omop.source VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    there = connection.execute("SELECT count(*) FROM dataset WHERE name = ?", [new.dataset]).fetchall()[0][0]
    title, licence, origin, about = new.words
    if not there:
        connection.execute(
            "INSERT INTO dataset SELECT coalesce(max(key) + 1, 0), $1, $2, $3, $4, $5 FROM dataset",
            [new.dataset, title or new.dataset, licence, origin, about],
        )
    elif title:
        connection.execute(
            "UPDATE dataset SET title = $2, licence = $3, source = $4, about = $5 WHERE name = $1",
            [new.dataset, title, licence, origin, about],
        )


def _numbered(*parts: str) -> str:
    """SQL for a number that stands for some texts: the same in every file, and of no other texts."""
    return f"CAST(md5_number_lower(concat_ws(chr(31), {', '.join(parts)})) >> 1 AS BIGINT)"


def _value(table: str, column: str) -> str:
    """SQL for a column of a table of OMOP, from the texts that were received."""
    special = {
        "dataset": "$dataset",
        "source": "$source",
        "item": "item",
        "source_row": "source_row",
        "person_id": _numbered("$dataset", "person"),
        "person_source_value": "person",
        f"{table}_id": _numbered("$dataset", "$source", "item") if table != "person" else "",
    }
    special |= {"person_id": _numbered("$dataset", "person")}
    if column in special:
        return special[column]
    if column == _EVENTS.get(table):
        return f"CASE WHEN event_item IS NOT NULL THEN {_numbered('$dataset', '$source', 'event_item')} END"
    if column == _EVENT_FIELDS.get(table):
        return f"CASE WHEN event_item IS NOT NULL THEN {CONDITION_FIELD} END"
    cast = column if type_of(column) == "VARCHAR" else f"TRY_CAST({column} AS {type_of(column)})"
    return f"coalesce({cast}, 0)" if column in REQUIRED_CONCEPTS.get(table, ()) else cast


def _add_people(connection: duckdb.DuckDBPyConnection) -> None:
    """Have those who are in clinical sources in ``person``, and nobody who was there for an older source."""
    connection.execute("DELETE FROM person WHERE key NOT IN (SELECT person FROM study)")
    first = connection.execute("SELECT coalesce(max(key) + 1, 0) FROM person").fetchall()[0][0]
    connection.execute(
        "INSERT INTO person BY NAME SELECT $first + row_number() OVER (ORDER BY d.key, o.id) - 1 AS key, "
        "d.key AS dataset, o.id AS id FROM (SELECT DISTINCT dataset, person_source_value AS id FROM omop.person) o "
        "JOIN dataset d ON d.name = o.dataset "
        "WHERE NOT EXISTS (SELECT 1 FROM person p WHERE p.dataset = d.key AND p.id = o.id)",
        {"first": first},
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE who AS SELECT DISTINCT o.person_id, p.key, p.dataset "
        "FROM omop.person o JOIN dataset d ON d.name = o.dataset "
        "JOIN person p ON p.dataset = d.key AND p.id = o.person_source_value",
    )


def _fill(connection: duckdb.DuckDBPyConnection, entity: str) -> None:
    """Make the rows of an entity; codes of closed lists become their numbers."""
    fields = [f for f in FIELDS if f.entity == entity]
    values, joins = [], []
    for f in fields:
        if _type(f) == "USMALLINT":
            joins.append(
                f"LEFT JOIN code c_{f.name} ON c_{f.name}.vocabulary = '{f.vocabulary}' AND c_{f.name}.code = x.{f.name}"
            )
            values.append(f"c_{f.name}.number")
        else:
            values.append(f"x.{f.name}")
    connection.execute(
        f"INSERT INTO {entity} SELECT row_number() OVER (ORDER BY who.key, x.source, x.source_row, x.item) - 1, "
        f"who.dataset, who.key, {', '.join(values)} FROM ({DERIVATIONS[entity]}) x "
        f"JOIN who ON who.person_id = x.person_id {' '.join(joins)} ORDER BY who.key, x.source, x.source_row, x.item",
    )


def _count(connection: duckdb.DuckDBPyConnection, less: str) -> None:
    """Count the rows of datasets with clinical sources, and of the one that has lost one, and those that lack a field."""
    query = (
        "SELECT d.key, d.name, coalesce(list_distinct(flatten(list(s.fields))), []) FROM dataset d "
        "LEFT JOIN omop.source s ON d.name = s.dataset WHERE s.name IS NOT NULL OR d.name = $less "
        "GROUP BY ALL ORDER BY d.key"
    )
    for key, name, clinical in connection.execute(query, {"less": less}).fetchall():
        imaged = connection.execute("SELECT field FROM omop.imaged WHERE dataset = ?", [name]).fetchall()
        known = {*clinical, *(field for (field,) in imaged)}
        connection.execute(
            "DELETE FROM entity WHERE dataset = $1 AND list_contains($2, entity)", [key, ["person", *CLINICAL]]
        )
        connection.execute(
            "DELETE FROM field WHERE dataset = $1 AND list_contains($2, entity)", [key, ["person", *CLINICAL]]
        )
        for entity in ("person", *CLINICAL):
            if (entity == "person" and known) or any(field.startswith(f"{entity}.") for field in known):
                _count_entity(connection, key, entity, known)


def _count_entity(connection: duckdb.DuckDBPyConnection, key: int, entity: str, known: set[str]) -> None:
    names = [f.name for f in FIELDS if f.entity == entity]
    lacking = ", ".join(f"count(*) FILTER (WHERE {name} IS NULL)" for name in names)
    number, *lacks = connection.execute(
        f"SELECT count(*), {lacking} FROM {entity} WHERE dataset = ?", [key]
    ).fetchall()[0]
    connection.execute("INSERT INTO entity VALUES (?, ?, ?)", [key, entity, number])
    is_known = [f"{entity}.{name}" in known for name in names]
    columns = [key, entity, names, is_known, lacks]
    connection.execute("INSERT INTO field SELECT $1, $2, unnest($3), unnest($4), unnest($5)", columns)
