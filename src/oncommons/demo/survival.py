"""The analysis of the demonstration: recurrence-free survival by receptors, over five hospitals, under a permit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Column, Table

from oncommons.client.figures import figures_of
from oncommons.demo.trial import DATASET
from oncommons.schema.errors import StorageFailed

TITLE = "Survival by subtype: a trial over five hospitals, by hormone receptors"
PERMIT = "DEMO-1"
ANALYSES = ("survival", "cox", "crosstab", "describe")
"""What the hospitals make for people of permits, and what the permit names."""
_DAYS = 365.25 / 12
_YEARS = {"After 3 years": 3 * 365.25, "After 5 years": 5 * 365.25}
_HELD = 365


def _receptor(marker: str, result: str) -> dict[str, Any]:
    of = [{"field": "marker", "in": [marker]}, {"field": "result", "in": [result]}]
    return {"some": "measurement", "where": {"all": of}}


RUN: Mapping[str, Any] = {
    "analysis": "survival",
    "cohort": {"some": "condition", "where": {"field": "code", "in": ["ICD10:C50"]}},
    "variables": {
        "time": {"value": "follow_up"},
        "recurrence_or_death": {"is": {"some": "episode", "where": {"field": "episode_kind", "in": ["RECURRENCE"]}}},
        "receptors": {
            "levels": {
                "receptor-positive": {"any": [_receptor("ER", "POSITIVE"), _receptor("PR", "POSITIVE")]},
                "receptor-negative": {"all": [_receptor("ER", "NEGATIVE"), _receptor("PR", "NEGATIVE")]},
            }
        },
    },
    "settings": {"time": "time", "event": "recurrence_or_death", "by": "receptors"},
}
"""What is asked: subtypes by oestrogen and progesterone receptor, of which one is enough to be positive."""


def permit_for(nodes: Sequence[str], person: str, today: date) -> dict[str, Any]:
    """A permit for the trial at all hospitals, as an operator would write it.

    Args:
        nodes: Names of the hospitals.
        person: Who may ask.
        today: The first day of a year that it holds for.
    """
    return {
        "id": PERMIT,
        "project": "demo",
        "title": "Recurrence of breast cancer by receptors and treatment",
        "people": [person],
        "datasets": [{"node": node, "dataset": DATASET} for node in nodes],
        "variables": [
            *("person.sex", "person.follow_up", "condition", "condition.code", "condition.age_at_diagnosis"),
            *("condition.grade", "measurement", "measurement.marker", "measurement.result", "measurement.value"),
            *("treatment", "treatment.treatment_kind", "episode", "episode.episode_kind"),
        ],
        "analyses": ["count", *ANALYSES],
        "purpose": {"ehds": ["RESEARCH"]},
        "period": {"not_before": str(today), "not_after": str(today + timedelta(days=_HELD))},
        "output": {"least": 0, "groups": True},
        "budget": 1_000,
    }


def by_group(record: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """What is printed of each group: women, events, median in months, and who is without the event after some years.

    Args:
        record: Of a run of :data:`RUN`.
    """
    rows = record["tables"]["curve"]
    columns = {name: place for place, name in enumerate(rows[0])}
    for name in RUN["variables"]["receptors"]["levels"]:
        if name not in record["result"]["groups"]:
            continue
        group = record["result"]["groups"][name]
        curve = [row for row in rows[1:] if row[columns["group"]] == name]
        median = _months(group["median"])
        shares = [_share(curve, columns, days) for days in _YEARS.values()]
        yield name, str(group["people"]), str(group["events"]), median, *shares


def print_survival(record: Mapping[str, Any], seconds: float, console: Console) -> None:
    """Print curves as a table, the test, and who answered.

    Args:
        record: Of a run of :data:`RUN`.
        seconds: So long it took.
        console: Where to.
    """
    head = ("Receptors", "Women", "Events", "Median,\nmonths", *_YEARS)
    table = Table(*(Column(name, no_wrap=True, vertical="bottom") for name in head), box=None)
    for row in by_group(record):
        table.add_row(*row)
    console.print(table)
    test = record["result"].get("log_rank")
    if test:
        console.print(f"Log-rank test: chi-squared {test['statistic']:.1f} (df {test['degrees']}), p {test['p']:.1g}.")
    nodes = record["nodes"]
    answered = [f"{one['node']} {one.get('people', 0)}" for one in nodes if one["status"] == "answered"]
    console.print(
        f"{len(answered)} of {len(nodes)} hospitals in {seconds:.1f} s under permit {record['permit']}: {', '.join(answered)} women."
    )
    for one in nodes:
        if one["status"] != "answered":
            console.print(f"{one['node']}: {one['status']}, {one.get('reason', '')}", markup=False)
    console.print(
        "Without the event, with 95% intervals. No row left a hospital: each told how many women had the event about a "
        "time, never fewer than 5 together.\n"
        "The trial GBSG2 (Schumacher et al. 1994), whose event is the first of recurrence and death, comes with lifelines (MIT)."
    )


def draw_survival(record: Mapping[str, Any], file: Path) -> None:
    """Write the curves with their bands and numbers at risk as SVG.

    Args:
        record: Of a run of :data:`RUN`.
        file: Where to.

    Raises:
        FiguresNeedPackage: matplotlib is not installed.
        StorageFailed: the file cannot be written.
    """
    (figure,) = figures_of(record)
    drawn = figure.svg()
    try:
        file.write_bytes(drawn)
    except OSError as fault:
        raise StorageFailed(f"{file} cannot be written: {fault.strerror}.", detail=str(fault)) from fault


def _months(days: float | None) -> str:
    return "not reached" if days is None else f"{days / _DAYS:.0f}"


def _share(curve: Sequence[Sequence[Any]], columns: Mapping[str, int], days: float) -> str:
    """The estimate just after a time with its interval; before the first event everybody is without."""
    past = [row for row in curve if row[columns["time"]] <= days]
    found, low, high = (past[-1][columns[name]] if past else 1.0 for name in ("survival", "low", "high"))
    return f"{found:.0%} ({100 * low:.0f} to {100 * high:.0f})"
