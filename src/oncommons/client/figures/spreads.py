"""Histograms of numbers, a figure for each variable and a panel for each group."""

from __future__ import annotations

from oncommons.client.figures.figure import Figure
from oncommons.client.figures.shapes import Bars
from oncommons.client.figures.told import Record, Rows, axis, closing, is_number, parted, rows_of, variable
from oncommons.client.figures.words import many, number, short

MOST_PANELS = 8
_FEWEST_EDGES = 2
_EMPTY = 0.05
"""Bars of less than this many people at either end are left out."""


def histogram_figures(record: Record) -> list[Figure]:
    """Histograms of the table ``histogram``; nothing where there is none."""
    rows = rows_of(record, "histogram", ("from", "to", "people"), ("variable", "group"))
    return [
        figure
        for (name,), some in parted(rows or [], "variable").items()
        if (figure := _histogram(record, name, parted(some, "group"))) is not None
    ]


def _histogram(record: Record, name: str, groups: dict[tuple[str, ...], Rows]) -> Figure | None:
    first = next(iter(groups.values()))
    ends = [[(row["from"], row["to"]) for row in rows] for rows in groups.values()]
    edges = [row["from"] for row in first[1:]]
    known = all(one == ends[0] for one in ends) and all(
        is_number(row["people"]) for rows in groups.values() for row in rows
    )
    if not known or len(groups) > MOST_PANELS or len(edges) < _FEWEST_EDGES or not all(map(is_number, edges)):
        return None
    below = first[0]["from"] if first[0]["from"] is not None else 2 * edges[0] - edges[1]
    above = first[-1]["to"] if first[-1]["to"] is not None else 2 * edges[-1] - edges[-2]
    names = short([group or "Everybody" for (group,) in groups])
    heights = [tuple(float(row["people"]) for row in rows) for rows in groups.values()]
    start, end = _filled(heights)
    every = (below, *edges, above)
    open_ends = (first[0]["from"] is None and start == 0, first[-1]["to"] is None and end == len(first))
    panels = {group: one[start:end] for group, one in zip(names, heights, strict=True)}
    shape = Bars(panels, every[start : end + 1], open_ends, axis(record, name), "People")
    words = variable(record, name)[0]
    told = [f"{group}: {_peak(one, every)}." for group, one in zip(names, heights, strict=True)]
    lead = f"Histogram of {words.lower()}{' by group' if len(groups) > 1 else ''}."
    last = ["The outermost bars have no end, so that no extreme is told."] if any(open_ends) else []
    table = [("group", "from", "to", "people")]
    for group, rows in zip(names, groups.values(), strict=True):
        table += [(group, row["from"], row["to"], round(row["people"], 1)) for row in rows[start:end]]
    safe = "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in name.lower())
    caption = " ".join([lead, *told, closing(record, "histogram", last=last)])
    return Figure(f"histogram-{safe}", f"Histogram of {words.lower()}", caption, tuple(table), shape)


def _filled(heights: list[tuple[float, ...]]) -> tuple[int, int]:
    """Between which bars somebody is."""
    there = [place for place, bars in enumerate(zip(*heights, strict=True)) if max(bars) >= _EMPTY]
    return (there[0], there[-1] + 1) if there else (0, len(heights[0]))


def _peak(heights: tuple[float, ...], edges: tuple[float, ...]) -> str:
    place = max(range(len(heights)), key=heights.__getitem__)
    people = many(round(sum(heights)), "person", "people")
    return f"{people}, most in the bar from {number(edges[place])} to {number(edges[place + 1])}"
