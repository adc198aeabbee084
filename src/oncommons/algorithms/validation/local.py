"""At a node: people with and without the event in bins of the score; with a time, pairs in the right order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oncommons.algorithms.bins import BINS, Grid, parted
from oncommons.algorithms.pair import Basis, Numbers, Partial, State, Table, Unanswerable
from oncommons.algorithms.weighing import crowds_of, largest_share


def local(table: Table, settings: Mapping[str, Any], state: State | None, least: int) -> Partial:
    """Bins of the score, of at least so many people with and without the event each; or pairs, where there is a time.

    With ``sums`` together, first how scores are spread, then people in bins that all nodes have; at the threshold none
    where too few are on one side of it, since two thresholds could tell who is between them.

    Args:
        table: The cohort.
        settings: Names of the variables ``score``, ``event`` and ``time``, ``threshold`` and ``sums``.
        state: ``None`` at first; then the ``grid`` of all nodes.
        least: How many people a number must rest upon; where one may be told, each score is a bin of its own.

    Raises:
        Unanswerable: the state is none of this analysis.
    """
    names = [settings["score"], settings["event"], *([settings["time"]] if settings.get("time") else [])]
    rows = table.complete(*names)
    score, event = rows.columns[names[0]], (rows.columns[names[1]] > 0).astype(np.int64)
    crowds = crowds_of(table, names, names[1:2])
    numbers = tuple(int(one) for one in np.bincount(event, minlength=2)) if rows.people else ()
    if settings.get("time"):
        told, share = _concordance(score, rows.columns[names[2]], event > 0)
        return Partial(told, Basis(rows.people, numbers, share=share, crowds=crowds))
    squares = (score - event) ** 2
    together = settings["sums"] == "together"
    told, cells = (
        _together(score, event, settings, state, least) if together else _binned(score, event, settings, least)
    )
    # Bins follow from the threshold: two thresholds could tell who is between an edge of one run and one of the other.
    cuts = {*told.get("edges", []), *([settings["threshold"]] if np.any(told.get("at", 0)) else [])}
    sides = [some for cut in sorted(cuts) for above in [table.columns[names[0]] >= cut] for some in (above, ~above)]
    crowds += tuple(crowd & some for crowd in crowds for some in sides)
    basis = Basis(rows.people, numbers + cells, share=largest_share(score, score**2, squares), crowds=crowds)
    return Partial(told if together and state is None else told | {"squares": float(squares.sum())}, basis)


def _together(
    score: Numbers, event: NDArray[np.int64], settings: Mapping[str, Any], state: State | None, least: int
) -> tuple[dict[str, Any], tuple[int, ...]]:
    """How many people there are and how their scores are spread; then people in the bins of all, and at the threshold."""
    if state is None:
        return {"people": len(score), "sum": float(score.sum()), "square": float((score**2).sum()), "least": least}, ()
    try:
        edges = Grid.from_json(state["grid"]).edges
    except (KeyError, TypeError, ValueError, OverflowError):
        raise Unanswerable("What the hub sent for this round is no state of this analysis.") from None
    kinds, place = (event == 0, event == 1), np.searchsorted(edges, score, side="right")
    told: dict[str, Any] = {"score": np.bincount(place, score, BINS).tolist()}
    told["people"] = [np.bincount(place[kind], minlength=BINS).tolist() for kind in kinds]
    above = score >= settings["threshold"]
    at = np.array([[(kind & side).sum() for side in (~above, above)] for kind in kinds])
    told["at"] = (at * (bool(settings["threshold"]) and (least <= 1 or at.min() >= least))).tolist()
    return told, ()


def _binned(
    score: Numbers, event: NDArray[np.int64], settings: Mapping[str, Any], least: int
) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Bins, parted at the threshold first where enough people are on both sides of it; and people behind each number."""
    told: dict[str, Any] = {"exact": int(least <= 1)}
    threshold = float(settings["threshold"])
    if least <= 1:
        edges, place = np.zeros(0), np.unique(score, return_inverse=True)[1].reshape(-1)
    else:
        edges, place = parted(score, event, least)
    if threshold:
        above = (score >= threshold).astype(np.int64)
        cells = np.bincount(event * 2 + above, minlength=4)
        if cells.min() >= least or least <= 1:
            told["at"] = cells.reshape(2, 2).tolist()
            if least > 1:
                halves = [parted(score[above == side], event[above == side], least) for side in range(2)]
                place = np.zeros(len(score), dtype=np.int64)
                place[above == 0], place[above == 1] = halves[0][1], halves[1][1] + len(halves[0][0]) + 1
                edges = np.concatenate([halves[0][0], [threshold], halves[1][0]])
    bins = int(place.max()) + 1 if len(place) else 0
    people = np.bincount(event * bins + place, minlength=2 * bins).reshape(2, bins) if bins else np.zeros((2, 0))
    means = np.bincount(place, score, bins) / people.sum(axis=0) if bins else np.zeros(0)
    if least <= 1:
        means = np.unique(score)
    told |= {"edges": edges.tolist(), "score": means.tolist(), "people": people.astype(int).tolist()}
    counted = [*people.reshape(-1).tolist(), *np.asarray(told.get("at", [])).reshape(-1).tolist()]
    return told, tuple(int(one) for one in counted)


def _concordance(score: Numbers, time: Numbers, event: NDArray[np.bool_]) -> tuple[dict[str, Any], float]:
    """Pairs of whom one is known to have had the event first: how many, and in how many the higher score had (Harrell).

    Sums of squares of what each person adds to both give the standard error, at whatever value all nodes find together.
    """
    pairs, right = np.zeros(len(score)), np.zeros(len(score))
    for one in np.flatnonzero(event):
        later = (time > time[one]) | ((time == time[one]) & ~event)
        in_order = later * ((score[one] > score) + 0.5 * (score[one] == score))
        pairs += later
        right += in_order
        pairs[one] += later.sum()
        right[one] += in_order.sum()
    told = {"pairs": float(pairs.sum()) / 2, "right": float(right.sum()) / 2}
    told |= {
        "pairs_pairs": float(pairs @ pairs),
        "pairs_right": float(pairs @ right),
        "right_right": float(right @ right),
    }
    return {"concordance": told}, largest_share(pairs, right, pairs**2, right**2)
