"""Forest plots of meta-analyses: hospitals with their weights, and what they give together."""

from __future__ import annotations

from typing import Any

from oncommons.client.figures.estimates import MOST_ROWS, Scale, across_of, scale_of
from oncommons.client.figures.figure import Figure
from oncommons.client.figures.shapes import Forest, Row
from oncommons.client.figures.told import Record, Rows, closing, is_number, level_of, parted, rows_of, setting
from oncommons.client.figures.words import interval, many, number, p_value, percent, plain, ratio, short

MOST_TERMS = 12
"""So many figures are drawn."""
_DONE = {
    "fixed": "Fixed effects",
    "reml": "Random effects (REML)",
    "pm": "Random effects (Paule and Mandel)",
    "dl": "Random effects (DerSimonian and Laird)",
}


def studies_figures(record: Record) -> list[Figure]:
    """A forest plot of hospitals for each term of the tables ``studies`` and ``terms``; nothing where there is none."""
    rows = rows_of(record, "studies", ("estimate", "low", "high", "weight"), ("node", "term"))
    terms = rows_of(record, "terms", ("coefficient", "low", "high", "p"), ("term",)) or []
    parts = parted(rows, "term") if rows else {}
    whole = {plain(row["term"]): row for row in terms}
    drawn = [(term, some) for (term,), some in parts.items() if term in whole and len(some) < MOST_ROWS]
    names = short([f"studies-{_safe(term)}" for term, _ in drawn[:MOST_TERMS]], 48)
    return [_figure(record, name, one, whole[one[0]]) for name, one in zip(names, drawn, strict=False)]


def _figure(record: Record, name: str, one: tuple[str, Rows], whole: dict[str, Any]) -> Figure:
    term, rows = one
    scale, level = scale_of(record, {}), percent(level_of(record))
    told = [_row(scale, node, row) for node, row in zip(short([row["node"] for row in rows]), rows, strict=True)]
    value, low, high = (scale.of(whole[column]) for column in ("coefficient", "low", "high"))
    together = Row("Together", value, low, high, (f"{ratio(value)} {interval(low, high)}", "100%"), whole=True)
    heads = ("Hospital", f"{scale.name} ({level} CI)", "weight")
    shape = Forest((*told, together), heads, across_of(scale), 1.0 if scale.log else 0.0, scale.log)
    words = term.replace("_", " ").replace("=", " ")
    lead = f"{scale.name}s of {words} at {many(len(rows), 'hospital')}, as each fitted alone, with {level} confidence intervals."
    found = record.get("result")
    method = str((found.get("method") if isinstance(found, dict) else None) or setting(record, "method") or "")
    done = (
        f"{_DONE.get(method, method or 'Put together')}: {ratio(value)} {interval(low, high)}, {p_value(whole['p'])}."
    )
    apart = [*_apart(whole), closing(record, "studies")]
    table = [("hospital", scale.name.lower(), "low", "high", "weight")]
    lines = [*told, together]
    weights = [*(row["weight"] for row in rows), 1.0]
    body = [(line.name, line.value, line.low, line.high, part) for line, part in zip(lines, weights, strict=True)]
    return Figure(
        name, f"{words[:1].upper()}{words[1:]} by hospital", " ".join([lead, done, *apart]), (*table, *body), shape
    )


def _row(scale: Scale, node: str, row: dict[str, Any]) -> Row:
    value, low, high = (scale.of(row[column]) for column in ("estimate", "low", "high"))
    weight = row["weight"]
    texts = (f"{ratio(value)} {interval(low, high)}", percent(weight) if is_number(weight) else "")
    return Row(node, value, low, high, texts, weight if is_number(weight) else None)


def _apart(whole: dict[str, Any]) -> list[str]:
    """How much hospitals differ (Higgins and Thompson 2002)."""
    said = []
    if is_number(share := whole.get("i_squared")):
        said.append(f"I² = {percent(share)}")
    if is_number(variance := whole.get("tau_squared")):
        said.append(f"τ² = {number(variance, 2)}")
    if is_number(q := whole.get("q_p")):
        said.append(f"test of whether hospitals differ {p_value(q)}")
    return [f"{', '.join(said)}."] if said else []


def _safe(term: str) -> str:
    return "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in term.lower()).strip("-") or "term"
