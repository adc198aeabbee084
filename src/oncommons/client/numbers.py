"""The numbers of a run that stand in no table, such as a test or the medians of groups, as lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_DIGITS = 6


def number_lines(found: Mapping[str, Any], tables: Mapping[str, Sequence[Sequence[Any]]]) -> Iterator[str]:
    """A line of all numbers that stand alone, and one for each test and group; matrices are in the record alone.

    Args:
        found: The numbers of the result, by their names.
        tables: Its tables; what one of them has a row for is not told twice.
    """
    rows = {row[0] for table in tables.values() for row in table[1:] if row}
    alone = {name: value for name, value in found.items() if _is_plain(value)}
    if alone:
        yield _said(alone)
    for name, value in found.items():
        if not isinstance(value, Mapping):
            continue
        if all(map(_is_plain, value.values())):
            if not value.keys() <= rows:
                yield f"{name}: {_said(value)}"
        else:
            inner = {key: one for key, one in value.items() if isinstance(one, Mapping)}
            yield from (
                f"{name}, {key}: {_said(one)}" for key, one in inner.items() if all(map(_is_plain, one.values()))
            )


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _said(numbers: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_text(value)}" for name, value in numbers.items())


def _text(value: object) -> str:
    return "none" if value is None else f"{value:.{_DIGITS}g}" if isinstance(value, float) else str(value)
