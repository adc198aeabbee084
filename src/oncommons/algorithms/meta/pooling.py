"""Estimates of several studies as one: one effect for all, or effects that differ by a variance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp, log, sqrt
from types import MappingProxyType

import numpy as np
import scipy

from oncommons.algorithms.intervals import around
from oncommons.algorithms.pair import Numbers
from oncommons.algorithms.tails import both_tails, chi_squared_tail

_CLOSE = 1e-6
"""The least variance between studies that is looked for, by the least of their own."""
_PLACES = 400
"""Variances at which the restricted likelihood is looked at."""
_PREDICTED = 3
"""Studies from which on it can be told where the effect of another one is."""


@dataclass(frozen=True)
class Pooled:
    """What studies say together.

    Attributes:
        estimate: Of the effect, or of the mean of effects.
        error: Its error.
        low: Of its interval.
        high: Of its interval.
        statistic: Estimate by error.
        p: Of no effect.
        weights: Of the studies; they sum up to one.
        variance: Between studies, tau squared.
        q: Cochran's Q.
        q_p: Of no difference between studies.
        i_squared: How much of what estimates differ by is more than chance, with the ends of its interval; nothing of one
            study.
        predicted: Where the effect of another study is; nothing of fewer than three, or where one effect is taken for all.
    """

    estimate: float
    error: float
    low: float
    high: float
    statistic: float
    p: float
    weights: tuple[float, ...]
    variance: float
    q: float
    q_p: float
    i_squared: tuple[float, float, float] | None
    predicted: tuple[float, float] | None


def pooled(estimates: Numbers, errors: Numbers, method: str, intervals: str, level: float) -> Pooled:
    """Put estimates together.

    Args:
        estimates: Of the studies, shape ``(studies,)``.
        errors: Of each, above zero.
        method: Of :data:`METHODS`.
        intervals: ``normal`` or ``hartung_knapp``; the latter where estimates differ.
        level: How sure intervals are, of one.
    """
    own, degrees = errors**2, len(estimates) - 1
    between = _BETWEEN[method](estimates, own) if degrees else 0.0
    weights = 1 / (own + between)
    whole = float(weights.sum())
    estimate = float(weights @ estimates) / whole
    q, knapp = cochran(estimates, own), intervals == "hartung_knapp" and np.ptp(estimates) > 0
    error, student = 1 / sqrt(whole), degrees if knapp else None
    if knapp:
        error = sqrt(float(weights @ (estimates - estimate) ** 2) / degrees / whole)
    predicted = None
    if method != "fixed" and len(estimates) >= _PREDICTED:
        predicted = around(estimate, sqrt(between + error**2), level, degrees - 1)
    return Pooled(
        estimate,
        error,
        *around(estimate, error, level, student),
        estimate / error,
        float(both_tails(estimate / error, student)),
        tuple((weights / whole).tolist()),
        between,
        q,
        chi_squared_tail(q, degrees) if degrees else 1.0,
        inconsistency(q, degrees, level) if degrees else None,
        predicted,
    )


def cochran(estimates: Numbers, own: Numbers, between: float = 0.0) -> float:
    """Cochran's Q: squares about the mean, each by its variance.

    Args:
        estimates: Of the studies, shape ``(studies,)``.
        own: The variance of each.
        between: What is added to each.
    """
    weights = 1 / (own + between)
    return float(weights @ (estimates - weights @ estimates / weights.sum()) ** 2)


def inconsistency(q: float, degrees: int, level: float) -> tuple[float, float, float]:
    """I squared with its interval from the test (Higgins and Thompson 2002, section 3 and appendix A2).

    Args:
        q: Cochran's.
        degrees: Studies less one, at least one.
        level: How sure the interval is, of one.
    """

    def share(log_h: float) -> float:
        return max(0.0, 1 - exp(-2 * log_h))

    if q > degrees + 1:
        spread = (log(q) - log(degrees)) / 2 / (sqrt(2 * q) - sqrt(2 * degrees - 1))
    elif degrees > 1:
        spread = sqrt(1 / (2 * (degrees - 1)) * (1 - 1 / (3 * (degrees - 1) ** 2)))
    else:
        spread = sqrt(1 / 2)
    middle = log(max(q / degrees, 1.0)) / 2
    low, high = around(middle, spread, level)
    return share(middle), share(low), share(high)


def _dersimonian_laird(estimates: Numbers, own: Numbers) -> float:
    weights = 1 / own
    whole = float(weights.sum())
    over = cochran(estimates, own) - (len(own) - 1)
    return max(0.0, over / (whole - float(weights @ weights) / whole))


def _paule_mandel(estimates: Numbers, own: Numbers) -> float:
    degrees = len(own) - 1
    if cochran(estimates, own) <= degrees:
        return 0.0
    most = float(np.ptp(estimates)) ** 2 + float(own.max())  # Q is less there than its degrees
    found = scipy.optimize.brentq(
        lambda tau: cochran(estimates, own, tau) - degrees, 0.0, most, xtol=1e-300, rtol=1e-15
    )
    return float(found)


def _restricted(estimates: Numbers, own: Numbers) -> float:
    """Where the restricted likelihood is greatest (Viechtbauer 2005, equations 13 and 24): the highest of many places, then its top.

    Fisher's scoring, the usual way, goes back and forth for ever with some estimates.
    """
    most = float(np.ptp(estimates)) ** 2 + float(own.max())
    places = np.concatenate([[0.0], np.geomspace(_CLOSE * float(own.min()), most, _PLACES)])
    best = int(np.argmax([_likelihood(estimates, own, place) for place in places.tolist()]))
    low, high = float(places[max(best - 1, 0)]), float(places[min(best + 1, _PLACES)])
    slopes = _slope(estimates, own, low), _slope(estimates, own, high)
    if slopes[0] <= 0 or slopes[1] >= 0:
        return low if slopes[0] <= 0 else high
    return float(scipy.optimize.brentq(lambda tau: _slope(estimates, own, tau), low, high, xtol=1e-300, rtol=1e-15))


def _likelihood(estimates: Numbers, own: Numbers, between: float) -> float:
    weights = 1 / (own + between)
    return float(np.log(weights).sum() - np.log(weights.sum()) - cochran(estimates, own, between))


def _slope(estimates: Numbers, own: Numbers, between: float) -> float:
    """Twice the slope of the restricted likelihood by the variance between studies."""
    weights = 1 / (own + between)
    whole = float(weights.sum())
    about = estimates - weights @ estimates / whole
    return float(weights**2 @ about**2) - whole + float(weights @ weights) / whole


_BETWEEN: Mapping[str, Callable[[Numbers, Numbers], float]] = MappingProxyType(
    {"reml": _restricted, "pm": _paule_mandel, "dl": _dersimonian_laird, "fixed": lambda *_: 0.0}
)
METHODS = tuple(_BETWEEN)
"""How the variance between studies is found; ``fixed`` takes it for nothing."""
