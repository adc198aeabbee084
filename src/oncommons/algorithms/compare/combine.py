"""At the hub: means of all nodes, then tests of whether they differ."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

import numpy as np

from oncommons.algorithms.groups import levels_of
from oncommons.algorithms.intervals import around, reach
from oncommons.algorithms.pair import Numbers, Result, State, Unanswerable, added
from oncommons.algorithms.tails import both_tails, f_tail

_TWO = 2


def combine(
    settings: Mapping[str, Any], state: State | None, partials: Mapping[str, Mapping[str, Any]]
) -> State | Result:
    """The second round, or the tests.

    Args:
        settings: ``by`` and ``level``.
        state: What the nodes were told.
        partials: What each gave.

    Raises:
        Unanswerable: there are no two groups with two people each, or nobody differs from the mean of their group.
    """
    if state is None:
        people, sums = added(partials, "people"), added(partials, "sums")
        if (people >= _TWO).sum() < _TWO:
            raise Unanswerable("Nothing is compared: there are no two groups with two people each.")
        return {"people": people.tolist(), "means": (sums / np.maximum(people, 1)).tolist()}
    enough = np.asarray(state["people"]) >= _TWO
    people, means, squares = (
        np.asarray(one)[enough] for one in (state["people"], state["means"], added(partials, "squares"))
    )
    if not squares.all():
        raise Unanswerable("In a group the outcome is the same for everybody; leave the group out.")
    names = [name for name, one in zip(levels_of(settings, settings["by"]), enough.tolist(), strict=True) if one]
    errors = np.sqrt(squares / (people - 1) / people)
    wide = np.array([reach(settings["level"], number - 1) for number in people.tolist()]) * errors
    columns = np.stack([means, np.sqrt(squares / (people - 1)), errors, means - wide, means + wide], axis=1).tolist()
    rows: list[list[Any]] = [["group", "people", "mean", "sd", "error", "low", "high"]]
    rows += [[name, int(n), *row] for name, n, row in zip(names, people.tolist(), columns, strict=True)]
    found: dict[str, Any] = {"people": int(people.sum()), "variance": variance(people, means, squares)}
    tables = {"groups": rows, "tests": [["test", "statistic", "degrees", "within", "p"]]}
    tables["tests"].append(["analysis of variance", *found["variance"].values()])
    if len(names) == _TWO:
        found |= {"welch": t_test(people, means, squares, settings["level"], pooled=False)}
        found |= {"pooled": t_test(people, means, squares, settings["level"], pooled=True)}
        tables["differences"] = [["test", "difference", "low", "high"]]
        for name, test in (("Welch's t", found["welch"]), ("pooled t", found["pooled"])):
            tables["tests"].append([name, test["statistic"], test["degrees"], None, test["p"]])
            tables["differences"].append([name, test["difference"], test["low"], test["high"]])
    lost = [str(name) for name in levels_of(settings, settings["by"]) if name not in names]
    told = (f"Left out, with fewer than two people: {', '.join(lost)}.",) if lost else ()
    return Result(found, tables, told)


def variance(people: Numbers, means: Numbers, squares: Numbers) -> dict[str, float]:
    """One-way analysis of variance.

    Args:
        people: Of each group.
        means: Of each group.
        squares: Sum of squares about the mean of each group.

    Returns:
        ``statistic``, ``between`` and ``within``, its degrees of freedom, and ``p``.
    """
    whole = float(people @ means / people.sum())
    between, within = len(people) - 1, float(people.sum()) - len(people)
    statistic = float(people @ (means - whole) ** 2) / between / (float(squares.sum()) / within)
    p = f_tail(statistic, between, within)
    return {"statistic": statistic, "between": between, "within": int(within), "p": p}


def t_test(people: Numbers, means: Numbers, squares: Numbers, level: float, *, pooled: bool) -> dict[str, float]:
    """Whether the mean of the second of two groups is that of the first.

    Args:
        people: Of each group.
        means: Of each group.
        squares: Sum of squares about the mean of each group.
        level: How sure the confidence interval is, of one.
        pooled: Whether the groups have one variance (Student); else each has its own (Welch).

    Returns:
        The ``difference``, second less first, with its interval, ``statistic``, ``degrees`` of freedom, and ``p``.
    """
    parts = squares / (people - 1) / people
    degrees = float(parts.sum() ** 2 / (parts**2 / (people - 1)).sum())
    error = sqrt(float(parts.sum()))
    if pooled:
        degrees = float(people.sum()) - len(people)
        error = sqrt(float(squares.sum()) / degrees * float((1 / people).sum()))
    difference = float(means[1] - means[0])
    (low, high), statistic = around(difference, error, level, degrees), difference / error
    found = {"difference": difference, "low": low, "high": high, "statistic": statistic}
    return found | {"degrees": degrees, "p": float(both_tails(statistic, degrees))}
