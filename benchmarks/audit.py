"""What the audit log costs: an entry at a node and at a hub, a checkpoint, and the proof of a long log.

    python benchmarks/audit.py --entries 1000 --long 100000 --folder FOLDER

The folder decides on which disk entries are made durable.  Peers, measured in the same run: a line of JSON that is
appended and synchronised, without any chain; a row in SQLite that is made durable; and, for the proof, the same
hashes computed by ten lines without any other check.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from joserfc.jwk import OKPKey
from latency import percentile

from oncommons.audit.verifying import read_log
from oncommons.service.identity import read_checkpoint, sign_checkpoint
from oncommons.storage.audit import AuditLog
from oncommons.storage.audit_hub import HubLog
from oncommons.storage.chain import TAG, Event, Head
from oncommons.storage.database import Database
from oncommons.storage.journal import append
from oncommons.storage.keys import public_part

NUMBER = {"value": 47, "at_least": 47, "at_most": 47, "precision": "exact"}
BODY = {
    "project": "everybody",
    "permit": "",
    "job": "0" * 32,
    "checkpoint": "e" * 430,
    "question": {
        "count": "person",
        "where": {"all": [{"field": "sex", "in": ["F"]}, {"field": "age", "between": [40, 50]}]},
    },
    "policy": "open: counts are exact",
    "released": [{"dataset": f"d{i}", "certain": NUMBER, "possible": NUMBER, "lacking": []} for i in range(5)],
    "answer": "ab" * 32,
}


def timed(action: Callable[[], object], times: int) -> tuple[float, float]:
    """Half, and 95 of 100, of the runs took at most so many milliseconds."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        took.append(time.perf_counter() - start)
    return percentile(took, 0.5), percentile(took, 0.95)


def bare(lines: list[str]) -> str:
    """The last hash, and nothing else."""
    former = bytes(32)
    for line in lines:
        body = json.loads(line)
        text = {name: body[name] for name in ("body", "kind", "number", "time")}
        written = json.dumps(text, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        former = hashlib.sha256(TAG + former + written.encode()).digest()
    return former.hex()


def entries(folder: Path, times: int) -> dict[str, tuple[float, float]]:
    """Milliseconds of one entry, and of its peers."""
    event = Event("released", BODY, 0)
    found = {}
    found["a line, synchronised"] = timed(lambda: append(folder / "lines.jsonl", BODY), times)
    with closing(sqlite3.connect(folder / "rows.sqlite", isolation_level=None)) as rows:
        rows.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (line TEXT)")
        text = json.dumps(BODY)
        found["a row, durable"] = timed(lambda: rows.execute("INSERT INTO t VALUES (?)", [text]), times)
    with closing(AuditLog(folder / "audit.sqlite")) as log:
        found["an entry at a node"] = timed(lambda: log.enter(event), times)
    database = Database(f"sqlite:///{folder / 'hub.sqlite'}")
    database.upgrade()
    hub = HubLog(database)
    found["an entry at a hub, a transaction of its own"] = timed(lambda: hub.enter(event), times)
    database.close()
    key = OKPKey.generate_key("Ed25519")
    public, head = public_part(key), Head(1000, "ab" * 32)
    signed = sign_checkpoint(key, head, 0)
    found["signing a checkpoint"] = timed(lambda: sign_checkpoint(key, head, 0), times)
    found["checking a checkpoint"] = timed(lambda: read_checkpoint(signed, public), times)
    return found


def proof(folder: Path, number: int) -> dict[str, float]:
    """Seconds to verify a long log."""
    key = OKPKey.generate_key("Ed25519")
    with closing(AuditLog(folder / "long.sqlite", lambda: Event("begun", {"log": key.thumbprint()}, 0))) as log:
        for start in range(0, number - 1, 5000):
            log.enter(*(Event("released", BODY, i) for i in range(start, min(start + 5000, number - 1))))
        start_at = time.perf_counter()
        lines = list(log.lines())
        read = time.perf_counter()
        assert bare(lines) == log.head().digest
        peer = time.perf_counter()
        report = read_log("long", lines, public_part(key)).report([log.head()], [sign_checkpoint(key, log.head(), 0)])
        done = time.perf_counter()
        assert report.is_whole
        assert report.entries == number
    size = sum(len(line) for line in lines) / number
    return {"reading": read - start_at, "bare hashes": peer - read, "verify": done - peer, "bytes an entry": size}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1000)
    parser.add_argument("--long", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="oncommons-bench-", dir=options.folder) as folder:
        found = entries(Path(folder), options.entries)
        for name, (p50, p95) in found.items():
            print(f"{name:<48}{p50:>8.3f}{p95:>8.3f} ms   {p50 / found['a row, durable'][0]:>6.2f} of a durable row")
        for name, number in proof(Path(folder), options.long).items():
            print(f"{name:<48}{number:>8.2f}")


if __name__ == "__main__":
    main()
