"""The dataset card: what a node tells the federation about a dataset, computed from the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from oncommons.schema.answer import Count
from oncommons.schema.errors import BadRequest


@dataclass(frozen=True)
class FoundCard:
    """A dataset card that was looked for: its node, the card, and where the words were found."""

    node: str
    card: DatasetCard
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class FoundCards:
    """The cards that fit a request, the best first; ``instead`` is a better spelling where none fits."""

    cards: tuple[FoundCard, ...]
    instead: str = ""


@dataclass(frozen=True)
class DatasetCard:
    """What a dataset holds, every number with its precision.

    Attributes:
        dataset: Identifier at its node, such as ``tcga_brca``.
        title: Name for people.
        records: Entity to number of rows.
        codes: Coded field to code to number of people who have it; codes too rare to be told are left out.
        fields: Names (``entity.field``) of the fields that the dataset has.
        policy: The node's disclosure rule in words.
        licence: Conditions of use as the source gives them.
        source: Where the data come from, such as a DOI.
        about: Free text: what the dataset is about, such as the cancer types.
    """

    dataset: str
    title: str
    records: Mapping[str, Count]
    codes: Mapping[str, Mapping[str, Count]]
    fields: tuple[str, ...]
    policy: str
    licence: str = ""
    source: str = ""
    about: str = ""

    def to_json(self) -> dict[str, Any]:
        """The card as JSON."""
        return {
            "dataset": self.dataset,
            "title": self.title,
            "records": {entity: count.to_json() for entity, count in self.records.items()},
            "codes": {
                name: {code: count.to_json() for code, count in codes.items()} for name, codes in self.codes.items()
            },
            "fields": list(self.fields),
            "policy": self.policy,
            "licence": self.licence,
            "source": self.source,
            "about": self.about,
        }

    @classmethod
    def from_json(cls, body: object) -> DatasetCard:
        """Read a card.

        Raises:
            BadRequest: where the body is not a card.
        """
        try:
            parts = cast("Mapping[str, Any]", body)
            return cls(
                dataset=str(parts["dataset"]),
                title=str(parts["title"]),
                records={str(e): Count.from_json(c) for e, c in parts["records"].items()},
                codes={
                    str(f): {str(code): Count.from_json(c) for code, c in codes.items()}
                    for f, codes in parts["codes"].items()
                },
                fields=tuple(str(f) for f in parts["fields"]),
                policy=str(parts["policy"]),
                licence=str(parts.get("licence", "")),
                source=str(parts.get("source", "")),
                about=str(parts.get("about", "")),
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as fault:
            raise BadRequest("The dataset card does not have the shape of a card.", detail=repr(fault)) from None
