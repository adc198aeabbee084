"""At a node: the weighted cross-products of one step, and the deviance so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from oncommons.algorithms.design import apart, survey
from oncommons.algorithms.glm.dispersed import NAME, family_of, pieces
from oncommons.algorithms.pair import Basis, Numbers, Partial, State, Table, Unanswerable
from oncommons.algorithms.weighing import (
    counting,
    crowds_of,
    frame_in,
    largest_share,
    number_in,
    outweighing,
    predictor,
)

_ALPHA = (-20.0, 20.0)
"""Where the log of a dispersion can be."""


def local(table: Table, settings: Mapping[str, Any], state: State | None, _least: int) -> Partial:
    """What one round needs of a node.

    Args:
        table: The cohort.
        settings: Names of the variables ``outcome``, ``covariates`` and, for some, ``offset`` and ``weights``; ``family``.
        state: ``None`` at first; then the columns and the coefficients, none before the first step; with ``last``, that
            the fit has ended; with ``log_alpha`` the log of the dispersion of a negative binomial model.

    Raises:
        Unanswerable: the outcome is not of the family, a weight is below nothing, or the state is none of this fit.
    """
    covariates = tuple(settings["covariates"])
    family = family_of(settings["family"])
    extra = [settings[role] for role in ("offset", "weights") if settings.get(role)]
    names = (settings["outcome"], *covariates, *extra)
    rows = table.complete(*names)
    outcome = rows.columns[settings["outcome"]]
    if not family.fits(outcome):
        raise Unanswerable(f"The outcome of the family {settings['family']} is {family.says}.")
    if settings.get("weights") and (rows.columns[settings["weights"]] < 0).any():
        raise Unanswerable("Weights are numbers from zero up.")
    told, cells = survey(rows, covariates)
    counts = [n for name in (settings["outcome"], *extra) for n in apart(rows.columns[name])]
    share = outweighing(rows, names)
    basis = Basis(rows.people, (*cells, *counts), share=share, crowds=crowds_of(table, names, names))
    if state is None:
        return Partial(told | {"outcome": float(outcome.sum())}, basis)
    frame = frame_in(state, rows, covariates)
    matrix = np.concatenate([np.ones((rows.people, 1)), frame.matrix(rows)], axis=1)
    return _sums(rows, matrix, settings, state, basis)


def _alpha(state: State | None) -> float:
    return number_in(state, "log_alpha", _ALPHA) if state is not None and "log_alpha" in state else 0.0


def _sums(rows: Table, matrix: Numbers, settings: Mapping[str, Any], state: State, basis: Basis) -> Partial:
    log_alpha = _alpha(state)
    family, outcome = family_of(settings["family"], float(np.exp(log_alpha))), rows.columns[settings["outcome"]]
    offset = rows.columns[settings["offset"]] if settings.get("offset") else np.zeros(rows.people)
    weights = rows.columns[settings["weights"]] if settings.get("weights") else np.ones(rows.people)
    eta = family.start(outcome)
    if state.get("beta") is not None:
        eta = predictor(matrix, state["beta"], logs=not family.scaled) + offset
    mean = family.mean(eta)
    slope, pull = weights * family.weigh(outcome, mean), weights * family.pull(outcome, mean)
    deviances, squares = weights * family.deviance(outcome, mean), weights * (outcome - mean) ** 2
    told = {
        "deviance": float(deviances.sum()),
        "squares": float(squares.sum()) if family.scaled else 0.0,
        "information": _cross(matrix, slope),
        "target": (matrix.T @ (slope * (eta - offset) + pull)).tolist(),
    }
    scores = matrix * pull[:, None]
    sums: tuple[Numbers, ...] = (slope, deviances, squares)
    if settings["family"] == NAME:
        found = pieces(outcome, mean, float(np.exp(log_alpha)))
        told |= {
            "log_likelihood": float((weights * found.likelihood).sum()),
            "dispersing": [float((weights * found.slope).sum()), float((weights * found.curve).sum())],
            "cross": (matrix.T @ (weights * found.cross)).tolist(),
        }
        sums = (*sums, weights * found.slope, weights * found.curve)
        scores = np.concatenate([scores, (weights * found.slope)[:, None]], axis=1)
    if state.get("last") and settings["errors"] == "robust":
        told["meat"] = (scores.T @ scores).tolist()
    share = max(basis.share, largest_share(*sums))
    return Partial(told, replace(basis, parameters=scores.shape[1], share=share, counting=counting(slope)))


def _cross(matrix: Numbers, weights: Numbers) -> list[list[float]]:
    found: list[list[float]] = ((matrix * weights[:, None]).T @ matrix).tolist()
    return found
