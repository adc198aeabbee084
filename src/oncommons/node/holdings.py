"""What a node holds, and true numbers about it: the records that pass between its stages.

They are for the node's own eyes; nothing here has been released.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from oncommons.policy.disclosure.counts import Behind, Cell
from oncommons.policy.disclosure.telling import Place


@dataclass(frozen=True)
class FieldState:
    """A field in one dataset: whether the dataset has it, and how many records lack it.

    ``behind`` says how many people have a record that lacks it, any record, and one that does not, where the rule needs it
    and the records are rows of people.
    """

    known: bool
    lacking: int
    behind: Behind | None = None


@dataclass(frozen=True)
class DatasetState:
    """What a dataset is and has.

    Attributes:
        name: Identifier.
        words: Title, licence, source and about.
        records: Entity to number of rows, for the entities it has.
        fields: ``entity.field`` to its state.
        people: Entity to how many people have a row of it, where the rule needs it.
    """

    name: str
    words: Mapping[str, str]
    records: Mapping[str, int]
    fields: Mapping[str, FieldState]
    people: Mapping[str, int] = field(default_factory=dict)


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
