"""Heat-maps: cells coloured by their numbers, and the numbers in them where there is room."""

from __future__ import annotations

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from oncommons.client.figures.drawing.canvas import INK, MM, SIZE, SMALL, SOFT, WIDTHS, Canvas, wide
from oncommons.client.figures.shapes import Grid
from oncommons.client.figures.words import tick

_BAR, _GAP, _ROW = 15.0, 2.5, 8.0
_STEPS = 40
_DARK = 0.18
"""Cells of less luminance (WCAG 2.2, relative luminance) have white numbers."""
_LEAST = 5.0
"""Points, of the numbers in cells."""


def draw_grid(shape: Grid, width: str) -> Canvas:
    """A drawing of a heat-map.

    Args:
        shape: What is drawn.
        width: ``page`` or ``column``.
    """
    whole = WIDTHS[width]
    left = max(wide(name) for name in shape.rows) + 2 * _GAP + (4.0 if shape.upward else 0.0)
    room = whole - left - _BAR - 3 * _GAP
    cell = min(room / len(shape.columns), 26.0)
    tilted = max(map(wide, shape.columns)) > cell - 1
    head = (0.75 * max(map(wide, shape.columns)) if tilted else 3.5) + _GAP + (4.5 if shape.across else 0.0)
    row = max(3.2, min(_ROW, cell))
    whole = min(whole, left + cell * len(shape.columns) + 3 * _GAP + _BAR)
    tall = max(row * len(shape.rows), 18.0)
    canvas = Canvas.of(whole, head + tall + 3)
    axes = canvas.axes(left, head, cell * len(shape.columns), row * len(shape.rows))
    _cells(axes, shape, cell, row)
    angle = {"rotation": 45, "ha": "left", "va": "bottom", "rotation_mode": "anchor"} if tilted else {"ha": "center"}
    for place, name in enumerate(shape.columns):
        canvas.text(left + (place + (0.4 if tilted else 0.5)) * cell, head - (0.8 if tilted else 2.2), name, **angle)
    for place, name in enumerate(shape.rows):
        canvas.text(left - 1.2, head + (place + 0.5) * row, name, ha="right")
    if shape.across:
        canvas.text(left + cell * len(shape.columns) / 2, 2.5, shape.across, ha="center", weight="bold")
    if shape.upward:
        canvas.text(2.5, head + row * len(shape.rows) / 2, shape.upward, ha="center", rotation=90, weight="bold")
    _scale(canvas, shape, left + cell * len(shape.columns) + _GAP, (head, tall))
    return canvas


def _colour(value: float, shape: Grid) -> tuple[float, ...]:
    low, high = shape.span
    share = (value - low) / (high - low) if high > low else 0.5
    found: tuple[float, ...] = mpl.colormaps["PuOr_r" if shape.both else "Blues"](min(1.0, max(0.0, share)))
    return found[:3]


def luminance(colour: tuple[float, ...]) -> float:
    """The relative luminance of a colour (WCAG 2.2).

    Args:
        colour: Red, green and blue, 0 to 1.
    """
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)  # noqa: PLR2004
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _cells(axes: Axes, shape: Grid, cell: float, row: float) -> None:
    axes.set_xlim(0, len(shape.columns))
    axes.set_ylim(len(shape.rows), 0)
    axes.set_axis_off()
    longest = max(wide(text, SIZE) for line in shape.texts for text in line)
    size = min(SIZE, SIZE * (cell - 1) / longest, 0.6 * row * MM)
    for i, (values, texts) in enumerate(zip(shape.values, shape.texts, strict=True)):
        for j, (value, text) in enumerate(zip(values, texts, strict=True)):
            face = (1.0, 1.0, 1.0) if value is None else _colour(value, shape)
            axes.add_patch(Rectangle((j, i), 1, 1, facecolor=face, edgecolor="white", linewidth=0.6))
            if size >= _LEAST:
                pen = "white" if luminance(face) < _DARK else INK
                axes.text(j + 0.5, i + 0.5, text, ha="center", va="center", fontsize=size, color=pen)


def _scale(canvas: Canvas, shape: Grid, left: float, place: tuple[float, float]) -> None:
    """What colours mean, below each other, and what they are of."""
    top, height = place[0] + 1.2, min(place[1] - 5.5, 40.0)
    axes = canvas.axes(left, top, 3.0, height)
    low, high = shape.span
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, _STEPS)
    for step in range(_STEPS):
        axes.add_patch(
            Rectangle(
                (0, step), 1, 1.05, facecolor=_colour(low + (high - low) * step / (_STEPS - 1), shape), linewidth=0
            )
        )
    canvas.text(left, top + height + 3, shape.scale, fontsize=SMALL)
    for share in (0.0, 0.5, 1.0):
        told = tick(low + (high - low) * share)
        canvas.text(left + 3.8, top + height * (1 - share), told, fontsize=SMALL, color=SOFT)
