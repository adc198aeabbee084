"""One baseline for all nodes, of open data: who is at risk, at each coarse time; then the information, so weighted.

The sums of the second order never leave the node by time: once all nodes know who is at risk everywhere, each adds them
up over its people, and one matrix is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from oncommons.algorithms.design import survey
from oncommons.algorithms.grid import Followed, followed
from oncommons.algorithms.pair import Basis, Numbers, Partial, State, Table, added
from oncommons.algorithms.weighing import counting, crowds_of, frame_in, hazards, largest_share, outweighing, predictor


def common_part(table: Table, settings: Mapping[str, Any], state: State | None, least: int) -> Partial:
    """What one round needs of a node; only where data are open, since it stands by time.

    Args:
        table: The cohort.
        settings: Names of the variables ``time``, ``event`` and ``covariates``.
        state: ``None`` at first; then the columns and the coefficients; with ``weights``, what all nodes have at risk.
        least: How many people a number must rest upon.

    Raises:
        Unanswerable: the state is none of this fit.
    """
    covariates = tuple(settings["covariates"])
    names = (settings["time"], settings["event"], *covariates)
    known = table.complete(*names)
    found = followed(known.columns[settings["time"]], known.columns[settings["event"]] > 0, least)
    rows = Table({name: column[found.kept] for name, column in known.columns.items()}, known.levels)
    events = int(found.events.sum())
    told, cells = survey(rows, covariates)
    crowds, share = crowds_of(table, names, covariates), outweighing(rows, covariates)
    basis = Basis(rows.people, cells, events=events, share=share, crowds=crowds)
    if state is None:
        return Partial(told | {"events": events}, basis)
    frame = frame_in(state, rows, covariates)
    matrix, basis = frame.matrix(rows), replace(basis, parameters=len(frame.names))
    risks = np.exp(predictor(matrix, state.get("beta")))
    if "weights" in state:
        factor = _factor(risks, found, state["weights"])
        basis = replace(basis, share=max(share, largest_share(factor)), counting=counting(factor))
        return Partial({"information": ((matrix * factor[:, None]).T @ matrix).tolist()}, basis)
    basis = replace(basis, share=max(share, _outweighed(risks, found)))
    return Partial(_sums(matrix, risks, found.times, found.events), basis)


def _outweighed(risks: Numbers, found: Followed) -> float:
    """How much of the risk of a stretch of time one person makes up, on average over stretches.

    Of many stretches one always has somebody of great risk in it; a hub that lies would have all of them so.
    """
    stretches = np.unique(np.stack([found.times, found.events]), axis=1, return_inverse=True)[1].reshape(-1)
    sums = np.bincount(stretches, risks)
    most = np.zeros_like(sums)
    np.maximum.at(most, stretches, risks)
    return float((most / sums).mean()) if len(sums) else 0.0


def _sums(matrix: Numbers, risks: Numbers, times: Numbers, events: Any) -> dict[str, Any]:
    """By time: at risk, weighted and weighted by columns; and the same of those with the event, with their number."""
    different, place = np.unique(times, return_inverse=True)
    weighted = np.concatenate([risks[:, None], risks[:, None] * matrix], axis=1)
    leaving = np.zeros((len(different), weighted.shape[1]))
    np.add.at(leaving, place, weighted)
    dying = np.zeros_like(leaving)
    np.add.at(dying, place[events], weighted[events])
    numbers = np.bincount(place[events], minlength=len(different))
    return {
        "times": different.tolist(),
        "risk": np.cumsum(leaving[::-1], axis=0)[::-1].tolist(),
        "dying": dying[numbers > 0].tolist(),
        "events": numbers.tolist(),
        "columns": matrix[events].sum(axis=0).tolist(),
    }


def _factor(risks: Numbers, found: Followed, weights: object) -> Numbers:
    """How much each person counts in the part of the information matrix that is a sum over people.

    Args:
        risks: Of each person.
        found: When each was followed until, and whether to the event.
        weights: ``times`` at which there are events anywhere, and how much who is ``at`` risk counts there, and who is
            ``dying``.
    """
    times, at, dying = hazards(weights, found.times[found.events])
    factor = risks * np.concatenate([[0.0], np.cumsum(at)])[np.searchsorted(times, found.times, side="right")]
    if found.events.any():
        factor[found.events] -= risks[found.events] * dying[np.searchsorted(times, found.times[found.events])]
    return np.asarray(factor, dtype=np.float64)


def weigh(ties: str, beta: Numbers, partials: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """At the hub: score, likelihood and what each person at risk counts, from who is at risk at all nodes.

    Args:
        ties: ``efron`` or ``breslow``.
        beta: Coefficients.
        partials: What each node told.
    """
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
