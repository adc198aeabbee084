"""What the federation holds, as pages show it: nodes and dataset cards, summed with their precision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TypeAlias
from urllib.parse import quote

from oncommons.schema.answer import Count, total
from oncommons.schema.dataset import DatasetCard, FoundCard, FoundCards, people_by_code
from oncommons.schema.dictionary import ENTITIES, FIELDS, Field, fields_named
from oncommons.schema.federation import NodeStatus
from oncommons.web.charts import Chart, Datum, bar_chart

_NO_NAMES: Mapping[str, str] = MappingProxyType({})
Held: TypeAlias = Sequence[tuple[str, DatasetCard]]
"""Dataset cards, each with the name of its node."""


@dataclass(frozen=True)
class CodeCount:
    """How many people have a code; ``told_by`` datasets name it."""

    code: str
    label: str
    people: Count
    told_by: int


@dataclass(frozen=True)
class NodeView:
    """A node as a page shows it.

    Attributes:
        status: As the hub reports it.
        records: Entity to number of rows in all its datasets.
        policies: The disclosure rules that its cards name.
        seen: How long ago it last called, in words.
        at: When, for people.
    """

    status: NodeStatus
    records: Mapping[str, Count]
    policies: tuple[str, ...]
    seen: str
    at: str


@dataclass(frozen=True)
class CardView:
    """A dataset card as a page shows it.

    Attributes:
        node: Name of its node.
        card: The card.
        codes: Coded field to its codes, the most frequent first.
        missing: Fields of the dictionary that the dataset does not have.
        link: Address of its source, empty where it has none.
        why: Where the words were found that somebody looked for.
    """

    node: str
    card: DatasetCard
    codes: Mapping[str, tuple[CodeCount, ...]]
    missing: tuple[str, ...]
    link: str
    why: tuple[str, ...] = ()

    @property
    def href(self) -> str:
        """Where its page is."""
        return f"/datasets/{quote(self.node, safe='')}/{quote(self.card.dataset, safe='')}"

    @property
    def modalities(self) -> tuple[CodeCount, ...]:
        """Its modalities, the most frequent first."""
        return self.codes.get("modality", ())


def records_of(held: Held) -> dict[str, Count]:
    """Rows of each entity over all cards; an entity that no card has is left out."""
    found = {e: [card.records[e] for _, card in held if e in card.records] for e in ENTITIES}
    return {entity: total(counts) for entity, counts in found.items() if counts}


def codes_of(held: Held, name: str, names: Mapping[str, str] = _NO_NAMES) -> tuple[CodeCount, ...]:
    """People by the codes of a field, the most frequent first.

    Args:
        held: The cards.
        name: Name of the field.
        names: Labels of codes that the dictionary has none for.
    """
    field = fields_named(name)[0] if fields_named(name) else None
    labels = field.codes.codes if field is not None and field.type == "code" else {}
    full = f"{field.entity}.{name}" if field is not None else name
    found = people_by_code([card for _, card in held], name, full)
    return tuple(
        CodeCount(code, labels.get(code, "") or names.get(code, ""), people, told)
        for code, (people, told) in found.items()
    )


def values_in(dictionary: Mapping[str, Any]) -> dict[str, list[tuple[str, tuple[CodeCount, ...]]]]:
    """Vocabulary to the fields that use it, each with the codes that occur in the federation.

    Args:
        dictionary: As the hub serves it.
    """
    found: dict[str, list[tuple[str, tuple[CodeCount, ...]]]] = {}
    for field in dictionary["fields"]:
        if field.get("values"):
            counts = tuple(
                CodeCount(code, str(value.get("label", "")), Count.from_json(value["people"]), int(value["datasets"]))
                for code, value in field["values"].items()
            )
            found.setdefault(field["vocabulary"], []).append((field["name"], counts))
    return found


def node_views(statuses: Sequence[NodeStatus], held: Held, now: float) -> tuple[NodeView, ...]:
    """Every node with the sums of its cards, in order of name."""
    views = []
    for status in sorted(statuses, key=lambda s: s.name):
        own = [(node, card) for node, card in held if node == status.name]
        policies = tuple(dict.fromkeys(card.policy for _, card in own))
        seen = ago(status.last_seen, now) if status.last_seen else "never"
        views.append(NodeView(status, records_of(own), policies, seen, when(status.last_seen)))
    return tuple(views)


def card_view(node: str, card: DatasetCard, names: Mapping[str, str] = _NO_NAMES) -> CardView:
    """A card as its page shows it, with the labels of ``names`` for codes that the dictionary has none for."""
    codes = {name: codes_of([(node, card)], name, names) for name in card.codes}
    missing = tuple(f"{f.entity}.{f.name}" for f in FIELDS if f"{f.entity}.{f.name}" not in card.fields)
    return CardView(node, card, codes, missing, link_of(card.source))


def by_size(held: Held) -> tuple[CardView, ...]:
    """Every card, the largest first."""
    found = [card_view(node, card) for node, card in held]
    return tuple(sorted(found, key=lambda v: (-_people(v.card).at_least, v.node, v.card.dataset)))


def found_views(found: FoundCards) -> tuple[CardView, ...]:
    """Cards that were looked for, in the order in which they were found, each with where that was."""
    return tuple(replace(card_view(one.node, one.card), why=_told_why(one)) for one in found.cards)


def _told_why(one: FoundCard) -> tuple[str, ...]:
    """Where words were found, but for what the row shows anyway."""
    return tuple(part for part in one.why if part.partition(":")[0] not in {"title", "name", "node", "about"})[:3]


def code_chart(held: Held, name: str, names: Mapping[str, str] = _NO_NAMES) -> Chart:
    """People by the codes of a field, with the labels of ``names`` for codes that the dictionary has none for."""
    field = fields_named(name)[0]
    data = [Datum(named(c.code, c.label), c.people) for c in codes_of(held, name, names)]
    return bar_chart(f"by-{name.replace('_', '-')}", f"People by {label_of(field)}", "people", data)


def named(code: str, label: str) -> str:
    """A code with its label, where it has one."""
    return f"{code} · {label}" if label else code


def label_of(field: Field) -> str:
    """The name of a field for people; categories of TNM as clinicians write them."""
    basis, _, letter = field.name.partition("_")
    if basis in {"clinical", "pathological"} and letter in {"t", "n", "m"}:
        return f"{basis[0]}{letter.upper()}"
    return field.name.replace("_", " ")


def link_of(source: str) -> str:
    """The address that a source names, a DOI resolved; empty for anything that is not a web address."""
    if source.startswith("https://"):
        return source
    doi = source.removeprefix("doi:").strip()
    return f"https://doi.org/{quote(doi, safe='/.-_()')}" if doi.startswith("10.") else ""


def ago(iso: str, now: float) -> str:
    """How long ago a time was, in words; the text itself where it is not a time."""
    try:
        seconds = now - datetime.fromisoformat(iso).timestamp()
    except ValueError:
        return iso
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return "just now"


def when(iso: str) -> str:
    """A time for people, in UTC."""
    try:
        return f"{datetime.fromisoformat(iso).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    except ValueError:
        return iso


def _people(card: DatasetCard) -> Count:
    return card.records.get("person", Count(0, 0, "exact"))
