"""Principal components and ComBat against the pooled rows in NumPy; meta-analyses by how far they are from pooled models.

Part of ``pooled.py``, which says of whom and how rows are shared out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from tests.algorithms.combat.pooled import harmonise
from tests.algorithms.federation import run, split, splits

from oncommons.algorithms.combat import COMBAT
from oncommons.algorithms.cox import COX
from oncommons.algorithms.glm import GLM
from oncommons.algorithms.meta import META
from oncommons.algorithms.pair import Analysis, Result, Table, Unanswerable
from oncommons.algorithms.pca import PCA

MORE = ("components", "ComBat")


def numbers_of(body: Mapping[str, Any]) -> list[str]:
    """The time, and covariates that are numbers."""
    return ["time", *(name for name in body["covariates"] if name not in body["levels"])]


def asked_more(body: Mapping[str, Any]) -> dict[str, tuple[Analysis, dict[str, Any]]]:
    """Components of all numbers; and these harmonised by the code that groups curves, the event kept."""
    found: dict[str, tuple[Analysis, dict[str, Any]]] = {}
    if len(numbers_of(body)) > 1:
        found["components"] = (PCA, {"variables": numbers_of(body)})
        combat = {"variables": numbers_of(body), "covariates": ["event"], "batch": body["by"], "levels": body["levels"]}
        found["ComBat"] = (COMBAT, combat)
    return found


def more_of(result: Result, name: str, settings: Mapping[str, Any], table: Table) -> tuple[Any, Any]:
    """Our numbers, and those of the pooled rows: shares and loadings; or locations and scales."""
    names = settings["variables"]
    if name == "components":
        rows = np.stack([table.complete(*names).columns[one] for one in names], axis=1)
        _, singular, vectors = np.linalg.svd((rows - rows.mean(axis=0)) / rows.std(axis=0), full_matrices=False)
        loadings = np.array([row[1:] for row in result.tables["loadings"][1:]])
        signs = np.sign((loadings * vectors.T).sum(axis=0))
        ours = np.append(loadings * signs, [[row[2] for row in result.tables["components"][1:]]], axis=0)
        return ours, np.append(vectors.T, [singular**2 / (singular**2).sum()], axis=0)
    rows = table.complete(*names, "event", settings["batch"]).columns
    _, location, scale = harmonise(rows, names, rows["event"][:, None], rows[settings["batch"]])
    told = np.array([row[2:4] for row in result.tables["parameters"][1:]], dtype=float)
    spread = np.array([row[1] for row in result.tables["model"][1:]])
    ours = np.stack([told[:, 0].reshape(location.shape) / spread, told[:, 1].reshape(scale.shape)])
    return ours, np.stack([location / spread, scale])


def meta_apart(tables: Mapping[str, Table], bodies: Mapping[str, Any]) -> None:
    """How far the terms of meta-analyses are from those of the pooled model, in errors of the pooled model."""
    print("\n| table | people | model | 2 nodes | 5 nodes | 20 nodes |\n| --- | --- | --- | --- | --- | --- |")
    for name, body in bodies.items():
        many = {"covariates": body["covariates"], "levels": body["levels"]}
        models = {
            "binomial": (GLM, {**many, "outcome": "event", "family": "binomial"}),
            "cox": (COX, {**many, "time": "time", "event": "event"}),
        }
        for model, (analysis, settings) in models.items():
            pooled = {row[0]: row[1:3] for row in run(analysis, {"all": tables[name]}, settings).tables["terms"][1:]}
            cells = [_apart(tables[name], settings | {"model": model}, pooled, nodes) for nodes in (2, 5, 20)]
            print(f"| {name} | {tables[name].people:,} | {model} | {' | '.join(cells)} |", flush=True)


def _apart(table: Table, settings: dict[str, Any], pooled: Mapping[str, Any], nodes: int) -> str:
    """The furthest of the terms, and how many nodes had a fit."""
    parts = split(table, splits(table.people, nodes)["even"])
    chosen = {one.name: one.default for one in META.settings} | {"method": "fixed", **settings}
    told = {}
    for name, part in parts.items():
        try:
            told[name] = META.local(part, chosen, None, 1).found
        except Unanswerable:
            continue
    try:
        found = META.combine(chosen, None, told)
    except Unanswerable:
        return f"none ({len(told)})"
    far = max(abs(row[1] - pooled[row[0]][0]) / pooled[row[0]][1] for row in found.tables["terms"][1:])
    return f"{far:.2f} ({len(told)})"
