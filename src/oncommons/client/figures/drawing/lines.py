"""Lines and points: ROC curves, calibration, the variance of components."""

from __future__ import annotations

from matplotlib.axes import Axes

from oncommons.client.figures.drawing.canvas import SMALL, SOFT, WIDTHS, Canvas, colour, dashes, marker
from oncommons.client.figures.drawing.forest import plain_ticks
from oncommons.client.figures.shapes import Line, Lines
from oncommons.client.figures.words import tick

_LEFT, _TOP, _BELOW, _RIGHT = 13.0, 3.0, 11.0, 4.0
_SQUARE = {"page": 90.0, "column": 66.0}
_MOST_PLACES = 12


def draw_lines(shape: Lines, width: str) -> Canvas:
    """A drawing of lines: square where a diagonal is drawn, and then not wider than it is legible.

    Args:
        shape: What is drawn.
        width: ``page`` or ``column``.
    """
    side = _SQUARE[width]
    whole = min(WIDTHS[width], side + _LEFT + _RIGHT) if shape.diagonal else WIDTHS[width]
    tall = whole - _LEFT - _RIGHT if shape.diagonal else side * 0.8
    canvas = Canvas.of(whole, _TOP + tall + _BELOW)
    axes = canvas.axes(_LEFT, _TOP, whole - _LEFT - _RIGHT, tall)
    _frame(axes, shape)
    for place, line in enumerate(shape.lines):
        _line(axes, line, place)
    if shape.note:
        axes.text(0.97, 0.04, shape.note, transform=axes.transAxes, ha="right", va="bottom", fontsize=SMALL)
    if any(line.name for line in shape.lines):
        axes.legend(frameon=False, fontsize=SMALL, handlelength=3.2, loc="center right")
    return canvas


def _frame(axes: Axes, shape: Lines) -> None:
    axes.set_xlim(*shape.x)
    axes.set_ylim(*shape.y)
    ups = plain_ticks(*shape.y)
    axes.set_yticks(ups, [tick(place) for place in ups])
    if shape.whole:
        last = int(shape.x[1])
        places = range(1, last + 1, 1 + last // _MOST_PLACES)
        axes.set_xticks(list(places), [str(place) for place in places])
    else:
        across = plain_ticks(*shape.x)
        axes.set_xticks(across, [tick(place) for place in across])
    axes.set_xlabel(shape.across, labelpad=2)
    axes.set_ylabel(shape.upward, labelpad=3)
    if shape.diagonal:
        axes.plot(shape.x, shape.y, color=SOFT, linewidth=0.7, linestyle=(0, (3, 2)), zorder=1)


def _line(axes: Axes, line: Line, place: int) -> None:
    axes.plot(
        line.x,
        line.y,
        color=colour(place),
        linestyle=dashes(place) if line.joined else "none",
        marker=marker(place) if line.dots else "none",
        markersize=3.6,
        label=line.name or "_",
        clip_on=False,
        zorder=3,
    )
    for x, low, high in zip(line.x, line.low, line.high, strict=False):
        axes.plot((x, x), (low, high), color=colour(place), linewidth=0.9, clip_on=False, zorder=2)
