"""Whether analyses over nodes equal those of other packages on the pooled rows, of real tables on cancer.

    python benchmarks/pooled.py
    python benchmarks/pooled.py --what negative_binomial components ComBat

SurvSet and scikit-survival (GPL-3), lifelines (MIT) and statsmodels (BSD) are installed here into an environment of
their own, in which ``pooled_peer.py`` computes on the pooled rows; nothing but numbers comes back.  The first columns
that a model can have are taken, up to ten coefficients.  The rows are dealt to 2, 5 and 20 nodes: evenly, by a skewed
rule, with one person at a node, with nobody at a node, in the order of the table, and with all who were seen for the last
time, and nobody else, at a node.  Both halves of each analysis run here, JSON between them, with a smallest number of 1.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.pooled_more import MORE, asked_more, meta_apart, more_of  # noqa: E402
from tests.algorithms.federation import run, split, splits  # noqa: E402

from oncommons.algorithms.cox import COX  # noqa: E402
from oncommons.algorithms.glm import GLM  # noqa: E402
from oncommons.algorithms.pair import Analysis, Result, Table, Unanswerable  # noqa: E402
from oncommons.algorithms.survival import SURVIVAL  # noqa: E402

NODES = (2, 5, 20)
SURVSET = (
    "GBSG2", "LeukSurv", "Melanoma", "cancer", "colon", "d.oropha.rec", "e1684", "follic", "glioma", "hepatoCellular",
    "micro.censure", "nki70", "nwtco", "prostate", "prostateSurvival", "rott2", "stagec", "veteran",
)  # fmt: skip
TABLES = dict.fromkeys(SURVSET, ("SurvSet", "", "")) | {"larynx": ("lifelines", "time", "death")}
"""Tables to their package, and what it calls the columns of time and event."""
COLUMNS = (
    "Kaplan-Meier",
    "Nelson-Aalen",
    "log-rank",
    "Cox, Efron",
    "Cox, Breslow",
    "gaussian",
    "binomial",
    "poisson",
    "negative_binomial",
    "Cox by hospital",
    "Cox by hospital, robust",
    "Cox by hospital, entry",
    *MORE,
)
OWN = {"hospital": "Cox by hospital", "robust": "Cox by hospital, robust", "entry": "Cox by hospital, entry"}
"""Fits with a baseline of each hospital, as the packages' side names them."""
PUBLISHED = {"age": (0.017045, 0.009223), "sex": (-0.513219, 0.167458)}
"""``coxph(Surv(time, status) ~ age + sex, data = lung)`` of R's survival: coefficients and errors as R prints them."""
PEER = ("SurvSet", "lifelines", "scikit-survival", "statsmodels")


@dataclass
class Furthest:
    """The largest differences so far.

    Attributes:
        found: What was compared, and with which package, to the largest absolute and relative difference.
    """

    found: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)

    def note(self, column: str, package: str, ours: Any, theirs: Any) -> None:
        """Compare numbers; relative to theirs, where these are not nothing."""
        a, b = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
        if a.shape != b.shape:
            raise SystemExit(f"{column}, {package}: {a.shape} in place of {b.shape} numbers")
        apart = np.abs(a - b)
        if not np.isfinite(apart).all():
            raise SystemExit(f"{column}, {package}: a number that is none")
        relative = apart[np.abs(b) > 1e-12] / np.abs(b[np.abs(b) > 1e-12])
        before = self.found.get((column, package), (0.0, 0.0))
        now = (float(apart.max(initial=0)), float(relative.max(initial=0)))
        self.found[column, package] = (max(before[0], now[0]), max(before[1], now[1]))

    def of(self, column: str) -> str:
        """The largest difference from the package that is nearest; for a cell of a table."""
        some = [value for (name, _), value in self.found.items() if name == column]
        return ", ".join(f"{number:.0e}" if number else "0" for number in min(some)) if some else "-"


def table_of(body: Mapping[str, Any]) -> Table:
    """A table as our side has it."""
    columns = {name: np.array([np.nan if v is None else v for v in one]) for name, one in body["columns"].items()}
    return Table(columns, {name: tuple(levels) for name, levels in body["levels"].items()})


def dealt(table: Table, nodes: int) -> Iterator[tuple[str, dict[str, Table]]]:
    """The ways in which rows are shared out."""
    for name, sites in splits(table.people, nodes).items():
        yield name, split(table, sites)
    random = np.random.default_rng(1)
    rest = random.integers(1, nodes, table.people)
    apart = (table.columns["event"] == 0) & (random.uniform(size=table.people) < 0.5)
    yield "censored", split(table, np.where(apart, 0, rest))


def asked(body: Mapping[str, Any]) -> dict[str, tuple[Analysis, dict[str, Any]]]:
    """What is made of a table."""
    times = {"time": "time", "event": "event"}
    many = {"covariates": body["covariates"], "levels": body["levels"]}
    survival = times | {"by": body["by"], "levels": body["levels"]}
    found = {"survival": (SURVIVAL, survival)}
    one = {**times, **many, "baseline": "common"}
    found |= {f"Cox, {ties.title()}": (COX, {**one, "ties": ties}) for ties in ("efron", "breslow")}
    outcomes = {"gaussian": "time", "binomial": "event", "poisson": "event", "negative_binomial": "count"}
    for family, outcome in outcomes.items():
        if not body["glm"][family]:
            continue
        extra = {"offset": "log_time"} if family == "poisson" else {}
        found[family] = (GLM, {**many, **extra, "outcome": outcome, "family": family})
    return found | asked_more(body)


def asked_by_hospital(body: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The fits with a baseline of each hospital that are made of a table, as the packages' side names them."""
    every = {"time": "time", "event": "event", "levels": body["levels"]}
    found = {
        "hospital": {**every, "covariates": body["covariates"]},
        "robust": {**every, "covariates": body["covariates"], "ties": "breslow", "errors": "robust"},
    }
    if beside(body):
        found["entry"] = {**every, "covariates": beside(body), "strata": [body["by"]], "entry": "entry"}
    return found


def beside(body: Mapping[str, Any]) -> list[str]:
    """Covariates that are left where one is a stratum."""
    return [name for name in body["covariates"] if name != body["by"]]


def with_log(table: Table) -> Table:
    """With the log of the time, an offset; the time in whole units, a count; and an entry, at which nobody has the event."""
    times = table.columns["time"]
    entry = times * 0.6 * (np.arange(1, len(times) + 1) * 0.6180339887498949 % 1)
    more = {"log_time": np.log(times), "count": np.ceil(times), "entry": entry}
    return Table({**table.columns, **more}, table.levels)


def curve_of(result: Result, group: str) -> np.ndarray:
    """Survival, low, high and cumulative hazard of a group, shape ``(times, 4)``."""
    return np.array([row[4:] for row in result.tables["curve"][1:] if row[0] == group], dtype=float)


def compare_curves(result: Result, body: Mapping[str, Any], far: Furthest) -> None:
    """Note how far curves and the log-rank test are from what the packages found."""
    for package, groups in body["curves"].items():
        for group, told in groups.items():
            curve = curve_of(result, group)
            for column, place, where in (("survival", 0, 0), ("low", 1, 0), ("high", 2, 0), ("hazard", 3, 1)):
                if column in told:
                    far.note(COLUMNS[where], package, curve[:, place], told[column])
    for package, expected in body["log_rank"].items():
        test = result.found["log_rank"]
        far.note("log-rank", package, [test["statistic"], test["p"]], expected)


def compare(result: Result, name: str, body: Mapping[str, Any], far: Furthest) -> None:
    """Note how far a result is from what the packages found."""
    if name == "survival":
        compare_curves(result, body, far)
        return
    told = body["cox"][name.split(", ")[1].lower()] if name.startswith("Cox") else body["glm"][name]
    terms = np.array([row[1:3] for row in result.tables["terms"][1:]], dtype=float)
    for package, values in told.items():
        far.note(name, package, terms[:, 0], values["coefficients"])
        if "errors" in values:
            far.note(name, package, terms[:, 1], values["errors"])
        for key in ("log_likelihood", "deviance"):
            if key in values:
                far.note(f"{name}: {key}", package, [result.found[key]], values[key])


def compare_by_hospital(
    body: Mapping[str, Any], parts: Mapping[str, Table], told: Mapping[str, Any], far: tuple[Furthest, ...]
) -> tuple[int, int, int]:
    """Note how far fits with a baseline of each hospital are; fits, those without an answer on both sides, and on one."""
    runs = neither = one = 0
    for what, settings in asked_by_hospital(body).items():
        expected = told[what]
        try:
            result = run(COX, parts, settings)
        except Unanswerable:
            neither, one = neither + (expected is None), one + (expected is not None)
            continue
        if expected is None:
            one += 1
            continue
        runs += 1
        terms = np.array([row[1:3] for row in result.tables["terms"][1:]], dtype=float)
        ours = {"coefficients": terms[:, 0], "errors": terms[:, 1], "log_likelihood": [result.found["log_likelihood"]]}
        ours["concordance"] = [result.found["concordance"]["value"]]
        for package, values in expected.items():
            for key, theirs in values.items():
                column = OWN[what] if key in {"coefficients", "errors"} else f"{OWN[what]}: {key}"
                for furthest in far:
                    furthest.note(column, package, ours[key], theirs)
    return runs, neither, one


def equal(tables: Mapping[str, Any], by_hospital: Mapping[str, Any], wanted: list[str]) -> None:
    """Every table, way to share out and analysis against the packages; the tables of the documentation."""
    whole, runs, counts = Furthest(), 0, np.zeros(3, dtype=int)
    print("| table | people | events | coefficients | " + " | ".join(COLUMNS) + " |")
    print("| --- " * (4 + len(COLUMNS)) + "|")
    for name, body in tables.items():
        table, far, terms = with_log(table_of(body)), Furthest(), 0
        for nodes in NODES:
            for way, parts in dealt(table, nodes):
                if by_hospital:
                    counts += compare_by_hospital(body, parts, by_hospital[name][f"{nodes} {way}"], (far, whole))
                for what, (analysis, settings) in asked(body).items():
                    if wanted and what not in wanted:
                        continue
                    result = run(analysis, parts, settings)
                    pair = more_of(result, what, settings, table) if what in MORE else None
                    for notes in (far, whole):
                        if pair is not None:
                            notes.note(what, "NumPy", *pair)
                        else:
                            compare(result, what, body, notes)
                    terms = len(result.found["coefficients"]) - 1 if "family" in settings else terms
                    runs += 1
        events = int(table.columns["event"].sum())
        cells = " | ".join(far.of(column) for column in COLUMNS)
        print(f"| {name} | {table.people:,} | {events:,} | {terms} | {cells} |", flush=True)
    print(f"\n{counts[0]:,} runs by hospital; {counts[1]:,} without an answer on both sides, {counts[2]:,} on one")
    print(f"\n{runs:,} other runs\n\n| compared | package | largest difference | relative |\n| --- | --- | --- | --- |")
    for (column, package), (absolute, relative) in sorted(whole.found.items()):
        print(f"| {column} | {package} | {absolute:.0e} | {relative:.0e} |".replace("0e+00", "0"))


def published(body: Mapping[str, Any]) -> None:
    """R's numbers for the lung cancer trial, to the digits that R prints."""
    table = table_of(body)
    # R codes sex 1 and 2; here the level of the second is compared with the first.
    settings = {"time": "time", "event": "event", "covariates": ["num_age", "fac_sex"], "levels": body["levels"]}
    settings |= {"baseline": "common"}
    terms = run(COX, split(table, splits(table.people, 5)["skewed"]), settings).tables["terms"][1:]
    for (name, (value, error)), row in zip(PUBLISHED.items(), terms, strict=True):
        same = (round(row[1], 6), round(row[2], 6)) == (value, error)
        print(f"R's survival, lung, {name}: {value} ({error}); ours {row[1]:.6f} ({row[2]:.6f}), {same}")


def bad(body: Mapping[str, Any]) -> None:
    """What is said where there is no answer: separable and collinear columns, at all nodes and at one."""
    table = with_log(table_of(body))
    event, age = table.columns["event"], table.columns[body["covariates"][0]]
    site = splits(table.people, 5)["even"]
    made = {
        "a column that tells the event": event.copy(),
        "a column that only people without the event have": np.where((event == 0) & (age > np.nanmedian(age)), 1.0, 0),
        "a column twice, in another unit": age * 12 + 3,
        "a column that never differs": 0 * age + 7,
        "a column that differs between nodes only": site + 0.0 * age,
    }
    for words, column in made.items():
        parts = split(Table({**table.columns, "made": column}, table.levels), site)
        own = {"Cox by hospital": (COX, asked_by_hospital(body)["hospital"])}
        for what, (analysis, settings) in (asked(body) | own).items():
            if "covariates" in settings:
                try:
                    run(analysis, parts, settings | {"covariates": [body["covariates"][0], "made"]})
                    said = "(a result)"
                except Unanswerable as fault:
                    said = str(fault)
                print(f"| {words} | {what} | {said} |")


def peers(room: Path, names: list[str], python: Path | None) -> dict[str, Any]:
    """What the packages find, and their versions; in an environment made for it unless there is one."""
    if python is None:
        venv.create(room / "peer", with_pip=True)
        python = room / "peer" / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEER], check=True)
    (room / "tables.json").write_text(json.dumps({name: TABLES[name] for name in names}))
    script = Path(__file__).with_name("pooled_peer.py")
    subprocess.run([python, script, room / "tables.json", room / "found.json"], check=True)
    found: dict[str, Any] = json.loads((room / "found.json").read_text())
    return found | {"python": python}


def sites_of(table: Table) -> dict[str, list[int]]:
    """The node of each row, for each way to share rows out."""
    numbered = Table({**table.columns, "row": np.arange(table.people, dtype=float)}, table.levels)
    found: dict[str, list[int]] = {}
    for nodes in NODES:
        for way, parts in dealt(numbered, nodes):
            sites = np.zeros(table.people, dtype=int)
            for site, part in enumerate(parts.values()):
                sites[part.columns["row"].astype(int)] = site
            found[f"{nodes} {way}"] = sites.tolist()
    return found


def stratified(room: Path, tables: Mapping[str, Any], python: Path) -> dict[str, Any]:
    """What the packages find where the hospital is a stratum, for each way to share out."""
    sent: dict[str, Any] = {}
    for name, body in tables.items():
        table = with_log(table_of(body))
        columns = body["columns"] | {"entry": table.columns["entry"].tolist()}
        kept = {key: body[key] for key in ("covariates", "levels", "by")}
        sent[name] = {"columns": columns, **kept, "beside": beside(body), "sites": sites_of(table)}
    (room / "dealt.json").write_text(json.dumps(sent))
    script = Path(__file__).with_name("pooled_peer.py")
    subprocess.run([python, script, "--hospitals", room / "dealt.json", room / "own.json"], check=True)
    found: dict[str, Any] = json.loads((room / "own.json").read_text())
    return found


def main() -> None:
    """Compare, and print tables for the documentation."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=sorted(TABLES), help="Names of tables; all if left out.")
    parser.add_argument("--peer", type=Path, help="A Python that has the packages, in place of a new environment.")
    parser.add_argument("--what", nargs="*", default=[], help="Names of columns to compare; all if left out.")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        found = peers(Path(made), wanted.only, wanted.peer)
        by_hospital = not wanted.what or set(OWN.values()) & set(wanted.what)
        own = stratified(Path(made), found["tables"], found["python"]) if by_hospital else {}
    print(", ".join(f"{name} {number}" for name, number in found["versions"].items()), end="\n\n")
    equal(found["tables"], own, wanted.what)
    meta_apart({name: with_log(table_of(body)) for name, body in found["tables"].items()}, found["tables"])
    if "cancer" in found["tables"]:
        published(found["tables"]["cancer"])
        bad(found["tables"]["cancer"])


if __name__ == "__main__":
    main()
