"""What lies in the tails of distributions, and where quantiles are: by scipy's special functions.

``scipy.stats`` tells the same, and takes half a second longer to load, which whoever waits for a first result would wait
for.
"""

from __future__ import annotations

import numpy as np
import scipy

from oncommons.algorithms.pair import Numbers


def chi_squared_tail(statistic: float, degrees: int) -> float:
    """The chance of a greater statistic under the chi-squared distribution.

    Args:
        statistic: What was found; rounding may have brought it below zero.
        degrees: Degrees of freedom; not a number where there are none.
    """
    return float(scipy.special.chdtrc(degrees, np.maximum(statistic, 0.0))) if degrees > 0 else float("nan")


def chi_squared_test(statistic: float, degrees: int) -> dict[str, float]:
    """A test by the chi-squared distribution, as results tell it: ``statistic``, ``degrees`` and ``p``."""
    return {"statistic": statistic, "degrees": degrees, "p": chi_squared_tail(statistic, degrees)}


def f_tail(statistic: float, between: float, within: float) -> float:
    """The chance of a greater statistic under Fisher's distribution F.

    Args:
        statistic: What was found; rounding may have brought it below zero.
        between: Degrees of freedom of the numerator.
        within: Of the denominator.
    """
    return float(scipy.special.fdtrc(between, within, np.maximum(statistic, 0.0)))


def both_tails(statistic: float | Numbers, degrees: float | None = None) -> Numbers:
    """The chance of a statistic that is further from zero, to either side; as many chances as statistics.

    Args:
        statistic: What was found.
        degrees: Degrees of freedom of Student's distribution; ``None`` for the normal one.
    """
    low = -np.abs(statistic)
    return np.asarray(2 * (scipy.special.ndtr(low) if degrees is None else scipy.special.stdtr(degrees, low)))


def quantile(share: float, degrees: float | None = None) -> float:
    """Below which value a share of the distribution lies.

    Args:
        share: From 0 to 1.
        degrees: As of :func:`both_tails`.
    """
    return float(scipy.special.ndtri(share) if degrees is None else scipy.special.stdtrit(degrees, share))
