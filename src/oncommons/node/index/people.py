"""The people behind numbers, as the node's tables give them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from oncommons.node.holdings import DatasetState
from oncommons.policy.disclosure.counts import NONE_BEHIND, Behind, Cell
from oncommons.policy.disclosure.crowd import NOBODY, Crowd
from oncommons.policy.disclosure.telling import Place
from oncommons.schema.dictionary import ENTITIES, FIELDS, Field

_BIT_STRINGS = 2
"""Columns of a row where people are counted; other rows have three."""

Few = Callable[[str, Crowd], bool]
"""Whether people of a dataset, which is named, are too few to be told of."""


def with_people(key: tuple[str | None, ...], row: Sequence[Any], most: int = 0) -> Cell:
    """A cell and the people behind it.

    Args:
        key: Its codes.
        row: What :func:`oncommons.node.index.compiling.compile_question` promises with ``people``.
        most: So many rows of one person count at most, a power of two; 0 for all of them.
    """
    if len(row) == _BIT_STRINGS:
        certainly, possibly = map(crowd_of, row)
    else:
        numbers, certain, possible = row
        certainly, possibly = Crowd.of_rows(numbers, certain), Crowd.of_rows(numbers, possible)
    if most:
        certainly, possibly = certainly.clipped(most), possibly.clipped(most)
    return Cell(key, certainly.rows, possibly.rows, certainly, possibly)


def crowd_of(bits: bytes | None) -> Crowd:
    """The people of a bit string in which the last bit but ``n`` stands for the person of number ``n``."""
    return Crowd.of([int.from_bytes(bits or b"", "big")])


INCLUDED = "(SELECT unnest($stored) AS stored_value, unnest($codes) AS told_code) AS above"
"""SQL of values as they are stored, each with every code that includes it."""


def people_of_codes(field: Field, highest: int, *, included: bool = False) -> str:
    """SQL that gives, by dataset and code of a coded field, the people who have it as such a bit string.

    Args:
        field: The field.
        highest: The largest number that a person has.
        included: Whether codes are counted with those that they include, of :data:`INCLUDED`.
    """
    join = "" if field.entity == "person" else f"JOIN person ON person.key = {field.entity}.person"
    join += f" JOIN {INCLUDED} ON above.stored_value = {field.entity}.{field.name}" if included else ""
    code = "above.told_code" if included else f"{field.entity}.{field.name}"
    return (
        f"SELECT {field.entity}.dataset, {code}, "
        f"CAST(bitstring_agg({highest} - person.roll, 0, {highest}) AS BLOB) FROM {field.entity} {join} "
        f"WHERE {field.entity}.{field.name} IS NOT NULL GROUP BY ALL ORDER BY ALL"
    )


def nobody(_dataset: str, people: Crowd) -> bool:
    """Only nobody is few: all rows of everybody count."""
    return not people.people


def everybody_of(dataset: str, entity: str, cell: Cell | None, few: Few) -> Place:
    """Where crowds of an entity are compared.

    Of each person only so many rows count that few people have more: more would tell about one person.

    Args:
        dataset: Name of the dataset.
        entity: What is counted.
        cell: Holds everybody; ``None`` where nobody is there.
        few: Judges whether people of a dataset are so few.
    """
    everybody = (cell.possibly if cell else None) or NOBODY
    unit = everybody.most_of(lambda crowd: few(dataset, crowd))
    return Place(dataset, entity, everybody.clipped(unit), unit)


def people_of_rows(
    connection: duckdb.DuckDBPyConnection, states: Mapping[int, DatasetState]
) -> dict[int, DatasetState]:
    """Say of each dataset how many people have rows, rows that lack a field and rows that have it.

    Args:
        connection: The node's tables, as they may be seen.
        states: What its datasets have, by key.
    """
    found = dict(states)
    for entity in (e for e in ENTITIES if e != "person" and any(e in state.records for state in states.values())):
        there = {name for name, *_ in connection.execute(f"DESCRIBE {entity}").fetchall()}
        names = [f.name for f in FIELDS if f.entity == entity and f.name in there]
        counts = ", ".join(f"count({name}) AS c{i}" for i, name in enumerate(names))
        behind = ", ".join(
            f"count(*) FILTER (WHERE c{i} < n), count(*), count(*) FILTER (WHERE c{i} > 0)" for i in range(len(names))
        )
        rows = connection.execute(
            f"SELECT dataset, count(*), {behind} FROM (SELECT dataset, person, count(*) AS n, {counts} FROM {entity} "
            "GROUP BY dataset, person) GROUP BY dataset"
        ).fetchall()
        told = {key: numbers for key, *numbers in rows}
        for key, state in found.items():
            if entity in state.records:
                found[key] = _with_behind(state, entity, names, told.get(key))
    return found


def _with_behind(state: DatasetState, entity: str, names: Sequence[str], told: Sequence[int] | None) -> DatasetState:
    """A dataset with what was counted of an entity; nothing was where it has no rows."""
    people = told[0] if told else 0
    behind = {name: Behind(*told[3 * i + 1 : 3 * i + 4]) if told else NONE_BEHIND for i, name in enumerate(names)}
    fields = {
        name: replace(field, behind=behind.get(name.partition(".")[2], Behind(people, people, 0)))
        for name, field in state.fields.items()
        if name.startswith(f"{entity}.")
    }
    return replace(state, fields={**state.fields, **fields}, people={**state.people, entity: people})
