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


def everybody_of(dataset: str, entity: str, cell: Cell | None, enough: int) -> Place:
    """Where crowds of an entity are compared.

    Of each person as many rows count as fewer than so many people have more of: what the most is, would be about one
    person.

    Args:
        dataset: Name of the dataset.
        entity: What is counted.
        cell: Holds everybody; ``None`` where nobody is there.
        enough: How many people are not one.
    """
    everybody = (cell.possibly if cell else None) or NOBODY
    unit = everybody.most_of(enough)
    return Place(dataset, entity, everybody.clipped(unit), unit)
