"""The negative binomial distribution whose variance is ``mean + alpha * mean**2`` (NB2), with the log of the mean linear.

Coefficients and the log of ``alpha`` are estimated together, by Newton's method on the likelihood: nodes tell the first
and second derivatives, summed over people.  Written with sums over counts in place of gamma functions, none of them
loses digits where ``alpha`` is small and the distribution is almost Poisson's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy

from oncommons.algorithms.glm.families import FAMILIES, Family
from oncommons.algorithms.intervals import around
from oncommons.algorithms.pair import Numbers, State, Unanswerable, added

NAME = "negative_binomial"
MOST = 1_000_000
"""The largest outcome: sums go over all counts below it."""
_SMALL = 0.05
"""Up to here series have the digits that differences lose."""
_TERMS = 16
_LEAST, _LARGEST = 1e-7, 1e5
"""Where ``alpha`` is below or above, there is none."""
_STEP = 1.0
"""The longest step of the log of ``alpha``."""
_ROUNDING = 1e-9
"""Part of a likelihood by which rounding alone may make it less."""


def family_of(name: str, alpha: float = 1.0) -> Family:
    """A family by its name; the negative binomial one of some ``alpha``."""
    return _family(alpha) if name == NAME else FAMILIES[name]


def _family(alpha: float) -> Family:
    poisson = FAMILIES["poisson"]
    return Family(
        np.exp,
        lambda mu: np.asarray(mu * (1 + alpha * mu)),
        poisson.start,
        lambda y, mu: np.asarray(
            2
            * (
                scipy.special.xlogy(y, y)
                - scipy.special.xlogy(y, mu)
                - (y + 1 / alpha) * np.log1p(alpha * (y - mu) / (1 + alpha * mu))
            )
        ),
        lambda y: bool(((y >= 0) & (y == np.round(y)) & (y <= MOST)).all()),
        f"whole numbers from zero up to {MOST:,}",
        pull=lambda y, mu: np.asarray((y - mu) / (1 + alpha * mu)),
        bend=lambda y, mu: np.asarray(mu * (1 + alpha * y) / (1 + alpha * mu) ** 2),
    )


@dataclass(frozen=True)
class Pieces:
    """What each person adds; shape ``(people,)`` each.

    Attributes:
        likelihood: The log-likelihood.
        slope: Its derivative by the log of ``alpha``.
        curve: Minus the second one.
        cross: Minus the mixed one, by the linear predictor and the log of ``alpha``.
    """

    likelihood: Numbers
    slope: Numbers
    curve: Numbers
    cross: Numbers


def pieces(outcome: Numbers, mean: Numbers, alpha: float) -> Pieces:
    """The log-likelihood of each person, and its derivatives by the log of ``alpha`` (Lawless 1987, section 2).

    Args:
        outcome: Whole numbers, shape ``(people,)``.
        mean: What is expected of each.
        alpha: Above zero.
    """
    place = outcome.astype(np.int64)
    below = np.arange(int(place.max(initial=0)), dtype=np.float64)
    sums = [np.log1p(alpha * below), below / (1 + alpha * below), (below / (1 + alpha * below)) ** 2]
    logs, first, second = (np.concatenate([[0.0], np.cumsum(one)])[place] for one in sums)
    t = alpha * mean
    whole, bent = _falling(t)
    likelihood = (
        logs
        - scipy.special.gammaln(outcome + 1)
        + scipy.special.xlogy(outcome, mean)
        - (outcome + 1 / alpha) * np.log1p(t)
    )
    slope = alpha * (first + mean**2 * whole - outcome * mean / (1 + t))
    again = alpha**2 * (mean**3 * bent + outcome * (mean / (1 + t)) ** 2 - second)
    return Pieces(likelihood, slope, -(again + slope), alpha * (outcome - mean) * mean / (1 + t) ** 2)


def _falling(t: Numbers) -> tuple[Numbers, Numbers]:
    """``(log(1 + t) - t / (1 + t)) / t**2`` and its derivative, with all digits near zero."""
    small, k = np.minimum(t, _SMALL), np.arange(2, 2 + _TERMS)
    signs = np.where(k % 2, -1.0, 1.0)
    powers = small[:, None] ** (k - 2)
    whole = powers @ (signs * (k - 1) / k)
    bent = powers[:, :-1] @ (signs * (k - 1) * (k - 2) / k)[1:]
    large = np.maximum(t, _SMALL)
    other = (np.log1p(large) - large / (1 + large)) / large**2
    near = t < _SMALL
    return np.where(near, whole, other), np.where(near, bent, (1 / (1 + large) ** 2 - 2 * other) / large)


def hessian(partials: Mapping[str, Mapping[str, Any]], information: Numbers) -> Numbers:
    """Minus the second derivatives by coefficients and the log of ``alpha``, shape ``(columns + 1, columns + 1)``.

    Args:
        partials: What each node gave.
        information: Those by coefficients, with a ridge.
    """
    cross = added(partials, "cross")[:, None]
    curve = added(partials, "dispersing")[1]
    return np.block([[information, cross], [cross.T, curve]])


def advanced(state: State, whole: Numbers, target: Numbers, slope: float, likelihood: float) -> dict[str, Any]:
    """Where the fit stands after a step of Newton's method, and how far it went.

    A step after which the likelihood is less is halved. Where the likelihood does not bend as at a maximum, ``alpha``
    goes uphill by itself.

    Args:
        state: What the nodes were told: ``beta`` and ``log_alpha``.
        whole: See :func:`hessian`.
        target: What the information, with a ridge, times the new coefficients would be, were ``alpha`` known.
        slope: Of the log-likelihood by the log of ``alpha``.
        likelihood: The log-likelihood, less the ridge.

    Raises:
        Unanswerable: ``alpha`` has run away.
    """
    here, before = np.append(state["beta"], state["log_alpha"]), state.get("before")
    if before is not None and likelihood < before - _ROUNDING * abs(before):
        here, moved, likelihood = np.asarray(state["from"]), np.asarray(state["moved"]) / 2, before
    else:
        moved = _newton(whole, np.append(target - whole[:-1, :-1] @ here[:-1], slope))
    there = here + moved
    _check(float(there[-1]))
    kept = {"from": here.tolist(), "moved": moved.tolist(), "before": likelihood}
    return kept | {"beta": there[:-1].tolist(), "log_alpha": float(there[-1])}


def _newton(whole: Numbers, gradient: Numbers) -> Numbers:
    if np.linalg.eigvalsh(whole)[0] > 0:
        moved = np.linalg.solve(whole, gradient)
    else:
        moved = np.append(np.linalg.solve(whole[:-1, :-1], gradient[:-1]), np.sign(gradient[-1]) * _STEP)
    return np.asarray(moved * min(1.0, _STEP / max(abs(float(moved[-1])), _LEAST)), dtype=np.float64)


def told_alpha(log: float, error: float, level: float) -> dict[str, float]:
    """``alpha`` with its error, and an interval that is symmetric in its log.

    Args:
        log: Of ``alpha``.
        error: Of the log.
        level: How sure the interval is, of one.
    """
    alpha = float(np.exp(log))
    low, high = (float(np.exp(end)) for end in around(log, error, level))
    return {"estimate": alpha, "error": alpha * error, "low": low, "high": high}


def _check(log: float) -> None:
    if log < np.log(_LEAST):
        raise Unanswerable("The outcome spreads no more than in a Poisson model; take the family poisson.")
    if log > np.log(_LARGEST):
        raise Unanswerable("The outcome is almost always nothing, so its dispersion has no bound; take whether it is.")
