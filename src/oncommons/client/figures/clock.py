"""Time on an axis: in years or months where days would be many, ticks at round numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Any

from oncommons.client.figures.told import setting, variable
from oncommons.client.figures.words import number, tick

_DAYS: Mapping[str, tuple[tuple[float, float, str], ...]] = {
    "days": ((1826.25, 365.25, "years"), (180.0, 30.4375, "months")),
    "weeks": ((260.9, 52.1786, "years"),),
}
"""From how many of a unit on another one is shown, and how many of the first that is."""
_MONTHS = (1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 36.0, 48.0, 60.0, 120.0)
_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
MOST_TICKS = 8


@dataclass(frozen=True)
class Clock:
    """The axis of time.

    Attributes:
        label: What it shows, with its unit.
        per: So many of the data's unit are one of the axis's.
        unit: The axis's unit; empty where it is not known.
        ticks: Their places, in the axis's unit.
    """

    label: str
    per: float
    unit: str
    ticks: tuple[float, ...]

    def at(self, time: float) -> float:
        """A time of the data on the axis."""
        return time / self.per

    def said(self, time: float) -> str:
        """A time of the data in words."""
        return f"{number(self.at(time))} {self.unit}".rstrip()

    @property
    def names(self) -> tuple[str, ...]:
        """What stands at each tick."""
        return tuple(tick(place) for place in self.ticks)


def clock_of(record: Mapping[str, Any], last: float) -> Clock:
    """The axis for the times of a run.

    Args:
        record: Of the run.
        last: The last time, in the data's unit.
    """
    words, unit = variable(record, setting(record, "time") or "time")
    per = 1.0
    for least, other, name in _DAYS.get(unit, ()):
        if last >= least:
            per, unit = other, name
            break
    ticks = ticks_to(last / per, _MONTHS if unit == "months" else None)
    return Clock(f"{words} ({unit})" if unit else words, per, unit, ticks)


def ticks_to(last: float, steps: Sequence[float] | None = None) -> tuple[float, ...]:
    """Ticks at round numbers from 0 on.

    Args:
        last: Up to where; nothing that is not above 0 has but the tick at 0.
        steps: Distances to choose from; round ones else.
    """
    if last <= 0:
        return (0.0,)
    power = 10 ** floor(log10(last / MOST_TICKS))
    choices = [step for step in steps or () if last / step <= MOST_TICKS] or [step * power for step in _ROUND]
    step = next((step for step in choices if last / step <= MOST_TICKS), choices[-1])
    return tuple(step * i for i in range(int(last / step + 1e-9) + 1))
