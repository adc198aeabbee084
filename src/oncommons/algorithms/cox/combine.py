"""At the hub: Newton's method on the partial likelihood, from the sums of all nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from oncommons.algorithms.cox.closing import square_of
from oncommons.algorithms.cox.one_baseline import weigh
from oncommons.algorithms.cox.result import Fitted, result_of
from oncommons.algorithms.design import Frame, check_apart, frame_of
from oncommons.algorithms.pair import Numbers, Result, State, Unanswerable, added

MOST_ROUNDS = 30
_CLOSE = 1e-10
"""Newton's method ends when no coefficient moves by more, on columns of spread one; one more step changes nothing then."""
_NEAR = 3e-6
"""A step so short is followed by one shorter than its square: what is told of a fit that has ended is asked for there."""
_STRIDE = 0.5
"""The longest step for one coefficient: a longer one goes too far where people differ much, and then few of them outweigh
all others, which the nodes' output rules do not let pass."""
_FAR = 30.0
"""A coefficient so large, on a column of spread one, is on its way to infinity."""
_STEEP, _FLAT = 5.0, 0.01
"""And so is one of a size that no variable has, where as good as no information is left on it."""
_NOTHING = 1e-12
"""Information by event of a column of spread one that differs between hospitals only, and by rounding within them."""


@dataclass(frozen=True)
class Slopes:
    """The partial likelihood of everybody where the fit stands: its log, first slopes, and second ones turned round."""

    likelihood: float
    score: Numbers
    information: Numbers


def combine(
    settings: Mapping[str, Any], state: State | None, partials: Mapping[str, Mapping[str, Any]]
) -> State | Result:
    """The next round of a fit, or its end.

    Args:
        settings: ``covariates``, ``baseline``, ``ties``, ``errors``, ``check`` and ``level``.
        state: What the nodes were told.
        partials: What each gave.

    Raises:
        Unanswerable: nobody is left, columns say the same, or a coefficient has no bound.
    """
    common = settings["baseline"] == "common"
    if state is None:
        frame = frame_of(partials, tuple(settings["covariates"]), settings.get("levels", {}))
        begin = {"frame": frame.to_json(), "beta": [0.0] * len(frame.names), "round": 0}
        begin |= {"people": int(added(partials, "people"))}
        return _counted(begin, partials) if common else begin
    if common and "weights" not in state:
        return {**state, **weigh(settings["ties"], np.asarray(state["beta"]), partials)}
    if common:
        information = added(partials, "information") - np.asarray(state["second"])
        slopes = Slopes(state["likelihood"], np.asarray(state["score"]), information)
        return _step(settings, state, slopes, partials)
    state = _counted(dict(state), partials)
    information = square_of(added(partials, "information"), len(state["beta"]))
    slopes = Slopes(float(added(partials, "likelihood")), added(partials, "score"), information)
    if not state["round"]:
        _check_within(Frame.from_json(state["frame"]).names, slopes.information, state["events"])
    return _step(settings, state, slopes, partials)


def _counted(state: dict[str, Any], partials: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    events = round(float(added(partials, "events")))
    if not events:
        raise Unanswerable("Nobody had the event.")
    return state | {"events": events}


def _check_within(names: tuple[str, ...], information: Numbers, events: int) -> None:
    """See that each column differs among people at risk in one hospital: else no baseline of its own leaves it anything."""
    least = int(np.argmin(np.diag(information)))
    if information[least, least] <= _NOTHING * events:
        raise Unanswerable(
            f"{names[least]} does not differ among people at risk within any hospital and stratum, so that nothing can be "
            "said of it where each has its own baseline; leave it out."
        )


def _step(
    settings: Mapping[str, Any], state: State, slopes: Slopes, partials: Mapping[str, Mapping[str, Any]]
) -> State | Result:
    frame, beta = Frame.from_json(state["frame"]), np.asarray(state["beta"])
    check_apart(frame.names, slopes.information)
    covariance = np.asarray(np.linalg.inv(slopes.information), dtype=np.float64)
    step = covariance @ slopes.score
    first = state.get("first", [slopes.likelihood, float(step @ slopes.score)])
    step = step * min(1.0, _STRIDE / max(float(np.max(np.abs(step), initial=0.0)), _CLOSE))
    state = {**state, "first": first}
    if np.max(np.abs(step)) <= _CLOSE and (state.get("last") or settings["baseline"] == "common"):
        fit = Fitted(frame, beta + step, covariance, slopes.score, slopes.likelihood, (first[0], first[1]))
        return result_of(settings, fit, state, partials)
    before = state.get("before")
    if before is not None and slopes.likelihood < before - 1e-9 * abs(before):  # too far: half of the way back
        return _next(state, np.asarray(state["from"]), np.asarray(state["moved"]) / 2, before)
    leaving = (np.abs(beta) > _STEEP) & (np.diag(slopes.information) < _FLAT)
    if leaving.any() or np.max(np.abs(beta + step)) > _FAR or state["round"] >= MOST_ROUNDS:
        worst = frame.names[int(np.argmax(np.abs(beta + step)))]
        raise Unanswerable(
            f"The fit has no end: the coefficient of {worst} grows without bound, as where nobody in one group had the "
            "event. Leave it out, or join groups."
        )
    return _next(state, beta, step, slopes.likelihood)


def _next(state: State, beta: Numbers, step: Numbers, before: float) -> State:
    kept = {name: state[name] for name in ("frame", "people", "events", "first")}
    moved = {"from": beta.tolist(), "moved": step.tolist(), "before": before}
    last = bool(np.max(np.abs(step)) <= _NEAR)
    return kept | moved | {"beta": (beta + step).tolist(), "round": state["round"] + 1, "last": last}
