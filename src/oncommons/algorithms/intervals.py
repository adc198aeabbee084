"""Confidence intervals of what is about normal: how far they reach, of estimates and of shares."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from oncommons.algorithms.pair import Numbers
from oncommons.algorithms.tails import quantile

_Number = TypeVar("_Number", float, Numbers)
_MOST = 500.0
"""An exponent beyond which ends of intervals are 0 and 1 anyway."""


def reach(level: float, degrees: float | None = None) -> float:
    """How many errors an interval reaches to each side.

    Args:
        level: How sure it is, of one.
        degrees: Degrees of freedom of Student's distribution; ``None`` for the normal one.
    """
    return quantile((1 + level) / 2, degrees)


def around(middle: _Number, error: _Number, level: float, degrees: float | None = None) -> tuple[_Number, _Number]:
    """The ends of an interval.

    Args:
        middle: An estimate, or several.
        error: Of each.
        level: How sure it is, of one.
        degrees: As of :func:`reach`.
    """
    wide = reach(level, degrees) * error
    return middle - wide, middle + wide


def around_shares(estimates: Numbers, errors: Numbers, level: float) -> tuple[Numbers, Numbers]:
    """The ends of intervals of shares on the scale of log(-log) (Kalbfleisch and Prentice 1980).

    Args:
        estimates: From 0 to 1, shape ``(times,)``; where one is 0 or 1, so are both ends.
        errors: Of each.
        level: How sure, of one.
    """
    inner = (estimates > 0) & (estimates < 1)
    share = np.where(inner, estimates, 0.5)
    log = np.log(share)
    wide = np.exp(np.minimum(reach(level) * errors / (share * -log), _MOST))
    return np.where(inner, np.exp(log * wide), estimates), np.where(inner, np.exp(log / wide), estimates)
