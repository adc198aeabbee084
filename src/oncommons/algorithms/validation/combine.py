"""At the hub: what the bins and pairs of all nodes say of a score."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

import numpy as np

from oncommons.algorithms.bins import Grid, merged
from oncommons.algorithms.intervals import around
from oncommons.algorithms.pair import Result, State, Unanswerable, added
from oncommons.algorithms.validation.measures import Groups, Scored, area, benefit, recalibrated, roc, wilson

_WIDE = 0.1
"""Of an area that is not certain to so much, a result warns."""


def combine(
    settings: Mapping[str, Any], state: State | None, partials: Mapping[str, Mapping[str, Any]]
) -> State | Result:
    """How good the score is; with ``sums`` together, first the bins of all nodes.

    Args:
        settings: ``time``, ``scale``, ``threshold``, ``sums``, ``groups`` and ``level``.
        state: What the nodes were told.
        partials: What each node gave.

    Raises:
        Unanswerable: nobody had the event, or everybody; or probabilities are none.
    """
    if settings.get("time"):
        return _concordant(settings["level"], partials)
    if settings["sums"] == "together":
        if state is None:
            return _begun(partials)
        partials = {"all nodes together": _whole(state, partials)}
    scored = Scored.of([partials[name] for name in sorted(partials)])
    people, events = scored.people, float(scored.events.sum())
    if not 0 < events < people:
        raise Unanswerable("Nothing is told apart: nobody had the event, or everybody had.")
    tested = area(scored, settings["level"])
    found: dict[str, Any] = {"people": int(people), "events": int(events), "roc": tested}
    tables = {"roc": roc(scored), "measures": [["measure", "value", "low", "high"]]}
    tables["measures"].append(["area below the ROC curve", tested["area"], tested["low"], tested["high"]])
    warnings = []
    if tested["at_most"] - tested["at_least"] > _WIDE:
        warnings.append(
            f"Nodes told scores so coarsely that the area on exact ones is between {tested['at_least']:.2f} and "
            f"{tested['at_most']:.2f}."
        )
    if settings["threshold"]:
        warnings += _thresholded(settings, partials, found, tables["measures"])
    if settings["scale"] == "probability":
        warnings += _calibrated(settings, scored, float(added(partials, "squares")), (found, tables))
    return Result(found, tables, tuple(warnings))


def _begun(partials: Mapping[str, Mapping[str, Any]]) -> State:
    """The bins of all nodes, and the largest of their smallest numbers."""
    people, total, squares = (float(added(partials, name)) for name in ("people", "sum", "square"))
    grid = Grid.of(people, total, squares)
    if grid is None:
        raise Unanswerable("Nothing is told apart: the score is the same for everybody, or there is nobody.")
    return {"grid": grid.to_json(), "least": max(int(one["least"]) for one in partials.values())}


def _whole(state: State, partials: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """What all nodes tell together as if it were one, with bins of enough people with and without the event."""
    counts, totals, least = added(partials, "people"), added(partials, "score"), int(state["least"])
    ends = merged(counts.astype(int).tolist(), least)
    starts = [0, *ends[:-1]]
    people = np.add.reduceat(counts, starts, axis=1)
    told: dict[str, Any] = {"exact": 0, "people": people, "squares": float(added(partials, "squares"))}
    told["edges"] = Grid.from_json(state["grid"]).edges[[end - 1 for end in ends[:-1]]]
    told["score"] = np.add.reduceat(totals, starts) / people.sum(axis=0)
    at = added(partials, "at")
    return told | ({"at": at} if at.any() and (least <= 1 or at.min() >= least) else {})


def _calibrated(
    settings: Mapping[str, Any], scored: Scored, squares: float, into: tuple[dict[str, Any], dict[str, list[list[Any]]]]
) -> list[str]:
    """Calibration, Brier score and net benefit, written into the result; and what to mind."""
    if scored.score.min() < 0 or scored.score.max() > 1:
        raise Unanswerable("The score is not a probability: it is below 0 or above 1. Set scale to number.")
    (found, tables), level = into, settings["level"]
    groups = Groups.of(scored, int(settings["groups"]))
    tables["calibration"], tables["net_benefit"] = groups.table(level), benefit(scored)
    found["brier"] = groups.parts(squares / scored.people)
    expected = float((scored.others + scored.events) @ scored.score)
    ratio = float(scored.events.sum()) / expected if expected else None
    line = recalibrated(scored, level)
    found["calibration"] = {"observed_by_expected": ratio, **(line or {})}
    measures = tables["measures"]
    measures += [
        [f"Brier score: {name}" if name != "brier" else "Brier score", value, None, None]
        for name, value in found["brier"].items()
    ]
    measures.append(["observed by expected events", ratio, None, None])
    for name, one in (line or {}).items():
        measures.append([f"calibration: {name.replace('_', ' ')}", one["value"], one["low"], one["high"]])
    return (
        [] if line else ["No slope of calibration can be found: scores are 0 or 1, or tell the event without an error."]
    )


def _thresholded(
    settings: Mapping[str, Any],
    partials: Mapping[str, Mapping[str, Any]],
    found: dict[str, Any],
    measures: list[list[Any]],
) -> list[str]:
    """Sensitivity and the like, written into the result, of the nodes that can tell them; and what to mind."""
    telling = {name: one for name, one in partials.items() if "at" in one}
    lost = sorted(partials.keys() - telling.keys())
    said = (
        [f"At the threshold nothing is told of {', '.join(lost)}: too few people are on one side of it."]
        if lost
        else []
    )
    if not telling:
        return said
    if lost_people := found["people"] - int(added(telling, "at").sum()):
        said.append(f"Of {lost_people} people nothing is told at the threshold.")
    (negative, false_positive), (missed, positive) = added(telling, "at").tolist()
    parts = {
        "sensitivity": (positive, positive + missed),
        "specificity": (negative, negative + false_positive),
        "positive predictive value": (positive, positive + false_positive),
        "negative predictive value": (negative, negative + missed),
    }
    found["threshold"] = {"at": settings["threshold"], "people": int(negative + false_positive + missed + positive)}
    for name, (some, number) in parts.items():
        if number:
            low, high = wilson(np.array([some]), np.array([number]), settings["level"])
            measures.append([name, some / number, float(low[0]), float(high[0])])
            found["threshold"][name] = some / number
    return said


def _concordant(level: float, partials: Mapping[str, Mapping[str, Any]]) -> Result:
    """Harrell's concordance over pairs of one hospital each, with the error of the infinitesimal jackknife."""
    told = {name: one["concordance"] for name, one in partials.items()}
    pairs, right, squares, both, rights = (
        float(added(told, name)) for name in ("pairs", "right", "pairs_pairs", "pairs_right", "right_right")
    )
    if not pairs:
        raise Unanswerable("Nothing is compared: of no two people it is known who had the event first.")
    value = right / pairs
    error = sqrt(max(rights - 2 * value * both + value**2 * squares, 0.0)) / pairs
    low, high = around(value, error, level)
    low, high = max(low, 0.0), min(high, 1.0)
    found = {"concordance": value, "error": error, "low": low, "high": high, "pairs": pairs}
    return Result(found, {"measures": [["measure", "value", "low", "high"], ["concordance", value, low, high]]})
