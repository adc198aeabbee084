"""Coded tables of a node: people, studies and series of its datasets, and the statistics of each field.

Tables (one file, written as a whole, see :mod:`oncommons.storage.generations`)::

    code     (vocabulary, number, code)                       the small number that stands for a code
    dataset  (key, name, title, licence, source, about)
    entity   (dataset, entity, records)                       what the dataset has rows of
    field    (dataset, entity, field, known, lacking)         records of the entity that lack the field
    person   (key, dataset, id, sex, age, birth_year, vital_status, follow_up, told_condition, ..., roll)
                                                              told_...: see oncommons.node.index.clinical
                                                              roll: see oncommons.node.index.numbering
    study    (key, dataset, person, id, age_at_study, study_year)
    series   (key, dataset, person, study, id, modality, body_part, manufacturer, model, series_class, laterality,
              contrast, instances, sex_reading, age_reading, ..., contrast_reading)
    reading  (key, field, raw, context, code, rule, confidence)

and those of clinical data, see :mod:`oncommons.node.index.clinical`.

A row of ``reading`` says what was made of a raw value; the columns ``<field>_reading`` of a series say which it had.
Codes of closed vocabularies are kept as small numbers, which halves the time of a question; a code keeps its number
for the life of the node.  ``key``, ``person``, ``study`` and ``dataset`` are small integers of this file only; ``id`` is the source's
identifier and never leaves the node.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from oncommons.node.index import clinical
from oncommons.node.index.deriving import TOLD
from oncommons.node.index.numbering import number_people
from oncommons.schema.dictionary import FIELDS
from oncommons.schema.vocabulary import VOCABULARIES

PROVEN = ("sex", "age", "modality", "body_part", "manufacturer", "model", "series_class", "laterality", "contrast")
"""Fields whose readings are kept."""
_TABLES = f"""
CREATE TABLE code (vocabulary VARCHAR, number USMALLINT, code VARCHAR);
CREATE TABLE dataset (key INTEGER, name VARCHAR, title VARCHAR, licence VARCHAR, source VARCHAR, about VARCHAR);
CREATE TABLE entity (dataset INTEGER, entity VARCHAR, records BIGINT);
CREATE TABLE field (dataset INTEGER, entity VARCHAR, field VARCHAR, known BOOLEAN, lacking BIGINT);
CREATE TABLE person (key INTEGER, dataset INTEGER, id VARCHAR, sex USMALLINT, age INTEGER,
                     birth_year INTEGER, vital_status USMALLINT, follow_up INTEGER,
                     {" BOOLEAN, ".join(TOLD)} BOOLEAN, roll INTEGER);
CREATE TABLE study (key INTEGER, dataset INTEGER, person INTEGER, id VARCHAR, age_at_study INTEGER, study_year INTEGER);
CREATE TABLE series (key INTEGER, dataset INTEGER, person INTEGER, study INTEGER, id VARCHAR, modality USMALLINT,
                     body_part USMALLINT, manufacturer USMALLINT, model VARCHAR, series_class USMALLINT,
                     laterality USMALLINT, contrast USMALLINT, instances INTEGER,
                     {"_reading INTEGER, ".join(PROVEN)}_reading INTEGER);
CREATE TABLE reading (key INTEGER, field VARCHAR, raw VARCHAR, context VARCHAR, code VARCHAR,
                      rule VARCHAR, confidence DOUBLE);
"""
_CODED = ("modality", "body_part", "manufacturer", "series_class", "laterality", "contrast")
_PRESENT = ("person", "study", "series")
_KEEP = ("dataset", "entity", "field", "person", "study", "series")


@dataclass(frozen=True)
class NewDataset:
    """A dataset about to be indexed: its words, and the fields (``entity.field``) that its source has.

    Where the title is empty, a dataset that is replaced keeps its words, and a new one is titled by its name.
    """

    name: str
    title: str
    licence: str
    source: str
    about: str
    fields: frozenset[str]


def build(
    connection: duckdb.DuckDBPyConnection,
    datasets: Sequence[NewDataset],
    source: clinical.NewSource | None = None,
) -> None:
    """Write the tables: what the attached database ``old`` holds, with these datasets added or replaced.

    Args:
        connection: An empty database; ``received`` and ``received_reading`` hold the new rows, ``old`` (if attached) the present ones.
        datasets: Every dataset that occurs in ``received``; their clinical data stay.
        source: A source of clinical data to add or replace, whose rows are in the tables ``clinical_…``.
    """
    connection.execute(_TABLES)
    first = _keep_old(connection, [d.name for d in datasets])
    clinical.keep(connection, source)
    _number_codes(connection)
    keys = {d.name: first.get("dataset", 0) + i for i, d in enumerate(datasets)}
    _insert(connection, "dataset", [(keys[d.name], d.name, *_words(connection, d)) for d in datasets])
    if datasets:
        clinical.remember_imaged(connection, {d.name: d.fields for d in datasets})
        _add_rows(connection, first)
        _add_statistics(connection, {keys[d.name]: d.fields for d in datasets})
    clinical.derive(connection)
    number_people(connection, old=_has_old(connection))


def copy_old(connection: duckdb.DuckDBPyConnection) -> None:
    """Write the tables as the attached database ``old`` has them, but for what :func:`derive_again` makes of them.

    Args:
        connection: An empty database.
    """
    connection.execute(_TABLES)
    _keep_old(connection, [])
    clinical.keep(connection, None)
    _number_codes(connection)


def derive_again(connection: duckdb.DuckDBPyConnection) -> None:
    """Make what follows from images and clinical sources together, after one of them was changed."""
    clinical.derive(connection)
    number_people(connection, old=True)


def _has_old(connection: duckdb.DuckDBPyConnection) -> bool:
    names = connection.execute("SELECT database_name FROM duckdb_databases()").fetchall()
    return ("old",) in names


def _words(connection: duckdb.DuckDBPyConnection, dataset: NewDataset) -> Sequence[str]:
    """Title, licence, source and about of a dataset."""
    if not dataset.title and _has_old(connection):
        query = "SELECT title, licence, source, about FROM old.dataset WHERE name = ?"
        before = connection.execute(query, [dataset.name]).fetchone()
        if before is not None:
            return before
    return dataset.title or dataset.name, dataset.licence, dataset.source, dataset.about


def _keep_old(connection: duckdb.DuckDBPyConnection, replaced: Sequence[str]) -> dict[str, int]:
    """Copy what stays; returns the first free key of each table."""
    if not _has_old(connection):
        return {}
    connection.execute("INSERT INTO code SELECT * FROM old.code")
    gone = "SELECT key FROM old.dataset WHERE list_contains($replaced, name)"
    before = connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'old'").fetchall()
    for table in (name for name in _KEEP if (name,) in before):
        column = "key" if table == "dataset" else "dataset"
        connection.execute(
            f"INSERT INTO {table} BY NAME SELECT {_shared(connection, table)} FROM old.{table} WHERE {column} NOT IN ({gone})",
            {"replaced": list(replaced)},
        )
    if ("reading",) in before:
        used = " UNION ALL ".join(f"SELECT {name}_reading FROM series" for name in PROVEN)
        connection.execute(f"INSERT INTO reading SELECT * FROM old.reading WHERE key IN ({used})")
    free = {}
    for table in ("dataset", "person", "study", "series"):
        free[table] = connection.execute(f"SELECT coalesce(max(key) + 1, 0) FROM old.{table}").fetchall()[0][0]
    free["reading"] = connection.execute("SELECT coalesce(max(key), 0) FROM reading").fetchall()[0][0]
    return free


def _shared(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """The columns that a table has here and had in an older file of the node."""
    here, there = (
        [name for name, *_ in connection.execute(f"DESCRIBE {place}{table}").fetchall()] for place in ("", "old.")
    )
    return ", ".join(name for name in here if name in there)


def _number_codes(connection: duckdb.DuckDBPyConnection) -> None:
    """Give every code of the closed vocabularies its number; those that have one keep it."""
    known = set(connection.execute("SELECT vocabulary, code FROM code").fetchall())
    first = connection.execute("SELECT coalesce(max(number) + 1, 0) FROM code").fetchall()[0][0]
    new = [
        (v.name, code)
        for v in VOCABULARIES.values()
        if not v.pattern
        for code in v.codes
        if (v.name, code) not in known
    ]
    _insert(connection, "code", [(name, first + i, code) for i, (name, code) in enumerate(new)])


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    """Insert rows, all at once: one by one each would take a millisecond."""
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        marks = ", ".join(f"unnest(${i + 1})" for i in range(len(columns)))
        connection.execute(f"INSERT INTO {table} SELECT {marks}", columns)


def _coded(field: str) -> str:
    """SQL that joins the number of a received code, as ``<field>_code.number``; missing stays missing."""
    return f"LEFT JOIN code {field}_code ON {field}_code.vocabulary = '{field}' AND {field}_code.code = r.{field}"


def _numbered(field: str) -> str:
    return f"{field}_code.number AS {field}"


def _add_rows(connection: duckdb.DuckDBPyConnection, first: Mapping[str, int]) -> None:
    connection.execute(
        f"""
        INSERT INTO person (key, dataset, id, sex, age)
        SELECT {first.get("person", 0)} + row_number() OVER (ORDER BY d.key, r.person) - 1, d.key, r.person,
               CASE WHEN min(r.sex) = max(r.sex) THEN min(sex_code.number) END, min(r.age)
        FROM received r JOIN dataset d ON d.name = r.dataset {_coded("sex")} GROUP BY d.key, r.person
        """,
    )
    connection.execute(
        f"""
        INSERT INTO study
        SELECT {first.get("study", 0)} + row_number() OVER (ORDER BY p.key, r.study) - 1, p.dataset, p.key, r.study,
               min(r.age), min(r.study_year)
        FROM received r JOIN dataset d ON d.name = r.dataset
        JOIN person p ON p.dataset = d.key AND p.id = r.person GROUP BY p.dataset, p.key, r.study
        """,
    )
    above = first.get("reading", 0)
    readings = ", ".join(f"r.{name}_reading + {above} AS {name}_reading" for name in PROVEN)
    connection.execute(
        f"""
        INSERT INTO series BY NAME
        SELECT {first.get("series", 0)} + row_number() OVER () - 1 AS key, * FROM (
            SELECT s.dataset, s.person, s.key AS study, r.series AS id, {", ".join(_numbered(name) for name in _CODED)},
                   r.model, r.instances, {readings}
            FROM received r JOIN dataset d ON d.name = r.dataset
            JOIN person p ON p.dataset = d.key AND p.id = r.person
            JOIN study s ON s.person = p.key AND s.id = r.study
            {" ".join(map(_coded, _CODED))}
            ORDER BY s.key, r.series
        )
        """,
    )
    connection.execute(
        f"INSERT INTO reading SELECT key + {above}, field, raw, context, code, rule, confidence FROM received_reading "
        "ORDER BY key"
    )


def _add_statistics(connection: duckdb.DuckDBPyConnection, known: Mapping[int, frozenset[str]]) -> None:
    """Count the rows of new datasets, and those that lack a field.

    Args:
        connection: The database.
        known: Key of each new dataset to the fields (``entity.field``) that its source has.
    """
    for entity in _PRESENT:
        fields = [f.name for f in FIELDS if f.entity == entity]
        lacking = ", ".join(f"count(*) FILTER (WHERE {name} IS NULL)" for name in fields)
        counted = connection.execute(
            f"SELECT dataset, count(*), {lacking} FROM {entity} WHERE list_contains($new, dataset) GROUP BY 1 ORDER BY 1",
            {"new": list(known)},
        ).fetchall()
        _insert(connection, "entity", [(dataset, entity, records) for dataset, records, *_ in counted])
        rows = [
            (dataset, entity, name, f"{entity}.{name}" in known[dataset], lack)
            for dataset, _, *lacks in counted
            for name, lack in zip(fields, lacks, strict=True)
        ]
        _insert(connection, "field", rows)
