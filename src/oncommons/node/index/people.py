"""The people behind numbers, as the node's tables give them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oncommons.policy.crowd import NOBODY, Crowd
from oncommons.policy.disclosure import Cell
from oncommons.policy.telling import Place
from oncommons.schema.dictionary import Field

_BIT_STRINGS = 2
"""Columns of a row where people are counted; other rows have three."""


def with_people(key: tuple[str | None, ...], row: Sequence[Any]) -> Cell:
    """A cell and the people behind it.

    Args:
        key: Its codes.
        row: What :func:`oncommons.node.index.compiling.compile_question` promises with ``people``.
    """
    if len(row) == _BIT_STRINGS:
        certainly, possibly = map(crowd_of, row)
    else:
        numbers, certain, possible = row
        certainly, possibly = Crowd.of_rows(numbers, certain), Crowd.of_rows(numbers, possible)
    return Cell(key, certainly.rows, possibly.rows, certainly, possibly)


def crowd_of(bits: bytes | None) -> Crowd:
    """The people of a bit string in which the last bit but ``n`` stands for the person of number ``n``."""
    return Crowd.of([int.from_bytes(bits or b"", "big")])


def people_of_codes(field: Field, highest: int) -> str:
    """SQL that gives, by dataset and code of a coded field, the people who have it as such a bit string.

    Args:
        field: The field.
        highest: The largest number that a person has.
    """
    join = "" if field.entity == "person" else f"JOIN person ON person.key = {field.entity}.person"
    return (
        f"SELECT {field.entity}.dataset, {field.entity}.{field.name}, "
        f"CAST(bitstring_agg({highest} - person.roll, 0, {highest}) AS BLOB) FROM {field.entity} {join} "
        f"WHERE {field.entity}.{field.name} IS NOT NULL GROUP BY ALL ORDER BY ALL"
    )


def everybody_of(dataset: str, entity: str, cell: Cell | None) -> Place:
    """Where crowds of an entity are compared, given the cell that holds everybody; ``None`` where nobody is there."""
    everybody = (cell.possibly if cell else None) or NOBODY
    *lower, top = everybody.planes or (0,)
    beyond = any(top & plane for plane in lower)
    return Place(dataset, entity, everybody, 1 << (len(lower) + beyond))
