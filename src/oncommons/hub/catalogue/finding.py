"""What can be looked for at a hub: dataset cards, and the fields and codes of the dictionary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from oncommons.schema.dataset import DatasetCard
from oncommons.schema.dictionary import FIELDS, Field, fields_named
from oncommons.schema.finding import Found, Text, TextIndex
from oncommons.schema.labels import ENGLISH, Labels
from oncommons.schema.plain_names import PLAIN_NAMES, named_codes, plain_name, plain_words

Held = Sequence[tuple[str, DatasetCard]]
LONGEST_REQUEST = 200
"""Letters of a request that are read."""
_NOTHING = Labels()


def card_texts(node: str, card: DatasetCard, known: Labels = _NOTHING) -> list[Text]:
    """A card in parts, with the weight of each; a code stands with its label, so that both are found.

    Args:
        node: Name of the card's node.
        card: The card.
        known: Imported labels; a code is found by them in every language.
    """
    parts = [
        Text("title", 4.0, card.title),
        Text("name", 4.0, card.dataset.replace("_", " ")),
        Text("about", 3.0, card.about),
        Text("node", 2.0, node),
        Text("licence", 0.5, card.licence),
        Text("source", 0.5, card.source),
        Text("policy", 0.25, card.policy),
    ]
    return [part for part in (*parts, *_codes(card, known)) if part.text]


def _codes(card: DatasetCard, known: Labels) -> Iterator[Text]:
    for name, codes in card.codes.items():
        fields = fields_named(name)
        labels = fields[0].codes.codes if fields and fields[0].type == "code" else {}
        for code in codes:
            texts = (text for texts in known.texts.get(code, {}).values() for text in texts)
            words = [labels.get(code, ""), *texts, plain_name(code), plain_words(code)]
            yield Text(name.replace("_", " "), 2.0, " ".join(filter(None, [code, *dict.fromkeys(words)])))


class CardFinder:
    """Cards ready to be looked through; made anew only when they, or the labels of their codes, have changed."""

    def __init__(self) -> None:
        self._held: Held = ()
        self._known = _NOTHING
        self._index = TextIndex(())

    def find(self, held: Held, request: str, known: Labels = _NOTHING) -> Found:
        """The cards that fit a request, the best first.

        Args:
            held: The cards.
            request: What is looked for.
            known: Imported labels.
        """
        if list(held) != list(self._held) or known is not self._known:
            self._index = TextIndex([card_texts(node, card, known) for node, card in held])
            self._held, self._known = tuple(held), known
        return self._index.find(request[:LONGEST_REQUEST])


def find_terms(request: str, known: Labels = _NOTHING, language: str = "", most: int = 50) -> dict[str, Any]:
    """Fields and codes of the dictionary that fit a request, the best first; a code of a field once.

    Args:
        request: What is looked for.
        known: Imported labels.
        language: Of the imported labels that are looked through, as :meth:`Labels.meant` says; all where empty.  Our
            own names are English.
        most: Terms to tell.
    """
    terms, index = _terms(known, known.meant(language))  # not by what a stranger writes: each index takes a second
    found = index.find(request[:LONGEST_REQUEST])
    once: dict[tuple[str, str, str | None], dict[str, Any]] = {}
    for hit in found.hits:
        if len(once) == most:
            break
        term = terms[hit.place]
        once.setdefault((term["entity"], term["field"], term["code"]), term)
    return {"terms": list(once.values()), "instead": found.instead}


@lru_cache(maxsize=4)
def _terms(known: Labels, languages: Sequence[str]) -> tuple[list[dict[str, Any]], TextIndex]:
    terms: list[dict[str, Any]] = []
    texts: list[list[Text]] = []
    for field in FIELDS:
        name = field.name.replace("_", " ")
        whole = {"entity": field.entity, "field": field.name, "code": None, "label": name, "meaning": field.meaning}
        terms.append(whole | {"language": ENGLISH})
        texts.append([Text("field", 4.0, name), Text("entity", 1.0, field.entity), Text("meaning", 1.0, field.meaning)])
        for code, told, label, words in _coded(field, known, languages) if field.type == "code" else ():
            terms.append(whole | {"code": code, "label": label, "language": told})
            weight = 4.0 if "." in code else 6.0  # a category stands before what lies below it
            parts = [Text("code", 4.0, code), Text("label", weight, label), Text("field", 0.5, name)]
            parts += [Text("place", weight, _place(code)), Text("words", 1.0, words)]
            texts.append([part for part in parts if part.text])
    return terms, TextIndex(texts)


def _place(code: str) -> str:
    """Where a cancer is, so that it ranks as its place does for who looks for that."""
    return PLAIN_NAMES.get(code.replace("ICD10:", "ICDO3:"), "") if code.startswith("ICD10:") else ""


def _coded(field: Field, known: Labels, languages: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    """Codes of a field, each with a language, its label in it and other words: listed, named by us, and imported."""
    vocabulary = field.codes
    for code, label in vocabulary.codes.items():
        parts = vocabulary.groups.get(code, ())
        words = dict.fromkeys(text for part in parts for text in (plain_name(part), plain_words(part)))
        yield code, ENGLISH, label, " ".join(words)
    if not vocabulary.pattern:
        return
    for code in named_codes():
        if vocabulary.holds(code):
            yield code, ENGLISH, plain_name(code), plain_words(code)
    for code, by_language in known.texts.items():
        if vocabulary.holds(code):
            for told, texts in by_language.items():
                if told in languages:
                    yield code, told, texts[0], " ".join(texts[1:])
