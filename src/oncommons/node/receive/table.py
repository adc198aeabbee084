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

import csv
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import duckdb

from oncommons.node.receive.doubled import settle_series, tell_sexes
from oncommons.node.receive.faults import FaultGroup, grouped
from oncommons.node.receive.lines import separator_of, texts_of
from oncommons.node.receive.mending import mend
from oncommons.node.receive.placing import TOLD, Teller, lines_in, set_apart
from oncommons.node.receive.readings import DECIDED, HINTS, joins, read_all
from oncommons.node.receive.unread import tell_unread
from oncommons.schema.errors import BadMapping, UnreadableSource
from oncommons.storage.generations import quoted

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
_OF_SERIES = (*FIELDS, *DECIDED)
"""Columns of a received series beside whose it is."""
_LINE = re.compile(r"\bLine: ([0-9]+)")
_ABOUT = ("title", "licence", "source", "about")
_READERS = MappingProxyType(
    {
        ".parquet": "read_parquet($1)",
        ".csv": "read_csv($1, sep = $2, header = true, all_varchar = true, quote = '\"', escape = '\"', strict_mode = true, "
        "skip = 0, comment = '')",  # or lines that begin with # would go without a word
    }
)
_MENDED = (
    "read_csv($1, auto_detect = false, header = false, sep = ',', quote = '\"', escape = '\"', new_line = '\\n', "
    "max_line_size = 8388608, columns = {{{}}})"
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
        faults: Why they were not, and what else could not be read as it is, by place and kind.
        is_detailed: Whether the values that no rule reads are among them.
    """

    series: int
    fields: frozenset[str]
    unmapped: Mapping[str, int]
    about: Mapping[str, About]
    refused: int = 0
    faults: tuple[FaultGroup, ...] = ()
    is_detailed: bool = False


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
    separator = [_separator(path, mapping)] if "sep" in reader else []
    teller = Teller(connection)
    try:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE raw AS SELECT * FROM {reader}", [_one_file(path), *separator])
        if separator:
            teller.numbers = lines_in(path, connection.execute("SELECT count(*) FROM raw").fetchall()[0][0])
    except duckdb.Error as fault:
        if "No space left" in str(fault):
            raise
        if not separator or not isinstance(fault, duckdb.InvalidInputException):
            raise _damaged(path, str(fault)) from None
        _receive_good_lines(teller, path)
    return receive_raw(connection, mapping, teller=teller)


def _receive_good_lines(teller: Teller, path: Path) -> None:
    """Make the table ``raw`` of the lines that can be read, and tell of the others."""
    with TemporaryDirectory(prefix="oncommons-") as folder:  # readable by its owner only
        copy = Path(folder) / "rows"
        mended = mend(path, copy, teller.write)
        if not mended.columns:
            raise UnreadableSource(f"{path.name} has no header that can be read.")
        columns = ", ".join(f"{quoted(column)}: 'VARCHAR'" for column in mended.columns)
        try:
            query = f"CREATE OR REPLACE TEMP TABLE raw AS SELECT * FROM {_MENDED.format(columns)}"
            teller.connection.execute(query, [str(copy)])
        except duckdb.Error as fault:
            if "No space left" in str(fault):
                raise
            raise _damaged(path, "") from None
    teller.numbers = lambda: mended.numbers


def receive_raw(
    connection: duckdb.DuckDBPyConnection,
    mapping: SeriesMapping,
    source: str = "raw",
    values: Sequence[object] = (),
    teller: Teller | None = None,
    more: Iterable[Sequence[object]] = (),
) -> Received:
    """Harmonise the rows of a source into ``received``.

    Args:
        connection: Where the tables are made.
        mapping: Which of its columns holds what.
        source: What stands after ``FROM``; a temporary table ``raw`` is dropped.
        values: Parameters of it.
        teller: Tells of its rows; by their count if left out.
        more: Other parameters, with which it has the rows that follow.

    Raises:
        BadMapping: the mapping names a column that the source does not have.
        UnreadableSource: every row lacks the person, study or series it belongs to.
    """
    teller = teller or Teller(connection)
    _check_columns(connection, mapping, source, values)
    columns = {name: quoted(column, '"') for name, column in mapping.columns.items()}
    dataset = quoted(mapping.dataset.strip()) if mapping.dataset else _trimmed(quoted(mapping.dataset_column, '"'))
    rows = [f"{dataset} AS dataset", *(f"{_trimmed(columns[key])} AS {key}" for key in KEYS)]
    rows += [f"CAST({columns[name]} AS VARCHAR) AS c_{name}" for name in COLUMNS if name in columns]
    query = f"SELECT {', '.join(rows)} FROM {source}"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE row AS {query}", values)
    for following in more:
        connection.execute(f"INSERT INTO row {query}", following)
    connection.execute("DROP TABLE IF EXISTS raw")
    places = {"dataset": mapping.dataset_column or "dataset", **{key: mapping.columns[key] for key in KEYS}}
    refused = set_apart(teller, places) + teller.refused
    unmapped = read_all(connection, columns)
    values, tables = joins(columns)
    stood = ["r.rowid AS stood"] if teller.is_detailed else []
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE received AS SELECT r.dataset, {', '.join(f'r.{key}' for key in KEYS)}, "
        f"{', '.join([*stood, *values])} FROM row r {tables}"
    )
    unread = tell_unread(teller, unmapped, mapping.columns) if teller.is_detailed else ()
    connection.execute("DROP TABLE row")
    series, different = connection.execute("SELECT count(*), count(DISTINCT hash(series)) FROM received").fetchall()[0]
    if teller.is_detailed:
        if "sex" in columns:
            tell_sexes(teller, mapping.columns["sex"])
        if different < series:
            refused += settle_series(teller, _OF_SERIES, (mapping.columns["series"], mapping.columns["person"]))
    elif different < series:
        same = ", ".join(("dataset", *KEYS, *_OF_SERIES))
        connection.execute(f"CREATE OR REPLACE TEMP TABLE received AS SELECT DISTINCT ON ({same}) * FROM received")
    return _report(teller, mapping, unmapped, refused, unread)


def _trimmed(column: str) -> str:
    """SQL for a text without the spaces around it; few have any, and looking for them is cheaper than cutting."""
    text = f"CAST({column} AS VARCHAR)"
    return f"CASE WHEN {text} LIKE ' %' OR {text} LIKE '% ' THEN trim({text}) ELSE {text} END"


def _separator(path: Path, mapping: SeriesMapping) -> str:
    """What parts the columns of a CSV file, none of which that is mapped may be there twice."""
    try:
        separator = separator_of(path)
        header = next(csv.reader([text for text, _ in islice(texts_of(path), 1)], delimiter=separator), [])
    except OSError as fault:
        raise UnreadableSource(f"{path.name} cannot be opened: {fault.strerror}.", detail=str(fault)) from fault
    except (UnicodeError, csv.Error):  # which is told when the file is read
        return separator
    named = Counter(name.strip().lower() for name in header)
    for column in (*mapping.columns.values(), mapping.dataset_column):
        if named[column.lower()] > 1:
            raise BadMapping(f"The file has the column {column!r} twice.", at=column)
    return separator


def _damaged(path: Path, fault: str) -> UnreadableSource:
    """What is told of a file that DuckDB cannot read: of its own words, which quote the row, only the line."""
    line = _LINE.search(fault)
    return UnreadableSource(f"{path.name} cannot be read{f' in line {line[1]}' if line else ''}; it may be damaged.")


def _one_file(path: Path) -> str:
    """The path as DuckDB takes it: characters that would stand for several files stand for themselves."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))


def _check_columns(
    connection: duckdb.DuckDBPyConnection, mapping: SeriesMapping, source: str, values: Sequence[object]
) -> None:
    there = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}", values).fetchall()}
    named = [*mapping.columns.values(), *([mapping.dataset_column] if mapping.dataset_column else [])]
    for column in named:
        if column not in there:
            plain = sorted(name for name in there if len(name.splitlines()) == 1)  # others may be rows
            has = ", ".join(plain) or "none that can be named"
            raise BadMapping(f"The file has no column {column!r}; it has {has}.", at=column)


def _report(
    teller: Teller,
    mapping: SeriesMapping,
    unmapped: Mapping[str, int],
    refused: int,
    unread: Sequence[FaultGroup],
) -> Received:
    connection = teller.connection
    series = connection.execute("SELECT count(*) FROM received").fetchall()[0][0]
    faults = grouped(connection, TOLD)
    if refused and not series:
        first = next(group for group in faults if not group.kept)
        at = f", {first.at}" if first.at else ""
        raise UnreadableSource(
            f"None of the {refused:,} rows can be taken. Row {first.rows[0]}{at}: {first.message} ({first.code})"
        )
    datasets = [row[0] for row in connection.execute("SELECT DISTINCT dataset FROM received ORDER BY 1").fetchall()]
    return Received(
        series=series,
        fields=_fields(mapping),
        unmapped={name: number for name, number in unmapped.items() if number},
        about=dict.fromkeys(datasets, mapping.about),
        refused=refused,
        faults=tuple(sorted((*faults, *unread), key=lambda group: (group.rows, group.at))),
        is_detailed=teller.is_detailed,
    )


def _fields(mapping: SeriesMapping) -> frozenset[str]:
    """The fields that a source has."""
    plain = {f for name in mapping.columns if name in FIELDS for f in FIELDS[name]}
    return frozenset(plain | {f"series.{n}" for n, of in DECIDED.items() if any(c in mapping.columns for c in of)})
