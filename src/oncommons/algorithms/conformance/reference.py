"""Tables on which analyses are tried: a published trial, one made with every kind of column, and odd ones.

What is made is drawn by a generator with a fixed seed, so that it is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from oncommons.algorithms.pair import Numbers, Table

STAGES = ("I", "II", "III")
SITES = ("north", "south", "west")
CAUSES = ("none", "disease", "other")
_MONTHS, _SEEN, _FEW = 48, 0.8, 2
"""How long people are followed at most, of how many the event is seen, and of how many a rare level is."""


@dataclass(frozen=True)
class Reference:
    """A table to try analyses on.

    Attributes:
        name: Its name, for messages.
        table: Its rows; nobody can change them.
        yes: Its columns that are yes or no.
    """

    name: str
    table: Table
    yes: frozenset[str]

    def __post_init__(self) -> None:
        columns = {name: column.copy() for name, column in self.table.columns.items()}
        for column in columns.values():
            column.flags.writeable = False  # what one analysis does to it would be seen by the next
        object.__setattr__(self, "table", Table(columns, self.table.levels))

    def kind(self, column: str) -> str:
        """Kind of a column, as roles name it: ``number``, ``yes`` or ``code``."""
        return "code" if column in self.table.levels else "yes" if column in self.yes else "number"

    def of(self, kind: str) -> list[str]:
        """Columns of a kind, in order."""
        return [name for name in self.table.columns if self.kind(name) == kind]

    def part(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Table:
        """Some of its rows."""
        return picked(self.table, rows)


def picked(table: Table, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Table:
    """Some rows of a table.

    Args:
        table: The table.
        rows: Which, by place or by yes and no.
    """
    return Table({name: column[rows] for name, column in table.columns.items()}, table.levels)


@cache
def trial(people: int = 240, seed: int = 11) -> Reference:
    """A trial with numbers, yes and no, codes, times with ties, causes, weights, and some values missing."""
    random = np.random.default_rng(seed)
    age, marker = random.normal(60, 9, people), random.gamma(3, 2, people)
    female, treated = (random.integers(0, 2, people) for _ in range(2))
    stage, site = random.integers(0, 3, people), random.integers(0, 3, people)
    risk = 0.03 * (age - 60) + 0.08 * marker - 0.4 * treated + np.array([0.0, 0.3, 0.7])[stage]
    time = np.ceil(random.exponential(np.exp(-risk) * 30) + 1)
    event = (time <= _MONTHS) & (random.uniform(size=people) < _SEEN)
    time = np.minimum(time, _MONTHS)
    columns = {
        "age": age, "marker": marker, "time": time, "entry": np.floor(random.uniform(0, 0.8, people) * time),
        "weight": random.uniform(0.5, 2, people), "visits": random.poisson(np.exp(risk / 2)),
        "exposure": random.uniform(0, 1, people), "score": 1 / (1 + np.exp(1 - risk)),
        "event": event, "female": female, "treated": treated,
        "stage": stage, "site": site, "cause": np.where(event, random.integers(1, 3, people), 0),
    }  # fmt: skip
    found = {name: np.array(column, dtype=np.float64) for name, column in columns.items()}
    found["age"][::41] = found["female"][7::53] = found["stage"][3::59] = np.nan
    levels = {"stage": STAGES, "site": SITES, "cause": CAUSES}
    return Reference("a trial", Table(found, levels), frozenset({"event", "female", "treated"}))


_MERCAPTOPURINE = "6- 6 6 6 7 9- 10- 10 11- 13 16 17- 19- 20- 22 23 25- 32- 32- 34- 35-"
_PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


@cache
def leukaemia() -> Reference:
    """Weeks of remission of 42 children with acute leukaemia (Freireich et al. 1963, Blood 21:699; Gehan 1965).

    A minus marks who was last seen in remission.
    """
    columns: dict[str, list[float]] = {"time": [], "event": [], "treated": []}
    for treated, told in ((1.0, _MERCAPTOPURINE), (0.0, _PLACEBO)):
        for one in told.split():
            columns["time"].append(float(one.rstrip("-")))
            columns["event"].append(float(not one.endswith("-")))
            columns["treated"].append(treated)
    found = {name: np.array(column) for name, column in columns.items()}
    arm = {"arm": found["treated"].copy()}
    return Reference("leukaemia", Table(found | arm, {"arm": ("placebo", "6-MP")}), frozenset({"event", "treated"}))


@cache
def odd() -> tuple[Reference, ...]:
    """Tables that are odd: nobody, one person, nothing known, all the same, one column that tells another, an outlier."""
    whole = trial(50)
    known = whole.table.complete(*whole.table.columns)
    columns = known.columns
    there = np.arange(known.people)
    few = {"event": np.where(there < _FEW, 1.0, 0.0), "cause": np.where(there < _FEW, 1.0, 0.0)}
    told: Mapping[str, Mapping[str, Numbers]] = {
        "nobody": {name: column[:0] for name, column in columns.items()},
        "one person": {name: column[:1] for name, column in columns.items()},
        "nothing known": {name: np.full(known.people, np.nan) for name in columns},
        "everybody the same": {name: np.full(known.people, column[0]) for name, column in columns.items()},
        "a column that tells the event": {**columns, "female": columns["event"], "stage": columns["event"] * 2},
        "columns that say the same": {**columns, "marker": 2 * columns["age"] + 1, "treated": columns["female"]},
        "a level of two people": {**columns, **_rare(there)},
        "an outlier": {**columns, "age": np.where(there == 0, 1e6, columns["age"])},
        "two events": {**columns, **few},
    }
    return tuple(Reference(name, Table(dict(body), known.levels), whole.yes) for name, body in told.items())


def _rare(there: NDArray[np.int64]) -> dict[str, Numbers]:
    """Columns of which a level has two people only."""
    rare = np.where(there < _FEW, 2.0, there % 2)
    yes = np.where(there < _FEW, 1.0, 0.0)
    return {"stage": rare, "site": rare, "female": yes, "treated": yes}
