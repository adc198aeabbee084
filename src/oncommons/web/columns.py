"""Columns of days as geometry: what a template draws as SVG, without a script and without a style.

Horizontal positions are per cent of the width, vertical ones pixels; what occurs at all is at least two pixels high.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from oncommons.web.axes import TOP, Axes, Mark, short_day
from oncommons.web.charts import scale

PLOT = 150
"""Pixels of the highest column."""
FEWEST_DAYS = 7
_LEAST = 2.0
_FILLED = 0.76
_WIDEST = 9.0
"""Per cent of the width; columns of a few days are no wider."""


@dataclass(frozen=True)
class Part:
    """A piece of a column: what it counts, its top and height (pixels)."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True)
class Column:
    """A day: its left end and width (per cent), and its pieces from the bottom up."""

    day: str
    x: float
    width: float
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Columns(Axes):
    """A chart of days.

    Attributes:
        kinds: What is counted, from the bottom up.
        columns: Days on which something was counted.
        rows: Every day on which something was counted, newest first, with its numbers by kind.
    """

    kinds: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, Mapping[str, int]], ...]


def day_columns(
    name: str, title: str, days: Mapping[str, Mapping[str, int]], kinds: Sequence[str], until: str
) -> Columns:
    """Lay out the days from the first on which something was counted, at least a week.

    Args:
        name: Start of the identifiers in the markup.
        title: What is shown.
        days: Day (ISO 8601) to numbers by kind.
        kinds: What is counted, from the bottom up.
        until: The last day.
    """
    last = date.fromisoformat(until)
    first = min([*map(date.fromisoformat, days), last - timedelta(days=FEWEST_DAYS - 1)])
    span = max((last - first).days + 1, FEWEST_DAYS)
    top, step = scale(max((sum(numbers.values()) for numbers in days.values()), default=0))
    room = 100 / span
    width = min(room * _FILLED, _WIDEST)
    columns = []
    for day, numbers in sorted(days.items()):
        x = ((date.fromisoformat(day) - first).days + 0.5) * room - width / 2
        columns.append(Column(day, round(x, 2), round(width, 2), _stacked(numbers, kinds, top)))
    return Columns(
        name=name,
        title=title,
        summary=_summary(days, kinds),
        plot=PLOT,
        kinds=tuple(kinds),
        columns=tuple(columns),
        ticks=tuple(Mark(TOP + PLOT - PLOT * n / top, f"{n:,}") for n in range(0, top + 1, step)),
        labels=_labels(first, span, room),
        rows=tuple((day, days[day]) for day in sorted(days, reverse=True)),
    )


def _stacked(numbers: Mapping[str, int], kinds: Sequence[str], top: int) -> tuple[Part, ...]:
    parts, y = [], float(TOP + PLOT)
    for kind in kinds:
        if numbers.get(kind):
            height = max(round(PLOT * numbers[kind] / top, 1), _LEAST)
            y = round(y - height, 1)
            parts.append(Part(kind, y, height))
    return tuple(parts)


def _labels(first: date, span: int, room: float) -> tuple[Mark, ...]:
    places = sorted({0, span // 2, span - 1})
    found = []
    for n in places:
        text = short_day((first + timedelta(days=n)).isoformat())
        anchor = "start" if n == 0 else "end" if n == span - 1 else "middle"
        at = 0.0 if n == 0 else 100.0 if n == span - 1 else round((n + 0.5) * room, 2)
        found.append(Mark(at, text, anchor))
    return tuple(found)


def _summary(days: Mapping[str, Mapping[str, int]], kinds: Sequence[str]) -> str:
    if not days:
        return "Nothing came in during these days."
    sums = {kind: sum(numbers.get(kind, 0) for numbers in days.values()) for kind in kinds}
    told = ", ".join(f"{number:,} {kind}" for kind, number in sums.items())
    newest = max(days)
    return f"{len(days)} day{'' if len(days) == 1 else 's'} with files, the latest {newest}. In all: {told}."
