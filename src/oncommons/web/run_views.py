"""What pages show of analyses and runs: where an analysis is made, how far a run is, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from oncommons.client.numbers import beside, leaves
from oncommons.schema.errors import OncommonsError, QuestionError, error_from_json
from oncommons.schema.run import parse_run, run_in_words
from oncommons.web.asking import pretty

STATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "running": ("◔", "is being made"),
        "done": ("✓", "done"),
        "failed": ("✕", "has no result"),
        "cancelled": ("–", "was cancelled"),
    }
)
"""Sign of each state of a run, and how it is called."""
MOST_ROWS = 16
"""Rows of a table that are shown at once; longer ones are folded."""
_NODE: Mapping[str, Any] = MappingProxyType(
    {"node": "", "status": "", "people": 0, "missing": 0, "reason": "", "code": ""}
)
_RUN: Mapping[str, Any] = MappingProxyType({"title": "", "analysis": "", "permit": "", "progress": {"round": 0}})
"""What is told of a node, and of a run, where nothing else is."""
_DEEPEST = 8
"""Most numbers of one name that stand beside the tables; longer lists are in the record."""


@dataclass(frozen=True)
class Where:
    """Where an analysis is made.

    Attributes:
        made: Nodes that make it, with their version.
        old: Nodes that have it in another version than the hub, so that they cannot take part.
        not_made: Nodes whose data managers have not admitted it.
        untold: Nodes that do not tell what they admit.
    """

    made: tuple[tuple[str, int], ...]
    old: tuple[str, ...]
    not_made: tuple[str, ...]
    untold: tuple[str, ...]


@dataclass(frozen=True)
class TableView:
    """A table as text.

    Attributes:
        name: Its name.
        head: Names of its columns.
        rows: Its cells as text.
        numeric: Whether each column has numbers.
        near: Whether it is only near to that of all rows together.
    """

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    near: bool = False

    @property
    def folded(self) -> bool:
        """Whether it is too long to be shown at once."""
        return len(self.rows) > MOST_ROWS


@dataclass(frozen=True)
class RunView:
    """A run on its page.

    Attributes:
        told: What the hub tells of it.
        words: What was asked, in a sentence.
        text: The same as JSON.
        asked: When it was begun, for people.
        fault: Why it has no result.
        numbers: What was found beside tables: name and number.
        summaries: What was found of each group or variable, as tables.
        tables: The tables of its result.
        nodes: What became of each node.
        people: People whose rows the result rests upon.
    """

    told: Mapping[str, Any]
    words: str
    text: str
    asked: str
    fault: OncommonsError | None
    numbers: tuple[tuple[str, str], ...]
    summaries: tuple[TableView, ...]
    tables: tuple[TableView, ...]
    nodes: tuple[Mapping[str, Any], ...]
    people: int

    @property
    def record(self) -> Mapping[str, Any]:
        """What is needed to repeat it, and what came of it; empty before it is done."""
        found: Mapping[str, Any] = self.told.get("record") or {}
        return found

    @property
    def is_running(self) -> bool:
        """Whether it is still being made."""
        return bool(self.told["state"] == "running")


def made_where(analysis: Mapping[str, Any], told: Mapping[str, Any]) -> Where:
    """Where an analysis is made.

    Args:
        analysis: As the hub tells it.
        told: All that the hub tells of analyses.
    """
    nodes: Mapping[str, int] = analysis.get("nodes", {})
    here = told.get("nodes", {})
    same = {node: version for node, version in nodes.items() if version == analysis["version"]}
    return Where(
        tuple(sorted(same.items())),
        tuple(sorted(nodes.keys() - same)),
        tuple(sorted(set(here.get("told", ())) - nodes.keys())),
        tuple(sorted(here.get("untold", ()))),
    )


def run_view(told: Mapping[str, Any]) -> RunView:
    """Arrange a run for its page."""
    record: Mapping[str, Any] = told.get("record") or {}
    asked: Mapping[str, Any] = record.get("run") or told.get("run") or {}
    tables = record.get("tables", {})
    near = set(record.get("approximate", ()))
    found = beside(record.get("result", {}), tables)
    nodes = tuple({**_NODE, **one} for one in record.get("nodes") or (told.get("progress") or {}).get("nodes", ()))
    return RunView(
        {**_RUN, **told},
        _in_words(asked),
        pretty(dict(asked)) if asked else "",
        when(told.get("asked_at", "")),
        error_from_json({"error": told["error"]}) if told.get("error") else None,
        tuple(numbers(found)),
        tuple(summaries(found)),
        tuple(table_view(name, rows, near=name in near) for name, rows in tables.items()),
        nodes,
        sum(int(node["people"]) for node in nodes if node["status"] == "answered"),
    )


def table_view(name: str, rows: Sequence[Sequence[Any]], *, near: bool = False) -> TableView:
    """A table as text; the first of its rows names the columns."""
    head, *rest = rows or [()]
    numeric = tuple(
        any(_is_number(row[i]) for row in rest) and all(row[i] is None or _is_number(row[i]) for row in rest)
        for i in range(len(head))
    )
    cells = tuple(tuple(cell(value) for value in row) for row in rest)
    return TableView(name.replace("_", " "), tuple(str(one).replace("_", " ") for one in head), cells, numeric, near)


def numbers(found: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    """Numbers and words of a result that are no lists, with names for people."""
    told: list[tuple[str, str]] = []
    for name, value in found.items():
        label = f"{before} {name}".strip().replace("_", " ")
        if isinstance(value, Mapping):
            told += numbers(value, label) if not before and len(value) <= _DEEPEST else []
        elif isinstance(value, str | int | float):
            told.append((label, cell(value)))
    return told


def summaries(found: Mapping[str, Any]) -> list[TableView]:
    """What was found of each of several groups or variables, as tables: a row for each, a column for each number."""
    told = []
    for name, value in found.items():
        rows = dict(leaves(value)) if isinstance(value, Mapping) and any(map(_is_map, value.values())) else {}
        head = list(dict.fromkeys(key for row in rows.values() for key in row))
        if head and rows:
            lines = [[" ".join(path), *(row.get(key) for key in head)] for path, row in rows.items()]
            told.append(table_view(name, [["of", *head], *lines]))
    return told


def _is_map(value: Any) -> bool:
    return isinstance(value, Mapping)


def cell(value: Any) -> str:
    """A value of a table as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.5g}"  # noqa: PLR2004
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def when(text: Any) -> str:
    """A time for people: what it is in UTC, without its fraction."""
    if isinstance(text, int | float):
        return datetime.fromtimestamp(text, UTC).strftime("%Y-%m-%d %H:%M")
    return str(text)[:16].replace("T", " ")


def _in_words(asked: Mapping[str, Any]) -> str:
    """A run in words; nothing where it is none that is known here."""
    try:
        return run_in_words(parse_run(dict(asked))) if asked else ""
    except QuestionError:
        return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
