"""At the hub: the columns of all nodes, then how each batch measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from oncommons.algorithms.combat.estimating import Effects, Model, Moments, model_of, moments, raw, shrunk
from oncommons.algorithms.design import Frame, frame_of
from oncommons.algorithms.groups import levels_of
from oncommons.algorithms.pair import Numbers, Result, State, Unanswerable, added

_TWO = 2
_NOTHING = 1e-12
"""Variance of a batch by that of all up to which it is rounding."""
_MEASURED = ("batch", "variable", "people", "mean", "deviation")
_PARTS = ("sums", "covariates", "cross", "squares")


def combine(
    settings: Mapping[str, Any], state: State | None, partials: Mapping[str, Mapping[str, Any]]
) -> State | Result:
    """The second round, or what it takes to harmonise.

    Args:
        settings: ``variables``, ``covariates``, ``batch``, ``shrink`` and ``adjust``.
        state: What the nodes were told.
        partials: What each gave.

    Raises:
        Unanswerable: there are fewer than two batches, one of one person, or too few variables; or something does not
            differ.
    """
    variables, covariates = tuple(settings["variables"]), tuple(settings["covariates"])
    shrink, location = settings["shrink"] == "yes", settings["adjust"] == "location"
    if shrink and len(variables) < _TWO:
        raise Unanswerable("What is drawn towards other variables takes two of them at least; set shrink to no.")
    if state is None:
        levels = settings.get("levels", {})
        frame = frame_of(partials, (*covariates, *variables), levels)
        known = {name: _known(partials, name, levels[name]) for name in covariates if name in levels}
        return {"frame": frame.to_json(), "levels": known}
    frame = Frame.from_json(state["frame"])
    names, batches = _batches(settings, partials)
    columns = frame.names[: len(frame.names) - len(variables)]
    model = model_of(batches, columns, variables)
    alone = raw(batches, model)
    effects = shrunk(alone, [one.people for one in batches], location=location) if shrink else alone
    if location:
        effects = Effects(effects.gamma, np.ones_like(effects.delta))
    if np.any(effects.delta <= _NOTHING):
        place = int(np.argmin(effects.delta.min(axis=0)))
        raise Unanswerable(f"{variables[place]} is the same for a whole batch; leave it out, or set shrink to yes.")
    whole = sum(one.people for one in batches)
    sources = [list(one) for one in frame.sources[: len(columns)]]
    found = {"people": whole, "batches": names, "batch": settings.get("batch") or "", "columns": sources}
    units = np.asarray(frame.scale[len(columns) :]), np.asarray(frame.centre[len(columns) :])
    tables = {
        "parameters": _parameters(names, variables, effects, alone, model.spread * units[0]),
        "model": _model(frame, model, variables),
        "before": _measured(names, variables, batches, None, units),
        "after": _measured(names, variables, batches, (model, effects), units),
    }
    return Result(
        found | {"levels": state["levels"], "shrink": settings["shrink"], "adjust": settings["adjust"]}, tables
    )


def _known(partials: Mapping[str, Mapping[str, Any]], name: str, levels: Sequence[str]) -> list[str]:
    counts = added({node: one["levels"] for node, one in partials.items()}, name)
    return [level for level, number in zip(levels, counts.tolist(), strict=True) if number]


def _batches(
    settings: Mapping[str, Any], partials: Mapping[str, Mapping[str, Any]]
) -> tuple[list[str], tuple[Moments, ...]]:
    """Names of batches of which somebody is, and their moments: of hospitals, or of the levels of a code."""
    nodes = sorted(partials)
    people = np.asarray([partials[node]["batch_people"] for node in nodes], dtype=np.int64)
    parts = [np.asarray([partials[node][part] for node in nodes], dtype=np.float64) for part in _PARTS]
    if settings.get("batch"):
        labels, people, parts = (
            levels_of(settings, settings["batch"]),
            people.sum(axis=0),
            [p.sum(axis=0) for p in parts],
        )
    else:
        labels, people, parts = tuple(nodes), people[:, 0], [p[:, 0] for p in parts]
    there = [place for place in range(len(labels)) if people[place]]
    if len(there) < _TWO:
        raise Unanswerable("Harmonising takes two batches at least.")
    if alone := [labels[place] for place in there if people[place] < _TWO]:
        raise Unanswerable(f"Of {alone[0]} there is one person, so how wide it measures is not known; leave it out.")
    found = tuple(moments(int(people[place]), *(part[place] for part in parts)) for place in there)
    return [labels[place] for place in there], found


def _parameters(
    names: Sequence[str], variables: Sequence[str], effects: Effects, alone: Effects, spread: Numbers
) -> list[list[Any]]:
    rows: list[list[Any]] = [["batch", "variable", "location", "scale", "raw_location", "raw_scale"]]
    for i, batch in enumerate(names):
        columns = [
            effects.gamma[i] * spread,
            np.sqrt(effects.delta[i]),
            alone.gamma[i] * spread,
            np.sqrt(alone.delta[i]),
        ]
        rows += [[batch, name, *row] for name, row in zip(variables, np.stack(columns, axis=1).tolist(), strict=True)]
    return rows


def _model(frame: Frame, model: Model, variables: Sequence[str]) -> list[list[Any]]:
    """Each variable's spread, intercept and coefficients, in its own units."""
    count = len(model.beta)
    centre, scale = np.asarray(frame.centre), np.asarray(frame.scale)
    slopes = model.beta / scale[:count, None]
    intercept = model.alpha - centre[:count] @ slopes
    columns = [scale[count:] * model.spread, centre[count:] + scale[count:] * intercept, *(slopes * scale[count:])]
    rows = np.stack(columns, axis=1).tolist()
    head: list[Any] = ["variable", "spread", "intercept", *frame.names[:count]]
    return [head, *([name, *row] for name, row in zip(variables, rows, strict=True))]


def _measured(
    names: Sequence[str],
    variables: Sequence[str],
    batches: Sequence[Moments],
    adjusted: tuple[Model, Effects] | None,
    units: tuple[Numbers, Numbers],
) -> list[list[Any]]:
    """Mean and standard deviation of each variable in each batch: as they are, or as they are once harmonised."""
    rows: list[list[Any]] = [list(_MEASURED)]
    for i, (batch, one) in enumerate(zip(names, batches, strict=True)):
        mean, squares = one.y, one.yy
        if adjusted is not None:
            (model, effects), wide = adjusted, np.sqrt(adjusted[1].delta[i])
            expected, less = model.alpha + one.x @ model.beta, 1 - 1 / wide
            mean = (mean - expected - model.spread * effects.gamma[i]) / wide + expected
            explained = (model.beta * (one.xx @ model.beta)).sum(axis=0)
            squares = squares / wide**2 + 2 * less / wide * (model.beta * one.xy).sum(axis=0) + less**2 * explained
        told = [units[1] + units[0] * mean, units[0] * np.sqrt(np.maximum(squares, 0.0) / (one.people - 1))]
        rows += [
            [batch, name, one.people, *row]
            for name, row in zip(variables, np.stack(told, axis=1).tolist(), strict=True)
        ]
    return rows
