"""What figures over days have in common: a ground, lines across with their numbers, and days below.

Horizontal positions are per cent of the width, vertical ones pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

TOP, BOTTOM = 14, 24
"""Pixels above and below the plot, for the words of the highest line and for the days."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Mark:
    """Words at an axis: where (per cent or pixels), and how they are anchored."""

    at: float
    text: str
    anchor: str = "start"


@dataclass(frozen=True)
class Axes:
    """A figure without what is drawn in it.

    Attributes:
        name: Start of the identifiers in its markup; unique on a page.
        title: What it shows.
        summary: What can be read from it, for those who do not see it.
        plot: Pixels of the highest that can be drawn.
        ticks: Lines across, from the bottom up.
        labels: Words below.
    """

    name: str
    title: str
    summary: str
    plot: int
    ticks: tuple[Mark, ...]
    labels: tuple[Mark, ...]

    @property
    def height(self) -> int:
        """Pixels of the whole."""
        return self.ground + BOTTOM

    @property
    def ground(self) -> int:
        """Where nothing is (pixels from the top)."""
        return TOP + self.plot


def short_day(day: str) -> str:
    """A day in words, such as 22 Nov."""
    return f"{int(day[8:10])} {_MONTHS[int(day[5:7]) - 1]}"
