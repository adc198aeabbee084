"""What the smallest number of nodes does to analyses, in real tables on cancer: how far results move, and what stays.

    python benchmarks/coarse.py

The tables, columns and packages' environment are those of ``pooled.py``; the rows are dealt to five nodes, evenly and by
a skewed rule that leaves some of them small.  Each round is judged by the node's output rules; a node whose part stays at
home is left out, as at a hub.  Compared with the exact result of all rows: coefficients of Cox's model with a baseline of
each hospital in standard errors, and curves by their largest distance, over the times until a tenth of the group is at
risk.

Then an attack, for which one baseline for all hospitals is made of open data only: what a hub that is curious can solve of
the ages of people with the event, from the sums that an honest fit of Cox's model with the age alone tells it, where
stretches have five people.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from pooled import TABLES, asked, asked_by_hospital, peers, run, split, splits, table_of

from oncommons.algorithms.cox import COX
from oncommons.algorithms.grid import followed
from oncommons.algorithms.pair import Analysis, Partial, Result, Table, Unanswerable
from oncommons.policy.disclosure.output import withheld

NODES, FEW, AGES = 5, 0.1, np.arange(18, 106)


class Kept(Exception):
    """An output rule keeps a node's part at home."""

    def __init__(self, table: Table, rule: str) -> None:
        super().__init__(rule)
        self.table, self.rule = table, rule


def judged(analysis: Analysis) -> Analysis:
    """The analysis, each part of which passes the output rules or stays."""

    def local(table: Table, settings: Mapping[str, Any], state: Any, least: int) -> Partial:
        part = analysis.local(table, settings, state, least)
        found = withheld(part.basis, least)
        if found is not None:
            raise Kept(table, found.rule)
        return part

    return replace(analysis, local=local)


def released(
    parts: Mapping[str, Table], analysis: Analysis, settings: dict[str, Any], least: int
) -> tuple[Result | None, list[str]]:
    """The result of what nodes let go, if there is one; and the rules by which others kept their part."""
    left, kept = dict(parts), list[str]()
    while left:
        try:
            return run(judged(analysis), left, settings, least), kept
        except Kept as fault:
            left = {name: table for name, table in left.items() if table is not fault.table}
            kept.append(fault.rule)
        except Unanswerable as fault:
            return None, [*kept, "nobody" if "No" in str(fault)[:2] else "no end"]
    return None, kept


def moved(exact: Result, shown: Result) -> tuple[float, float]:
    """How far coefficients are from the exact ones, in its standard errors: the furthest, and on average."""
    errors = {row[0]: row[2] for row in exact.tables["terms"][1:]}
    values, other = exact.found["coefficients"], shown.found["coefficients"]
    apart = [abs(other[name] - values[name]) / errors[name] for name in values.keys() & other.keys()]
    return max(apart), sum(apart) / len(apart)


def apart(exact: Result, shown: Result) -> float:
    """The largest distance between curves of a group, until a tenth of it is at risk."""
    largest = 0.0
    for group in shown.found["groups"]:
        one, two = (
            np.array([[row[1], row[2], row[4]] for row in result.tables["curve"][1:] if row[0] == group], dtype=float)
            for result in (exact, shown)
        )
        until = one[one[:, 1] >= FEW * one[0, 1]][-1, 0]
        times = np.unique(np.concatenate([one[:, 0], two[:, 0]]))
        times = times[times <= until]
        heights = [
            np.concatenate([[1.0], curve[:, 2]])[np.searchsorted(curve[:, 0], times, side="right")]
            for curve in (one, two)
        ]
        largest = max(largest, float(np.abs(heights[0] - heights[1]).max(initial=0.0)))
    return largest


def of_cox(exact: Result, found: Result | None, kept: list[str]) -> list[str]:
    """Nodes that answered, people told of, and how far coefficients are."""
    if found is None:
        return ["0", "-", "-", "-"]
    share = found.found["people"] / exact.found["people"]
    return [str(NODES - len(kept)), f"{share:.0%}", *(f"{one:.2f}" for one in moved(exact, found))]


def of_curves(exact: Result, found: Result | None) -> list[str]:
    """People told of, and how far curves are."""
    if found is None:
        return ["-", "-"]
    one, two = (sum(group["people"] for group in result.found["groups"].values()) for result in (exact, found))
    return [f"{two / one:.0%}", f"{apart(exact, found):.2f}"]


def show(tables: Mapping[str, Any], leasts: list[int]) -> None:
    """A row for each table and way to share out, of each smallest number a part of each cell."""
    print("| table | dealt | Cox: nodes | people | furthest | mean | curves: people | distance | kept by |")
    print("| --- " * 9 + "|")
    for name, body in tables.items():
        table, wanted = table_of(body), {**asked(body), "Cox": (COX, asked_by_hospital(body)["hospital"])}
        for way in ("even", "skewed"):
            parts, columns = split(table, splits(table.people, NODES)[way]), []
            cox, curves = (run(wanted[what][0], parts, wanted[what][1]) for what in ("Cox", "survival"))
            for least in leasts:
                fit, kept = released(parts, *wanted["Cox"], least)
                drawn, other = released(parts, *wanted["survival"], least)
                why = ", ".join(f"{rule} {[*kept, *other].count(rule)}" for rule in sorted({*kept, *other})) or "-"
                columns.append([*of_cox(cox, fit, kept), *of_curves(curves, drawn), why])
            cells = " | ".join(" / ".join(cell) for cell in zip(*columns, strict=True))
            print(f"| {name} | {way} | {cells} |", flush=True)


def main() -> None:
    """Print the tables of the documentation."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=sorted(TABLES), help="Names of tables; all if left out.")
    parser.add_argument("--peer", type=Path, help="A Python that has the packages, in place of a new environment.")
    parser.add_argument("--least", nargs="*", type=int, default=[5, 10], help="Smallest numbers.")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        found = peers(Path(made), wanted.only, wanted.peer)
    show(found["tables"], wanted.least)
    print("\n| table | stretches of five | solved, for certain and right |\n| --- | --- | --- |")
    for name, body in found["tables"].items():
        ages = [one for one in body["covariates"] if one in {"num_age", "age", "num_Age"}]
        if (
            ages
            and AGES[0] <= min(whole := [one for one in body["columns"][ages[0]] if one])
            and max(whole) <= AGES[-1]
        ):
            number, right = solved(table_of(body), ages[0])
            print(f"| {name} | {number} | {right} |", flush=True)


def solved(table: Table, age: str, least: int = 5) -> tuple[int, int]:
    """Stretches of five people with the event at one node, and of how many the ages are found from an honest fit.

    Two and three people are met in the middle: by the sum of their risks in the second round.
    """
    rows = table.complete("time", "event", age)
    rows = Table({**rows.columns, age: np.floor(rows.columns[age])})
    settings = {"time": "time", "event": "event", "covariates": [age], "baseline": "common"}
    seen: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []

    def listening(table: Table, settings: Mapping[str, Any], state: Any, least: int) -> Partial:
        part = COX.local(table, settings, state, least)
        if state is not None and "weights" not in state:
            seen.append((state, part.found))
        return part

    run(replace(COX, local=listening), {"node": rows}, settings, least)
    state, told = seen[1]
    z = (AGES - state["frame"]["centre"][0]) / state["frame"]["scale"][0]
    risks = np.exp(state["beta"][0] * z)
    two, three = (
        np.array(list(itertools.combinations_with_replacement(range(len(AGES)), size))) for size in (2, 3)
    )  # fmt: skip
    two = two[np.argsort(risks[two].sum(1))]
    sums = [(risks[some].sum(1), (z * risks)[some].sum(1)) for some in (two, three)]
    truth = followed(rows.columns["time"], rows.columns["event"] > 0, least)
    number = right = 0
    events = np.asarray(told["events"])
    for time, people, (risk, weighted) in zip(
        np.asarray(told["times"])[events > 0], events[events > 0], told["dying"], strict=True
    ):
        if people != 5:
            continue
        number += 1
        rest = risk - sums[1][0]
        low, high = (np.searchsorted(sums[0][0], rest + edge) for edge in (-1e-11, 1e-11))
        found = {
            tuple(sorted([*AGES[three[i]].tolist(), *AGES[two[j]].tolist()]))
            for i in np.flatnonzero(high > low)
            for j in range(low[i], high[i])
            if abs(sums[1][1][i] + sums[0][1][j] - weighted) < 1e-10
        }
        own = rows.columns[age][truth.kept][(truth.times == time) & truth.events]
        right += found == {tuple(sorted(own.tolist()))}
    return number, right


if __name__ == "__main__":
    main()
