"""What happened to an application over time as geometry: what a template draws as SVG, without script and style.

Horizontal positions are per cent of the width and follow time, vertical ones pixels.  A row has the application or one
holder; a bar is the time in a state, and the outline after it the time that is left to whoever must act.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

ROW, TOP = 44, 6
_ALL, _LEAST = 100.0, 0.6
_APPLICANT = frozenset({"incomplete", "asked", "conditions"})
"""States in which the applicant must act."""
_DONE = frozenset({"granted"})


@dataclass(frozen=True)
class Span:
    """A time in a state.

    Attributes:
        x: Where it begins, per cent.
        width: How long it is, per cent.
        kind: ``decide`` where others act, ``answer`` where the applicant acts, ``done`` once it is granted, ``left``
            for time that is left.
        words: What it is.
    """

    x: float
    width: float
    kind: str
    words: str


@dataclass(frozen=True)
class Lane:
    """The application or one holder: its name, how it stands, where it is drawn (pixels), and its spans."""

    name: str
    state: str
    y: int
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Timeline:
    """A chart of an application over time.

    Attributes:
        lanes: The application, then each holder.
        now: Where now is, per cent.
        ticks: Where (per cent), how it is anchored, and which day it is.
        height: Pixels.
    """

    lanes: tuple[Lane, ...]
    now: float
    ticks: tuple[tuple[float, str, str], ...]
    height: int


def timeline(found: Mapping[str, Any]) -> Timeline:
    """Lay out an application as the hub tells it.

    Args:
        found: As ``GET /api/decisions/{identifier}`` answers.
    """
    now = _at(found["now"])
    begun = [_at(event["at"]) for event in found["history"]]
    first = min(begun, default=now)
    untils = [_at(case["until"]) for case in found["cases"] if case["until"] and found["state"] == "review"]
    if found["state"] in {"check", "incomplete"}:
        untils = [_at(duty["until"]) for duty in found["duties"]]
    last = max([now, first + 1.0, *untils])
    scale = _Scale(first, last)
    whole = _stretches(found["history"], "", first, (found["state"], _at(found["since"])))
    end = now if not found["over"] else max(begun)
    open_ = untils[0] if untils and found["state"] in {"check", "incomplete"} else None
    lanes = [Lane("Application", found["state"], TOP, scale.spans(whole, end, open_))]
    passed = [_at(e["at"]) for e in found["history"] if e["did"] == "pass"]
    for i, case in enumerate(found["cases"] if passed else (), start=1):
        own = _stretches(found["history"], case["holder"], passed[-1], (case["state"], _at(case["since"])))
        until = _at(case["until"]) if case["until"] and found["state"] == "review" else None
        stays = case["state"] not in {"granted", "refused", "closed"} and not found["over"]
        ends = now if stays else max(own[-1][1], passed[-1])
        lanes.append(Lane(case["organisation"], case["state"], TOP + i * ROW, scale.spans(own, ends, until)))
    return Timeline(tuple(lanes), scale.x(now), scale.ticks(now), TOP + len(lanes) * ROW + 20)


@dataclass(frozen=True)
class _Scale:
    """From seconds to per cent of the width."""

    first: float
    last: float

    def x(self, at: float) -> float:
        return round(_ALL * (min(max(at, self.first), self.last) - self.first) / (self.last - self.first), 2)

    def spans(self, stretches: Sequence[tuple[str, float]], end: float, until: float | None) -> tuple[Span, ...]:
        ends = [at for _, at in stretches[1:]] + [max(end, stretches[-1][1])]
        found = [self._span(state, at, to) for (state, at), to in zip(stretches, ends, strict=True)]
        if until is not None and until > end:
            found.append(Span(self.x(end), self._wide(end, until), "left", f"until {_day(until)}"))
        return tuple(found)

    def _span(self, state: str, at: float, to: float) -> Span:
        kind = "answer" if state in _APPLICANT else "done" if state in _DONE else "decide"
        return Span(self.x(at), self._wide(at, to), kind, f"{state}, {_day(at)} to {_day(to)}")

    def _wide(self, at: float, to: float) -> float:
        return round(max(self.x(to) - self.x(at), _LEAST), 2)

    def ticks(self, now: float) -> tuple[tuple[float, str, str], ...]:
        here = self.x(now)
        found = [(0.0, "start", _day(self.first))]
        if 22 < here < 78:  # noqa: PLR2004  so that words do not overlap
            found.append((here, "middle", "now"))
        return (*found, (_ALL, "end", _day(self.last)))


def _stretches(
    history: Sequence[Mapping[str, Any]], holder: str, begin: float, now: tuple[str, float]
) -> list[tuple[str, float]]:
    """The states that the application or a case went through, each with when it began."""
    own = [event for event in history if event["holder"] == holder and event["before"] != event["after"]]
    own = [event for event in own if not holder or _at(event["at"]) >= begin]
    found = [(own[0]["before"] if holder and own else own[0]["after"] if own else now[0], begin)]
    found += [(event["after"], _at(event["at"])) for event in (own if holder else own[1:])]
    if found[-1][0] != now[0]:
        found.append((now[0], max(now[1], found[-1][1])))
    return found


def _at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
