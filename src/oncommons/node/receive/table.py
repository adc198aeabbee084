"""Tables of series in Parquet or CSV, and the mapping that says which column holds what.

A mapping is a small TOML file::

    dataset = "lung_2024"              # or dataset_column = "collection"
    title = "Lung CT 2024"             # optional, as licence, source and about are

    [columns]
    person = "PatientID"
    study = "StudyInstanceUID"
    series = "SeriesInstanceUID"
    modality = "Modality"              # every other field is optional;
    age = "PatientAge"                 # one that is left out is unknown at this node

Received rows land in the temporary table ``received``, one row a series, values harmonised; how each value was read is in
the temporary table ``received_reading``, see :mod:`oncommons.node.receive.readings`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb

from oncommons.node.receive.faults import FaultGroup, grouped
from oncommons.node.receive.placing import TOLD, NumberOf, lines_in, rows_as_counted, set_apart
from oncommons.node.receive.readings import DECIDED, HINTS, joins, read_all
from oncommons.schema.errors import BadMapping, UnreadableSource

KEYS = ("person", "study", "series")
"""Columns without which a series cannot be placed."""
FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sex": ("person.sex",),
        "age": ("person.age", "study.age_at_study"),
        "study_year": ("study.study_year",),
        "modality": ("series.modality",),
        "body_part": ("series.body_part",),
        "manufacturer": ("series.manufacturer",),
        "model": ("series.model",),
        "instances": ("series.instances",),
    },
)
"""Column of a series and the fields of the dictionary that it fills, as ``entity.field``."""
COLUMNS = (*FIELDS, *HINTS)
"""Columns that a mapping may name besides the keys."""
_LINE = re.compile(r"\bLine: ([0-9]+)")
_ABOUT = ("title", "licence", "source", "about")
_READERS = MappingProxyType(
    {
        ".parquet": "read_parquet($1)",
        ".csv": "read_csv($1, sep = $2, header = true, all_varchar = true, quote = '\"', escape = '\"', strict_mode = true)",
    }
)
TABLES = tuple(_READERS)
"""Endings of the files that are tables."""


@dataclass(frozen=True)
class About:
    """What a source says about a dataset in words."""

    title: str
    licence: str = ""
    source: str = ""
    about: str = ""


@dataclass(frozen=True)
class SeriesMapping:
    """Which column of a file holds what; see the module's text."""

    columns: Mapping[str, str]
    dataset: str = ""
    dataset_column: str = ""
    about: About = field(default_factory=lambda: About(""))


@dataclass(frozen=True)
class Received:
    """What arrived in the table ``received``.

    Attributes:
        series: Number of rows.
        fields: Fields of the dictionary that the source has, as ``entity.field``.
        unmapped: Per column, how many rows hold a raw value that no rule could read.
        about: Dataset to what the source says about it.
        refused: Number of rows that were not taken; each is in the table of faults, see :data:`TOLD`.
        faults: Why they were not, by place and kind.
    """

    series: int
    fields: frozenset[str]
    unmapped: Mapping[str, int]
    about: Mapping[str, About]
    refused: int = 0
    faults: tuple[FaultGroup, ...] = ()


def read_mapping(path: Path) -> SeriesMapping:
    """Read a mapping file.

    Raises:
        BadMapping: where it is not TOML, or lacks a key, or has one that is not known.
    """
    try:
        body = tomllib.loads(path.read_text("utf-8"))
    except OSError as fault:
        raise BadMapping(f"The mapping {path.name} cannot be opened: {fault.strerror}.", detail=str(fault)) from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BadMapping(f"The mapping {path.name} is not TOML: {fault}.") from fault
    return mapping_of(body)


def mapping_of(body: Mapping[str, Any]) -> SeriesMapping:
    """Check a mapping that was read.

    Raises:
        BadMapping: as :func:`read_mapping`.
    """
    if "tables" in body:
        raise BadMapping("This is a mapping of clinical data; take them in with oncommons node clinical.", at="tables")
    columns = body.get("columns", {})
    if not isinstance(columns, dict) or not all(isinstance(column, str) for column in columns.values()):
        raise BadMapping('[columns] is a table of names: field = "column".', at="columns")
    known = {*KEYS, *COLUMNS}
    for name in body.keys() - {"columns", "dataset", "dataset_column", *_ABOUT}:
        raise BadMapping(f"The mapping has an unknown key {name!r}.", at=name)
    for name in columns.keys() - known:
        raise BadMapping(f"[columns] has an unknown field {name!r}; known: {', '.join(sorted(known))}.", at=name)
    for name in KEYS:
        if name not in columns:
            raise BadMapping(f"[columns] must say which column holds the {name}.", at=name)
    if bool(body.get("dataset")) == bool(body.get("dataset_column")):
        raise BadMapping("The mapping must have either dataset or dataset_column.", at="dataset")
    about = About(**{key: str(body.get(key, "")) for key in _ABOUT})
    return SeriesMapping(columns, str(body.get("dataset", "")), str(body.get("dataset_column", "")), about)


def receive_file(connection: duckdb.DuckDBPyConnection, path: Path, mapping: SeriesMapping) -> Received:
    """Read a Parquet or CSV file of series into ``received``.

    Raises:
        UnreadableSource: the file is missing, damaged or of another kind.
        BadMapping: the mapping names a column that the file does not have.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise UnreadableSource(f"{path.name} is neither .parquet nor .csv.")
    if not path.is_file():
        raise UnreadableSource(f"There is no file {path.name}.", detail=str(path))
    try:
        separator = [_separator(path)] if "sep" in reader else []
        connection.execute(f"CREATE OR REPLACE TEMP TABLE raw AS SELECT * FROM {reader}", [_one_file(path), *separator])
    except duckdb.Error as fault:
        if "No space left" in str(fault):
            raise
        raise _damaged(path, str(fault)) from None
    number_of: NumberOf = rows_as_counted
    if separator:
        number_of = lines_in(path, connection.execute("SELECT count(*) FROM raw").fetchall()[0][0])
    return receive_raw(connection, mapping, number_of=number_of)


def receive_raw(
    connection: duckdb.DuckDBPyConnection,
    mapping: SeriesMapping,
    source: str = "raw",
    values: Sequence[object] = (),
    number_of: NumberOf = rows_as_counted,
) -> Received:
    """Harmonise the rows of a source into ``received``.

    Args:
        connection: Where the tables are made.
        mapping: Which of its columns holds what.
        source: What stands after ``FROM``; a temporary table ``raw`` is dropped.
        values: Parameters of it.
        number_of: What the data manager knows its rows by.

    Raises:
        BadMapping: the mapping names a column that the source does not have.
        UnreadableSource: every row lacks the person, study or series it belongs to.
    """
    _check_columns(connection, mapping, source, values)
    columns = {name: f'"{_quoted(column)}"' for name, column in mapping.columns.items()}
    name = mapping.dataset.strip().replace("'", "''")
    dataset = f"'{name}'" if mapping.dataset else _trimmed(f'"{_quoted(mapping.dataset_column)}"')
    rows = [f"{dataset} AS dataset", *(f"{_trimmed(columns[key])} AS {key}" for key in KEYS)]
    rows += [f"CAST({columns[name]} AS VARCHAR) AS c_{name}" for name in COLUMNS if name in columns]
    connection.execute(f"CREATE OR REPLACE TEMP TABLE row AS SELECT {', '.join(rows)} FROM {source}", values)
    connection.execute("DROP TABLE IF EXISTS raw")
    places = {"dataset": mapping.dataset_column or "dataset", **{key: mapping.columns[key] for key in KEYS}}
    refused = set_apart(connection, places, number_of)
    unmapped = read_all(connection, columns)
    values, tables = joins(columns)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE received AS SELECT r.dataset, {', '.join(f'r.{key}' for key in KEYS)}, "
        f"{', '.join(values)} FROM row r {tables}"
    )
    connection.execute("DROP TABLE row")
    return _report(connection, mapping, unmapped, refused)


def _trimmed(column: str) -> str:
    """SQL for a text without the spaces around it; few have any, and looking for them is cheaper than cutting."""
    text = f"CAST({column} AS VARCHAR)"
    return f"CASE WHEN {text} LIKE ' %' OR {text} LIKE '% ' THEN trim({text}) ELSE {text} END"


def _separator(path: Path) -> str:
    """What parts the columns of a CSV file: of the usual characters, the one met most in its first line."""
    with path.open("rb") as file:
        first = file.readline(65_536).decode("utf-8", "replace")
    return max(",;\t|", key=first.count)


def _damaged(path: Path, fault: str) -> UnreadableSource:
    """What is told of a file that DuckDB cannot read: of its own words, which quote the row, only the line."""
    line = _LINE.search(fault)
    return UnreadableSource(f"{path.name} cannot be read{f' in line {line[1]}' if line else ''}; it may be damaged.")


def _one_file(path: Path) -> str:
    """The path as DuckDB takes it: characters that would stand for several files stand for themselves."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))


def _quoted(column: str) -> str:
    return column.replace('"', '""')


def _check_columns(
    connection: duckdb.DuckDBPyConnection, mapping: SeriesMapping, source: str, values: Sequence[object]
) -> None:
    there = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}", values).fetchall()}
    named = [*mapping.columns.values(), *([mapping.dataset_column] if mapping.dataset_column else [])]
    for column in named:
        if column not in there:
            raise BadMapping(f"The file has no column {column!r}; it has {', '.join(sorted(there))}.", at=column)


def _report(
    connection: duckdb.DuckDBPyConnection, mapping: SeriesMapping, unmapped: Mapping[str, int], refused: int
) -> Received:
    series, different = connection.execute("SELECT count(*), count(DISTINCT hash(series)) FROM received").fetchall()[0]
    faults = grouped(connection, TOLD) if refused else ()
    if refused and not series:
        first = faults[0]
        raise UnreadableSource(
            f"None of the {refused:,} rows can be taken. Row {first.rows[0]}, {first.at}: {first.message} ({first.code})"
        )
    if different < series:
        same = ", ".join(("dataset", *KEYS, *FIELDS, *DECIDED))
        connection.execute(f"CREATE OR REPLACE TEMP TABLE received AS SELECT DISTINCT ON ({same}) * FROM received")
        series = connection.execute("SELECT count(*) FROM received").fetchall()[0][0]
    datasets = [row[0] for row in connection.execute("SELECT DISTINCT dataset FROM received ORDER BY 1").fetchall()]
    return Received(
        series=series,
        fields=_fields(mapping),
        unmapped={name: number for name, number in unmapped.items() if number},
        about=dict.fromkeys(datasets, mapping.about),
        refused=refused,
        faults=faults,
    )


def _fields(mapping: SeriesMapping) -> frozenset[str]:
    """The fields that a source has."""
    plain = {f for name in mapping.columns if name in FIELDS for f in FIELDS[name]}
    return frozenset(plain | {f"series.{n}" for n, of in DECIDED.items() if any(c in mapping.columns for c in of)})
