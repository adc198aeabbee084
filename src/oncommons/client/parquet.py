"""Tables as Parquet, by DuckDB, which every installation has: whole numbers, numbers, or text, by column."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

_LONG = 2**63


def parquet_of(table: Sequence[Sequence[Any]]) -> bytes:
    """A table as a Parquet file; what is missing is null.

    Args:
        table: Rows, the first of which names the columns; names that are the same but for capitals get a number, which
            Parquet's readers need.
    """
    head, columns = _names(table[0]), list(zip(*table[1:], strict=True)) or [()] * len(table[0])
    picked = [f"unnest(CAST(? AS {_kind(values)}[])) AS {_quoted(n)}" for n, values in zip(head, columns, strict=True)]
    values = [[_cell(value, _kind(column)) for value in column] for column in columns]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.parquet"
        with import_module("duckdb").connect(config={"threads": 1}) as database:
            chosen = f"SELECT {', '.join(picked)}"
            database.execute(f"COPY ({chosen}) TO '{str(file).replace(chr(39), chr(39) * 2)}' (FORMAT parquet)", values)
        return file.read_bytes()


def _kind(values: Sequence[Any]) -> str:
    known = [value for value in values if value is not None]
    if not known or not all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
        return "VARCHAR"
    return "BIGINT" if all(isinstance(one, int) and -_LONG <= one < _LONG for one in known) else "DOUBLE"


def _cell(value: Any, kind: str) -> Any:
    if value is None:
        return None
    return str(value) if kind == "VARCHAR" else float(value) if kind == "DOUBLE" else value


def _names(head: Sequence[Any]) -> list[str]:
    """Names of columns, told apart whatever their capitals."""
    found: list[str] = []
    for name in (str(one).replace("\x00", "") or "column" for one in head):
        known = {one.casefold() for one in found}
        found.append(
            next(text for i in count(1) if (text := name if i == 1 else f"{name}_{i}").casefold() not in known)
        )
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
