"""How well people hide among others by what can be searched: k-anonymity, computed in DuckDB.

A person hides among all people who have a series with the same sex, age, year, modality, body part, maker and whatever else can be searched.  The
smallest such group that one of a person's series falls into is the person's k; a person with k = 1 is unique to
whoever knows one of their examinations (Samarati and Sweeney 1998, applied to rows that belong to people).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import duckdb

from oncommons.schema.describing import DESCRIBED_BY
from oncommons.schema.image_fields import NUMBERED

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "sex": "p.sex",
        "age": "p.age",
        "study_year": "t.study_year",
        "modality": "s.modality",
        "body_part": "s.body_part",
        "manufacturer": "s.manufacturer",
        "model": "s.model",
        "series_class": "s.series_class",
        "laterality": "s.laterality",
        "contrast": "s.contrast",
        "described_by": "s.described_by",
    },
)
"""What can be searched, and where it stands in the node's tables."""
_CODED = frozenset({*NUMBERED, DESCRIBED_BY})
_BANDS = (5, 10)
_WORST = 5


@dataclass(frozen=True)
class Choice:
    """One way to tell less, and what it would do.

    Attributes:
        change: What would be done, such as ``without manufacturer`` or ``age in steps of 10 years``.
        smallest: Smallest group then.
        unique: People who are unique then.
        below: People whose group is smaller than k then.
    """

    change: str
    smallest: int
    unique: int
    below: int


@dataclass(frozen=True)
class Anonymity:
    """How well the people of a dataset hide.

    Attributes:
        people: How many there are.
        k: The group size asked for.
        now: As it is.
        known: People who are unique to whoever knows all their series.
        worst: The smallest groups: number of people, and what they have in common by field.
        choices: Ways to tell less, the best first.
    """

    people: int
    k: int
    now: Choice
    known: int
    worst: tuple[tuple[int, Mapping[str, str]], ...]
    choices: tuple[Choice, ...]

    def to_json(self) -> dict[str, Any]:
        """As JSON; true numbers, for the node's own people only."""
        return {
            "people": self.people,
            "k": self.k,
            "smallest": self.now.smallest,
            "unique": self.now.unique,
            "below": self.now.below,
            "unique_by_all_series": self.known,
            "worst": [{"people": people, **fields} for people, fields in self.worst],
            "choices": [dict(vars(choice)) for choice in self.choices],
        }


def anonymity(connection: duckdb.DuckDBPyConnection, dataset: str, k: int) -> Anonymity | None:
    """How well the people of a dataset hide; nothing where the tables do not have it.

    Args:
        connection: The node's tables, see :mod:`oncommons.node.index.build`.
        dataset: Name of the dataset.
        k: The group size asked for.
    """
    people = connection.execute(
        "SELECT count(*) FROM person p JOIN dataset d ON d.key = p.dataset WHERE d.name = $name", {"name": dataset}
    ).fetchall()[0][0]
    if not people:
        return None
    columns = _searched(connection)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE hiding AS SELECT DISTINCT p.key AS person, {_aliased(columns)} "
        "FROM series s JOIN person p ON p.key = s.person JOIN study t ON t.key = s.study "
        "JOIN dataset d ON d.key = s.dataset WHERE d.name = $name",
        {"name": dataset},
    )
    now = {name: name for name in columns}
    choices = [_choice(connection, change, told, k) for change, told in _changes(now)]
    return Anonymity(
        people,
        k,
        _choice(connection, "", now, k),
        _known(connection, list(columns)),
        _worst(connection, list(columns)),
        tuple(sorted(choices, key=lambda choice: (choice.below, choice.unique))),
    )


def _searched(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """What can be searched in these tables; those of an older version have fewer columns."""
    tables = {"p": "person", "t": "study", "s": "series"}
    found = {short: connection.execute(f"SELECT * FROM {table} LIMIT 0").description for short, table in tables.items()}
    there = {f"{short}.{column}" for short, columns in found.items() for column, *_ in columns or ()}
    return {name: place for name, place in COLUMNS.items() if place in there}


def _aliased(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{expression} AS {name}" for name, expression in columns.items())


def _changes(now: Mapping[str, str]) -> list[tuple[str, dict[str, str]]]:
    found = [(f"age in steps of {band} years", {**now, "age": f"age - age % {band}"}) for band in _BANDS]
    return found + [(f"without {name}", {n: e for n, e in now.items() if n != name}) for name in now]


def _choice(connection: duckdb.DuckDBPyConnection, change: str, columns: Mapping[str, str], k: int) -> Choice:
    smallest, unique, below = connection.execute(
        f"WITH row AS (SELECT DISTINCT person, {_aliased(columns)} FROM hiding), "
        f"sized AS (SELECT person, count(*) OVER (PARTITION BY {', '.join(columns)}) AS size FROM row), "
        "own AS (SELECT person, min(size) AS size FROM sized GROUP BY person) "
        "SELECT min(size), count(*) FILTER (WHERE size = 1), count(*) FILTER (WHERE size < $k) FROM own",
        {"k": k},
    ).fetchall()[0]
    return Choice(change, smallest, unique, below)


def _known(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> int:
    """People whose series, all together, nobody else has."""
    row = ", ".join(f"{name} := {name}" for name in names)
    return int(
        connection.execute(
            f"WITH own AS (SELECT person, list_sort(list(CAST(struct_pack({row}) AS VARCHAR))) AS series "
            "FROM hiding GROUP BY person) "
            "SELECT count(*) FROM (SELECT count(*) AS people FROM own GROUP BY series HAVING people = 1)",
        ).fetchall()[0][0],
    )


def _worst(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> tuple[tuple[int, Mapping[str, str]], ...]:
    """The smallest groups, in words."""
    shown = [
        f"(SELECT code FROM code WHERE vocabulary = '{name}' AND number = {name})" if name in _CODED else name
        for name in names
    ]
    rows: Sequence[tuple[Any, ...]] = connection.execute(
        f"SELECT people, {', '.join(shown)} FROM (SELECT {', '.join(names)}, count(*) AS people FROM hiding "
        f"GROUP BY ALL) ORDER BY people, {', '.join(str(i + 2) for i in range(len(names)))} NULLS LAST LIMIT {_WORST}",
    ).fetchall()
    return tuple(
        (
            people,
            {name: "unknown" if value is None else str(value) for name, value in zip(names, values, strict=True)},
        )
        for people, *values in rows
    )


def words_of(found: Anonymity) -> list[str]:
    """The same in plain words, a line each."""
    alone = f"{found.now.unique:,} of {found.people:,} people are alone with what can be searched of one series"
    lines = [
        f"{alone}; {found.now.below:,} share it with fewer than {found.k - 1:,} others.",
        f"{found.known:,} are alone to whoever knows all their series.",
    ]
    for people, fields in found.worst[:2]:
        shown = ", ".join(f"{name} {value}" for name, value in fields.items() if value != "unknown")
        lines.append(f"Smallest group: {people:,} with {shown}.")
    best = found.choices[0] if found.choices else None
    if best is not None and best.below < found.now.below:
        rest = f"{best.unique:,} would be alone and {best.below:,} in too small a group"
        lines.append(f"The best way to tell less: {best.change}; then {rest}.")
    return lines
