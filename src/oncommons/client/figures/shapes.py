"""What a figure shows, as numbers and words: what the drawing is made of, without anything that draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Curve:
    """A curve of steps with its band.

    Attributes:
        name: As the figure names it.
        x: Where it steps, rising.
        y: Its height from each step on, 0 to 1.
        low: Lower end of the band from each step on; empty where there is none.
        high: Upper end of the band.
        marks: Places at which somebody was seen for the last time.
        middle: Where the curve reaches one half, for a line; nothing where it does not.
        at_risk: How many are at risk at each tick.
    """

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    marks: tuple[tuple[float, float], ...] = ()
    middle: float | None = None
    at_risk: tuple[int, ...] = ()


@dataclass(frozen=True)
class Curves:
    """Curves of steps over time, people at risk below.

    Attributes:
        curves: Each in a colour and a line of its own.
        start: Height of all curves at time 0.
        across: What the horizontal axis shows, with its unit.
        upward: What the vertical axis shows.
        ticks: Places of ticks, in the unit of the curves.
        tick_names: What stands at each.
        note: A line within the figure, such as the test.
        at_risk: Name to how many are at risk at each tick, where curves share these; else each curve has its own.
    """

    curves: tuple[Curve, ...]
    start: float
    across: str
    upward: str
    ticks: tuple[float, ...]
    tick_names: tuple[str, ...]
    note: str = ""
    at_risk: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A row of a forest plot.

    Attributes:
        name: What is estimated.
        value: The estimate; nothing for a heading.
        low: Lower end of its interval.
        high: Upper end.
        texts: What stands in the columns right of the plot.
        weight: Share of the whole, 0 to 1, for the size of the square.
        whole: Whether it is a sum of others, and drawn as a diamond.
        within: Whether it belongs to the heading above it.
    """

    name: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    texts: tuple[str, ...] = ()
    weight: float | None = None
    whole: bool = False
    within: bool = False


@dataclass(frozen=True)
class Forest:
    """Estimates with intervals, a row each.

    Attributes:
        rows: From top to bottom.
        heads: Names of the columns: of the names, then of the texts.
        across: What the horizontal axis shows.
        none: Where there is no effect; nothing where no place says that.
        log: Whether the axis is logarithmic.
        sides: What lies left and right of no effect; empty where nothing is said.
    """

    rows: tuple[Row, ...]
    heads: tuple[str, ...]
    across: str
    none: float | None
    log: bool
    sides: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Line:
    """A line through points.

    Attributes:
        name: As the figure names it; empty where it is the only one.
        x: Places of points.
        y: Their heights.
        low: Lower ends of intervals; empty where there are none.
        high: Upper ends.
        dots: Whether points are marked.
        joined: Whether points are joined by a line.
    """

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    dots: bool = False
    joined: bool = True


@dataclass(frozen=True)
class Lines:
    """Lines in a square or a wide frame.

    Attributes:
        lines: Each in a colour and a line of its own.
        across: What the horizontal axis shows.
        upward: What the vertical axis shows.
        x: Ends of the horizontal axis.
        y: Ends of the vertical axis.
        diagonal: Whether a line of equality is drawn, in a square.
        note: A line within the figure.
        whole: Whether only whole numbers are on the horizontal axis.
    """

    lines: tuple[Line, ...]
    across: str
    upward: str
    x: tuple[float, float]
    y: tuple[float, float]
    diagonal: bool = False
    note: str = ""
    whole: bool = False


@dataclass(frozen=True)
class Bars:
    """A histogram: bars that touch each other, a panel for each group.

    Attributes:
        panels: Name of the group to the heights of bars.
        edges: Ends of bars, one more than there are bars; the outermost stand where bars without end are drawn to.
        open_ends: Whether the first bar has no beginning, and the last no end.
        across: What the horizontal axis shows.
        upward: What the vertical axis shows.
    """

    panels: Mapping[str, tuple[float, ...]]
    edges: tuple[float, ...]
    open_ends: tuple[bool, bool]
    across: str
    upward: str


@dataclass(frozen=True)
class Grid:
    """A table as coloured cells.

    Attributes:
        rows: Names of rows, from top to bottom.
        columns: Names of columns.
        values: What colours each cell, row by row; nothing where a cell has no colour.
        texts: What stands in each cell.
        span: Values at the ends of the colours.
        scale: What the colours show.
        across: What columns are; empty where nothing is said.
        upward: What rows are.
        both: Whether colours part at the middle, as for correlations.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    texts: tuple[tuple[str, ...], ...]
    span: tuple[float, float]
    scale: str
    across: str = ""
    upward: str = ""
    both: bool = True


Shape = Curves | Forest | Lines | Bars | Grid
"""Whatever can be drawn."""
