"""At the hub: Newton's method on the partial likelihood, from the sums of all nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import stats

from oncommons.algorithms.design import Frame, check_apart, frame_of
from oncommons.algorithms.pair import Numbers, Result, State, Unanswerable, added

MOST_ROUNDS = 30
_CLOSE = 1e-10
"""Newton's method ends when no coefficient moves by more, on columns of spread one; one more step changes nothing then."""
_STRIDE = 0.5
"""The longest step for one coefficient: a longer one goes too far where people differ much, and then few of them outweigh
all others, which the nodes' output rules do not let pass."""
_FAR = 30.0
"""A coefficient so large, on a column of spread one, is on its way to infinity."""


def combine(
    settings: Mapping[str, Any], state: State | None, partials: Mapping[str, Mapping[str, Any]]
) -> State | Result:
    """The next round of a fit, or its end.

    Args:
        settings: ``covariates``, ``ties`` and ``level``.
        state: What the nodes were told.
        partials: What each gave.

    Raises:
        Unanswerable: nobody is left, columns say the same, or a coefficient has no bound.
    """
    if state is None:
        frame = frame_of(partials, tuple(settings["covariates"]), settings.get("levels", {}))
        if not added(partials, "events"):
            raise Unanswerable("Nobody had the event.")
        people, events = int(added(partials, "people")), int(added(partials, "events"))
        begin = {"frame": frame.to_json(), "beta": [0.0] * len(frame.names), "round": 0}
        return begin | {"people": people, "events": events}
    if "weights" in state:
        return _step(settings, state, partials)
    return {**state, **_weigh(settings["ties"], np.asarray(state["beta"]), partials)}


def _weigh(ties: str, beta: Numbers, partials: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Score, likelihood and what each person at risk counts, from who is at risk at all nodes."""
    nodes = [partials[name] for name in sorted(partials)]
    times = np.unique(np.concatenate([np.asarray(one["times"])[np.asarray(one["events"]) > 0] for one in nodes]))
    risk = np.zeros((len(times), len(beta) + 1))
    dying, events = np.zeros_like(risk), np.zeros(len(times))
    for one in nodes:
        own, numbers = np.asarray(one["times"]), np.asarray(one["events"])
        padded = np.concatenate([np.reshape(one["risk"], (len(own), len(beta) + 1)), np.zeros((1, len(beta) + 1))])
        risk += padded[np.searchsorted(own, times)]
        place = np.searchsorted(times, own[numbers > 0])
        dying[place] += np.reshape(one["dying"], (len(place), len(beta) + 1))
        events[place] += numbers[numbers > 0]
    score, at, less = added(partials, "columns"), np.zeros(len(times)), np.zeros(len(times))
    second, likelihood = np.zeros((len(beta), len(beta))), float(score @ beta)
    for i, number in enumerate(events.astype(int).tolist()):
        parts = np.arange(number) / number if ties == "efron" else np.zeros(number)
        whole = risk[i, 0] - parts * dying[i, 0]
        means = (risk[i, 1:] - parts[:, None] * dying[i, 1:]) / whole[:, None]
        score = score - means.sum(axis=0)
        second += means.T @ means
        likelihood -= float(np.log(whole).sum())
        at[i], less[i] = (1 / whole).sum(), (parts / whole).sum()
    weights = {"times": times.tolist(), "at": at.tolist(), "dying": less.tolist()}
    return {"weights": weights, "score": score.tolist(), "second": second.tolist(), "likelihood": likelihood}


def _step(settings: Mapping[str, Any], state: State, partials: Mapping[str, Mapping[str, Any]]) -> State | Result:
    frame, beta = Frame.from_json(state["frame"]), np.asarray(state["beta"])
    information = added(partials, "information") - np.asarray(state["second"])
    check_apart(frame.names, information)
    covariance = np.linalg.inv(information)
    step = covariance @ np.asarray(state["score"])
    step = step * min(1.0, _STRIDE / max(float(np.max(np.abs(step), initial=0.0)), _CLOSE))
    first = state.get("first", state["likelihood"])
    if np.max(np.abs(step)) <= _CLOSE:
        return _result(settings, frame, beta + step, covariance, {**state, "first": first})
    before = state.get("before")
    if before is not None and state["likelihood"] < before - 1e-9 * abs(before):  # too far: half of the way back
        beta, step = np.asarray(state["from"]), np.asarray(state["moved"]) / 2
        return _next(state, beta, step, first, before)
    if np.max(np.abs(beta + step)) > _FAR or state["round"] >= MOST_ROUNDS:
        worst = frame.names[int(np.argmax(np.abs(beta + step)))]
        raise Unanswerable(
            f"The fit has no end: the coefficient of {worst} grows without bound, as where nobody in one group had the "
            "event. Leave it out, or join groups."
        )
    return _next(state, beta, step, first, state["likelihood"])


def _next(state: State, beta: Numbers, step: Numbers, first: float, before: float) -> State:
    kept = {name: state[name] for name in ("frame", "people", "events")}
    moved = {"from": beta.tolist(), "moved": step.tolist(), "before": before, "first": first}
    return kept | moved | {"beta": (beta + step).tolist(), "round": state["round"] + 1}


def _result(settings: Mapping[str, Any], frame: Frame, beta: Numbers, covariance: Numbers, state: State) -> Result:
    values, spread = frame.original(beta, covariance)
    errors = np.sqrt(np.diag(spread))
    z = values / errors
    wide = float(stats.norm.ppf((1 + settings["level"]) / 2)) * errors
    rows: list[list[Any]] = [["term", "coefficient", "error", "hazard_ratio", "low", "high", "z", "p"]]
    columns = (
        values,
        errors,
        np.exp(values),
        np.exp(values - wide),
        np.exp(values + wide),
        z,
        2 * stats.norm.sf(np.abs(z)),
    )
    rows += [[name, *row] for name, row in zip(frame.names, np.stack(columns, axis=1).tolist(), strict=True)]
    statistic = 2 * (state["likelihood"] - state["first"])
    test = {"statistic": statistic, "degrees": len(values), "p": float(stats.chi2.sf(statistic, len(values)))}
    found = {name: state[name] for name in ("people", "events")}
    found |= {"log_likelihood": state["likelihood"], "log_likelihood_null": state["first"], "likelihood_ratio": test}
    found |= {"coefficients": dict(zip(frame.names, values.tolist(), strict=True)), "covariance": spread.tolist()}
    return Result(found | {"ties": settings["ties"], "level": settings["level"]}, {"terms": rows})
