"""Checks of the images from the console: the latest report of each dataset, those before it, and a check that runs now."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock, Thread
from typing import Any

from oncommons.node.checking import check, latest_reports
from oncommons.node.home import Home
from oncommons.schema.errors import OncommonsError
from oncommons.storage.journal import records
from oncommons.storage.ledger_pages import LedgerPages

log = logging.getLogger("oncommons.steward")

MOST_BEFORE = 100
"""Earlier checks of a dataset that are told."""


@dataclass
class Checks:
    """The checks of a node; one runs at a time.

    Attributes:
        home: The node.
        work: Checks a dataset of a node, or all if it has no name.
    """

    home: Home
    work: Callable[[Home, str], object] = check
    _lock: Lock = field(default_factory=Lock)
    _running: dict[str, str] = field(default_factory=dict)
    _fault: dict[str, str] = field(default_factory=dict)
    _thread: Thread | None = None

    def start(self, dataset: str) -> bool:
        """Begin a check, in a thread of its own; whether none was running.

        Args:
            dataset: One dataset; all if empty.
        """
        with self._lock:
            if self._running:
                return False
            self._running = {"dataset": dataset, "since": datetime.now(UTC).isoformat(timespec="seconds")}
            self._fault = {}
            self._thread = Thread(target=self._run, args=[dataset], name="oncommons check", daemon=True)
            self._thread.start()
        return True

    def join(self) -> None:
        """Wait until no check runs."""
        if self._thread is not None:
            self._thread.join()

    def to_json(self) -> dict[str, Any]:
        """Every dataset with its latest report and the records of all checks, the oldest first; true numbers.

        Raises:
            MachineError: the ledger or the records cannot be read.
        """
        with closing(LedgerPages(self.home.ledger_file)) as ledger:
            names = sorted({kind.dataset for kind in ledger.kinds() if kind.outcome == "kept"})
        reports, before = latest_reports(self.home), defaultdict(list)
        for record in records(self.home.quality_file):
            before[str(record.get("dataset"))].append(record)
        return {
            "checking": dict(self._running) or None,
            "fault": dict(self._fault) or None,
            "datasets": [
                {"dataset": name, "report": reports.get(name), "checks": before[name][-MOST_BEFORE:]} for name in names
            ],
        }

    def _run(self, dataset: str) -> None:
        try:
            self.work(self.home, dataset)
        except OncommonsError as fault:
            log.warning("a check ended early: %s %s", fault.message, fault.detail)
            self._fault = {"code": fault.code, "message": fault.message}
        except Exception:
            log.exception("a check broke")
            self._fault = {"code": "", "message": "Something of ours broke; the console's log says what."}
        finally:
            self._running = {}
