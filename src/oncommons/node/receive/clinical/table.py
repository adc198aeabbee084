"""A clinical table in CSV or Parquet, with the mapping that says which column holds what."""

from __future__ import annotations

from pathlib import Path

import duckdb

from oncommons.node.receive.clinical.constants import check_constants, own_markers
from oncommons.node.receive.clinical.convert import Converter
from oncommons.node.receive.clinical.loading import Loading
from oncommons.node.receive.clinical.mapping import ClinicalMapping, did_you_mean
from oncommons.node.receive.clinical.records import AS_GIVEN, Names, Source, Taken
from oncommons.node.receive.faults import Fault
from oncommons.node.receive.lines import Lines, digest_of
from oncommons.schema.errors import BadMapping


def receive_clinical_table(
    connection: duckdb.DuckDBPyConnection, path: Path, mapping: ClinicalMapping, names: Names
) -> Taken:
    """Read a clinical table into the temporary tables of :mod:`oncommons.node.receive.clinical.loading`.

    Args:
        connection: Where the tables are made.
        path: A ``.csv`` or ``.parquet`` file.
        mapping: Which column holds what.
        names: What people are called at this node.

    Raises:
        UnreadableSource: the file is missing or damaged.
        BadMapping: the mapping names a column that the file does not have, or a code that there is not, or the file has
            a column twice.
    """
    check_constants(mapping)
    digest = digest_of(path)
    lines, read, refused = Lines(path), 0, 0
    name = (names if mapping.hashed else AS_GIVEN).person
    with Loading(connection) as loading:
        for at, fault in own_markers(mapping):
            loading.complain(Fault.of(1, at, fault))
        converter = Converter(mapping, name, loading.complain)
        for line in lines:
            if not read:
                _check(lines, mapping)
            read += 1
            rows = converter.rows(line, len(lines.columns))
            refused += rows is None
            for row in rows or ():
                loading.put(row)
        if not read:
            _check(lines, mapping)
    source = Source(mapping.dataset, mapping.name or path.name, "table", digest, mapping.fields, mapping.about)
    return Taken(source, read, refused, dict(loading.rows), dict(loading.faults), tuple(loading.first))


def _check(lines: Lines, mapping: ClinicalMapping) -> None:
    twice = {name for name in mapping.columns if list(lines.columns).count(name) > 1}
    for column in mapping.columns:
        if column not in lines.columns or column in twice:
            what = f"has the column {column!r} twice" if column in twice else f"has no column {column!r}"
            hint = "" if column in twice else did_you_mean(column, lines.columns)
            raise BadMapping(f"The file {what}; it has {', '.join(sorted(set(lines.columns)))}.{hint}", at=column)
