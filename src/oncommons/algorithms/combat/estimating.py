"""ComBat from sums: the model of all batches, then how high and how wide each batch measures, drawn towards all variables.

Symbols are those of Johnson, Li and Rabinovic 2007, section 3: a variable is ``alpha + X beta + gamma + delta e``, where
``gamma`` and ``delta`` are the batch's.  All that its steps need of the rows of a batch are means and products about them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from oncommons.algorithms.design import check_apart
from oncommons.algorithms.pair import Numbers, Unanswerable

_CLOSE, _STEPS = 1e-14, 100_000
"""When ``gamma`` and ``delta`` stand still, and how long at most that is waited for."""
_NOTHING = 1e-12
"""Part of a spread up to which one is rounding."""
_ROUNDING = 1e-13
"""Part of squares that about their mean are none."""


@dataclass(frozen=True)
class Moments:
    """What is known of one batch.

    Attributes:
        people: In it.
        x: Means of the columns of covariates, shape ``(columns,)``.
        y: Means of variables, shape ``(variables,)``.
        xx: Products of covariates about their means, shape ``(columns, columns)``.
        xy: Of covariates and variables, shape ``(columns, variables)``.
        yy: Squares of variables about their means, shape ``(variables,)``.
    """

    people: int
    x: Numbers
    y: Numbers
    xx: Numbers
    xy: Numbers
    yy: Numbers

    def rest(self, beta: Numbers) -> Numbers:
        """Squares of variables about the means, less what covariates explain; shape ``(variables,)``."""
        return np.asarray(self.yy - 2 * (beta * self.xy).sum(axis=0) + (beta * (self.xx @ beta)).sum(axis=0))


def moments(people: int, sums: Numbers, xx: Numbers, xy: Numbers, yy: Numbers) -> Moments:
    """From sums and products about any place to those about the means of a batch.

    Args:
        people: In it, one at least.
        sums: Of covariates, then of variables.
        xx: Products of covariates; of no shape where there are none.
        xy: Of covariates and variables.
        yy: Squares of variables.
    """
    columns, n = len(sums) - len(yy), people
    x, y = np.split(sums / n, [columns])
    about = np.reshape(xx, (columns, columns)) - n * np.outer(x, x)
    cross, squares = np.reshape(xy, (columns, len(yy))) - n * np.outer(x, y), yy - n * y**2
    return Moments(n, x, y, about, cross, np.where(squares > _ROUNDING * yy, squares, 0.0))


@dataclass(frozen=True)
class Model:
    """What holds for all batches; shape ``(variables,)``, coefficients ``(columns, variables)``.

    Attributes:
        alpha: Mean of variables where covariates are nought.
        beta: Coefficients of covariates.
        spread: What is left, as a standard deviation.
    """

    alpha: Numbers
    beta: Numbers
    spread: Numbers


@dataclass(frozen=True)
class Effects:
    """How batches measure, in units of the model's spread; shape ``(batches, variables)`` each.

    Attributes:
        gamma: How much higher.
        delta: How much wider, as a variance.
    """

    gamma: Numbers
    delta: Numbers


def model_of(batches: Sequence[Moments], columns: Sequence[str], variables: Sequence[str]) -> Model:
    """The model of all batches: least squares with a mean for each, which are put together by people.

    Args:
        batches: Two at least.
        columns: Names of covariates.
        variables: Names of variables.

    Raises:
        Unanswerable: a covariate is the same within batches, or columns say the same, or nothing is left of a variable.
    """
    within, people = np.sum([one.xx for one in batches], axis=0), sum(one.people for one in batches)
    beta = np.zeros((len(columns), len(variables)))
    if columns:
        _check_within(batches, within, columns)
        beta = np.linalg.solve(within, np.sum([one.xy for one in batches], axis=0))
    alpha = np.sum([one.people * (one.y - one.x @ beta) for one in batches], axis=0) / people
    left = np.sum([one.rest(beta) for one in batches], axis=0)
    whole = np.sum([one.yy + one.people * (one.y - alpha) ** 2 for one in batches], axis=0)
    if np.any(left <= _NOTHING * whole):
        name = variables[int(np.argmin(left / whole))]
        raise Unanswerable(f"{name} does not differ within batches, but for covariates; leave it out.")
    return Model(np.asarray(alpha), beta, np.sqrt(left / people))


def _check_within(batches: Sequence[Moments], within: Numbers, columns: Sequence[str]) -> None:
    """See that covariates differ within batches; what differs between them alone cannot be told from how they measure."""
    middle = np.sum([one.people * one.x for one in batches], axis=0) / sum(one.people for one in batches)
    between = np.sum([one.people * (one.x - middle) ** 2 for one in batches], axis=0)
    if np.any(same := np.diag(within) <= _NOTHING * between):
        raise Unanswerable(f"Within batches, {columns[int(np.argmax(same))]} does not differ; leave it out.")
    try:
        check_apart(columns, within)
    except Unanswerable as fault:
        raise Unanswerable(f"Within batches, {fault}") from None


def raw(batches: Sequence[Moments], model: Model) -> Effects:
    """What each variable of each batch says by itself.

    Args:
        batches: Of two people at least each.
        model: Of all.
    """
    gamma = np.stack([(one.y - one.x @ model.beta - model.alpha) / model.spread for one in batches])
    rest = [np.maximum(one.rest(model.beta), 0.0) / (one.people - 1) for one in batches]
    return Effects(gamma, np.stack(rest) / model.spread**2)


def shrunk(found: Effects, people: Sequence[int], *, location: bool) -> Effects:
    """Drawn towards what the variables of a batch have in common, by as much as it is surer than each (section 3.2).

    Args:
        found: What each says by itself, of two variables at least.
        people: Of each batch.
        location: Whether batches differ in height alone.

    Raises:
        Unanswerable: it does not come to a rest.
    """
    made = [_drawn(g, d, n, location=location) for g, d, n in zip(found.gamma, found.delta, people, strict=True)]
    return Effects(np.stack([one[0] for one in made]), np.stack([one[1] for one in made]))


def _drawn(gamma: Numbers, delta: Numbers, people: int, *, location: bool) -> tuple[Numbers, Numbers]:
    middle, spread = gamma.mean(), gamma.var(ddof=1)
    if location:  # as the authors' own code does, a batch counts as one person of variance one
        return (spread * gamma + middle) / (spread + 1), np.ones_like(delta)
    mean, variance = float(delta.mean()), float(delta.var(ddof=1))
    squares = (people - 1) * delta
    high, wide = gamma, delta
    for _ in range(_STEPS):
        before = high, wide
        high = (people * spread * gamma + wide * middle) / (people * spread + wide)
        left = (squares + people * (gamma - high) ** 2) / 2
        # the inverse gamma distribution of this mean and variance has the shape and scale a and b; times the variance,
        # so that all batches alike, of no variance, are their mean
        a, b = 2 * variance + mean**2, mean * variance + mean**3
        wide = (left * variance + b) / (people / 2 * variance + a - variance)
        moved = max(float(np.max(np.abs(high - before[0]))), float(np.max(np.abs(wide - before[1]) / wide)))
        if moved <= _CLOSE * max(1.0, float(np.max(np.abs(high)))):
            return high, wide
    raise Unanswerable("How wide batches measure does not come to a rest; set shrink to no.")
