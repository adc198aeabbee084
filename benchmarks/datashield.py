"""Whether analyses over nodes give the numbers that DataSHIELD's own tests expect, on DataSHIELD's own data.

    git clone --depth 1 https://github.com/datashield/dsBaseClient
    python benchmarks/datashield.py --data dsBaseClient

The data and the numbers are those of dsBaseClient 6.3.4 (GPL-3, synthetic), in ``tests/testthat``; nothing of it is
copied here but the numbers.  Each of its three studies is a node.  Both halves of each analysis run here, JSON between
them.  A number is reproduced where it differs by no more than the tolerance of DataSHIELD's test, and half a unit of the
last of 15 digits, which is where its tests' means end.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.algorithms.federation import run  # noqa: E402

from oncommons.algorithms.describe import DESCRIBE  # noqa: E402
from oncommons.algorithms.glm import GLM  # noqa: E402
from oncommons.algorithms.pair import Table  # noqa: E402

FILES = {
    "CNSIM": "CNSIM/CNSIM{}.csv",
    "SURVIVAL": "SURVIVAL/EXPAND_MISSING/expand_missing_study{}.csv",
}
LEAST = 3
"""``nfilter.tab``: DataSHIELD's own smallest number."""
GAUSSIAN = {"outcome": "LAB_TSC", "covariates": ["LAB_TRIG"], "family": "gaussian"}
BINOMIAL = {
    "outcome": "DIS_DIAB",
    "covariates": ["GENDER", "PM_BMI_CONTINUOUS", "both", "LAB_HDL"],
    "family": "binomial",
}
POISSON = {"outcome": "survtime", "covariates": ["time.id", "female"], "family": "poisson"}
MODELS = (
    ("LAB_TSC ~ LAB_TRIG, gaussian", "CNSIM", GAUSSIAN, {"people": 7800, "degrees": 7798, "deviance": 8936.32}),
    ("DIS_DIAB ~ GENDER * PM_BMI_CONTINUOUS + LAB_HDL, binomial", "CNSIM", BINOMIAL, {"people": 7485, "degrees": 7480, "deviance": 1036.031}),
    ("survtime ~ time.id + female, poisson", "SURVIVAL", POISSON, {"people": 6299, "degrees": 6296, "deviance": 3522.598}),
)  # fmt: skip
"""``test-smk-ds.glm-gaussian.R``, ``-binomial.R`` and ``-poisson.R``: formula, data, settings and what is expected."""
STUDIES = (
    {"people": 1801, "dispersion": 1.211496},
    {"people": 2526, "dispersion": 1.13414},
    {"people": 3473, "dispersion": 1.12},
)
"""``test-smk-ds.glmSLMA.R``: the gaussian model of each study alone."""
MEANS = (5.87211344770338, 5.84526388341867, 5.84630008623168, 5.85192485623003)
VARIANCES = (1.229163, 1.140606, 1.134995, 1.158384)
VALID = (1807, 2539, 3479, 7825)
MISSING = (356, 549, 649, 1554)
"""``test-smk-ds.mean.R`` and ``test-smk-ds.var.R``: LAB_TSC of each study, and of all."""
CLOSE = {
    "people": 0.0,
    "degrees": 0.0,
    "missing": 0.0,
    "deviance": 1e-5,
    "dispersion": 1e-3,
    "mean": 1e-15,
    "variance": 1e-6,
}
"""Relative tolerances of DataSHIELD's tests."""


def studies(folder: Path, name: str) -> dict[str, Table]:
    """The three studies of one of DataSHIELD's sets, a node each."""
    found = {}
    for number in (1, 2, 3):
        rows = pd.read_csv(folder / FILES[name].format(number), skipinitialspace=True)
        rows.columns = [str(one).strip() for one in rows.columns]
        if name == "CNSIM":
            rows["both"] = rows["GENDER"] * rows["PM_BMI_CONTINUOUS"]
        numbers = rows.apply(pd.to_numeric, errors="coerce")
        found[f"study{number}"] = Table({one: numbers[one].to_numpy(float) for one in rows.columns})
    return found


class Report:
    """Prints what was expected and what was found, a row each, and counts what differs."""

    def __init__(self) -> None:
        self.wrong = 0
        print("| test of DataSHIELD | number | expected | found |\n| --- | --- | --- | --- |")

    def row(self, test: str, name: str, expected: float, found: float) -> None:
        """One number."""
        near = abs(found - expected) <= CLOSE[name.split(" ", maxsplit=1)[0]] * abs(expected)
        self.wrong += not near
        print(f"| {test} | {name} | {expected:.15g} | {found:.15g}{'' if near else ' **differs**'} |")


def models(report: Report, sets: Mapping[str, Mapping[str, Table]]) -> None:
    """Models of all studies together, and of each alone."""
    for formula, name, settings, expected in MODELS:
        found: Mapping[str, Any] = run(GLM, sets[name], settings, LEAST).found
        for number, value in expected.items():
            report.row(f"ds.glm {formula}", number, value, found[number])
    for (study, table), expected in zip(sets["CNSIM"].items(), STUDIES, strict=True):
        found = run(GLM, {study: table}, GAUSSIAN, LEAST).found
        for number, value in expected.items():
            report.row(f"ds.glmSLMA gaussian, {study}", number, value, found[number])


def descriptions(report: Report, nodes: Mapping[str, Table]) -> None:
    """Mean, variance and numbers of people of each study, and of all."""
    whole = [*({name: table} for name, table in nodes.items()), nodes]
    for place, one in enumerate(whole):
        of = "all" if place == len(nodes) else next(iter(one))
        found = run(DESCRIBE, one, {"variables": ["LAB_TSC"]}, LEAST).found["variables"]["LAB_TSC"]
        told = next(iter(found.values())) if "mean" not in found else found
        report.row(f"ds.mean LAB_TSC, {of}", "mean", MEANS[place], told["mean"])
        report.row(f"ds.var LAB_TSC, {of}", "variance", VARIANCES[place], told["sd"] ** 2)
        report.row(f"ds.mean LAB_TSC, {of}", "people", VALID[place], told["people"])
        report.row(f"ds.mean LAB_TSC, {of}", "missing", MISSING[place], told["missing"])


def main() -> None:
    """All numbers; ends with 1 where one is not reproduced."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="A checkout of dsBaseClient.")
    folder = parser.parse_args().data / "tests" / "testthat" / "data_files"
    sets, report = {name: studies(folder, name) for name in FILES}, Report()
    models(report, sets)
    descriptions(report, sets["CNSIM"])
    print(f"\n{report.wrong} differ.")
    sys.exit(min(report.wrong, 1))


if __name__ == "__main__":
    main()
