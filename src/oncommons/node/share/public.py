"""Numbers that everybody is told, in cards and beside answers, under the rule ``noise``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from oncommons.node.holdings import DatasetState
from oncommons.schema.answer import Count, Lack
from oncommons.schema.dictionary import Field

Counts = Mapping[str, Count]


@dataclass(frozen=True)
class Public:
    """What everybody is told, by dataset.

    Attributes:
        records: Entity to how many rows there are.
        codes: Coded field to code to how many people have it.
        lacking: ``entity.field`` to how many rows of the entity lack the field.
    """

    records: Mapping[str, Counts]
    codes: Mapping[str, Mapping[str, Counts]]
    lacking: Mapping[str, Counts]
    _lacks: dict[tuple[str, str, str], Lack] = field(default_factory=dict, repr=False, compare=False)

    def card(self, state: DatasetState) -> tuple[Counts, Mapping[str, Counts]]:
        """The numbers of a dataset's card: its rows, and people by code."""
        return self.records.get(state.name, {}), self.codes.get(state.name, {})

    def lack(self, of: Field, state: DatasetState) -> Lack:
        """How many rows of a dataset lack a field, of how many."""
        place = state.name, of.entity, of.name
        if place not in self._lacks:
            name = f"{of.entity}.{of.name}"
            lacking, records = self.lacking[state.name][name], self.records[state.name][of.entity]
            self._lacks[place] = Lack(of.name, of.entity, state.fields[name].known, lacking, records)
        return self._lacks[place]
