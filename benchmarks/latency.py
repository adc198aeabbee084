"""How fast a federated answer is: N real node processes and a hub, against one query over the pooled data.

    python benchmarks/latency.py --nodes 20 --asks 200

The question is asked so many times in a row, and as many times again in turn with its peers, which empty the
processor's caches.  Four peers, measured in the same run; all but the last read the raw pooled table:

*   ``pooled, certain``: strings as they came, written by hand for this question, certain reading only.
*   ``pooled, both``: the same, with the certain and the possible count.
*   ``pooled, all patients``: the same two counts, without the shortcut that only rows that may be MR of the breast
    can matter, which a query written by a machine does not know.
*   ``pooled, our rules``: like the one before, with the rules for reading values that an import applies.
*   ``pooled, our index``: the SQL that a node runs, over one index of all data.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from oncommons.client.builder import between, has, some
from oncommons.demo.federation import Federation, NodePlan
from oncommons.node.flow import import_from
from oncommons.node.index.asking import Index
from oncommons.node.receive import harmonise
from oncommons.node.receive.idc import collections, index_folder, receive_idc
from oncommons.schema.parsing import parse_question
from oncommons.storage.generations import Generations

WHERE = some("series", modality="MR", body_part="BREAST") & has(sex="F", age=between(40, 50))
QUESTION = {"count": "person", "where": WHERE.to_json(), "by": ["dataset"]}

SEEN = "Modality = 'MR' AND BodyPartExamined = 'BREAST'"
AGE = "TRY_CAST(regexp_extract(PatientAge, '^([0-9]{3})Y$', 1) AS INTEGER)"
CERTAIN = f"""
SELECT collection_id, count(DISTINCT PatientID) FROM raw
WHERE {SEEN} AND PatientSex = 'F' AND {AGE} BETWEEN 40 AND 50 GROUP BY 1
"""
BOTH = f"""
SELECT collection_id, count(*) FILTER (WHERE s AND p), count(*) FROM (
  SELECT collection_id, PatientID, bool_or({SEEN}) AS s, min(PatientSex) = 'F' AND min({AGE}) BETWEEN 40 AND 50 AS p
  FROM raw WHERE ({SEEN}) IS NOT FALSE GROUP BY 1, 2)
WHERE p IS NOT FALSE GROUP BY 1
"""
ALL_PATIENTS = f"""
SELECT collection_id, count(*) FILTER (WHERE e), count(*) FROM (
  SELECT collection_id, (s AND p) AS e FROM (
    SELECT collection_id, PatientID, min(PatientSex) = 'F' AND min({AGE}) BETWEEN 40 AND 50 AS p,
           CASE WHEN bool_or({SEEN}) THEN TRUE WHEN bool_or(({SEEN}) IS NULL) THEN NULL ELSE FALSE END AS s
    FROM raw GROUP BY 1, 2))
WHERE e IS NOT FALSE GROUP BY 1
"""
OUR_RULES = f"""
SELECT collection_id, count(*) FILTER (WHERE e), count(*) FROM (
  SELECT collection_id, (s AND sex = 'F' AND age BETWEEN 40 AND 50) AS e FROM (
    SELECT collection_id, PatientID,
           CASE WHEN count(DISTINCT {harmonise.sex("PatientSex")}) = 1 THEN min({harmonise.sex("PatientSex")}) END AS sex,
           min({harmonise.age("PatientAge")}) AS age,
           CASE WHEN bool_or(x) THEN TRUE WHEN bool_or(x IS NULL) THEN NULL ELSE FALSE END AS s
    FROM (SELECT *, ({harmonise.modality("Modality")} = 'MR'
                     AND {harmonise.body_part("BodyPartExamined")} = 'BREAST') AS x FROM raw)
    GROUP BY 1, 2)
) WHERE e IS NOT FALSE GROUP BY 1
"""

RAW = {
    "pooled, certain": CERTAIN,
    "pooled, both": BOTH,
    "pooled, all patients": ALL_PATIENTS,
    "pooled, our rules": OUR_RULES,
}


def rows_of(raw: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    return raw.execute(query).fetchall()


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies, in milliseconds."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] * 1000


def pooled(folder: Path) -> tuple[duckdb.DuckDBPyConnection, Index]:
    """The raw pooled table, and one index of everything."""
    raw = duckdb.connect(config={"threads": 2})
    path = str(index_folder() / "idc_index.parquet")
    raw.execute(f"CREATE TABLE raw AS SELECT * FROM read_parquet('{path}')")
    tables = Generations(folder / "pooled")
    import_from(lambda c: receive_idc(c, collections(c)), tables)
    connection = tables.open()
    assert connection is not None
    connection.execute("SET threads = 2")
    return raw, Index(connection)


def timed(times: list[float], action: object, *arguments: object) -> object:
    """Run and note how long it took."""
    start = time.perf_counter()
    result = action(*arguments)  # type: ignore[operator]
    times.append(time.perf_counter() - start)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=20)
    parser.add_argument("--asks", type=int, default=200)
    options = parser.parse_args()
    plans = [NodePlan(f"node-{i + 1:03d}", "open") for i in range(options.nodes)]
    question = parse_question(QUESTION)
    names = ("federation", "federation, in turn", *RAW, "pooled, our index")
    times: dict[str, list[float]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory(prefix="oncommons-bench-") as folder:
        raw, index = pooled(Path(folder))
        with Federation(Path(folder), plans, lambda step: print(step, file=sys.stderr)) as federation:
            connection = federation.start()
            for _ in range(5):
                connection.ask(QUESTION)
            for _ in range(options.asks):
                timed(times["federation"], connection.ask, QUESTION)
            for _ in range(options.asks):
                answer = timed(times["federation, in turn"], connection.ask, QUESTION)
                both = [timed(times[name], rows_of, raw, query) for name, query in RAW.items()][-1]
                ours = timed(times["pooled, our index"], index.ask, question)
                check(answer, both, ours, options.nodes)
            memory = resident()
    report(times, options, memory)


def check(answer: object, both: object, ours: object, nodes: int) -> None:
    """Every way gives the same numbers, or the run counts for nothing."""
    certain, possible = answer.certain.at_least, answer.possible.at_least  # type: ignore[attr-defined]
    assert len(answer.included) == nodes  # type: ignore[attr-defined]
    assert (certain, possible) == (sum(r[1] for r in both), sum(r[2] for r in both))  # type: ignore[attr-defined]
    cells = [c for tally in ours for c in tally.cells]  # type: ignore[attr-defined]
    assert (certain, possible) == (sum(c.certain for c in cells), sum(c.possible for c in cells))


def resident() -> dict[str, float]:
    """Resident memory of the hub and of the nodes, in MB (Linux)."""
    found: dict[str, list[float]] = {"hub": [], "node": []}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().decode().split("\0")
            pages = int((path / "statm").read_text().split()[1])
        except (OSError, ValueError):
            continue
        for room, numbers in found.items():
            if "oncommons" in words and room in words and "serve" in words:
                numbers.append(pages * 4096 / 1e6)
    return {
        f"{room} {name}": f(v)
        for room, v in found.items()
        if v
        for name, f in (("median MB", statistics.median), ("max MB", max))
    }


def report(times: dict[str, list[float]], options: argparse.Namespace, memory: dict[str, float]) -> None:
    """Print milliseconds and ratios as a table, then JSON."""
    ours = times["federation"]
    rows = {}
    print(f"{options.nodes} nodes, {options.asks} asks; milliseconds at the client\n")
    print(f"{'':<24}{'p50':>8}{'p95':>8}   federation is slower by (p50, p95)")
    for name, values in times.items():
        p50, p95 = percentile(values, 0.5), percentile(values, 0.95)
        ratio50, ratio95 = percentile(ours, 0.5) / p50, percentile(ours, 0.95) / p95
        rows[name] = {
            "p50_ms": round(p50, 1),
            "p95_ms": round(p95, 1),
            "ratio_p50": round(ratio50, 2),
            "ratio_p95": round(ratio95, 2),
        }
        print(f"{name:<24}{p50:>8.1f}{p95:>8.1f}   {ratio50:>6.2f} {ratio95:>6.2f}")
    print({k: round(v) for k, v in memory.items()})
    print(json.dumps({"nodes": options.nodes, "asks": options.asks, "rows": rows, "memory": memory}))


if __name__ == "__main__":
    main()
