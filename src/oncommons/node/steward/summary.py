"""A node in numbers: what it holds, what waits, how much room there is."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from contextlib import closing
from typing import Any

from oncommons.node.home import Home
from oncommons.node.optouts import open_seen
from oncommons.node.steward.rules import TITLES, advice_on, sums
from oncommons.schema.image_fields import IMAGED
from oncommons.storage.files import plain_file_errors
from oncommons.storage.ledger_pages import LedgerPages
from oncommons.storage.permitted import Permitted


def node_summary(home: Home) -> dict[str, Any]:
    """What the node is and holds, as JSON; numbers are true ones, for people of this node only.

    Raises:
        MachineError: the ledger or the tables cannot be read.
    """
    with closing(LedgerPages(home.ledger_file)) as ledger:
        kinds, last = ledger.kinds(), ledger.last()
    with plain_file_errors():
        room = shutil.disk_usage(home.folder)
    files, indexed = sums(kinds), _indexed(home)
    reasons: Counter[tuple[str, str]] = Counter()
    for kind in kinds:
        if kind.code:
            reasons[kind.outcome, kind.code] += kind.files
    return {
        "name": home.membership.name if home.membership else home.folder.resolve().name,
        "hub": home.membership.url if home.membership else "",
        "policy": str(home.policy),
        "folder": str(home.folder.resolve()),
        "last": last,
        "runs": waiting_runs(home),
        "free": room.free,
        "capacity": room.total,
        "reasons": [
            {
                "outcome": outcome,
                "code": code,
                "title": TITLES.get(code, ""),
                "way": advice_on(code).way,
                "files": number,
            }
            for (outcome, code), number in sorted(reasons.items())
        ],
        "datasets": [_dataset(name, files.get(name, {}), indexed.get(name, {})) for name in sorted({*files, *indexed})],
    }


def waiting_runs(home: Home) -> int:
    """How many questions wait for the data manager's consent.

    Args:
        home: The node.
    """
    if not home.permits_file.exists():
        return 0
    with closing(Permitted(home.permits_file)) as ledger:
        return sum(run.state == "waiting" for run in ledger.runs.all(time.time()))


def _dataset(name: str, files: dict[str, dict[str, int]], indexed: dict[str, Any]) -> dict[str, Any]:
    nothing = {"files": 0, "bytes": 0}
    outcomes = {outcome: files.get(outcome, nothing) for outcome in ("kept", "quarantined", "refused")}
    return {"dataset": name, "title": indexed.get("title", ""), **outcomes} | {e: indexed.get(e) for e in IMAGED}


def _indexed(home: Home) -> dict[str, dict[str, Any]]:
    """Title, people, studies and series of every dataset that can be asked for."""
    connection = open_seen(home)
    if connection is None:
        return {}
    query = "SELECT d.name, d.title, e.entity, e.records FROM dataset d JOIN entity e ON e.dataset = d.key"
    found: dict[str, dict[str, Any]] = {}
    with connection:
        for name, title, entity, records in connection.execute(query).fetchall():
            found.setdefault(name, {"title": title})[entity] = records
    return found
