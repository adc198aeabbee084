"""Whether analyses over nodes equal those of R on the pooled rows, of the tables of ``pooled.py``.

    apt-get install r-base-core r-cran-survival r-cran-cmprsk r-cran-mass r-cran-metafor r-cran-proc r-cran-jsonlite
    python benchmarks/r_equal.py

R (GPL) runs as a program of its own, ``r_equal.R``, on the pooled rows; nothing but numbers comes back.  Tables and ways
to share them out are those of ``pooled.py``, and so are the models.  What R alone has is compared here for the first time:
``cox.zph`` by three clocks, the error of concordance, restricted means, Gray's test, DeLong's error, and metafor's
estimates with Hartung's and Knapp's errors.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pooled import (
    NODES,
    OWN,
    TABLES,
    Furthest,
    asked,
    asked_by_hospital,
    dealt,
    peers,
    run,
    sites_of,
    table_of,
    with_log,
)

from oncommons.algorithms.competing import COMPETING
from oncommons.algorithms.cox import COX
from oncommons.algorithms.meta.pooling import pooled
from oncommons.algorithms.pair import Result, Table, Unanswerable
from oncommons.algorithms.survival import SURVIVAL
from oncommons.algorithms.validation import VALIDATION

METHODS = {"fixed": "fixed", "dersimonian_laird": "dl", "paule_mandel": "pm", "restricted": "reml"}
CLOCKS = {"km": "km", "time": "identity", "log": "log"}
ONE = "one hospital"
"""All rows in one place, where R's clock ``km`` is ours: else each hospital's own share stands for that of all."""
FEW = 3
"""People of whom a slope has no error worth the name."""
CAUSES = ["none", "one", "other"]


def with_causes(table: Table) -> Table:
    """With a second kind of event: those of each other row."""
    cause = np.where(table.columns["event"] > 0, 1.0 + np.arange(table.people) % 2, 0.0)
    return Table({**table.columns, "cause": cause}, {**table.levels, "cause": tuple(CAUSES)})


def estimates_of(table: Table, body: Mapping[str, Any]) -> tuple[list[float], list[float]]:
    """Slopes of the time by a number at each of five nodes, and their errors: estimates of which a meta-analysis is made."""
    name = score_of(body)
    slopes, errors = [], []
    for part in dict(dealt(table, 5))["even"].values():
        known = ~np.isnan(part.columns[name])
        x, y = part.columns[name][known], np.log(part.columns["time"][known])
        if len(x) <= FEW or not np.ptp(x):
            continue
        matrix = np.stack([np.ones(len(x)), x], axis=1)
        beta, *_ = np.linalg.lstsq(matrix, y, rcond=None)
        spread = ((y - matrix @ beta) ** 2).sum() / (len(x) - 2)
        slopes.append(float(beta[1]))
        errors.append(float(np.sqrt(spread * np.linalg.inv(matrix.T @ matrix)[1, 1])))
    return slopes, errors


def score_of(body: Mapping[str, Any]) -> str:
    """A number that stands for a score: the first covariate that is none of a few codes, else the time."""
    return next((name for name in body["covariates"] if name not in body["levels"]), "time")


def sent(tables: Mapping[str, Any]) -> dict[str, Any]:
    """What R gets of each table."""
    found = {}
    for name, body in tables.items():
        table = with_causes(with_log(table_of(body)))
        names = ["entry", "cause", *body["columns"]]
        columns = {n: [None if np.isnan(v) else v for v in table.columns[n].tolist()] for n in names}
        slopes, errors = estimates_of(table, body)
        found[name] = {
            "columns": columns, "levels": body["levels"], "by": body["by"], "covariates": body["covariates"],
            "models": [family for family, told in body["glm"].items() if told], "score": score_of(body),
            "estimates": slopes, "errors": errors, "sites": sites_of(table) | {ONE: [0] * table.people},
        }  # fmt: skip
    return found


def terms_of(result: Result) -> np.ndarray:
    """Coefficients and errors, shape ``(terms, 2)``."""
    return np.array([row[1:3] for row in result.tables["terms"][1:]], dtype=float)


def note_curves(result: Result, told: Mapping[str, Any], far: Furthest) -> None:
    """Curves, bands, cumulative hazard, restricted means, medians, and the log-rank test."""
    for group, expected in told["groups"].items():
        curve = np.array([row[4:] for row in result.tables["curve"][1:] if row[0] == group], dtype=float)
        inner = np.array(expected["inner"], dtype=bool)
        far.note("Kaplan-Meier", "survival", curve[:, 0], expected["survival"])
        far.note("Nelson-Aalen", "survival", curve[:, 3], expected["hazard"])
        if inner.any():
            far.note("bands, log(-log)", "survival", curve[inner, 1], np.atleast_1d(expected["low"]))
            far.note("bands, log(-log)", "survival", curve[inner, 2], np.atleast_1d(expected["high"]))
    test = result.found["log_rank"]
    far.note("log-rank", "survival", [test["statistic"], test["p"]], told["log_rank"])


def note_means(parts: Mapping[str, Table], settings: dict[str, Any], told: Mapping[str, Any], far: Furthest) -> None:
    """Restricted means up to the last time of each group, as R takes them, and medians."""
    for group, expected in told["groups"].items():
        place = settings["levels"][settings["by"]].index(group)
        some = {
            name: Table({n: c[part.columns[settings["by"]] == place] for n, c in part.columns.items()}, part.levels)
            for name, part in parts.items()
        }
        last = max(float(part.columns["time"].max(initial=0.0)) for part in some.values())
        alone = {"time": "time", "event": "event", "levels": settings["levels"], "until": last}
        found = run(SURVIVAL, some, alone).found["groups"][""]
        far.note("restricted mean", "survival", [found["restricted_mean"]], expected["mean"][:1])
        if expected["mean"][1] is not None:
            far.note("restricted mean: error", "survival", [found["restricted_mean_error"]], expected["mean"][1:])


def note_hospitals(body: Mapping[str, Any], parts: Mapping[str, Table], told: Mapping[str, Any], far: Furthest) -> int:
    """Cox's model by hospital, its check and concordance; how many fits."""
    runs = 0
    for what, settings in asked_by_hospital(body).items():
        expected = told.get(what) if told else None  # R writes nothing as an empty list
        if expected is None:
            continue
        clocks = {"none": "none"}
        if what == "hospital":
            clocks = CLOCKS if len(parts) == 1 else {clock: named for clock, named in CLOCKS.items() if clock != "km"}
        for clock, named in clocks.items():
            try:
                result = run(COX, parts, settings | {"check": named})
            except Unanswerable:
                continue
            runs += 1
            name = OWN[what]
            far.note(
                name,
                "survival",
                terms_of(result),
                np.stack([np.atleast_1d(expected[k]) for k in ("coefficients", "errors")], axis=1),
            )
            far.note(
                f"{name}: log-likelihood", "survival", [result.found["log_likelihood"]], [expected["log_likelihood"]]
            )
            if what == "hospital":
                agreed = result.found["concordance"]
                far.note("concordance", "survival", [agreed["value"]], [expected["concordance"]])
                far.note("concordance: error", "survival", [agreed["error"]], [expected["concordance_error"]])
                if expected.get(clock) is not None:
                    ours = [row[1] for row in result.tables["proportional"][1:]]
                    theirs = np.atleast_1d(expected[clock]).tolist()
                    ours = ours[: len(theirs)]
                    if None not in ours:
                        far.note(f"cox.zph, {clock}", "survival", ours, theirs)
    return runs


def note_pooled(body: Mapping[str, Any], told: Mapping[str, Any], far: Furthest) -> None:
    """Meta-analyses."""
    slopes, errors = np.array(body["estimates"]), np.array(body["errors"])
    for words, expected in told.items():
        method, test = words.split()
        found = pooled(slopes, errors, METHODS[method], "hartung_knapp" if test == "knha" else "normal", 0.95)
        ours = [found.estimate, found.error, found.low, found.high, found.variance, found.q]
        far.note(f"meta, {METHODS[method]}", "metafor", ours, expected)


def compare(body: Mapping[str, Any], table: Table, told: Mapping[str, Any], far: Furthest) -> int:
    """Every way to share out a table; how many runs."""
    runs = 0
    levels = body["levels"] | {"cause": CAUSES}
    for nodes in NODES:
        for way, parts in dealt(table, nodes):
            for what, (analysis, settings) in asked(body).items():
                result = run(analysis, parts, settings) if what in asked_here(told) or what == "survival" else None
                if result is None:
                    continue
                runs += 1
                if what == "survival":
                    note_curves(result, told["curves"], far)
                    note_means(parts, settings, told["curves"], far)
                elif what.startswith("Cox"):
                    expected = told["cox"][what.split(", ")[1].lower()]
                    far.note(
                        what,
                        "survival",
                        terms_of(result),
                        np.stack([np.atleast_1d(expected[k]) for k in ("coefficients", "errors")], axis=1),
                    )
                else:
                    note_model(result, what, told["models"][what], far)
            runs += note_hospitals(body, parts, told["hospitals"][f"{nodes} {way}"], far)
            one = run(COMPETING, parts, {"time": "time", "event": "cause", "by": body["by"], "levels": levels})
            ours = [one.found["gray"][cause]["statistic"] for cause in CAUSES[1:]]
            far.note("Gray's test", "cmprsk", ours, told["competing"]["tests"])
            known = {
                n: Table({c: v[~np.isnan(p.columns[body["by"]])] for c, v in p.columns.items()}, p.levels)
                for n, p in parts.items()
            }
            whole = run(COMPETING, known, {"time": "time", "event": "cause", "levels": levels})
            rows = [row[5] for row in whole.tables["curve"][1:] if row[1] == "one"]
            far.note("Aalen-Johansen", "survival", rows, told["competing"]["incidence"])
            area = run(VALIDATION, parts, {"score": body["score"], "event": "event", "scale": "number"}).found["roc"]
            far.note("area, DeLong's error", "pROC", [area["area"], area["error"]], told["score"])
            runs += 3
    note_pooled(body, told["pooled"], far)
    return runs + note_hospitals(body, {"all": table}, told["hospitals"][ONE], far)


def asked_here(told: Mapping[str, Any]) -> set[str]:
    """The models that R has found."""
    return {"Cox, Efron", "Cox, Breslow", *told["models"]}


def note_model(result: Result, family: str, told: Mapping[str, Any], far: Furthest) -> None:
    """A generalised linear model; of the negative binomial one the coefficients, since MASS takes theta for known in errors."""
    terms = terms_of(result)
    far.note(
        family, "MASS" if "theta" in told else "stats", terms[: len(told["coefficients"]), 0], told["coefficients"]
    )
    if "errors" in told:
        far.note(family, "stats", terms[:, 1], told["errors"])


def main() -> None:
    """Compare, and print a table for the documentation."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=sorted(TABLES), help="Names of tables; all if left out.")
    parser.add_argument("--peer", type=Path, help="A Python that has the packages, in place of a new environment.")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        room = Path(made)
        tables = peers(room, wanted.only, wanted.peer)["tables"]
        bodies = sent(tables)
        (room / "sent.json").write_text(json.dumps(bodies))
        script = Path(__file__).with_name("r_equal.R")
        subprocess.run(["Rscript", script, room / "sent.json", room / "told.json"], check=True)
        told = json.loads((room / "told.json").read_text())
    print(", ".join(f"{name} {number}" for name, number in told["versions"].items()), end="\n\n")
    far, runs = Furthest(), 0
    for name, body in tables.items():
        more = body | {key: bodies[name][key] for key in ("score", "estimates", "errors")}
        runs += compare(more, with_causes(with_log(table_of(body))), told["tables"][name], far)
        print(f"{name} is done", file=sys.stderr)
    print(f"{len(tables)} tables, {runs:,} runs\n\n| compared | with R's | largest difference | relative |")
    print("| --- | --- | --- | --- |")
    for (column, package), (absolute, relative) in far.found.items():
        print(f"| {column} | {package} | {absolute:.0e} | {relative:.0e} |".replace("0e+00", "0"))


if __name__ == "__main__":
    main()
