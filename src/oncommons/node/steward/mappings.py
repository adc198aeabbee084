"""What headers say, and what the rules make of it: raw values of kept files beside the codes that questions find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any

import duckdb

from oncommons.node.receive.accepted import COLUMNS as DECIDED
from oncommons.node.receive.accepted import Accepted, Reading, parse_mappings, table
from oncommons.node.receive.harmonise import EXPRESSIONS
from oncommons.schema.errors import BadRequest

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "modality": "Modality",
        "body_part": "Body Part Examined",
        "manufacturer": "Manufacturer",
        "sex": "Patient's Sex",
        "age": "Patient's Age",
    }
)
"""Columns that are mapped, and the attributes that they come from."""
MOST_DECISIONS = 1000
"""Mappings that are accepted at once."""
MOST_TOLD = 30
"""Strings of a field that a person is asked about at once."""
MOST_VALUES = 200
"""Values of a column that are told; those that no rule reads come first."""


@dataclass(frozen=True)
class Raw:
    """A value as it stands in headers.

    Attributes:
        value: The value.
        code: What the rules make of it; ``None`` where no rule reads it, so that it counts as missing.
        files: In how many files it stands, by dataset.
    """

    value: str
    code: str | None
    files: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """In how many files it stands."""
        return sum(self.files.values())


def read_values(
    words: Mapping[str, Sequence[tuple[str, str, int]]], accepted: Sequence[Accepted] = ()
) -> dict[str, list[Raw]]:
    """Raw values and what the rules make of them, by column: first those that no rule reads, then by number of files.

    Args:
        words: Column to dataset, value and number of files; the empty value is that of files without one.
        accepted: Mappings that the node's people accepted; they win over the rules.
    """
    known = {one.key: one.code for one in accepted}
    with duckdb.connect(config={"threads": 1}) as connection:
        return {column: _read(connection, column, rows, known) for column, rows in words.items()}


def decisions_of(told: Mapping[str, Any]) -> Reading:
    """The mappings of a request, checked as those of a file; the first counts as row 2.

    Args:
        told: Its body, ``{"mappings": [{"field": …, "raw": …, "context": …, "code": …}]}``.

    Raises:
        BadRequest: it has another shape.
    """
    rows = told.get("mappings")
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_DECISIONS:
        raise BadRequest(f"mappings is a list of 1 to {MOST_DECISIONS:,} mappings.", at="mappings")
    for row in rows:
        if not isinstance(row, dict) or not all(isinstance(row.get(name, ""), str) for name in DECIDED):
            raise BadRequest(f"A mapping has {', '.join(DECIDED)}, each a text.", at="mappings")
    text = table(DECIDED, [[row.get(name, "").replace("\0", "") for name in DECIDED] for row in rows])
    return parse_mappings(text.encode("utf-8", "replace"))


def _read(
    connection: duckdb.DuckDBPyConnection,
    column: str,
    rows: Sequence[tuple[str, str, int]],
    known: Mapping[tuple[str, str, str], str],
) -> list[Raw]:
    files: dict[str, dict[str, int]] = {}
    for dataset, value, number in rows:
        files.setdefault(value, {})[dataset] = number
    values = list(files)
    query = f"SELECT CAST({EXPRESSIONS[column]('value')} AS VARCHAR) FROM (SELECT unnest($values) AS value)"
    codes = [row[0] for row in connection.execute(query, {"values": values}).fetchall()] if values else []
    told = [known.get((column, value.strip(" ").lower(), ""), code) for value, code in zip(values, codes, strict=True)]
    found = [Raw(value, code, files[value]) for value, code in zip(values, told, strict=True)]
    return sorted(found, key=lambda raw: (raw.code is not None, -raw.total, raw.value))


def column_json(column: str, found: Sequence[Raw]) -> dict[str, Any]:
    """The values of a column as JSON.

    Args:
        column: One of :data:`COLUMNS`.
        found: As :func:`read_values` gives them.
    """
    values = [raw for raw in found if raw.value.strip()]
    unread = [raw for raw in values if raw.code is None]
    every = sum(raw.total for raw in found)
    return {
        "column": column,
        "attribute": COLUMNS[column],
        "files": every,
        "missing": every - sum(raw.total for raw in values),
        "unread": sum(raw.total for raw in unread),
        "values": [asdict(raw) | {"total": raw.total} for raw in values[:MOST_VALUES]],
        "left_out": max(len(values) - MOST_VALUES, 0),
    }
