"""Histograms: bars that touch, a panel for each group above the next, all on one axis."""

from __future__ import annotations

from itertools import pairwise

from matplotlib.axes import Axes

from oncommons.client.figures.drawing.canvas import WIDTHS, Canvas, colour, wide
from oncommons.client.figures.drawing.forest import plain_ticks
from oncommons.client.figures.shapes import Bars
from oncommons.client.figures.words import tick

_TOP, _BELOW, _RIGHT, _BETWEEN = 3.0, 11.0, 4.0, 5.5
_TALL = {"page": 62.0, "column": 46.0}
_LEAST = 18.0
"""Millimetres: how tall a panel is at least."""


def draw_bars(shape: Bars, width: str) -> Canvas:
    """A drawing of histograms.

    Args:
        shape: What is drawn; its outermost bars are hatched where they have no end.
        width: ``page`` or ``column``.
    """
    panels = list(shape.panels.items())
    tall = max(_LEAST, _TALL[width] * (1.0 if len(panels) == 1 else 1.5 / len(panels)))
    most = max((max(heights) for _, heights in panels), default=1.0) or 1.0
    ticks = plain_ticks(0.0, most * 1.05)
    ticks = ticks if len(panels) == 1 else ticks[:: max(1, (len(ticks) - 1) // 2)]
    left = 9.5 + max(wide(tick(place)) for place in ticks)
    titled = _BETWEEN if len(panels) > 1 else 0.0
    canvas = Canvas.of(WIDTHS[width], _TOP + len(panels) * (tall + titled) + _BELOW)
    for place, (name, heights) in enumerate(panels):
        top = _TOP + place * (tall + titled) + titled
        axes = canvas.axes(left, top, WIDTHS[width] - left - _RIGHT, tall)
        _panel(axes, shape, heights, last=place == len(panels) - 1)
        axes.set_ylim(0, most * 1.05)
        axes.set_yticks(ticks, [tick(place) for place in ticks])
        if titled:
            canvas.text(left, top - _BETWEEN / 2, name, weight="bold")
    return canvas


def _panel(axes: Axes, shape: Bars, heights: tuple[float, ...], *, last: bool) -> None:
    edges = shape.edges
    widths = [after - before for before, after in pairwise(edges)]
    bars = axes.bar(
        edges[:-1], heights, widths, align="edge", color=colour(0), alpha=0.75, edgecolor="white", linewidth=0.4
    )
    for bar, is_open in ((bars[0], shape.open_ends[0]), (bars[-1], shape.open_ends[1])):
        if is_open:
            bar.set(facecolor="white", edgecolor=colour(0), alpha=1.0, linestyle=(0, (2, 1)), linewidth=0.7)
    axes.set_xlim(edges[0], edges[-1])
    ticks = plain_ticks(edges[0], edges[-1])
    axes.set_xticks(ticks, [tick(place) for place in ticks] if last else [""] * len(ticks))
    axes.set_ylabel(shape.upward, labelpad=3)
    if last:
        axes.set_xlabel(shape.across, labelpad=2)
