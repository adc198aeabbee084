"""Dataset cards: what the node publishes, computed from its tables and released by its policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from oncommons.node.holdings import DatasetState
from oncommons.policy.disclosure import Policy, release_number
from oncommons.schema.answer import Count
from oncommons.schema.dataset import DatasetCard

PeopleByCode = Mapping[str, Mapping[str, Mapping[str, int]]]
"""Coded field to dataset to code to number of people who have it; true numbers."""


def write_cards(states: Iterable[DatasetState], people: PeopleByCode, policy: Policy) -> tuple[DatasetCard, ...]:
    """One card a dataset, in order of name.

    Args:
        states: What the node holds.
        people: How many people have which codes.
        policy: The node's policy.
    """
    ordered = sorted(states, key=lambda state: state.name)
    return tuple(_card(state, {f: c.get(state.name, {}) for f, c in people.items()}, policy) for state in ordered)


def _card(state: DatasetState, codes: Mapping[str, Mapping[str, int]], policy: Policy) -> DatasetCard:
    return DatasetCard(
        dataset=state.name,
        title=state.words["title"],
        records={entity: release_number(n, policy) for entity, n in state.records.items()},
        codes={field: _frequent(numbers, policy) for field, numbers in codes.items() if numbers},
        fields=tuple(sorted(name for name, field in state.fields.items() if field.known)),
        policy=str(policy),
        licence=state.words["licence"],
        source=state.words["source"],
        about=state.words["about"],
    )


def _frequent(numbers: Mapping[str, int], policy: Policy) -> dict[str, Count]:
    released = {code: release_number(n, policy) for code, n in numbers.items()}
    return {code: count for code, count in released.items() if count.precision != "suppressed"}
