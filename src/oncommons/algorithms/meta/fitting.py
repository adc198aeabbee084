"""A model, fitted to the end where the data are: both halves of an analysis, with one node."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from oncommons.algorithms.cox import COX
from oncommons.algorithms.glm import GLM
from oncommons.algorithms.glm.dispersed import NAME
from oncommons.algorithms.pair import Basis, Result, State, Table, Unanswerable

MODELS = ("gaussian", "binomial", "poisson", NAME, "cox")
"""The families of generalised linear models, and Cox's model."""
MOST_ROUNDS = 120
_QUIETER: Mapping[str, str] = MappingProxyType({"check": "none"})
"""What a fit need not do where its estimates alone are used, if it can be told so."""


@dataclass(frozen=True)
class Fitted:
    """A fit that has ended.

    Attributes:
        terms: Name of each term but the intercept to its estimate and its error.
        basis: What its last round rested upon.
    """

    terms: Mapping[str, tuple[float, float]]
    basis: Basis


def roles_of(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """The variables that a model takes, its covariates last.

    Args:
        settings: Of the meta-analysis.

    Raises:
        Unanswerable: one that it needs is not named.
    """
    needed = ("time", "event") if settings["model"] == "cox" else ("outcome",)
    if lacking := [role for role in needed if not settings.get(role)]:
        raise Unanswerable(f"The model {settings['model']} needs the setting {' and '.join(lacking)}.")
    other = () if settings["model"] == "cox" or not settings.get("offset") else (settings["offset"],)
    return (*(settings[role] for role in needed), *other, *settings["covariates"])


def fitted(table: Table, settings: Mapping[str, Any]) -> Fitted:
    """Fit a model to the rows of one node alone, on times as they are.

    Args:
        table: Its complete rows.
        settings: Of the meta-analysis: ``model``, and which variable plays which role.

    Raises:
        Unanswerable: the fit has no end, or something has no estimate.
    """
    analysis = COX if settings["model"] == "cox" else GLM
    chosen: dict[str, Any] = {role.name: [] if role.many else None for role in analysis.roles}
    chosen |= {one.name: one.default for one in analysis.settings}
    chosen |= {name: value for name, value in {**_QUIETER, **settings}.items() if name in chosen}
    chosen |= {"family": settings["model"], "levels": settings.get("levels", {}), "yes": settings.get("yes", {})}
    state: State | None = None
    for _ in range(MOST_ROUNDS):
        partial = analysis.local(table, chosen, state, 1)
        try:
            with np.errstate(all="raise", under="ignore"):
                step = analysis.combine(chosen, state, {"here": json.loads(json.dumps(partial.found))})
        except (ArithmeticError, np.linalg.LinAlgError) as fault:
            raise Unanswerable("The fit has no end.") from fault
        if isinstance(step, Result):
            return Fitted(_terms(step), partial.basis)
        state = json.loads(json.dumps(step))
    raise Unanswerable("The fit has no end.")


def _terms(result: Result) -> dict[str, tuple[float, float]]:
    head, *rows = result.tables["terms"]
    at, error = head.index("coefficient"), head.index("error")
    return {row[0]: (row[at], row[error]) for row in rows if row[0] != "intercept"}
