"""What can be looked for at a hub: dataset cards, and the fields and codes of the dictionary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from oncommons.schema.dataset import DatasetCard
from oncommons.schema.dictionary import FIELDS, fields_named
from oncommons.schema.finding import Found, Text, TextIndex

Held = Sequence[tuple[str, DatasetCard]]
LONGEST_REQUEST = 200
"""Letters of a request that are read."""


def card_texts(node: str, card: DatasetCard) -> list[Text]:
    """A card in parts, with the weight of each; a code stands with its label, so that both are found."""
    parts = [
        Text("title", 4.0, card.title),
        Text("name", 4.0, card.dataset.replace("_", " ")),
        Text("about", 3.0, card.about),
        Text("node", 2.0, node),
        Text("licence", 0.5, card.licence),
        Text("source", 0.5, card.source),
        Text("policy", 0.25, card.policy),
    ]
    return [part for part in (*parts, *_codes(card)) if part.text]


def _codes(card: DatasetCard) -> Iterator[Text]:
    for name, codes in card.codes.items():
        fields = fields_named(name)
        labels = fields[0].codes.codes if fields and fields[0].type == "code" else {}
        for code in codes:
            yield Text(name.replace("_", " "), 2.0, f"{code} {labels.get(code, '')}".strip())


class CardFinder:
    """Cards ready to be looked through; made anew only when they have changed."""

    def __init__(self) -> None:
        self._held: Held = ()
        self._index = TextIndex(())

    def find(self, held: Held, request: str) -> Found:
        """The cards that fit a request, the best first."""
        if list(held) != list(self._held):
            self._index = TextIndex([card_texts(node, card) for node, card in held])
            self._held = tuple(held)
        return self._index.find(request[:LONGEST_REQUEST])


def find_terms(request: str, most: int = 50) -> dict[str, Any]:
    """Fields and codes of the dictionary that fit a request, the best first."""
    terms, index = _terms()
    found = index.find(request[:LONGEST_REQUEST])
    return {"terms": [terms[hit.place] for hit in found.hits[:most]], "instead": found.instead}


@lru_cache(maxsize=1)
def _terms() -> tuple[list[dict[str, Any]], TextIndex]:
    terms: list[dict[str, Any]] = []
    texts: list[list[Text]] = []
    for field in FIELDS:
        name = field.name.replace("_", " ")
        whole = {"entity": field.entity, "field": field.name, "code": None, "label": name, "meaning": field.meaning}
        terms.append(whole)
        texts.append([Text("field", 4.0, name), Text("entity", 1.0, field.entity), Text("meaning", 1.0, field.meaning)])
        for code, label in field.codes.codes.items() if field.type == "code" else ():
            terms.append(whole | {"code": code, "label": label})
            texts.append([Text("code", 4.0, code), Text("label", 4.0, label), Text("field", 0.5, name)])
    return terms, TextIndex(texts)
