"""Whether incidences of two events, and what is said of a score, equal those of other packages on the pooled rows.

    python benchmarks/judged.py

Tables, ways to share out and the packages' environment are those of ``pooled.py``.  The events of each table are parted
into two by the number of the row; the score is the risk of a logistic fit, to the power of 1.3.  Then what the smallest
number does to both: how far they move, and what the results say of that.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pooled import NODES, PEER, TABLES, Furthest, dealt, run, table_of

from oncommons.algorithms.competing import COMPETING
from oncommons.algorithms.pair import Result, Table, Unanswerable
from oncommons.algorithms.validation import VALIDATION

COLUMNS = ("incidence", "interval", "area", "curve", "Brier", "calibration", "concordance")
RISKS = {"time": "time", "event": "cause"}
SCORE = {"score": "risk", "event": "event"}


def compare_incidences(result: Result, body: Mapping[str, Any], far: Furthest) -> None:
    """Note how far incidences and their intervals are."""
    for package, causes in body["incidence"].items():
        for cause, told in zip(("one", "other"), causes, strict=True):
            rows = np.array([row[5:] for row in result.tables["curve"][1:] if row[1] == cause], dtype=float)
            far.note("incidence", package, rows[:, 0], told["incidence"])
            if "low" in told:
                inner = rows[:, 0] > 0
                far.note("interval", package, rows[inner, 1], np.array(told["low"])[inner])
                far.note("interval", package, rows[inner, 2], np.array(told["high"])[inner])


def compare_scores(result: Result, body: Mapping[str, Any], far: Furthest) -> None:
    """Note how far area, curve, Brier score and line of calibration are."""
    corners = result.tables["roc"][2:]
    line = result.found["calibration"]
    values = {
        "area": [result.found["roc"]["area"]],
        "Brier": [result.found["brier"]["brier"]],
        "calibration": [line[name][part] for part in ("value", "error") for name in ("intercept", "slope")],
    }
    for package, told in body["score"].items():
        for name in told.keys() & values.keys():
            far.note(name, package, values[name], told[name])
        if "curve" in told:
            false, true, thresholds = told["curve"]
            at = {one: [x, y] for one, x, y in zip(thresholds, false, true, strict=True)}
            far.note("curve", package, [row[1:] for row in corners], [at[row[0]] for row in corners])


def equal(tables: Mapping[str, Any]) -> None:
    """Every table and way to share out against the packages."""
    whole, runs = Furthest(), 0
    print("| table | people | events | " + " | ".join(COLUMNS) + " |\n" + "| --- " * (3 + len(COLUMNS)) + "|")
    for name, body in tables.items():
        table, far = table_of(body), Furthest()
        for nodes in NODES:
            for _, parts in dealt(table, nodes):
                both = run(COMPETING, parts, RISKS | {"levels": body["levels"]}), run(VALIDATION, parts, SCORE)
                for noted in (far, whole):
                    compare_incidences(both[0], body, noted)
                    compare_scores(both[1], body, noted)
                runs += 2
        concordant = run(VALIDATION, {"all": table}, SCORE | {"time": "time"}).found["concordance"]
        for package, told in body["score"].items():
            for noted in (far, whole):
                if "concordance" in told:
                    noted.note("concordance", package, [concordant], told["concordance"])
        cells = " | ".join(far.of(column) for column in COLUMNS)
        print(f"| {name} | {table.people:,} | {int(table.columns['event'].sum()):,} | {cells} |", flush=True)
    print(f"\n{runs:,} runs\n\n| compared | package | largest difference | relative |\n| --- | --- | --- | --- |")
    for (column, package), (absolute, relative) in sorted(whole.found.items()):
        print(f"| {column} | {package} | {absolute:.0e} | {relative:.0e} |".replace("0e+00", "0"))


def moved(table: Table, body: Mapping[str, Any], parts: Mapping[str, Table], least: int) -> list[str]:
    """How far the incidence and the area move, and how far they could at most as the results say."""
    levels = {"levels": body["levels"]}
    cells = []
    try:
        shown, exact = (run(COMPETING, one, RISKS | levels, k) for one, k in ((parts, least), ({"all": table}, 1)))
        one, two = (
            np.array([row[2:6] for row in r.tables["curve"][1:] if row[1] == "one"], float) for r in (shown, exact)
        )
        times = np.union1d(one[:, 0], two[:, 0])
        times = times[times < two[two[:, 1] >= two[0, 1] / 10][-1, 0]]
        heights = [np.append(0.0, c[:, 3])[np.searchsorted(c[:, 0], times, side="right")] for c in (one, two)]
        people = shown.tables["incidence"][1][2] / table.people
        cells += [
            f"{people:.0%}",
            f"{np.abs(heights[0] - heights[1]).max():.2f}",
            f"{shown.tables['incidence'][1][10]:.2f}",
        ]
    except Unanswerable:
        cells += ["-", "-", "-"]
    kept = {
        name: part for name, part in parts.items() if all((part.columns["event"] == k).sum() >= least for k in (0, 1))
    }
    if not kept:
        return [*cells, *"------"]
    runs = ((kept, least, "once"), (parts, least, "together"), (kept, 1, "once"), (parts, 1, "once"))
    rough, joint, fine, whole = (run(VALIDATION, some, SCORE | {"sums": sums}, k).found for some, k, sums in runs)
    for shown, exact in ((rough, fine), (joint, whole)):
        area = shown["roc"]
        slopes = [one["calibration"].get("slope", {}).get("value") for one in (shown, exact)]
        cells += [f"{area['area'] - exact['roc']['area']:+.3f}", f"{area['at_least']:.2f} to {area['at_most']:.2f}"]
        cells.append("-" if None in slopes else f"{slopes[0] - slopes[1]:+.2f}")
    return cells


def coarse(tables: Mapping[str, Any]) -> None:
    """What a smallest number of 5 does, with five nodes evenly."""
    names = ("people", "incidence moved", "at most, it says", "area moved", "area, it says", "slope moved")
    names += tuple(f"together: {name}" for name in names[3:])
    print("\n| table | " + " | ".join(names) + " |\n" + "| --- " * (1 + len(names)) + "|")
    for name, body in tables.items():
        table = table_of(body)
        parts = dict(dealt(table, 5))["even"]
        print(f"| {name} | " + " | ".join(moved(table, body, parts, 5)) + " |", flush=True)


def main() -> None:
    """Compare, and print tables for the documentation."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=sorted(TABLES), help="Names of tables; all if left out.")
    parser.add_argument("--peer", type=Path, help="A Python that has the packages, in place of a new environment.")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        room, python = Path(made), wanted.peer
        if python is None:
            venv.create(room / "peer", with_pip=True)
            python = room / "peer" / "bin" / "python"
            subprocess.run([python, "-m", "pip", "install", "--quiet", *PEER], check=True)
        (room / "tables.json").write_text(json.dumps({name: TABLES[name] for name in wanted.only}))
        script = Path(__file__).with_name("judged_peer.py")
        subprocess.run([python, script, room / "tables.json", room / "found.json"], check=True)
        found = json.loads((room / "found.json").read_text())
    print(", ".join(f"{name} {number}" for name, number in found["versions"].items()), end="\n\n")
    equal(found["tables"])
    coarse(found["tables"])


if __name__ == "__main__":
    main()
