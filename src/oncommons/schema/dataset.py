"""The dataset card: what a node tells the federation about a dataset, computed from the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from oncommons.schema.answer import Count, total
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


def people_by_code(cards: Sequence[DatasetCard], name: str, full: str) -> dict[str, tuple[Count, int]]:
    """People by the codes of a field over all cards, the most frequent first, and how many datasets name each.

    A card of exact numbers names every code that somebody has.  On another card a code may be missing because it is
    too rare to be told; it then adds at most what that card's widest interval hides.

    Args:
        cards: The cards.
        name: Name of the field.
        full: The field as ``entity.field``.
    """
    told = [(card.codes.get(name, {}), unlisted(card)) for card in cards if name in card.codes or full in card.fields]
    found = {
        code: (total(codes.get(code, rest) for codes, rest in told), sum(code in codes for codes, _ in told))
        for code in {code for codes, _ in told for code in codes}
    }
    return dict(sorted(found.items(), key=lambda item: (-item[1][0].at_least, item[0])))


def unlisted(card: DatasetCard) -> Count:
    """How many people may have a code that a card does not name."""
    people = [count for entity, count in card.records.items() if entity == "person"]
    people += [count for codes in card.codes.values() for count in codes.values()]
    inexact = [count for count in people if count.precision != "exact"]
    if not inexact:
        return Count(0, 0, "exact")
    tops = [None if count.at_most is None else count.at_most - count.at_least for count in inexact]
    widest = None if None in tops else max(top for top in tops if top is not None)
    return Count(0, widest, "suppressed")


def rule_of(policy: str) -> str:
    """The disclosure rule that a node's words on it name, such as ``noise``; empty where there are none."""
    return policy.partition(":")[0].split(" ")[0]
