"""A clinical table in CSV or Parquet, with the mapping that says which column holds what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import duckdb

from oncommons.node.receive.clinical.constants import check_constants, own_markers
from oncommons.node.receive.clinical.convert import Converter
from oncommons.node.receive.clinical.loading import Loading
from oncommons.node.receive.clinical.mapping import ClinicalMapping, did_you_mean
from oncommons.node.receive.clinical.records import AS_GIVEN, Complain, Names, OmopRow, Source, Taken
from oncommons.node.receive.clinical.resuming import NOTHING_KEPT, Readings, key_of, made_by
from oncommons.node.receive.clinical.taking import Taking, is_lasting
from oncommons.node.receive.faults import Fault
from oncommons.node.receive.lines import Line, Lines, digest_of
from oncommons.schema.errors import BadMapping
from oncommons.schema.errors_of_rows import DuplicatePerson


def receive_clinical_table(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    mapping: ClinicalMapping,
    names: Names,
    readings: Readings = NOTHING_KEPT,
) -> Taken:
    """Read a clinical table into the temporary tables of :mod:`oncommons.node.receive.clinical.loading`.

    Args:
        connection: Where the tables are made.
        path: A ``.csv`` or ``.parquet`` file.
        mapping: Which column holds what.
        names: What people are called at this node.
        readings: What an import of the same file that did not end has read of it.

    Raises:
        UnreadableSource: the file is missing or damaged.
        BadMapping: the mapping names a column that the file does not have, or a code that there is not, or the file has
            a column twice.
        MachineError: what is kept of the file cannot be read or written.
    """
    check_constants(mapping)
    digest = digest_of(path)
    name = (names if mapping.hashed else AS_GIVEN).person
    told = json.dumps(asdict(mapping), default=sorted)
    key = key_of("table", digest, path.suffix.lower(), told, name("1"), *made_by(connection))
    readings.forget(but={key})
    with Loading(connection) as loading:
        for at, fault in own_markers(mapping):
            loading.complain(Fault.of(1, at, fault))
        taking, people = Taking(loading), _People(mapping.person, loading.complain)
        for unit in readings.of(key, partial(_lines, path, mapping), Converter(mapping, name).unit, is_lasting):
            taking.take(unit, people.is_new)
    source = Source(mapping.dataset, mapping.name or path.name, "table", digest, mapping.fields, mapping.about)
    return Taken(source, taking.units, taking.refused, dict(loading.rows), dict(loading.faults), tuple(loading.first))


@dataclass
class _People:
    """Who was there already, each with the line and what it said of them."""

    column: str
    complain: Complain
    _first: dict[str, tuple[int, Mapping[str, str]]] = field(default_factory=dict)
    _told: int = 0

    def is_new(self, row: OmopRow) -> bool:
        """Whether a row about a person as such is the first; a later line that contradicts it is told, once."""
        if row.person not in self._first:
            self._first[row.person] = row.row, row.values
            return True
        first, values = self._first[row.person]
        if row.row not in {first, self._told} and any(values.get(c, text) != text for c, text in row.values.items()):
            self._told = row.row
            fault = DuplicatePerson(f"The person is in line {first} already, with other values; those count.")
            self.complain(Fault.of(row.row, self.column, fault))
        return False


def _lines(path: Path, mapping: ClinicalMapping) -> Iterator[tuple[Line, int]]:
    """The lines of a file that has the columns of a mapping, each with the number of cells in the header."""
    lines, is_checked = Lines(path), False
    for line in lines:
        if not is_checked:
            _check(lines, mapping)
            is_checked = True
        yield line, len(lines.columns)
    if not is_checked:
        _check(lines, mapping)


def _check(lines: Lines, mapping: ClinicalMapping) -> None:
    twice = {name for name in mapping.columns if list(lines.columns).count(name) > 1}
    for column in mapping.columns:
        if column not in lines.columns or column in twice:
            what = f"has the column {column!r} twice" if column in twice else f"has no column {column!r}"
            hint = "" if column in twice else did_you_mean(column, lines.columns)
            raise BadMapping(f"The file {what}; it has {', '.join(sorted(set(lines.columns)))}.{hint}", at=column)
