"""What headers say, and what the rules make of it: raw values of kept files beside the codes that questions find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any

import duckdb

from oncommons.node.receive.harmonise import EXPRESSIONS

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


def read_values(words: Mapping[str, Sequence[tuple[str, str, int]]]) -> dict[str, list[Raw]]:
    """Raw values and what the rules make of them, by column: first those that no rule reads, then by number of files.

    Args:
        words: Column to dataset, value and number of files; the empty value is that of files without one.
    """
    with duckdb.connect(config={"threads": 1}) as connection:
        return {column: _read(connection, column, rows) for column, rows in words.items()}


def _read(connection: duckdb.DuckDBPyConnection, column: str, rows: Sequence[tuple[str, str, int]]) -> list[Raw]:
    files: dict[str, dict[str, int]] = {}
    for dataset, value, number in rows:
        files.setdefault(value, {})[dataset] = number
    values = list(files)
    query = f"SELECT CAST({EXPRESSIONS[column]('value')} AS VARCHAR) FROM (SELECT unnest($values) AS value)"
    codes = [row[0] for row in connection.execute(query, {"values": values}).fetchall()] if values else []
    found = [Raw(value, code, files[value]) for value, code in zip(values, codes, strict=True)]
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
