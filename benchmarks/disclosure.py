"""What the rule ``noise`` adds to the time of a federated answer: two federations on one machine, asked in turn.

    python benchmarks/disclosure.py --nodes 20 --asks 60

Both hold the same rows of the IDC index; the nodes of one have the rule ``threshold``, those of the other ``noise``,
whose answers also wait for an even time.  Asked are the main question again and again, and others that differ in the
ages, each once.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from latency import QUESTION, percentile

from oncommons.client.builder import between, has, some
from oncommons.client.connection import Connection
from oncommons.demo.federation import Federation, NodePlan

RULES = ("threshold", "noise")


def question(low: int, high: int) -> dict[str, Any]:
    """The main question, of some ages."""
    where = some("series", modality="MR", body_part="BREAST") & has(sex="F", age=between(low, high))
    return {**QUESTION, "where": where.to_json()}


def asked(connections: dict[str, Connection], questions: list[dict[str, Any]], nodes: int) -> dict[str, list[float]]:
    """Seconds of each answer, by rule."""
    times: dict[str, list[float]] = {rule: [] for rule in connections}
    for body in questions:
        for rule, connection in connections.items():
            start = time.perf_counter()
            answer = connection.ask(body)
            times[rule].append(time.perf_counter() - start)
            assert len(answer.included) == nodes, [n.reason for n in answer.not_included]
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=20)
    parser.add_argument(
        "--asks", type=int, default=60, help="More than about 70 are more than a project may ask in an hour."
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="oncommons-bench-") as folder:
        running = {rule: federation(Path(folder) / rule, rule, options.nodes) for rule in RULES}
        with running["threshold"] as plain, running["noise"] as noisy:
            connections = {"threshold": plain.start(), "noise": noisy.start()}
            kinds = {
                "the main question, again": [QUESTION] * options.asks,
                "other ages, each once": [question(20 + i // 10, 60 + i % 10) for i in range(options.asks)],
            }
            asked(connections, [QUESTION] * 5, options.nodes)
            found = {name: told(asked(connections, questions, options.nodes)) for name, questions in kinds.items()}
    print(json.dumps(found, indent=2))


def told(times: dict[str, list[float]]) -> dict[str, Any]:
    """Milliseconds by rule, and how many times as long the noise takes."""
    rows = {rule: {f"p{n}": round(percentile(v, n / 100), 1) for n in (50, 95)} for rule, v in times.items()}
    ratio = {p: round(rows["noise"][p] / rows["threshold"][p], 2) for p in ("p50", "p95")}
    return {**rows, "noise is slower by": ratio}


def federation(folder: Path, rule: str, nodes: int) -> Federation:
    """A federation whose nodes have one rule."""
    folder.mkdir()
    plans = [NodePlan(f"node-{i + 1:03d}", rule) for i in range(nodes)]
    return Federation(folder, plans, lambda step: print(rule, step, file=sys.stderr))


if __name__ == "__main__":
    main()
