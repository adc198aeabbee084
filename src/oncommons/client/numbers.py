"""The numbers of a run that stand in no table, such as a test or the medians of groups, as lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_DIGITS = 6


def beside(found: Mapping[str, Any], tables: Mapping[str, Sequence[Sequence[Any]]]) -> dict[str, Any]:
    """What of a result does not stand in its tables, too.

    Args:
        found: The numbers of the result, by their names.
        tables: Its tables.
    """
    cells = {one for rows in tables.values() for row in rows for one in row if isinstance(one, str | int | float)}
    return {name: one for name, one in found.items() if not _stands_among(one, cells)}


def _stands_among(value: object, cells: set[Any]) -> bool:
    told = {one for _, row in leaves(value, ("",)) for one in row.values()} if isinstance(value, Mapping) else set()
    return bool(told) and told <= cells


def leaves(value: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """The numbers and words that stand together, by the names on the way to them."""
    own = {key: one for key, one in value.items() if isinstance(one, str | int | float)}
    if own and path:
        yield path, own
    for key, one in value.items():
        if isinstance(one, Mapping):
            yield from leaves(one, (*path, str(key)))


def number_lines(found: Mapping[str, Any], tables: Mapping[str, Sequence[Sequence[Any]]]) -> Iterator[str]:
    """A line of all numbers that stand alone, and one for each test and group; matrices are in the record alone.

    Args:
        found: The numbers of the result, by their names.
        tables: Its tables; what stands in one of them is not told twice.
    """
    alone = {name: value for name, value in found.items() if _is_plain(value) and value != ""}
    if alone:
        yield _said(alone)
    for name, value in beside(found, tables).items():
        if not isinstance(value, Mapping) or not value:
            continue
        if all(map(_is_plain, value.values())):
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
