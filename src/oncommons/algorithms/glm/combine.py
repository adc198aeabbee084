"""At the hub: iteratively reweighted least squares, from the cross-products of all nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from oncommons.algorithms.design import Frame, check_apart, frame_of
from oncommons.algorithms.glm.dispersed import NAME, advanced, family_of, hessian, told_alpha
from oncommons.algorithms.intervals import around
from oncommons.algorithms.pair import Numbers, Result, State, Unanswerable, added
from oncommons.algorithms.tails import both_tails

MOST_ROUNDS = 50
_CLOSE = 1e-11
_FAR = 30.0
"""A coefficient so large, on a column of spread one and a scale of logs, is on its way to infinity."""
_STEEP, _FLAT = 5.0, 0.01
"""And so is one of a size that no variable has, where as good as no information is left on it: each round more of a fit
that has no end would tell sums for nothing."""


def combine(
    settings: Mapping[str, Any], state: State | None, partials: Mapping[str, Mapping[str, Any]]
) -> State | Result:
    """The next round of a fit, or its end.

    Args:
        settings: ``covariates``, ``family``, ``ridge``, ``errors`` and ``level``.
        state: What the nodes were told.
        partials: What each gave.

    Raises:
        Unanswerable: nobody is left, columns say the same, or a coefficient has no bound.
    """
    if state is None:
        frame = frame_of(partials, tuple(settings["covariates"]), settings.get("levels", {}))
        return {"frame": frame.to_json(), "beta": None, "round": 0, "people": int(added(partials, "people"))}
    frame = Frame.from_json(state["frame"])
    information = added(partials, "information") + settings["ridge"] * np.diag([0.0, *[1.0] * len(frame.names)])
    _check(settings["family"], frame, information, state["beta"])
    if state.get("last"):
        return _result(settings, frame, information, state, partials)
    after = _stepped(settings, state, information, partials)
    beta = np.asarray(after["beta"])
    moved = np.inf if state["beta"] is None else float(np.max(np.abs(_stand(after) - _stand(state))))
    scale = max(1.0, float(np.max(np.abs(beta))))
    if settings["family"] != "gaussian" and (
        np.max(np.abs(beta[1:]), initial=0.0) > _FAR or state["round"] >= MOST_ROUNDS
    ):
        raise _without_end(frame, beta)
    exact = settings["family"] == "gaussian"
    return {**state, **after, "round": state["round"] + 1, "last": exact or moved <= _CLOSE * scale}


def _stand(state: State) -> Numbers:
    return np.append(state["beta"], state.get("log_alpha", 0.0))


def _stepped(
    settings: Mapping[str, Any], state: State, information: Numbers, partials: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Where the fit stands after a step."""
    target = added(partials, "target")
    if settings["family"] != NAME:
        return {"beta": np.linalg.solve(information, target).tolist()}
    if state["beta"] is None:
        return {"beta": np.linalg.solve(information, target).tolist(), "log_alpha": 0.0}
    penalty = settings["ridge"] / 2 * float(np.sum(np.square(state["beta"][1:])))
    likelihood = float(added(partials, "log_likelihood")) - penalty
    slope = float(added(partials, "dispersing")[0])
    return advanced(state, hessian(partials, information), target, slope, likelihood)


def _check(family: str, frame: Frame, information: Numbers, beta: list[float] | None) -> None:
    """See that columns are apart; where they were at the beginning and are no more, a coefficient is on its way."""
    try:
        check_apart(("intercept", *frame.names), information)
    except Unanswerable:
        if family == "gaussian" or beta is None or not frame.names:
            raise
        raise _without_end(frame, np.asarray(beta)) from None
    if family == "gaussian" or beta is None:
        return
    slopes = np.asarray(beta)[1:]
    if ((np.abs(slopes) > _STEEP) & (np.diag(information)[1:] < _FLAT)).any():
        raise _without_end(frame, np.asarray(beta))


def _without_end(frame: Frame, beta: Numbers) -> Unanswerable:
    worst = frame.names[int(np.argmax(np.abs(beta[1:])))]
    return Unanswerable(
        f"The fit has no end: the coefficient of {worst} grows without bound, as where it tells the outcome of "
        "everybody. Leave it out, join groups, or use a ridge."
    )


def _result(
    settings: Mapping[str, Any],
    frame: Frame,
    information: Numbers,
    state: State,
    partials: Mapping[str, Mapping[str, Any]],
) -> Result:
    people, count = state["people"], len(frame.names) + 1
    scaled, dispersed = family_of(settings["family"]).scaled, settings["family"] == NAME
    inverse = np.linalg.inv(hessian(partials, information) if dispersed else information)
    dispersion = float(added(partials, "squares")) / (people - count) if scaled else 1.0
    covariance = inverse * dispersion
    if settings["errors"] == "robust":
        covariance = inverse @ added(partials, "meat") @ inverse
    back = _back(frame)
    values, spread = back @ np.asarray(state["beta"]), back @ covariance[:count, :count] @ back.T
    errors = np.sqrt(np.diag(spread))
    degrees = people - count if scaled else None
    low, high = around(values, errors, settings["level"], degrees)
    z = values / errors
    names = ("intercept", *frame.names)
    rows: list[list[Any]] = [["term", "coefficient", "error", "low", "high", "z", "p"]]
    columns = np.stack([values, errors, low, high, z, both_tails(z, degrees)], axis=1)
    rows += [[name, *row] for name, row in zip(names, columns.tolist(), strict=True)]
    found = {"people": people, "degrees": people - count, "deviance": float(added(partials, "deviance"))}
    found |= {
        "dispersion": dispersion,
        "covariance": spread.tolist(),
        "family": settings["family"],
        "rounds": state["round"],
    }
    if dispersed:
        found["log_likelihood"] = float(added(partials, "log_likelihood"))
        found["alpha"] = told_alpha(state["log_alpha"], float(np.sqrt(covariance[count, count])), settings["level"])
    return Result(found | {"coefficients": dict(zip(names, values.tolist(), strict=True))}, {"terms": rows})


def _back(frame: Frame) -> Numbers:
    """From coefficients of centred and scaled columns to those of the variables."""
    scale, centre = np.asarray(frame.scale), np.asarray(frame.centre)
    found = np.diag([1.0, *(1 / scale)])
    found[0, 1:] = -centre / scale
    return found
