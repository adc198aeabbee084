"""Families of distributions, each with its canonical link: means, spreads and deviances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from oncommons.algorithms.pair import Numbers


@dataclass(frozen=True)
class Family:
    """One family.

    Attributes:
        mean: From the linear predictor to the mean.
        spread: From the mean to the variance, but for the dispersion; with the canonical link also the slope of the mean.
        start: From outcomes to linear predictors to begin with (as R's ``glm`` does).
        deviance: From outcomes and means to what each row adds to the deviance.
        fits: Whether outcomes can be of this family.
        says: What they must be.
        scaled: Whether the dispersion is estimated.
        pull: From outcomes and means to the slope of the log-likelihood by the linear predictor, but for the dispersion.
        bend: To minus its second derivative; nothing where that is the variance, as with the canonical link.
    """

    mean: Callable[[Numbers], Numbers]
    spread: Callable[[Numbers], Numbers]
    start: Callable[[Numbers], Numbers]
    deviance: Callable[[Numbers, Numbers], Numbers]
    fits: Callable[[Numbers], bool]
    says: str
    scaled: bool = False
    pull: Callable[[Numbers, Numbers], Numbers] = lambda y, mu: y - mu
    bend: Callable[[Numbers, Numbers], Numbers] | None = None

    def weigh(self, outcome: Numbers, mean: Numbers) -> Numbers:
        """How much each person counts in the information: minus the second derivative of the log-likelihood."""
        return self.spread(mean) if self.bend is None else self.bend(outcome, mean)


def _twice(numbers: NDArray[Any]) -> Numbers:
    return np.asarray(2 * numbers, dtype=np.float64)


def _entropy(outcome: Numbers, mean: Numbers) -> NDArray[Any]:
    """Outcome times the log of outcome by mean; nothing where the outcome is."""
    return scipy.special.xlogy(outcome, outcome) - scipy.special.xlogy(outcome, mean)


def _chance(eta: Numbers) -> Numbers:
    return np.asarray(scipy.special.expit(eta))


def _half(outcome: Numbers) -> Numbers:
    return np.asarray(scipy.special.logit((outcome + 0.5) / 2))


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "gaussian": Family(
            lambda eta: eta,
            np.ones_like,
            lambda y: y,
            lambda y, mu: np.asarray((y - mu) ** 2, dtype=np.float64),
            lambda _: True,
            "numbers",
            scaled=True,
        ),
        "binomial": Family(
            _chance,
            lambda mu: mu * (1 - mu),
            _half,
            lambda y, mu: _twice(_entropy(y, mu) + _entropy(1 - y, 1 - mu)),
            lambda y: bool(np.isin(y, (0.0, 1.0)).all()),
            "yes or no",
        ),
        "poisson": Family(
            np.exp,
            lambda mu: mu,
            lambda y: np.log(y + 0.1),
            lambda y, mu: _twice(_entropy(y, mu) - (y - mu)),
            lambda y: bool((y >= 0).all()),
            "numbers from zero up",
        ),
    }
)
