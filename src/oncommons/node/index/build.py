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
              contrast, instances, described_by, sex_reading, age_reading, ..., contrast_reading)
    reading  (key, field, raw, context, code, rule, confidence)

those of links between series, see :mod:`oncommons.node.index.links`, and those of clinical data, see
:mod:`oncommons.node.index.clinical`.

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
from oncommons.node.index.links import FIELD, describe, keep_links, undescribed
from oncommons.node.index.numbering import number_people
from oncommons.schema.dictionary import FIELDS
from oncommons.schema.image_fields import IMAGED, OF_SERIES, READ
from oncommons.schema.vocabulary import VOCABULARIES

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
                     laterality USMALLINT, contrast USMALLINT, instances INTEGER, described_by USMALLINT,
                     {"_reading INTEGER, ".join(READ)}_reading INTEGER);
CREATE TABLE reading (key INTEGER, field VARCHAR, raw VARCHAR, context VARCHAR, code VARCHAR,
                      rule VARCHAR, confidence DOUBLE);
"""
_KEEP = ("dataset", "entity", "field", *IMAGED)


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
    gone: clinical.SourceKey = clinical.NO_SOURCE,
) -> None:
    """Write the tables: what the attached database ``old`` holds, with these datasets added or replaced.

    Args:
        connection: An empty database; ``received`` and ``received_reading`` hold the new rows, ``old`` (if attached) the present ones.
        datasets: Every dataset that occurs in ``received``; their clinical data stay.
        source: A source of clinical data to add or replace, whose rows are in the tables ``clinical_…``.
        gone: A source of clinical data to remove.
    """
    connection.execute(_TABLES)
    first = _keep_old(connection, [d.name for d in datasets])
    clinical.keep(connection, source, gone)
    _number_codes(connection)
    keys = {d.name: first.get("dataset", 0) + i for i, d in enumerate(datasets)}
    _insert(connection, "dataset", [(keys[d.name], d.name, *_words(connection, d)) for d in datasets])
    keep_links(connection)
    linked = [keys[d.name] for d in datasets if FIELD in d.fields]
    if datasets:
        clinical.remember_imaged(connection, {d.name: d.fields for d in datasets})
        _add_rows(connection, first, undescribed(connection, linked))
        describe(connection, linked)
        _add_statistics(connection, {keys[d.name]: d.fields for d in datasets})
    clinical.derive(connection, less=gone[0])
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
    keep_links(connection)


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
    shared = _shared(connection)
    for table in (name for name in _KEEP if name in shared):
        column = "key" if table == "dataset" else "dataset"
        connection.execute(
            f"INSERT INTO {table} BY NAME SELECT {', '.join(shared[table])} FROM old.{table} WHERE {column} NOT IN ({gone})",
            {"replaced": list(replaced)},
        )
    if "reading" in shared:
        used = " UNION ALL ".join(f"SELECT {name}_reading FROM series" for name in READ)
        connection.execute(f"INSERT INTO reading SELECT * FROM old.reading WHERE key IN ({used})")
    keys = [f"(SELECT coalesce(max(key) + 1, 0) FROM old.{table})" for table in ("dataset", *IMAGED)]
    free = connection.execute(f"SELECT {', '.join(keys)}, (SELECT coalesce(max(key), 0) FROM reading)").fetchall()[0]
    return dict(zip(("dataset", *IMAGED, "reading"), free, strict=True))


def _shared(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """The columns that each table has here and had in an older file of the node."""
    query = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old' AND schema_name = 'main'"
    old = {name for (name,) in connection.execute(query).fetchall()}
    found = {
        name: _columns(connection, name) & _columns(connection, f"old.{name}")
        for name in (*_KEEP, "reading")
        if name in old
    }
    return {name: sorted(columns) for name, columns in found.items()}


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    """Columns of a table; what DuckDB tells of all tables takes it ten times as long."""
    return {name for name, *_ in connection.execute(f"SELECT * FROM {table} LIMIT 0").description or ()}


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


def _add_rows(connection: duckdb.DuckDBPyConnection, first: Mapping[str, int], described: str) -> None:
    """Add what was received; rows are brought together before they are joined, which is cheaper by a million look-ups."""
    connection.execute(
        f"""
        INSERT INTO person (key, dataset, id, sex, age)
        SELECT {first.get("person", 0)} + row_number() OVER (ORDER BY d.key, r.person) - 1, d.key, r.person,
               sex_code.number, r.age
        FROM (SELECT dataset, person, CASE WHEN min(sex) = max(sex) THEN min(sex) END AS sex, min(age) AS age
              FROM received GROUP BY dataset, person) r
        JOIN dataset d ON d.name = r.dataset {_coded("sex")}
        """,
    )
    connection.execute(
        f"""
        INSERT INTO study
        SELECT {first.get("study", 0)} + row_number() OVER (ORDER BY p.key, r.study) - 1, p.dataset, p.key, r.study,
               r.age, r.study_year
        FROM (SELECT dataset, person, study, min(age) AS age, min(study_year) AS study_year
              FROM received GROUP BY dataset, person, study) r
        JOIN dataset d ON d.name = r.dataset
        JOIN person p ON p.dataset = d.key AND p.id = r.person
        """,
    )
    _add_series(connection, first, described)


def _add_series(connection: duckdb.DuckDBPyConnection, first: Mapping[str, int], described: str) -> None:
    """Add the series in order; they are put in order first and numbered by their places, since to count is for one thread."""
    above = first.get("reading", 0)
    readings = ", ".join(f"r.{name}_reading + {above} AS {name}_reading" for name in READ)
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE ordered AS
        SELECT s.dataset, s.person, s.key AS study, r.series AS id, {", ".join(_numbered(name) for name in OF_SERIES)},
               r.model, r.instances, {described} AS described_by, {readings}
        FROM received r
        JOIN (SELECT s.*, p.id AS whose, d.name FROM study s JOIN person p ON p.key = s.person
              JOIN dataset d ON d.key = s.dataset WHERE s.key >= {first.get("study", 0)}) s
          ON s.id = r.study AND s.whose = r.person AND s.name = r.dataset
        {" ".join(map(_coded, OF_SERIES))}
        ORDER BY s.key, r.series
        """,
    )
    connection.execute(
        f"INSERT INTO series BY NAME SELECT {first.get('series', 0)} + ordered.rowid - begins AS key, ordered.* "
        "FROM ordered, (SELECT min(rowid) AS begins FROM ordered)"
    )
    connection.execute("DROP TABLE ordered")
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
    entities: list[tuple[object, ...]] = []
    rows: list[tuple[object, ...]] = []
    for entity in IMAGED:
        fields = [f.name for f in FIELDS if f.entity == entity]
        lacking = ", ".join(f"count(*) FILTER (WHERE {name} IS NULL)" for name in fields)
        counted = connection.execute(
            f"SELECT dataset, count(*), {lacking} FROM {entity} WHERE list_contains($new, dataset) GROUP BY 1 ORDER BY 1",
            {"new": list(known)},
        ).fetchall()
        entities += [(dataset, entity, records) for dataset, records, *_ in counted]
        rows += [
            (dataset, entity, name, f"{entity}.{name}" in known[dataset], lack)
            for dataset, _, *lacks in counted
            for name, lack in zip(fields, lacks, strict=True)
        ]
    _insert(connection, "entity", entities)
    _insert(connection, "field", rows)
