"""A run made again by its record, and what differs: the same data give the same result, bit for bit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oncommons.client.connection import Connection
from oncommons.client.runs import Made, make
from oncommons.schema.errors import OncommonsError
from oncommons.schema.errors_of_analyses import BadRecord
from oncommons.schema.run import parse_run

COMPARED = ("result", "tables", "warnings")
"""Parts of a record that follow from the data."""
_NOTHING = "nothing"


@dataclass(frozen=True)
class Repeated:
    """A run that was made again.

    Attributes:
        made: What came of it now.
        causes: What is not as it was and changes results: the analysis, the nodes, their people; in sentences.
        differences: Each number or word that differs: its place, before, and now.
    """

    made: Made
    causes: tuple[str, ...]
    differences: tuple[tuple[str, Any, Any], ...]

    @property
    def same(self) -> bool:
        """Whether result, tables and warnings are the same, bit for bit."""
        return not self.differences

    def to_json(self) -> dict[str, Any]:
        """As JSON, with the new record."""
        told = [{"at": at, "before": before, "now": now} for at, before, now in self.differences]
        return {"same": self.same, "causes": list(self.causes), "differences": told, "record": dict(self.made.record)}


def run_of(record: object) -> dict[str, Any]:
    """What the record of a run asked for.

    Raises:
        BadRecord: it is not the record of a run.
    """
    try:
        whole = isinstance(record, dict) and all(name in record for name in (*COMPARED, "nodes", "version", "run"))
        if isinstance(record, dict) and whole and all(isinstance(one["node"], str) for one in record["nodes"]):
            return parse_run(record["run"]).to_json()
    except (OncommonsError, TypeError, KeyError) as fault:
        raise BadRecord("What the record asked for cannot be asked here.", detail=repr(fault)) from fault
    raise BadRecord("This is not the record of a run; it is run.json in the folder of --save.")


def repeat(connection: Connection, record: Mapping[str, Any], permit: str) -> Repeated:
    """Make a run again by its record, and compare.

    Args:
        connection: To the hub.
        record: The record of the run.
        permit: The pass of a permit; it need not be the one of before.

    Raises:
        BadRecord: it is not the record of a run.
        AnalysisError: it has no answer now; and others, as :func:`oncommons.client.runs.make`.
    """
    return compared(record, make(connection, run_of(record), permit))


def compared(before: Mapping[str, Any], made: Made) -> Repeated:
    """What differs between the record of a run and what came of it when it was made again.

    Args:
        before: The record.
        made: What came of it now.
    """
    found = [one for name in COMPARED for one in _different(name, before[name], made.record[name])]
    return Repeated(made, tuple(_causes(before, made.record)), tuple(found))


def _causes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    if before["version"] != now["version"]:
        yield f"The analysis had version {before['version']}, and has version {now['version']}."
    were, are = ({one["node"]: one for one in record["nodes"]} for record in (before, now))
    for name in sorted({*were, *are}):
        was, is_ = (_in_words(nodes.get(name)) for nodes in (were, are))
        if was != is_:
            yield f"{name}: before {was}; now {is_}."


def _in_words(node: Mapping[str, Any] | None) -> str:
    """What a node gave, as far as results follow from it."""
    if node is None:
        return "not asked"
    if node["status"] != "answered":
        return f"left out ({node['status']})"
    return f"{node.get('people', 0):,} people, at most {node.get('missing', 0):,} left out for a missing variable"


def _different(at: str, before: Any, now: Any) -> Iterator[tuple[str, Any, Any]]:
    """Every leaf that differs, as it is written in JSON, where numbers stand with all their digits."""
    if isinstance(before, dict) and isinstance(now, dict):
        for name in sorted({*before, *now}):
            yield from _different(f"{at}.{name}", before.get(name, _NOTHING), now.get(name, _NOTHING))
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for i, (one, other) in enumerate(zip(before, now, strict=True)):
            yield from _different(f"{at}[{i}]", one, other)
    elif json.dumps(before) != json.dumps(now):
        yield at, before, now
