"""At a node with a baseline of its own: slopes of the partial likelihood of its people, and nothing by time.

The hazard at the beginning, which nobody has to know, falls out within each hospital; so each tells its part of the
score, of the information and of the likelihood, on exact times, and the hub adds these up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from oncommons.algorithms.cox.closing import clock_of, pairs, squares, trend, triangle
from oncommons.algorithms.cox.likelihood import Likelihood, likelihood
from oncommons.algorithms.cox.risk_sets import risk_sets
from oncommons.algorithms.pair import Basis, Numbers, Partial, State, Table
from oncommons.algorithms.weighing import counting, frame_in, largest_share, predictor


def fit_part(rows: Table, settings: Mapping[str, Any], state: State, basis: Basis) -> Partial:
    """What one round of a fit needs of a node; with ``last`` in its state also what is told of a fit that has ended.

    Args:
        rows: Complete rows, each of whom is followed for some time.
        settings: Roles, ``ties``, ``errors`` and ``check``.
        state: The columns and the coefficients.
        basis: What the first round rests upon.

    Raises:
        Unanswerable: the state is none of this fit, or risks differ too much.
    """
    frame = frame_in(state, rows, tuple(settings["covariates"]))
    matrix = frame.matrix(rows)
    predictor(matrix, state.get("beta"))
    strata = strata_of(rows, tuple(settings.get("strata") or ()))
    matrix = _centred(matrix, strata)
    entry = rows.columns[settings["entry"]] if settings.get("entry") else None
    times, events = rows.columns[settings["time"]], rows.columns[settings["event"]] > 0
    sets = risk_sets(times, events, entry, strata)
    fit = likelihood(sets, matrix, predictor(matrix, state.get("beta")), settings["ties"])
    told: dict[str, Any] = {
        "events": int(events.sum()),
        "score": fit.score().tolist(),
        "information": triangle(fit.information()),
        "likelihood": fit.value,
    }
    share = max(basis.share, fit.outweighed())
    if state.get("last"):
        told |= _closing(fit, settings, (times, entry))
        if settings["errors"] == "robust":
            told["squares"] = triangle(squares(fit))
            share = max(share, largest_share((fit.residuals() ** 2).sum(axis=1)))
    weighing = counting(fit.hazard())
    return Partial(told, replace(basis, parameters=len(frame.names), share=share, counting=weighing))


def strata_of(rows: Table, names: tuple[str, ...]) -> Any:
    """The stratum of each row: those that are the same in each of some variables, shape ``(rows,)``."""
    if not names or not rows.people:
        return np.zeros(rows.people, dtype=np.int64)
    columns = np.stack([rows.columns[name] for name in names], axis=1)
    return np.unique(columns, axis=0, return_inverse=True)[1].reshape(-1)


def _centred(matrix: Numbers, strata: Any) -> Numbers:
    """Columns about their mean within each stratum, which changes no fit, and leaves nothing of one that does not differ."""
    found = np.array(matrix)
    for stratum in np.unique(strata):
        found[strata == stratum] -= matrix[strata == stratum].mean(axis=0)
    return found


def _closing(fit: Likelihood, settings: Mapping[str, Any], people: tuple[Numbers, Numbers | None]) -> dict[str, Any]:
    told = pairs(fit.sets, fit.predictor)
    if settings["check"] != "none":
        told |= trend(fit, clock_of(settings["check"], fit, people))
    return told
