"""Curves of steps over time with bands, marks and medians; people at risk stand below, and name the curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from oncommons.client.figures.drawing.canvas import INK, SMALL, SOFT, WIDTHS, Canvas, colour, dashes, wide
from oncommons.client.figures.drawing.forest import plain_ticks
from oncommons.client.figures.shapes import Curve, Curves
from oncommons.client.figures.words import percent

_KEY, _ROW, _TOP, _BELOW, _RIGHT = 8.0, 3.7, 3.0, 10.5, 4.0
"""Millimetres: a sample of a line; a row of numbers; free above; for the axis below; free at the right."""
_LEFT = 13.0
_MOST_NAMES = {"page": 0.34, "column": 0.31}
"""Of the width: longer names stand above their numbers."""
_TOPS = (0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Where the axis of what rises from nothing may end."""
_MOST_MIDDLES = 4
"""Lines of more medians would say nothing."""


def draw_curves(shape: Curves, width: str) -> Canvas:
    """A drawing of curves.

    Args:
        shape: What is drawn.
        width: ``page`` or ``column``.
    """
    whole = WIDTHS[width]
    heads = [f"{number:,}" for rows in _risks(shape).values() for number in rows[:1]]
    names = max([wide(name) for name in _named(shape)], default=0) + _KEY + 3.5 + max(map(wide, heads), default=0) / 2
    beside = names <= _MOST_NAMES[width] * whole
    left = max(_LEFT, names + 1) if beside else _LEFT
    shape = _thinned(shape, whole - left - _RIGHT)
    keys = 0.0 if not shape.at_risk else len(shape.curves) * _ROW + 2
    lines = len(_risks(shape)) * (1 if beside else 2)
    plot = (86.0 if width == "page" else 58.0) - _TOP
    canvas = Canvas.of(whole, _TOP + plot + _BELOW + keys + (lines + 1) * _ROW + 2.5)
    axes = canvas.axes(left, _TOP, whole - left - _RIGHT, plot)
    _frame(axes, shape)
    for place, curve in enumerate(shape.curves):
        _curve(axes, curve, place, shape)
    if shape.note:
        look: dict[str, Any] = {"ha": "left", "va": "bottom", "fontsize": SMALL, "color": INK, "zorder": 5}
        under = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}
        axes.text(0.015, 0.02, shape.note, transform=axes.transAxes, bbox=under, **look)
    top = _TOP + plot + _BELOW
    if keys:
        for place, curve in enumerate(shape.curves):
            _key(canvas, 2.0, top + _ROW * (place + 0.5), place)
            canvas.text(2.0 + _KEY, top + _ROW * (place + 0.5), curve.name)
    _below(canvas, axes, shape, top + keys, beside=beside)
    return canvas


def _risks(shape: Curves) -> dict[str, Sequence[int]]:
    return dict(shape.at_risk) or {curve.name: curve.at_risk for curve in shape.curves}


def _named(shape: Curves) -> list[str]:
    return list(_risks(shape))


def _thinned(shape: Curves, room: float) -> Curves:
    """With so few ticks that the numbers below them do not touch: each second one, each third one, and so on."""
    texts = [f"{number:,}" for numbers in _risks(shape).values() for number in numbers]
    widest = max(map(wide, [*texts, *shape.tick_names]), default=0.0) + 1.5
    each = max(1, ceil(widest * (len(shape.ticks) - 1) / room))
    risks = {name: tuple(numbers)[::each] for name, numbers in shape.at_risk.items()}
    curves = tuple(replace(curve, at_risk=curve.at_risk[::each]) for curve in shape.curves)
    return replace(shape, curves=curves, ticks=shape.ticks[::each], tick_names=shape.tick_names[::each], at_risk=risks)


def _frame(axes: Axes, shape: Curves) -> None:
    last = max([*(x for curve in shape.curves for x in curve.x), *shape.ticks])
    axes.set_xlim(0, last * 1.01 if last > 0 else 1.0)
    highest = max((y for curve in shape.curves for y in (*curve.y, *curve.high)), default=1.0)
    top = 1.0 if shape.start else next((step for step in _TOPS if step >= highest), 1.0)
    axes.set_ylim(0, top * 1.015)
    heights = plain_ticks(0.0, top)
    axes.set_yticks(heights, [percent(height) for height in heights])
    axes.set_xticks(shape.ticks, shape.tick_names)
    axes.set_xlabel(shape.across, labelpad=2)
    axes.set_ylabel(shape.upward, labelpad=3)


def _curve(axes: Axes, curve: Curve, place: int, shape: Curves) -> None:
    x, y = (0.0, *curve.x), (shape.start, *curve.y)
    pen = {"color": colour(place), "linestyle": dashes(place)}
    if curve.low:
        axes.fill_between(
            x,
            (shape.start, *curve.low),
            (shape.start, *curve.high),
            step="post",
            color=colour(place),
            alpha=0.13,
            linewidth=0,
            zorder=1,
        )
    axes.plot(x, y, drawstyle="steps-post", solid_joinstyle="miter", zorder=3, clip_on=False, **pen)
    if curve.marks:
        at, heights = zip(*curve.marks, strict=True)
        axes.plot(
            at,
            heights,
            linestyle="none",
            marker="|",
            markersize=3.6,
            markeredgewidth=0.7,
            color=colour(place),
            zorder=4,
        )
    if curve.middle is not None and shape.start and len(shape.curves) <= _MOST_MIDDLES:
        grey: dict[str, Any] = {"color": SOFT, "linewidth": 0.6, "linestyle": (0, (1, 1.5)), "zorder": 2}
        axes.plot((0, curve.middle), (0.5, 0.5), **grey)
        axes.plot((curve.middle, curve.middle), (0, 0.5), **grey)


def _key(canvas: Canvas, left: float, y: float, place: int) -> None:
    """A sample of a line."""
    at = 1 - y / canvas.height
    ends = (left / canvas.width, (left + _KEY - 2) / canvas.width)
    pen = {"color": colour(place), "linestyle": dashes(place), "linewidth": 1.2}
    canvas.figure.add_artist(Line2D(ends, (at, at), transform=canvas.figure.transFigure, **pen))


def _below(canvas: Canvas, axes: Axes, shape: Curves, top: float, *, beside: bool) -> None:
    """Who is at risk at each tick, below it, a row or two for each name."""
    box, (low, high) = axes.get_position(), axes.get_xlim()
    canvas.text(1.5, top + _ROW / 2, "People at risk", weight="bold")
    y = top + _ROW
    for place, (name, numbers) in enumerate(_risks(shape).items()):
        if not shape.at_risk:
            _key(canvas, 1.5, y + _ROW / 2, place)
        canvas.text(1.5 + (0 if shape.at_risk else _KEY), y + _ROW / 2, name)
        y += 0 if beside else _ROW
        for tick, number in zip(shape.ticks, numbers, strict=True):
            x = (box.x0 + box.width * (tick - low) / (high - low)) * canvas.width
            canvas.text(x, y + _ROW / 2, f"{number:,}", ha="center")
        y += _ROW
