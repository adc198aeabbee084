"""What a node holds, and true numbers about it: the records that pass between its stages.

They are for the node's own eyes; nothing here has been released.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oncommons.policy.disclosure import Cell
from oncommons.policy.telling import Place


@dataclass(frozen=True)
class FieldState:
    """A field in one dataset: whether the dataset has it, and how many records lack it."""

    known: bool
    lacking: int


@dataclass(frozen=True)
class DatasetState:
    """What a dataset is and has.

    Attributes:
        name: Identifier.
        words: Title, licence, source and about.
        records: Entity to number of rows, for the entities it has.
        fields: ``entity.field`` to its state.
    """

    name: str
    words: Mapping[str, str]
    records: Mapping[str, int]
    fields: Mapping[str, FieldState]


@dataclass(frozen=True)
class Tally:
    """True numbers of one dataset for one question.

    Attributes:
        state: The dataset.
        cells: The numbers.
        place: Everybody that could be counted, where the people behind the numbers are there too.
    """

    state: DatasetState
    cells: tuple[Cell, ...]
    place: Place | None = None
