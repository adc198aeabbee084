"""At the hub: the table of all nodes, and the tests of whether rows and columns depend on each other."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, log, sqrt
from typing import Any

import scipy

from oncommons.algorithms.groups import levels_of
from oncommons.algorithms.intervals import around
from oncommons.algorithms.pair import Numbers, Result, State, Unanswerable, added
from oncommons.algorithms.tails import chi_squared_test

_EXPECTED, _PART = 5.0, 0.2
"""More than this part of the cells with fewer expected people, and chi-squared is not to be trusted (Cochran 1954)."""
_TWO_BY_TWO = (2, 2)


def combine(settings: Mapping[str, Any], _state: State | None, partials: Mapping[str, Mapping[str, Any]]) -> Result:
    """The table and its tests.

    Args:
        settings: ``rows``, ``columns`` and ``level``.
        partials: What each node gave.

    Raises:
        Unanswerable: everybody is in one row, or in one column.
    """
    cells = added(partials, "cells")
    names = [levels_of(settings, settings[role]) for role in ("rows", "columns")]
    there = cells[cells.sum(axis=1) > 0][:, cells.sum(axis=0) > 0]
    if min(there.shape) < _TWO_BY_TWO[0]:
        raise Unanswerable("Nothing is compared: there are fewer than two rows, or columns, with anybody in them.")
    expected = there.sum(axis=1)[:, None] * there.sum(axis=0) / there.sum()
    found: dict[str, Any] = {"people": int(cells.sum()), "chi_squared": chi_squared(there, expected)}
    squares = found["chi_squared"]
    tests = [
        ["test", "statistic", "degrees", "p"],
        ["chi-squared", *(squares[n] for n in ("statistic", "degrees", "p"))],
    ]
    odds = []
    if there.shape == _TWO_BY_TWO:
        found["fisher"] = fisher(there, settings["level"])
        tests.append(["Fisher's exact", None, None, found["fisher"]["p"]])
        odds = [["odds_ratio", "low", "high"], [found["fisher"][n] for n in ("odds_ratio", "low", "high")]]
    body = [[level, *row, sum(row)] for level, row in zip(names[0], cells.astype(int).tolist(), strict=True)]
    total = ["", *cells.sum(axis=0).astype(int).tolist(), int(cells.sum())]
    tables = {"cells": [[settings["rows"], *names[1], "all"], *body, total], "tests": tests} | (
        {"odds": odds} if odds else {}
    )
    few = float((expected < _EXPECTED).mean()) > _PART
    told = "Of more than a fifth of the cells fewer than five people are expected: chi-squared is not to be trusted."
    return Result(found, tables, (told,) if few else ())


def chi_squared(cells: Numbers, expected: Numbers) -> dict[str, Any]:
    """Pearson's test, without correction for continuity, and Cramer's V.

    Args:
        cells: People, without empty rows and columns.
        expected: How many there would be, did rows and columns not depend on each other.

    Returns:
        ``statistic``, ``degrees`` of freedom, ``p`` and ``v``.
    """
    statistic, degrees = float(((cells - expected) ** 2 / expected).sum()), (cells.shape[0] - 1) * (cells.shape[1] - 1)
    v = sqrt(statistic / (float(cells.sum()) * (min(cells.shape) - 1)))
    return chi_squared_test(statistic, degrees) | {"v": v}


def fisher(cells: Numbers, level: float) -> dict[str, Any]:
    """Fisher's exact test of two by two, two-sided by the probability of tables, and the odds ratio with its interval.

    The interval is that of the log's standard error (Woolf 1955); neither is there where a cell is empty.

    Args:
        cells: Shape ``(2, 2)``.
        level: How sure the interval is, of one.
    """
    found: dict[str, Any] = {"p": float(scipy.stats.fisher_exact(cells.astype(int)).pvalue)}
    if not cells.all():
        return found | {"odds_ratio": None, "low": None, "high": None}
    (a, b), (c, d) = cells.tolist()
    ratio = a * d / (b * c)
    low, high = around(log(ratio), sqrt(float((1 / cells).sum())), level)
    return found | {"odds_ratio": ratio, "low": exp(low), "high": exp(high)}
