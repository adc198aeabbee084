"""Whether federated answers are right: random nested questions against an independent evaluator.

    python benchmarks/right.py --questions 10000 --nodes 20 --workers 2

The whole index is dealt to nodes of policy ``open``.  Every question goes the way a node's answer goes: parsed,
compiled, run on each node's own tables, released, written as JSON, read again and combined.  The oracle in
``tests/oracle`` shares no code with that: Kleene's logic written out over pandas columns of the pooled rows.
Compared are certain and possible for every dataset, for every group and in total, and that each criterion of the
question is listed as applied or unknown for every dataset.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.oracle import columns, generator, pooled  # noqa: E402

from oncommons.node.desk import Desk  # noqa: E402
from oncommons.node.flow import import_from  # noqa: E402
from oncommons.node.home import make_home  # noqa: E402
from oncommons.node.receive.idc import collections, receive_idc  # noqa: E402
from oncommons.policy.disclosure.counts import Policy  # noqa: E402
from oncommons.schema.answer import total  # noqa: E402
from oncommons.schema.answer_json import node_answer_from_json, node_answer_to_json  # noqa: E402
from oncommons.schema.parsing import parse_question  # noqa: E402
from oncommons.schema.question import Some, leaves  # noqa: E402

WITHOUT = {3: "manufacturer", 11: "age"}
"""Nodes that lack a column, so that fields unknown at a node are part of every run."""


def fields_without(column: str) -> tuple[str, ...]:
    """Fields of the dictionary that a column fills."""
    return {"manufacturer": ("manufacturer",), "age": ("age", "age_at_study")}[column]


def make_nodes(folder: Path, nodes: int) -> None:
    """Import the whole index, dealt to so many nodes."""
    for i in range(nodes):
        home = make_home(folder / f"{i:03d}", Policy.of("open"))
        lacks = [WITHOUT[i]] if i in WITHOUT else []
        import_from(lambda c, i=i, lacks=lacks: receive_idc(c, collections(c, (i + 1, nodes)), lacks), home.tables)
        print(f"node {i + 1} of {nodes}", file=sys.stderr)


def check(seed: int, desks: list[Desk], pool: object) -> list[str]:
    """Ask one question both ways; what differs, in words."""
    body = generator.question(seed)
    question = parse_question(body)
    expected = columns.answer(body, pool)
    parts = [node_answer_from_json(json.loads(json.dumps(node_answer_to_json(d.answer(body))))) for d in desks]
    datasets = {d.dataset: d for part in parts for d in part.datasets}
    faults = []
    for name, dataset in datasets.items():
        want = expected[name]
        if (dataset.certain.at_least, dataset.possible.at_least) != (want.certain, want.possible):
            faults.append(
                f"seed {seed} {name}: {dataset.certain}/{dataset.possible}, oracle {want.certain}/{want.possible}"
            )
        groups = {tuple(g.key.values()): (g.certain.at_least, g.possible.at_least) for g in dataset.groups}
        if question.by and groups != dict(want.groups):
            faults.append(f"seed {seed} {name}: groups differ")
        named = {use.path for use in (*dataset.applied, *dataset.unknown)}
        tests = {leaf.path for leaf in leaves(question) if not isinstance(leaf.criterion, Some)}
        if not tests <= named:
            faults.append(f"seed {seed} {name}: criteria dropped {tests - named}")
    whole = (total(p.certain for p in parts).at_least, total(p.possible for p in parts).at_least)
    if whole != (sum(c.certain for c in expected.values()), sum(c.possible for c in expected.values())):
        faults.append(f"seed {seed}: totals differ")
    return faults


def work(folder: str, nodes: int, seeds: range, results: multiprocessing.Queue) -> None:
    """One worker's share of the questions."""
    from oncommons.node.home import open_home  # noqa: PLC0415  in the worker's own process

    desks = [Desk(open_home(Path(folder) / f"{i:03d}")) for i in range(nodes)]
    dealt = dict(enumerate(desks))
    lacks = {
        (c.dataset, f)
        for i, column in WITHOUT.items()
        if i < nodes
        for c in dealt[i].cards()
        for f in fields_without(column)
    }
    pool = pooled.load(lacks=lacks)
    for seed in seeds:
        results.put(check(seed, desks, pool))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--nodes", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1, help="first seed; question i has seed + i")
    parser.add_argument("--minutes", type=float, default=120, help="stop after so long, and say how many were asked")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="oncommons-right-") as folder:
        make_nodes(Path(folder), options.nodes)
        results: multiprocessing.Queue = multiprocessing.Queue()
        first, last = options.seed, options.seed + options.questions
        workers = [
            multiprocessing.Process(
                target=work, args=(folder, options.nodes, range(first + w, last, options.workers), results)
            )
            for w in range(options.workers)
        ]
        for worker in workers:
            worker.start()
        asked, faults, until = 0, [], time.monotonic() + options.minutes * 60
        while asked < options.questions and time.monotonic() < until and any(w.is_alive() for w in workers):
            try:
                found = results.get(timeout=5)
            except Exception:  # noqa: BLE001  an empty queue
                continue
            asked += 1
            faults += found
            if asked % 500 == 0:
                print(f"{asked} questions, {len(faults)} mismatches", file=sys.stderr, flush=True)
        for worker in workers:
            worker.terminate()
            worker.join()
    for fault in faults[:20]:
        print(fault)
    print(json.dumps({"questions": asked, "nodes": options.nodes, "first_seed": first, "mismatches": len(faults)}))
    return 1 if faults or asked == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
