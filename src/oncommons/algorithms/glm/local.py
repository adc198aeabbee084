"""At a node: the weighted cross-products of one step, and the deviance so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from oncommons.algorithms.design import apart, survey
from oncommons.algorithms.glm.families import FAMILIES
from oncommons.algorithms.pair import Basis, Numbers, Partial, State, Table, Unanswerable
from oncommons.algorithms.weighing import counting, crowds_of, frame_in, largest_share, outweighing, predictor


def local(table: Table, settings: Mapping[str, Any], state: State | None, _least: int) -> Partial:
    """What one round needs of a node.

    Args:
        table: The cohort.
        settings: Names of the variables ``outcome``, ``covariates`` and, for some, ``offset`` and ``weights``; ``family``.
        state: ``None`` at first; then the columns and the coefficients, none before the first step; with ``last``, that
            the fit has ended.

    Raises:
        Unanswerable: the outcome is not of the family, or the state is none of this fit.
    """
    covariates, family = tuple(settings["covariates"]), FAMILIES[settings["family"]]
    extra = [settings[role] for role in ("offset", "weights") if settings.get(role)]
    rows = table.complete(settings["outcome"], *covariates, *extra)
    outcome = rows.columns[settings["outcome"]]
    if not family.fits(outcome):
        raise Unanswerable(f"The outcome of the family {settings['family']} is {family.says}.")
    told, cells = survey(rows, covariates)
    names = (settings["outcome"], *covariates, *extra)
    counts = [n for name in (settings["outcome"], *extra) for n in apart(rows.columns[name])]
    share = outweighing(rows, names)
    basis = Basis(rows.people, (*cells, *counts), share=share, crowds=crowds_of(table, names, names))
    if state is None:
        return Partial(told | {"outcome": float(outcome.sum())}, basis)
    frame = frame_in(state, rows, covariates)
    matrix = np.concatenate([np.ones((rows.people, 1)), frame.matrix(rows)], axis=1)
    offset = rows.columns[settings["offset"]] if settings.get("offset") else np.zeros(rows.people)
    weights = rows.columns[settings["weights"]] if settings.get("weights") else np.ones(rows.people)
    eta = family.start(outcome)
    if state.get("beta") is not None:
        eta = predictor(matrix, state["beta"], logs=not family.scaled) + offset
    mean = family.mean(eta)
    slope = family.spread(mean)
    deviances, squares = weights * family.deviance(outcome, mean), weights * (outcome - mean) ** 2
    told = {
        "deviance": float(deviances.sum()),
        "squares": float(squares.sum()) if family.scaled else 0.0,
        "information": _cross(matrix, weights * slope),
        "target": (matrix.T @ (weights * (slope * (eta - offset) + outcome - mean))).tolist(),
    }
    if state.get("last") and settings["errors"] == "robust":
        told["meat"] = _cross(matrix, (weights * (outcome - mean)) ** 2)
    share = max(share, largest_share(weights * slope, deviances, squares))
    basis = replace(basis, parameters=matrix.shape[1], share=share, counting=counting(weights * slope))
    return Partial(told, basis)


def _cross(matrix: Numbers, weights: Numbers) -> list[list[float]]:
    found: list[list[float]] = ((matrix * weights[:, None]).T @ matrix).tolist()
    return found
