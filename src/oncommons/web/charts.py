"""Bars of counts as geometry: what a template draws as SVG, without a script and without a style.

Horizontal positions are per cent of the width, so a chart fills any screen while its words keep their size.
Each bar has four layers that say how sure a number is, each reaching further than the one before:

========  ==========================================================
layer     reaches to
========  ==========================================================
sure      the smallest number of rows that are certain
within    the largest number of rows that may be certain
maybe     the smallest number of rows that are possible
reach     the largest number of rows that may be possible
========  ==========================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oncommons.schema.answer import Count
from oncommons.web.axes import Mark

ROW_HEIGHT = 38
AXIS_HEIGHT = 22
LONGEST_LABEL = 26
MOST_BARS = 12
_MOST_TICKS = 5


@dataclass(frozen=True)
class Datum:
    """What a bar shows: a certain count and, where it differs, a possible one."""

    label: str
    certain: Count
    possible: Count | None = None


@dataclass(frozen=True)
class Bar:
    """A bar: its words, top (pixels), and the ends of its layers (per cent)."""

    label: str
    text: str
    y: int
    sure: float
    within: float
    maybe: float
    reach: float


@dataclass(frozen=True)
class Chart:
    """A bar chart.

    Attributes:
        name: Start of the identifiers in its markup; unique on a page.
        title: What it shows.
        summary: What can be read from it, for those who do not see it.
        unit: What is counted.
        height: In pixels; the width is that of the page.
        data: Everything that was given, drawn or not.
        has_range: Whether some number is not exact, so that the legend says what the lighter end means.
        has_maybe: Whether some bar has a possible part.
    """

    name: str
    title: str
    summary: str
    unit: str
    height: int
    bars: tuple[Bar, ...]
    ticks: tuple[Mark, ...]
    data: tuple[Datum, ...]
    has_range: bool
    has_maybe: bool

    @property
    def left_out(self) -> int:
        """How many bars were not drawn."""
        return len(self.data) - len(self.bars)


def bar_chart(name: str, title: str, unit: str, data: Sequence[Datum], most: int = MOST_BARS) -> Chart:
    """Lay out horizontal bars in the order given; only the first ``most`` are drawn."""
    shown = data[:most]
    top, step = scale(max((_reach(d) for d in shown), default=0))
    bars = tuple(_bar(d, i * ROW_HEIGHT, top) for i, d in enumerate(shown))
    ends = range(0, top + 1, step)
    ticks = tuple(Mark(_per_cent(x, top), f"{x:,}", _anchor(x, top)) for x in ends)
    return Chart(
        name=name,
        title=title,
        summary=_summary(shown, unit, len(data) - len(shown)),
        unit=unit,
        height=len(bars) * ROW_HEIGHT + AXIS_HEIGHT,
        bars=bars,
        ticks=ticks,
        data=tuple(data),
        has_range=any(b.within > b.sure or b.reach > b.maybe for b in bars),
        has_maybe=any(b.reach > b.within for b in bars),
    )


def scale(largest: int) -> tuple[int, int]:
    """Where an axis ends, and the step between its ticks: the smallest of 1, 2, 5, 10, 20 … with few ticks."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if largest <= step * factor * (_MOST_TICKS - 1):
                size = step * factor
                return max(-(-largest // size), 1) * size, size
        step *= 10


def _bar(datum: Datum, y: int, top: int) -> Bar:
    possible = datum.certain if datum.possible is None else datum.possible
    within = _end(datum.certain, top)
    maybe = max(_per_cent(possible.at_least, top), within)
    return Bar(
        label=_short(datum.label),
        text=_text(datum),
        y=y,
        sure=_per_cent(datum.certain.at_least, top),
        within=within,
        maybe=maybe,
        reach=max(_end(possible, top), maybe),
    )


def _text(datum: Datum) -> str:
    if datum.possible is None or datum.possible == datum.certain:
        return str(datum.certain)
    return f"{datum.certain} | {datum.possible}"


def _spoken(datum: Datum) -> str:
    return f"{datum.certain}" if datum.possible is None else f"{datum.certain} certain, {datum.possible} possible"


def _end(count: Count, top: int) -> float:
    return 100.0 if count.at_most is None else _per_cent(count.at_most, top)


def _reach(datum: Datum) -> int:
    counts = [c for c in (datum.certain, datum.possible) if c is not None]
    return max(c.at_least if c.at_most is None else c.at_most for c in counts)


def _per_cent(number: int, top: int) -> float:
    return round(100 * number / top, 2)


def _anchor(x: int, top: int) -> str:
    return "start" if x == 0 else "end" if x == top else "middle"


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…"


def _summary(data: Sequence[Datum], unit: str, left_out: int) -> str:
    if not data:
        return "There is nothing to draw."
    words = [f"{d.label}: {_spoken(d)} {unit}" for d in data[:3]]
    rest = f" {left_out} more are in the table only." if left_out else ""
    return f"Bars of {len(data)}. First: {'; '.join(words)}.{rest}"
