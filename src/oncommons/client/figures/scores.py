"""How well a score tells: the ROC curve with its area, and the calibration plot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oncommons.client.figures.figure import Figure
from oncommons.client.figures.shapes import Line, Lines
from oncommons.client.figures.told import Record, closing, is_number, level_of, rows_of
from oncommons.client.figures.words import interval, many, number, percent, ratio

_AREAS = ("roc", "auc", "area", "roc_area", "area_under_curve", "c_statistic")
"""Names under which a result has the area."""
_SHARE = (0.0, 1.0)
_LITTLE = 0.005
"""Of the largest net benefit: less more than others is none."""


def roc_figures(record: Record) -> list[Figure]:
    """The ROC curve of the table ``roc``; nothing where there is none."""
    names = ("false_positive_rate", "true_positive_rate")
    rows = rows_of(record, "roc", names)
    points = [
        (row[names[0]], row[names[1]]) for row in rows or () if is_number(row[names[0]]) and is_number(row[names[1]])
    ]
    if not points:
        return []
    points = sorted({(0.0, 0.0), *points, (1.0, 1.0)})
    area = _area(record)
    line = Line("", tuple(x for x, _ in points), tuple(y for _, y in points))
    shape = Lines(
        (line,),
        "False positive rate (1 − specificity)",
        "True positive rate (sensitivity)",
        _SHARE,
        _SHARE,
        diagonal=True,
        note=area,
    )
    lead = "ROC curve: sensitivity against 1 − specificity for each threshold of the score; the diagonal is chance."
    caption = " ".join([lead, *([f"{area}."] if area else []), closing(record, "roc")])
    table: list[tuple[Any, ...]] = [("threshold", "false positive rate", "true positive rate")]
    table += [(row.get("threshold"), row[names[0]], row[names[1]]) for row in rows or ()]
    return [Figure("roc", "ROC curve", caption, tuple(table), shape)]


def calibration_figures(record: Record) -> list[Figure]:
    """Observed against predicted risks of the table ``calibration``; nothing where there is none."""
    names = ("people", "predicted", "observed", "low", "high")
    rows = [row for row in rows_of(record, "calibration", names) or () if all(is_number(row[n]) for n in names)]
    if not rows:
        return []
    columns = {name: tuple(float(row[name]) for row in rows) for name in names}
    line = Line("", columns["predicted"], columns["observed"], columns["low"], columns["high"], dots=True, joined=False)
    last = max(max(columns[name]) for name in ("predicted", "observed", "high"))
    ends = (0.0, 1.0 if last > 0.5 else min(1.0, 1.1 * last) or 1.0)  # noqa: PLR2004  small risks would lie upon each other
    shape = Lines((line,), "Predicted risk", "Observed share", ends, ends, diagonal=True)
    told = [
        f"Of {many(round(row['people']), 'person', 'people')} with a mean prediction of {percent(row['predicted'])}, "
        f"{percent(row['observed'])} had the event."
        for row in rows
    ]
    lead = f"Calibration: observed shares with {percent(level_of(record))} confidence intervals; on the diagonal both agree."
    caption = " ".join([lead, *told, closing(record, "calibration")])
    table = (names, *(tuple(row[name] for name in names) for row in rows))
    return [Figure("calibration", "Calibration", caption, table, shape)]


def benefit_figures(record: Record) -> list[Figure]:
    """The decision curve of the table ``net_benefit`` (Vickers and Elkin 2006); nothing where there is none."""
    names = ("threshold", "score", "all")
    rows = [row for row in rows_of(record, "net_benefit", names) or () if all(is_number(row[n]) for n in names)]
    if not rows:
        return []
    x, score, everybody = (tuple(float(row[name]) for row in rows) for name in names)
    most = max(*score, *everybody, 0.0) or 1.0
    kept = sum(value >= -0.3 * most for value in everybody) or 1  # far below nothing, nobody would treat everybody
    lines = (
        Line("treat by the score", x, tuple(max(value, -0.3 * most) for value in score)),
        Line("treat everybody", x[:kept], everybody[:kept]),
        Line("treat nobody", (x[0], x[-1]), (0.0, 0.0)),
    )
    shape = Lines(lines, "Risk from which one would treat", "Net benefit", (0.0, 1.0), (-0.32 * most, 1.1 * most))
    better = [at for at, own, other in zip(x, score, everybody, strict=True) if own > max(other, 0.0) + _LITTLE * most]
    told = "At no risk that was tried it does clearly better than to treat everybody or nobody."
    if better:
        share = f"{len(better)} of {len(x)} risks that were tried"
        told = f"The score does better than both at {share}, from {percent(better[0])} to {percent(better[-1])}."
    lead = "Decision curve: net benefit of treating by the score, everybody, or nobody, by the risk from which one would treat."
    caption = " ".join([lead, told, closing(record, "net_benefit")])
    table = (("risk", "by the score", "everybody"), *zip(x, score, everybody, strict=True))
    return [Figure("decision-curve", "Decision curve", caption, table, shape)]


def _area(record: Record) -> str:
    found = record.get("result")
    if not isinstance(found, Mapping):
        return ""
    told = next((found[name] for name in _AREAS if name in found), None)
    if isinstance(told, Mapping):
        value = next((told[name] for name in ("value", "estimate", *_AREAS) if is_number(told.get(name))), None)
        low, high = told.get("low"), told.get("high")
    else:
        value, low, high = told, *(found.get(f"area_{end}") for end in ("low", "high"))
    if not is_number(value):
        return ""
    ends = f" {interval(low, high)}" if is_number(low) and is_number(high) else ""
    return f"Area under the curve {ratio(value) if ends else number(value)}{ends}"
