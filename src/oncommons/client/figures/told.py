"""What a record says: its tables column by column, and the sentences that every caption ends with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeGuard

from oncommons.client.figures.words import listed, many, plain
from oncommons.schema.dictionary import fields_named

Record = Mapping[str, Any]
Rows = list[dict[str, Any]]
_LARGEST = 1e150
"""A number that is larger, or none, leads out of what drawings can calculate with."""
_NAMED = 6
"""So many nodes are named; of more, how many there are is told."""
_UNITS: Mapping[str, str] = {"a": "years", "mo": "months", "wk": "weeks", "d": "days"}


def rows_of(record: Record, table: str, numbers: Sequence[str] = (), words: Sequence[str] = ()) -> Rows | None:
    """The rows of a table by column; nothing where it is not there, or is another table of the same name.

    Args:
        record: Of a run.
        table: Its name.
        numbers: Columns that must be there, with numbers that are finite, or with nothing.
        words: Columns that must be there, with anything but tables.
    """
    found = record.get("tables", {}).get(table)
    if not isinstance(found, Sequence) or isinstance(found, str) or not found or not isinstance(found[0], Sequence):
        return None
    head = [str(name) for name in found[0]]
    if not {*numbers, *words} <= set(head) or any(len(row) != len(head) for row in found):
        return None
    rows = [dict(zip(head, row, strict=True)) for row in found[1:]]
    if all(row[name] is None or is_number(row[name]) for row in rows for name in numbers):
        return rows
    return None


def is_number(value: object) -> TypeGuard[float]:
    """Whether a cell has a number that can be drawn."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST


def parted(rows: Rows, *names: str) -> dict[tuple[str, ...], Rows]:
    """Rows by what stands in some columns, in the order in which that comes."""
    found: dict[tuple[str, ...], Rows] = {}
    for row in rows:
        found.setdefault(tuple(plain(row[name]) for name in names), []).append(row)
    return found


def setting(record: Record, name: str) -> Any:
    """What was chosen; nothing where it was not."""
    run = record.get("run")
    chosen = run.get("settings") if isinstance(run, Mapping) else None
    return chosen.get(name) if isinstance(chosen, Mapping) else None


def level_of(record: Record) -> float:
    """How sure intervals are, of one: as the result says, or as was chosen; 0.95 else."""
    found = record.get("result")
    for level in (found.get("level") if isinstance(found, Mapping) else None, setting(record, "level")):
        if is_number(level) and 0 < level < 1:
            return float(level)
    return 0.95


def variable(record: Record, name: object) -> tuple[str, str]:
    """A variable in words, and its unit in words, which may be empty.

    Args:
        record: Of a run.
        name: As the run names it.
    """
    run = record.get("run")
    variables = run.get("variables") if isinstance(run, Mapping) else None
    told = variables.get(name) if isinstance(variables, Mapping) else None
    field = told.get("value") if isinstance(told, Mapping) else None
    unit = next((one.unit for one in fields_named(str(field)) if one.unit), "") if field else ""
    text = plain(name).replace("_", " ")
    return text[:1].upper() + text[1:], _UNITS.get(unit, unit)


def axis(record: Record, name: object) -> str:
    """A variable with its unit, for an axis."""
    words, unit = variable(record, name)
    return f"{words} ({unit})" if unit else words


def closing(record: Record, table: str, *, last: Iterable[str] = ()) -> str:
    """The sentences that a caption ends with: who took part, how exact it is, what is missing, what to mind.

    Args:
        record: Of a run.
        table: What the figure was drawn from.
        last: Sentences that stand before the warnings.
    """
    return " ".join(
        [
            _who(record),
            *_lost(record),
            _exact(record, table),
            *_secured(record),
            *last,
            *map(plain, record.get("warnings", ())),
        ]
    )


def _who(record: Record) -> str:
    nodes = [one for one in record.get("nodes", ()) if isinstance(one, Mapping)]
    there = [one for one in nodes if one.get("status") == "answered"]
    away = [one for one in nodes if one.get("status") != "answered"]
    if not there:
        return "It is not said which nodes took part."
    people = sum(int(one.get("people", 0)) for one in there)
    who = f"{many(len(there), 'node')} of {len(nodes)} took part, with {many(people, 'person', 'people')}"
    if len(there) <= _NAMED:
        who += ": " + listed([f"{plain(one.get('node'))} ({int(one.get('people', 0)):,})" for one in there])
    told = [f"{plain(one.get('node'))} ({plain(one.get('status'))})" for one in away[:_NAMED]]
    more = [f"{len(away) - _NAMED} more"] if len(away) > _NAMED else []
    return f"{who}; not {listed([*told, *more])}." if away else f"{who}."


def _lost(record: Record) -> list[str]:
    nodes = [one for one in record.get("nodes", ()) if isinstance(one, Mapping)]
    missing = sum(int(one.get("missing", 0)) for one in nodes if one.get("status") == "answered")
    return [f"Of at most {many(missing, 'person', 'people')} a variable is missing."] if missing else []


def _secured(record: Record) -> list[str]:
    nodes = record.get("secured")
    if not isinstance(nodes, Sequence) or isinstance(nodes, str) or not nodes:
        return []
    return [f"Sums of {many(len(nodes), 'node')} were secured: nobody saw those of one alone."]


def _exact(record: Record, table: str) -> str:
    if not record.get("exact", False) or table in record.get("approximate", ()):
        return "The numbers are approximate."
    by_node = " stratified by node," if record.get("by_node") is True else ""
    return f"The numbers equal those of the pooled data,{by_node} as each node tells them."
