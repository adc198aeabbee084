"""Forest plots: coefficients of models, means of groups, and studies with what they give together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Any

from oncommons.client.figures.figure import Figure
from oncommons.client.figures.shapes import Forest, Row
from oncommons.client.figures.told import Record, Rows, closing, is_number, level_of, rows_of, setting
from oncommons.client.figures.words import interval, many, number, p_value, percent, plain, ratio, short

MOST_ROWS = 60
RATIOS: Mapping[str, str] = {
    "binomial": "Odds ratio",
    "poisson": "Rate ratio",
    "negative_binomial": "Rate ratio",
    "cox": "Hazard ratio",
}
"""What the power of a coefficient is, by the family of the model; ``cox`` is that of a meta-analysis."""
_FARTHEST = 700.0
"""A larger power of e is no number."""


@dataclass(frozen=True)
class Scale:
    """How estimates are told.

    Attributes:
        name: What they are.
        column: Which column of a table has them.
        of: From what the table has to what is told; nothing where that cannot be.
        log: Whether they are ratios.
    """

    name: str
    column: str
    of: Callable[[Any], float | None]
    log: bool = True


def terms_figures(record: Record) -> list[Figure]:
    """A forest plot of the table ``terms``; nothing where there is none."""
    rows = rows_of(record, "terms", ("coefficient", "low", "high", "p"), ("term",))
    shown = [row for row in rows or () if row["term"] != "intercept"]
    if not shown or len(shown) > MOST_ROWS:
        return []
    scale, level = scale_of(record, shown[0]), percent(level_of(record))
    lines = _lines(record, shown, scale)
    heads = ("", f"{scale.name} ({level} CI)", "p")
    none = 1.0 if scale.log else 0.0
    shape = Forest(tuple(lines), heads, across_of(scale), none, scale.log)
    told = [_said(row, scale) for row in shown]
    table = [("term", scale.name.lower(), "low", "high", "p")]
    table += [(plain(r["term"]), *(scale.of(r[name]) for name in (scale.column, "low", "high")), r["p"]) for r in shown]
    meaning = "a ratio of 1 means no association" if scale.log else "0 means no association"
    lead = f"{scale.name}s with {level} confidence intervals: {meaning}. {_size(record)}"
    title = f"{scale.name}s, {plain(record.get('title') or 'model').lower()}"
    caption = " ".join([lead, *told, closing(record, "terms")])
    return [Figure("forest", title, caption, tuple(table), shape)]


def means_figures(record: Record) -> list[Figure]:
    """Means with intervals of the table ``groups``; nothing where there is none."""
    rows = rows_of(record, "groups", ("people", "mean", "sd", "low", "high"), ("group",))
    if not rows or len(rows) > MOST_ROWS:
        return []
    names, level = short([row["group"] for row in rows]), percent(level_of(record))
    outcome = plain(setting(record, "outcome") or "mean").replace("_", " ")
    lines = [
        Row(name, row["mean"], row["low"], row["high"], (f"{row['people']:,}", f"{ratio(row['mean'])} {_ends(row)}"))
        for name, row in zip(names, rows, strict=True)
    ]
    shape = Forest(tuple(lines), ("", "people", f"mean ({level} CI)"), f"Mean of {outcome}", None, log=False)
    told = [
        f"{n}: {many(r['people'], 'person', 'people')}, mean {ratio(r['mean'])}."
        for n, r in zip(names, rows, strict=True)
    ]
    tests = [f"{said}: {p_value(p)}." for said, p in _tests(record)]
    caption = " ".join(
        [f"Means of {outcome} by group with {level} confidence intervals.", *told, *tests, closing(record, "groups")]
    )
    columns = ("group", "people", "mean", "sd", "low", "high")
    table = (columns, *(tuple(row[name] for name in columns) for row in rows))
    return [Figure("means", f"Means of {outcome} by group", caption, table, shape)]


def _tests(record: Record) -> list[tuple[str, float | None]]:
    found = record.get("result")
    known = found if isinstance(found, Mapping) else {}
    named = {"welch": "Welch's t-test", "variance": "Analysis of variance"}
    return [(said, known[name].get("p")) for name, said in named.items() if isinstance(known.get(name), Mapping)]


def scale_of(record: Record, first: Mapping[str, Any]) -> Scale:
    """How the estimates of a model are told: as ratios where its coefficients are logs of these.

    Args:
        record: Of the run.
        first: A row of its table.
    """
    if "hazard_ratio" in first:
        return Scale("Hazard ratio", "hazard_ratio", lambda x: float(x) if is_number(x) and x > 0 else None)
    found = record.get("result")
    known = found if isinstance(found, Mapping) else {}
    family = known.get("family") or known.get("model") or setting(record, "family")
    if str(family) in RATIOS:
        return Scale(RATIOS[str(family)], "coefficient", _power)
    return Scale("Coefficient", "coefficient", lambda x: float(x) if is_number(x) else None, log=False)


def _power(value: Any) -> float | None:
    return exp(value) if is_number(value) and abs(value) < _FARTHEST else None


def across_of(scale: Scale) -> str:
    """What the axis of estimates shows."""
    return f"{scale.name} (log scale)" if scale.log else scale.name


def _size(record: Record) -> str:
    found = record.get("result")
    told = found if isinstance(found, Mapping) else {}
    people, events = told.get("people"), told.get("events")
    size = many(round(people), "person", "people") if is_number(people) else ""
    size += f", {many(round(events), 'event')}" if size and is_number(events) else ""
    return f"{size}." if size else ""


def _lines(record: Record, rows: Rows, scale: Scale) -> list[Row]:
    """A row for each term; levels of a variable stand below its name, with the one that they are compared with."""
    lines: list[Row] = []
    before = ""
    for row in rows:
        name, is_level, own = plain(row["term"]).partition("=")
        if is_level and name != before:
            lines.append(Row(_shown(name)))
            known = "1 (reference)" if scale.log else "0 (reference)"
            lines += [Row(level, texts=(known,), within=True) for level in _reference(record, name, rows)]
        value, low, high = (scale.of(row[column]) for column in (scale.column, "low", "high"))
        texts = (f"{ratio(value)} {interval(low, high)}", p_value(row["p"]).removeprefix("p ").removeprefix("= "))
        shown = short([own])[0] if is_level else _shown(name)
        lines.append(Row(shown, value, low, high, texts, within=bool(is_level)))
        before = name if is_level else ""
    return lines


def _shown(name: str) -> str:
    words = name.replace("_", " ")
    return short([words[:1].upper() + words[1:]])[0]


def _reference(record: Record, name: str, rows: Rows) -> Sequence[str]:
    """The level that others are compared with: the only one of the variable that has no term; else it is not sure."""
    run = record.get("run")
    told = run.get("variables", {}).get(name) if isinstance(run, Mapping) else None
    levels = told.get("levels") if isinstance(told, Mapping) else None
    terms = {plain(row["term"]) for row in rows}
    left = [plain(level) for level in levels or () if f"{name}={plain(level)}" not in terms]
    return short(left) if len(left) == 1 else ()


def _said(row: Mapping[str, Any], scale: Scale) -> str:
    value, low, high = (scale.of(row[column]) for column in (scale.column, "low", "high"))
    name = plain(row["term"]).replace("_", " ").replace("=", " ")
    return f"{name}: {ratio(value)} {interval(low, high)}, {p_value(row['p'])}."


def _ends(row: Mapping[str, Any]) -> str:
    return f"({number(row['low'])} to {number(row['high'])})"
