"""Forest plots: names at the left, estimates with intervals in the middle, numbers at the right."""

from __future__ import annotations

from math import ceil, floor, log10

from matplotlib.axes import Axes

from oncommons.client.figures.drawing.canvas import FAINT, INK, SOFT, WIDTHS, Canvas, colour, wide
from oncommons.client.figures.shapes import Forest, Row
from oncommons.client.figures.words import tick

_ROW, _TOP, _BELOW, _GAP, _IN = 4.4, 6.5, 10.0, 3.0, 3.0
"""Millimetres: a row; the heads; the axis; between columns; how far names below a heading begin."""
_LEAST_PLOT = {"page": 45.0, "column": 20.0}
_FAR = 30.0
"""Intervals that go farther than so many times, or widths, beyond all estimates end in an arrow."""
_MOST_TICKS = 6
_SQUARE = (2.6, 6.5)
"""Points: sides of the smallest and the largest square."""


def draw_forest(shape: Forest, width: str) -> Canvas:
    """A drawing of estimates with intervals.

    Args:
        shape: What is drawn.
        width: ``page``, or ``column``, where columns of text that there is no room for are left out, from the right.
    """
    whole, rows = WIDTHS[width], shape.rows
    names = max(wide(row.name, weight="bold" if _heads(row) else "normal") + _IN * row.within for row in rows) + 1.5
    columns = [
        max(wide(head, weight="bold"), *(wide(text) for text in _column(rows, i)))
        for i, head in enumerate(shape.heads[1:])
    ]
    left = names + _GAP
    while columns and _room(whole, left, columns) < _LEAST_PLOT[width]:
        columns.pop()
    plot = _room(whole, left, columns)
    height = len(rows) * _ROW
    canvas = Canvas.of(whole, _TOP + height + _BELOW)
    axes = canvas.axes(left, _TOP, plot, height)
    _frame(axes, shape, plot)
    for place, row in enumerate(rows):
        y = _TOP + (place + 0.5) * _ROW
        canvas.text(1.5 + _IN * row.within, y, row.name, weight="bold" if _heads(row) else "normal")
        _draw_row(axes, row, place)
    right = left + plot
    for i, wanted in enumerate(columns):
        right += _GAP + wanted
        canvas.text(right, _TOP - 3, shape.heads[i + 1], weight="bold", ha="right")
        for place, text in enumerate(_column(rows, i)):
            canvas.text(right, _TOP + (place + 0.5) * _ROW, text, ha="right")
    return canvas


def _heads(row: Row) -> bool:
    """Whether its name is bold: it stands for others."""
    return row.whole or (row.value is None and not row.texts)


def _room(whole: float, left: float, columns: list[float]) -> float:
    """How wide the plot can be."""
    return whole - left - sum(columns) - len(columns) * _GAP - (1.5 if columns else 4.0)


def _column(rows: tuple[Row, ...], place: int) -> list[str]:
    return [row.texts[place] if place < len(row.texts) else "" for row in rows]


def _frame(axes: Axes, shape: Forest, plot: float) -> None:
    low, high = limits(shape)
    if shape.log:
        axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(len(shape.rows) - 0.5, -0.5)
    ticks = log_ticks(low, high) if shape.log else plain_ticks(low, high)
    most = max(2, int(plot / (max(wide(tick(place)) for place in ticks) + 2.5)))
    ticks = ticks[:: ceil(len(ticks) / most)]
    axes.set_xticks(ticks, [tick(place) for place in ticks])
    axes.set_xticks([], minor=True)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(shape.across, labelpad=2)
    if shape.none is not None:
        axes.axvline(shape.none, color=SOFT, linewidth=0.7, linestyle=(0, (3, 2)), zorder=1)
    for place in range(1, len(shape.rows)):
        axes.axhline(place - 0.5, color=FAINT, linewidth=0.3, zorder=0)


def _draw_row(axes: Axes, row: Row, place: int) -> None:
    if row.value is None:
        return
    low, high = axes.get_xlim()
    start, end = (row.value if at is None else at for at in (row.low, row.high))
    if row.whole:
        axes.fill(
            [start, row.value, end, row.value],
            [place, place - 0.3, place, place + 0.3],
            color=INK,
            linewidth=0,
            zorder=3,
        )
        return
    axes.plot(
        (max(start, low), min(end, high)),
        (place, place),
        color=colour(0),
        linewidth=1.1,
        zorder=2,
        solid_capstyle="butt",
    )
    for at, beyond, arrow in ((low, start < low, "<"), (high, end > high, ">")):
        if beyond:
            axes.plot((at,), (place,), marker=arrow, markersize=3.5, color=colour(0), clip_on=False, zorder=3)
    if low <= row.value <= high:
        side = 4.0 if row.weight is None else _SQUARE[0] + (_SQUARE[1] - _SQUARE[0]) * max(0.0, row.weight) ** 0.5
        axes.plot((row.value,), (place,), marker="s", markersize=side, color=colour(0), markeredgewidth=0, zorder=4)


def limits(shape: Forest) -> tuple[float, float]:
    """Ends of the axis: all estimates, and as much of their intervals as is not far away."""
    values = [row.value for row in shape.rows if row.value is not None]
    values += [shape.none] if shape.none is not None else []
    ends = [end for row in shape.rows if row.value is not None for end in (row.low, row.high) if end is not None]
    if not values:
        return (0.1, 10.0) if shape.log else (-1.0, 1.0)
    least, most = min(values), max(values)
    if shape.log:
        low = max(min([*ends, least]), least / _FAR)
        high = min(max([*ends, most]), most * _FAR)
        margin = max(1.02, (high / low) ** 0.05)
        return low / margin, high * margin
    spread = (most - least) or abs(most) or 1.0
    low, high = max(min([*ends, least]), least - _FAR * spread), min(max([*ends, most]), most + _FAR * spread)
    margin = 0.05 * (high - low) or 0.5 * (abs(high) or 1.0)
    return low - margin, high + margin


def log_ticks(low: float, high: float) -> list[float]:
    """Few round places on a logarithmic axis.

    Args:
        low: Where it begins, above 0.
        high: Where it ends.
    """
    first, last = floor(log10(low)), ceil(log10(high))
    for steps in ((1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        found = [step * 10.0**power for power in range(first, last + 1) for step in steps]
        found = [round(place, 10 - floor(log10(place))) for place in found if low <= place <= high]
        if len(found) <= _MOST_TICKS:
            break
    each = ceil(len(found) / _MOST_TICKS) if found else 1
    if len(found) < 3:  # noqa: PLR2004  so near to each other, round numbers serve as well
        return plain_ticks(low, high)
    return found[::each]


def plain_ticks(low: float, high: float) -> list[float]:
    """Few round places on an axis.

    Args:
        low: Where it begins.
        high: Where it ends, above.
    """
    power = 10.0 ** floor(log10((high - low) / _MOST_TICKS))
    step = next(s * power for s in (1, 2, 2.5, 5, 10, 20) if (high - low) / (s * power) <= _MOST_TICKS)
    return [step * i for i in range(ceil(low / step), floor(high / step) + 1)]
