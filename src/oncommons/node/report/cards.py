"""Dataset cards: what the node publishes, computed from its tables and released by its policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from oncommons.node.holdings import DatasetState
from oncommons.policy.disclosure.counts import WITHHELD, Policy, release_number
from oncommons.schema.answer import Count
from oncommons.schema.dataset import DatasetCard

PeopleByCode = Mapping[str, Mapping[str, Mapping[str, int]]]
"""Coded field to dataset to code to number of people who have it; true numbers."""


@dataclass(frozen=True)
class CardNumbers:
    """Numbers of a dataset as they were released.

    Attributes:
        records: Entity to how many rows there are.
        codes: Coded field to code to how many people have it.
    """

    records: Mapping[str, Count]
    codes: Mapping[str, Mapping[str, Count]]


def write_cards(states: Iterable[DatasetState], people: PeopleByCode, policy: Policy) -> tuple[DatasetCard, ...]:
    """One card a dataset, in order of name.

    Args:
        states: What the node holds.
        people: How many people have which codes.
        policy: The node's policy, which judges each number on its own.
    """

    def numbers(state: DatasetState) -> CardNumbers:
        codes = {f: c.get(state.name, {}) for f, c in people.items()}
        return CardNumbers(
            {entity: release_number(n, policy, _people(state, entity, policy)) for entity, n in state.records.items()},
            {f: {code: release_number(n, policy) for code, n in c.items()} for f, c in codes.items()},
        )

    return cards_of([(state, numbers(state)) for state in states], policy)


def cards_of(released: Iterable[tuple[DatasetState, CardNumbers]], policy: Policy) -> tuple[DatasetCard, ...]:
    """One card a dataset, in order of name, of numbers that are released already.

    Args:
        released: What the node holds, and the numbers.
        policy: The node's policy.
    """
    ordered = sorted(released, key=lambda pair: pair[0].name)
    return tuple(_card(state, numbers, policy) for state, numbers in ordered)


def nothing_of(state: DatasetState) -> CardNumbers:
    """Numbers of a dataset of which none is told.

    Args:
        state: The dataset.
    """
    return CardNumbers(dict.fromkeys(state.records, WITHHELD), {})


def _card(state: DatasetState, numbers: CardNumbers, policy: Policy) -> DatasetCard:
    return DatasetCard(
        dataset=state.name,
        title=state.words["title"],
        records=dict(numbers.records),
        codes={field: told for field, counts in numbers.codes.items() if (told := _frequent(counts))},
        fields=tuple(sorted(name for name, field in state.fields.items() if field.known)),
        policy=str(policy),
        licence=state.words["licence"],
        source=state.words["source"],
        about=state.words["about"],
    )


def _people(state: DatasetState, entity: str, policy: Policy) -> int | None:
    """How many people have rows of an entity; nothing where they are the rows, or do not matter."""
    return None if entity == "person" or policy.rule == "open" else state.people[entity]


def _frequent(counts: Mapping[str, Count]) -> dict[str, Count]:
    return {code: count for code, count in counts.items() if count.precision != "suppressed"}
