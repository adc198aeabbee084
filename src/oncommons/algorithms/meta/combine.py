"""At the hub: the estimates of all nodes, term by term."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

import numpy as np

from oncommons.algorithms.intervals import around
from oncommons.algorithms.meta.pooling import Pooled, pooled
from oncommons.algorithms.pair import Result, State, Unanswerable, added

_STUDIES = ("node", "term", "estimate", "error", "weight", "low", "high")
_TERMS = (
    "term", "coefficient", "error", "low", "high", "z", "p", "nodes", "tau_squared", "q", "degrees", "q_p",
    "i_squared", "i_squared_low", "i_squared_high", "predicted_low", "predicted_high",
)  # fmt: skip
_FEW = 5
"""Studies below which their variance can hardly be told."""
_TWO = 2


def combine(
    settings: Mapping[str, Any], _state: State | None, partials: Mapping[str, Mapping[str, Any]]
) -> State | Result:
    """Put each term together, over the nodes that have it.

    Args:
        settings: ``covariates``, ``model``, ``method``, ``intervals`` and ``level``.
        partials: What each node gave.

    Raises:
        Unanswerable: fewer than two nodes have an estimate.
        ValueError: a node tells a term that nobody asked for, or an error that is none.
    """
    told = {node: dict(_read(settings, partials[node])) for node in sorted(partials)}
    told = {node: terms for node, terms in told.items() if terms}
    if len(told) < _TWO:
        raise Unanswerable("A meta-analysis takes the estimates of two nodes at least.")
    studies: list[list[Any]] = [list(_STUDIES)]
    terms: list[list[Any]] = [list(_TERMS)]
    coefficients, lacking = {}, []
    for term in [term for term in _possible(settings) if any(term in one for one in told.values())]:
        nodes = [node for node in told if term in told[node]]
        estimates, errors = (np.array([told[node][term][place] for node in nodes]) for place in (0, 1))
        found = pooled(estimates, errors, settings["method"], settings["intervals"], settings["level"])
        for node, one, error, weight in zip(nodes, estimates.tolist(), errors.tolist(), found.weights, strict=True):
            studies.append([node, term, one, error, weight, *around(one, error, settings["level"])])
        terms.append(_row(term, found, len(nodes)))
        coefficients[term] = found.estimate
        if without := [node for node in told if node not in nodes]:
            lacking.append(f"{term} has no estimate at {', '.join(without)}.")
    people = int(added({node: partials[node] for node in told}, "people"))
    kept = {name: settings[name] for name in ("model", "method", "intervals", "level")}
    found_all = {"people": people, "studies": len(told), **kept, "coefficients": coefficients}
    return Result(found_all, {"studies": studies, "terms": terms}, (*lacking, *_few(settings, len(told))))


def _possible(settings: Mapping[str, Any]) -> list[str]:
    levels = settings.get("levels", {})
    found = []
    for name in settings["covariates"]:
        found += [f"{name}={level}" for level in levels[name][1:]] if name in levels else [name]
    return found


def _read(settings: Mapping[str, Any], partial: Mapping[str, Any]) -> Iterator[tuple[str, tuple[float, float]]]:
    possible = set(_possible(settings))
    for term, (estimate, error) in partial["terms"].items():
        if term not in possible or not isfinite(estimate) or not isfinite(error) or not error > 0:
            raise ValueError("no estimate of this model")
        yield term, (float(estimate), float(error))


def _row(term: str, found: Pooled, nodes: int) -> list[Any]:
    row = [term, found.estimate, found.error, found.low, found.high, found.statistic, found.p, nodes, found.variance]
    row += [found.q, nodes - 1, found.q_p, *(found.i_squared or (None, None, None)), *(found.predicted or (None, None))]
    return row


def _few(settings: Mapping[str, Any], studies: int) -> tuple[str, ...]:
    if settings["method"] == "fixed" or studies >= _FEW:
        return ()
    return (f"Of {studies} hospitals, how much they differ can hardly be told; look at each of them.",)
