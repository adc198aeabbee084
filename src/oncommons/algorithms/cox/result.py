"""What is told of a fit that has ended: coefficients with their errors, tests, the check of proportional hazards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from oncommons.algorithms.cox.closing import square_of
from oncommons.algorithms.design import Frame
from oncommons.algorithms.intervals import around
from oncommons.algorithms.pair import Numbers, Result, State, added
from oncommons.algorithms.tails import both_tails, chi_squared_test

EVERYTHING = "all together"
"""The row of the test of all variables at once."""
_FLAT = 1e-10
"""The least part of the information on a slope by the clock that is left without its mean, or there is nothing to test."""
_HOSPITAL = (
    "Each hospital has its own baseline hazard: hazard ratios compare people within a hospital, as a pooled fit that is "
    "stratified by hospital does; how hospitals differ, or whatever differs between them only, they do not tell."
)
_COMMON = "One baseline hazard for all hospitals: proportional hazards were not checked, nor concordance computed."


@dataclass(frozen=True)
class Fitted:
    """Where a fit has ended, on columns that are centred and scaled.

    Attributes:
        frame: The columns.
        beta: Coefficients.
        covariance: The inverse of the information, shape ``(columns, columns)``.
        score: First slopes, as good as nothing.
        likelihood: The log of the partial likelihood.
        first: The same without any coefficient, and the score test of all.
    """

    frame: Frame
    beta: Numbers
    covariance: Numbers
    score: Numbers
    likelihood: float
    first: tuple[float, float]


def result_of(
    settings: Mapping[str, Any], fit: Fitted, state: State, partials: Mapping[str, Mapping[str, Any]]
) -> Result:
    """The result of a fit.

    Args:
        settings: ``baseline``, ``ties``, ``errors``, ``check`` and ``level``.
        fit: Where it has ended.
        state: ``people`` and ``events``.
        partials: What each node gave in the last round.
    """
    count, spread = len(fit.beta), fit.covariance
    if settings["errors"] == "robust":
        spread = fit.covariance @ square_of(added(partials, "squares"), count) @ fit.covariance
    wald = float(fit.beta @ np.linalg.solve(spread, fit.beta))
    found: dict[str, Any] = {name: state[name] for name in ("people", "events")}
    found |= {"log_likelihood": fit.likelihood, "log_likelihood_null": fit.first[0]}
    found |= {
        "likelihood_ratio": chi_squared_test(2 * (fit.likelihood - fit.first[0]), count),
        "wald": chi_squared_test(wald, count),
        "score": chi_squared_test(fit.first[1], count),
    }
    values, covariance = fit.frame.original(fit.beta, spread)
    tables = {"terms": _terms(fit.frame.names, values, np.sqrt(np.diag(covariance)), settings["level"])}
    found |= {"coefficients": dict(zip(fit.frame.names, values.tolist(), strict=True))}
    found |= {"covariance": covariance.tolist()}
    found |= {name: settings[name] for name in ("baseline", "ties", "errors", "level")}
    if settings["baseline"] == "common":
        return Result(found, tables, (_COMMON,))
    found |= {"concordance": _concordance(partials)}
    warnings = [_HOSPITAL]
    if settings["check"] != "none":
        tables["proportional"] = proportional(fit, state["events"], partials)
        found |= {"check": settings["check"]}
    if late := round(float(added(partials, "late"))):
        warnings.append(f"{late:,} people entered when they were already gone, and are left out.")
    return Result(found, tables, tuple(warnings))


def proportional(fit: Fitted, events: int, partials: Mapping[str, Mapping[str, Any]]) -> list[list[Any]]:
    """Score tests that coefficients do not change with the clock: of each variable, and of all together.

    The clock is read from the mean of all events on, as in ``cox.zph`` of R's survival, so that slopes by a clock that is
    shown late keep their digits.

    Args:
        fit: Where it has ended.
        events: Events of all nodes.
        partials: What each told, see :func:`oncommons.algorithms.cox.closing.trend`.

    Returns:
        The table, whose first row names the columns; nothing stands where there is nothing to test.
    """
    information = np.linalg.inv(fit.covariance)
    mean = float(added(partials, "trend_clock")) / events
    cross, square = (square_of(added(partials, name), len(fit.beta)) for name in ("trend_cross", "trend_square"))
    slopes = added(partials, "trend_score") - mean * fit.score
    wide = np.sqrt(np.maximum(np.diag(square), 0.0))
    square = square - 2 * mean * cross + mean**2 * information
    cross = cross - mean * information
    spread = square - cross @ fit.covariance @ cross.T
    rows: list[list[Any]] = [["variable", "statistic", "degrees", "p"]]
    variables = [variable for variable, _ in fit.frame.sources]
    for variable in dict.fromkeys(variables):
        of = np.array([one == variable for one in variables])
        rows.append([variable, *_tested(slopes[of], spread[np.ix_(of, of)], wide[of])])
    return [*rows, [EVERYTHING, *_tested(slopes, spread, wide)]]


def _tested(slopes: Numbers, spread: Numbers, wide: Numbers) -> list[Any]:
    if not wide.all() or np.linalg.eigvalsh(spread / np.outer(wide, wide))[0] < _FLAT:
        return [None, len(slopes), None]
    told = chi_squared_test(float(slopes @ np.linalg.solve(spread, slopes)), len(slopes))
    return [told["statistic"], told["degrees"], told["p"]]


def _concordance(partials: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Of pairs within hospital and stratum the share in which the greater risk went first, and its error; ties count half.

    The error is that of the infinitesimal jackknife, as in ``concordance`` of R's survival.
    """
    pairs = {name: round(float(added(partials, name))) for name in ("concordant", "discordant", "tied")}
    number = sum(pairs.values())
    if not number:
        return {"value": None, "error": None, **pairs}
    value = (pairs["concordant"] + pairs["tied"] / 2) / number
    agreeing, both, every = added(partials, "agreement").tolist()
    return {"value": value, "error": sqrt(max(agreeing - 2 * value * both + value**2 * every, 0.0)) / number, **pairs}


def _terms(names: tuple[str, ...], values: Numbers, errors: Numbers, level: float) -> list[list[Any]]:
    z = values / errors
    low, high = around(values, errors, level)
    rows: list[list[Any]] = [["term", "coefficient", "error", "hazard_ratio", "low", "high", "z", "p"]]
    columns = (
        values,
        errors,
        np.exp(values),
        np.exp(low),
        np.exp(high),
        z,
        both_tails(z),
    )
    return rows + [[name, *row] for name, row in zip(names, np.stack(columns, axis=1).tolist(), strict=True)]
