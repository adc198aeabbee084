"""A share over time as geometry: what a template draws as SVG, without a script and without a style.

Horizontal positions are per cent of the width and follow the days, vertical ones pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from oncommons.web.axes import TOP, Axes, Mark, short_day

PLOT = 120
_ALL = 100
_SIDE = 2.0
"""Per cent of the width that stay free at either end, so that no dot is cut."""


@dataclass(frozen=True)
class Reading:
    """A share at a moment.

    Attributes:
        at: When, ISO 8601.
        part: How many.
        of: Out of how many.
    """

    at: str
    part: int
    of: int

    @property
    def share(self) -> float:
        """Per cent; all of nothing is everything."""
        return _ALL * self.part / self.of if self.of else float(_ALL)


@dataclass(frozen=True)
class Dot:
    """A reading on the chart: where (per cent, pixels), and its words."""

    x: float
    y: float
    words: str


@dataclass(frozen=True)
class Trend(Axes):
    """A chart of a share over time.

    Attributes:
        dots: The readings, the oldest first.
        lines: From each to the next: x, y, x, y.
    """

    dots: tuple[Dot, ...]
    lines: tuple[tuple[float, float, float, float], ...]


def trend(name: str, title: str, readings: Sequence[Reading]) -> Trend:
    """Lay out readings, from 0 to 100 per cent.

    Args:
        name: Start of the identifiers in the markup.
        title: What is shown.
        readings: The oldest first.
    """
    times = [datetime.fromisoformat(one.at).timestamp() for one in readings]
    first, span = (times[0], times[-1] - times[0]) if times else (0.0, 0.0)
    room = _ALL - 2 * _SIDE
    xs = [round(_SIDE + (room * (t - first) / span if span > 0 else room / 2), 2) for t in times]
    dots = tuple(
        Dot(x, round(TOP + PLOT * (1 - one.share / _ALL), 1), f"{one.part:,} of {one.of:,} on {one.at[:10]}")
        for x, one in zip(xs, readings, strict=True)
    )
    return Trend(
        name=name,
        title=title,
        summary=_summary(readings),
        plot=PLOT,
        dots=dots,
        lines=tuple((a.x, a.y, b.x, b.y) for a, b in pairwise(dots)),
        ticks=tuple(Mark(TOP + PLOT * (1 - n / _ALL), f"{n} %") for n in (0, 50, 100)),
        labels=_labels(readings, xs),
    )


def _labels(readings: Sequence[Reading], xs: Sequence[float]) -> tuple[Mark, ...]:
    """The first day and the last, where they differ."""
    days = [short_day(one.at) for one in readings]
    if not days:
        return ()
    if days[0] == days[-1]:
        return (Mark(_ALL / 2, days[0], "middle"),)
    return Mark(xs[0], days[0], "start"), Mark(xs[-1], days[-1], "end")


def _summary(readings: Sequence[Reading]) -> str:
    if not readings:
        return "There was no check yet."
    last, first = readings[-1], readings[0]
    words = f"{last.part:,} of {last.of:,} at the latest check"
    return (
        words
        if len(readings) == 1
        else f"{words}, {first.part:,} of {first.of:,} at the first of {len(readings):,} shown."
    )
