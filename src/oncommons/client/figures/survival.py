"""Curves over time: Kaplan-Meier, and cumulative incidence of competing causes, with people at risk."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import Any

from oncommons.client.figures.clock import Clock, clock_of
from oncommons.client.figures.figure import Figure
from oncommons.client.figures.shapes import Curve, Curves
from oncommons.client.figures.told import Record, Rows, closing, is_number, level_of, parted, rows_of, setting, variable
from oncommons.client.figures.words import many, number, p_value, percent, plain, short

MOST_BANDS = 4
"""Bands of more curves would hide each other."""
MOST_MARKS = 200
"""More marks would be lines."""
MOST_CURVES = 12
_NUMBERS = ("time", "at_risk", "events", "low", "high")
_HALF = 0.5


def survival_figures(record: Record) -> list[Figure]:
    """Kaplan-Meier curves of the table ``curve``; nothing where there is none."""
    rows = rows_of(record, "curve", (*_NUMBERS, "survival"), ("group",))
    groups = parted(rows, "group") if rows else {}
    if not rows or not 0 < len(groups) <= MOST_CURVES or not _whole(rows, "survival"):
        return []
    clock = clock_of(record, max(row["time"] for row in rows))
    names = short(["Everybody" if len(groups) == 1 and group == "" else group or "not named" for (group,) in groups])
    lives = dict(zip(names, groups.values(), strict=True))
    bands = len(lives) <= MOST_BANDS
    marks = bands and sum(len(_last_seen(life)) for life in lives.values()) <= MOST_MARKS
    curves = tuple(_survival(name, life, clock, bands=bands, marks=marks) for name, life in lives.items())
    note = _log_rank(record)
    shape = Curves(curves, 1.0, clock.label, _upward(record), clock.ticks, clock.names, note)
    table = _table(lives, clock, ("survival", "low", "high"))
    words = [_summary(name, life, clock, record) for name, life in lives.items()]
    bands_said = _bands(record, bands=bands)
    marks_said = ["Ticks on the curves: people seen for the last time, at the times as each node tells them."]
    said = [*words, *_sentence(note), *bands_said, *(marks_said if marks and any(c.marks for c in curves) else ())]
    by = setting(record, "by")
    title = f"Survival by {variable(record, by)[0].lower()}" if by else "Survival"
    return [Figure("survival", title, " ".join([*_lead(record, clock), *said, closing(record, "curve")]), table, shape)]


def incidence_figures(record: Record) -> list[Figure]:
    """Cumulative incidence of the table ``curve``; nothing where there is none."""
    rows = rows_of(record, "curve", (*_NUMBERS, "incidence"), ("group", "cause"))
    parts = parted(rows, "group", "cause") if rows else {}
    if not rows or not 0 < len(parts) <= MOST_CURVES or not _whole(rows, "incidence"):
        return []
    clock = clock_of(record, max(row["time"] for row in rows))
    several = len({group for group, _ in parts}) > 1
    names = short([f"{group}: {cause}" if several else cause for group, cause in parts])
    lives = dict(zip(names, parts.values(), strict=True))
    bands = len(lives) <= MOST_BANDS
    curves = tuple(_incidence(name, life, clock, bands=bands) for name, life in lives.items())
    risk = {group: _at_risk(rows, clock) for (group, _), rows in parts.items()}
    shown = dict(zip(short([group or "Everybody" for group in risk]), risk.values(), strict=True))
    shape = Curves(curves, 0.0, clock.label, "Cumulative incidence", clock.ticks, clock.names, at_risk=shown)
    words = [
        f"{name}: {percent(life[-1]['incidence'])} by {clock.said(life[-1]['time'])}." for name, life in lives.items()
    ]
    lead = f"Cumulative incidence of {many(len({c for _, c in parts}), 'cause')} that compete with each other (Aalen-Johansen)."
    caption = " ".join([lead, *words, *_gray(record), *_bands(record, bands=bands), closing(record, "curve")])
    return [
        Figure(
            "incidence",
            f"Cumulative incidence, {many(len(lives), 'curve')}",
            caption,
            _table(lives, clock, ("incidence", "low", "high")),
            shape,
        )
    ]


def _whole(rows: Rows, name: str) -> bool:
    """Whether what a curve needs is in every row."""
    return all(is_number(row[column]) for row in rows for column in ("time", "at_risk", "events", name))


def _survival(name: str, life: Rows, clock: Clock, *, bands: bool, marks: bool) -> Curve:
    x, y = tuple(clock.at(row["time"]) for row in life), tuple(row["survival"] for row in life)
    low, high = _ends(life, "survival") if bands else ((), ())
    middle = next((at for at, height in zip(x, y, strict=True) if height <= _HALF + 1e-12), None)
    seen = tuple((clock.at(row["time"]), row["survival"]) for row in _last_seen(life)) if marks else ()
    return Curve(name, x, y, low, high, seen, middle, _at_risk(life, clock))


def _incidence(name: str, life: Rows, clock: Clock, *, bands: bool) -> Curve:
    low, high = _ends(life, "incidence") if bands else ((), ())
    return Curve(name, tuple(clock.at(row["time"]) for row in life), tuple(row["incidence"] for row in life), low, high)


def _ends(life: Rows, name: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Ends of the band; where there is none, the curve itself."""
    ends = ([row[name] if row[end] is None else row[end] for row in life] for end in ("low", "high"))
    low, high = ends
    return tuple(low), tuple(high)


def _last_seen(life: Rows) -> Rows:
    """Rows at whose time somebody was seen for the last time: more left than had the event."""
    after = [*(row["at_risk"] for row in life[1:]), 0]
    return [row for row, left in zip(life, after, strict=True) if row["at_risk"] - row["events"] - left > _HALF]


def _at_risk(life: Rows, clock: Clock) -> tuple[int, ...]:
    """At risk just before each tick: as many as at the next time at which somebody leaves."""
    times, numbers = [clock.at(row["time"]) for row in life], [round(row["at_risk"]) for row in life]
    return tuple([*numbers, 0][bisect_left(times, tick - 1e-9)] for tick in clock.ticks)


def _table(lives: Mapping[str, Rows], clock: Clock, names: tuple[str, str, str]) -> tuple[tuple[Any, ...], ...]:
    """At each tick: at risk just before it, and the curve with its band there."""
    rows: list[tuple[Any, ...]] = [("group", clock.label, "at risk", *names)]
    for name, life in lives.items():
        times, start = [clock.at(row["time"]) for row in life], 1.0 if names[0] == "survival" else 0.0
        for tick, risk in zip(clock.ticks, _at_risk(life, clock), strict=True):
            place = bisect_right(times, tick + 1e-9) - 1
            ends = [start] * 3 if place < 0 else [life[place][column] for column in names]
            rows.append((name, tick, risk, *ends))
    return tuple(rows)


def _lead(record: Record, clock: Clock) -> list[str]:
    unit = f", in {clock.unit}" if clock.unit else ""
    return [f"Kaplan-Meier curves: share of people without {_event(record)} over time{unit}; people at risk below."]


def _upward(record: Record) -> str:
    """What the vertical axis shows: survival where the event is death of any cause."""
    run, event = record.get("run"), setting(record, "event")
    told = run.get("variables", {}).get(event) if isinstance(run, Mapping) else None
    died = {"field": "vital_status", "in": ["DEAD"]}
    if isinstance(told, Mapping) and told.get("is") == died:
        return "Overall survival"
    return f"Without {_event(record)}"


def _event(record: Record) -> str:
    event = setting(record, "event")
    return f"the event ({variable(record, event)[0].lower()})" if event else "the event"


def _summary(name: str, life: Rows, clock: Clock, record: Record) -> str:
    people, events = round(life[0]["at_risk"]), round(sum(row["events"] for row in life))
    middle = next((row["time"] for row in life if row["survival"] <= _HALF + 1e-12), None)
    said = f"{name}: {many(people, 'person', 'people')}, {many(events, 'event')}"
    if middle is None:
        return f"{said}, median not reached."
    low = next((row["time"] for row in life if row["low"] is not None and row["low"] <= _HALF), None)
    high = next((row["time"] for row in life if row["high"] is not None and row["high"] <= _HALF), None)
    ends = [number(clock.at(end)) if end is not None else "not reached" for end in (low, high)]
    return f"{said}, median {clock.said(middle)} ({percent(level_of(record))} interval {ends[0]} to {ends[1]})."


def _log_rank(record: Record) -> str:
    found = record.get("result")
    test = found.get("log_rank") if isinstance(found, Mapping) else None
    if not isinstance(test, Mapping) or not is_number(test.get("p")):
        return ""
    return f"Log-rank test: {p_value(test['p'])}"


def _gray(record: Record) -> list[str]:
    """Gray's tests of whether groups differ, cause by cause."""
    found = record.get("result")
    tests = found.get("gray") if isinstance(found, Mapping) else None
    known = tests.items() if isinstance(tests, Mapping) else ()
    said = [(plain(cause), test.get("p")) for cause, test in known if isinstance(test, Mapping)]
    return [f"Gray's test of {cause}: {p_value(p)}." for cause, p in said if is_number(p)]


def _sentence(note: str) -> list[str]:
    return [f"{note}."] if note else []


def _bands(record: Record, *, bands: bool) -> list[str]:
    if bands:
        return [f"Bands: pointwise {percent(level_of(record))} confidence intervals."]
    return [f"The {percent(level_of(record))} confidence intervals are in the table."]
