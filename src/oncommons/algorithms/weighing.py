"""How much single people count in what a node is asked for, and whether a hub's state can be one of a fit.

A hub that lies may choose where a fit stands: coefficients so large that one person outweighs all others, columns that
nobody has asked for, or weights that leave few people in a sum.  So a node reads each state as strictly as a question,
and says of each round anew what its sums rest upon.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oncommons.algorithms.design import Frame
from oncommons.algorithms.groups import told_apart
from oncommons.algorithms.pair import Numbers, Table, Unanswerable

_FURTHEST = 500.0
"""Logs of risks, odds and rates beyond this are none of a fit that ends, and exp of them is none of double precision."""
_LARGEST = 1e35
"""Larger numbers, or smaller ones by which others are divided, leave double precision where they are squared."""
STRANGE = "What the hub sent for this round is no state of this fit."
"""What is said of each state that no honest hub sends."""


def largest_share(*sums: Numbers) -> float:
    """The largest part that one person makes up of any of some sums.

    Args:
        sums: What each person adds, shape ``(people,)`` each; signs do not count.
    """
    whole = [(float(np.abs(one).max()), float(np.abs(one).sum())) for one in sums if len(one)]
    return max((most / total for most, total in whole if total > 0), default=0.0)


def counting(weights: Numbers) -> float:
    """As how many people weighted ones count (Kish 1965, Survey Sampling, 11.7): all if they weigh the same.

    Args:
        weights: Of each person, shape ``(people,)``.
    """
    largest = float(np.abs(weights).max(initial=0.0))
    if not largest:
        return 0.0
    relative = np.abs(weights) / largest
    return float(relative.sum() ** 2 / (relative**2).sum())


def outweighing(rows: Table, names: Sequence[str]) -> float:
    """The largest part that one person makes up of the sums and sums of squares of numbers.

    Args:
        rows: Complete rows.
        names: Variables; coded ones are counted and have no sum.
    """
    columns = [rows.columns[name] for name in names if name not in rows.levels]
    return largest_share(*columns, *(column**2 for column in columns))


def crowds_of(table: Table, names: Sequence[str], apart: Sequence[str]) -> tuple[NDArray[np.bool_], ...]:
    """Whose rows sums rest upon: everybody of whom each variable is known, and of these who is at each level.

    Two analyses of the same people could otherwise be set off against each other by a level that differs by one person.

    Args:
        table: The cohort.
        names: Variables of the analysis.
        apart: Those by which it tells people apart.

    Returns:
        Masks of shape ``(rows,)``, none of nobody; a number that has two values tells apart like a level.
    """
    known = table.known(*names)
    found = [known]
    for name in apart:
        column = table.columns[name]
        values = told_apart(Table({name: column[known]}, table.levels), name)
        found += [known & (column == value) for value in values]
    return tuple(one for one in found if one.any())


def frame_in(state: Mapping[str, Any], rows: Table, covariates: Sequence[str]) -> Frame:
    """The columns that a state names, if they can be those of this model.

    Args:
        state: As the hub sent it.
        rows: The node's.
        covariates: That were asked for.

    Raises:
        Unanswerable: there are others, or one twice.
    """
    try:
        frame = Frame.from_json(state["frame"])
        numbers = np.asarray([frame.centre, frame.scale], dtype=np.float64)
    except (KeyError, TypeError, ValueError):
        raise Unanswerable(STRANGE) from None
    possible = {(name, level) for name in covariates for level in rows.levels.get(name, ("",))}
    fits = numbers.shape == (2, len(frame.names)) and len(frame.sources) == len(frame.names)
    apart = len(set(frame.sources)) == len(frame.sources) and set(frame.sources) <= possible
    if not (fits and apart and (np.abs(numbers) <= _LARGEST).all() and (numbers[1:] >= 1 / _LARGEST).all()):
        raise Unanswerable(STRANGE)
    return frame


def number_in(state: Mapping[str, Any], name: str, bounds: tuple[float, float]) -> float:
    """A number of a state, if it can be one.

    Args:
        state: As the hub sent it.
        name: Which.
        bounds: The least and the largest that it can be.

    Raises:
        Unanswerable: it is something else, or beyond the bounds.
    """
    found = state.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float) or not bounds[0] <= found <= bounds[1]:
        raise Unanswerable(STRANGE)
    return float(found)


def means_in(told: object, groups: int) -> Numbers:
    """Means of groups in a state, if they can be that.

    Args:
        told: As the hub sent them.
        groups: How many there are.

    Raises:
        Unanswerable: they are not as many numbers.
    """
    try:
        found = np.asarray(told, dtype=np.float64)
    except (TypeError, ValueError):
        raise Unanswerable(STRANGE) from None
    if found.shape != (groups,) or not (np.abs(found) <= _LARGEST).all():
        raise Unanswerable(STRANGE)
    return found


def predictor(matrix: Numbers, beta: object, *, logs: bool = True) -> Numbers:
    """The linear predictor of each person.

    Args:
        matrix: Shape ``(people, columns)``.
        beta: Coefficients, as the hub sent them.
        logs: Whether it is the log of something; else it has the unit of an outcome and may be as large.

    Raises:
        Unanswerable: they are none of this model, or so large that no fit ends there.
    """
    try:
        found = matrix @ np.asarray(beta, dtype=np.float64)
    except (TypeError, ValueError):
        raise Unanswerable(STRANGE) from None
    largest = _FURTHEST if logs else np.finfo(np.float64).max
    if found.shape != matrix.shape[:1] or not (np.abs(found) <= largest).all():
        raise Unanswerable(STRANGE)
    return found


def hazards(weights: object, own: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """What all nodes have at risk, if it can be that: times, and how much who is at risk, and who is dying, counts.

    Args:
        weights: As the hub sent them: ``times``, ``at`` and ``dying``.
        own: The node's times of events, each of which must be among the times.

    Raises:
        Unanswerable: times do not rise, or something counts less than nothing, or who dies more than who is at risk.
    """
    try:
        body = dict(weights)  # type: ignore[call-overload]
        times, at, dying = np.asarray([body["times"], body["at"], body["dying"]], dtype=np.float64)
    except (KeyError, TypeError, ValueError):
        raise Unanswerable(STRANGE) from None
    rises = times.ndim == 1 and (np.diff(times) > 0).all() and np.isin(own, times).all()
    if not (rises and np.isfinite(at).all() and (dying >= 0).all() and (dying <= at).all()):
        raise Unanswerable(STRANGE)
    return times, at, dying
