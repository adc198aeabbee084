"""Analyses and runs of a hub that answers from memory: what it tells of them, and a record computed on a real trial."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from tests.algorithms.federation import run as computed
from tests.algorithms.federation import split
from tests.node.followed import COX, CURVES, lung

from oncommons.algorithms.pair import Table
from oncommons.hub.dispatch.participation import SHIFTED
from oncommons.schema.errors import NotFound, UnknownValue
from oncommons.schema.run import parse_run
from oncommons.service.analyses import analyses

BEGUN = "2026-09-21T14:13:20+00:00"
NODES = {"told": ["athens", "bologna"], "untold": ["dresden"]}
ADMITTED = {"cox": ("athens", "bologna"), "survival": ("athens", "bologna")}
OLD = {"survival": "bologna"}


def told_analyses() -> dict[str, Any]:
    """What a hub tells of analyses and the nodes that make them."""
    found = [
        one.to_json()
        | {"nodes": {node: one.version + (OLD.get(one.name) == node) for node in ADMITTED.get(one.name, ())}}
        for one in analyses().values()
    ]
    return {"analyses": found, "nodes": NODES}


@cache
def _result(name: str) -> Any:
    rows = lung()
    columns = {"time": rows["time"], "died": rows["status"], "age": rows["age"], "female": rows["sex"] - 1}
    table = Table({key: np.asarray(values, dtype=np.float64) for key, values in columns.items()})
    asked = parse_run(COX if name == "cox" else CURVES)
    chosen = {role.name: [] if role.many else None for role in analyses()[name].roles} | dict(asked.settings)
    yes = dict.fromkeys(("died", "female"), ("no", "yes"))
    return computed(analyses()[name], split(table, np.arange(len(rows)) % 2), {**chosen, "levels": {}, "yes": yes})


def record(name: str = "survival", identifier: str = "r1") -> dict[str, Any]:
    """The record of a run of the lung cancer trial at two nodes, of which a third says no and a fourth nothing."""
    one, found = analyses()[name], _result(name)
    return {
        "id": identifier,
        "run": parse_run(COX if name == "cox" else CURVES).to_json(),
        "version": one.version,
        "title": one.title,
        "exact": one.exact,
        "by_node": name == "cox",
        "approximate": list(one.approximate),
        "source": one.source,
        "permit": "P-7",
        "rounds": 2,
        "nodes": [
            {"node": "athens", "status": "answered", "people": 114, "missing": 3},
            {"node": "bologna", "status": "answered", "people": 113},
            {"node": "cork", "status": "silent", "reason": "Did not fetch the question."},
            {"node": "dresden", "status": "refused", "reason": "The rule people says: too few.", "code": "E601"},
        ],
        "secured": ["athens", "bologna"] if name == "cox" else [],
        "participation": {"asked": 4, "took_part": 2, "says": ["2 of 4 nodes took part.", SHIFTED]},
        "result": dict(found.found),
        "tables": {key: list(rows) for key, rows in found.tables.items()},
        "warnings": ["Few people are at risk after 800 days."],
    }


@dataclass
class FakeRuns:
    """Runs in memory: each is what the hub tells of it."""

    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    begun: list[dict[str, Any]] = field(default_factory=list)
    refuses: Exception | None = None

    def put(self, identifier: str, state: str, **more: Any) -> None:
        """Have a run of some state."""
        progress = {"round": 1, "nodes": [{"node": "athens", "status": "answered"}, {"node": "cork", "status": "late"}]}
        told = {"id": identifier, "state": state, "analysis": "survival", "title": analyses()["survival"].title}
        self.runs[identifier] = told | {
            "asked_at": BEGUN,
            "by": "ana",
            "permit": "P-7",
            "run": CURVES,
            "progress": progress,
            **more,
        }

    def serve(self, method: str, path: str, body: bytes) -> Any:
        """What the hub answers."""
        if path == "/api/analyses":
            return told_analyses()
        if path == "/api/runs" and method == "POST":
            if self.refuses is not None:
                raise self.refuses
            asked = json.loads(body)
            if unknown := asked["settings"].keys() - {"time", "event", "by", "covariates", "until"}:
                raise UnknownValue("It cannot be that.", at=f"settings.{min(unknown)}")
            self.begun.append(asked)
            self.put("r9", "running")
            return {"id": "r9", "state": "running"}
        if path == "/api/runs":
            return {"runs": list(self.runs.values())}
        identifier, _, step = path.removeprefix("/api/runs/").partition("/")
        if identifier not in self.runs:
            raise NotFound("There is no such run.")
        if step == "cancel":
            self.runs[identifier]["state"] = "cancelled"
        return self.runs[identifier]
