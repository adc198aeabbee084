"""Looking for text: every word of the request must be found, by itself, as the beginning of a word, or by a synonym.

Rank is BM25, more where a part is nothing but what was asked for, with weights for where a word stands (Robertson and Zaragoza, "The Probabilistic Relevance Framework:
BM25 and Beyond", 2009, section 3.6 on weighted fields).  It is plain Python and the same over every database.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from math import log

from oncommons.schema.synonyms import SYNONYMS

MOST_WORDS = 12
"""Words of a request that are looked for; a longer request is cut."""
MOST_REASONS = 200
"""Documents, the best first, of which it is told where the words were found."""
_SHORTEST_BEGINNING = 3
_SATURATION = 1.2
_LENGTH = 0.5
_WORD = re.compile(r"[a-z0-9]+")
_LITTLE = frozenset({"and", "or", "of", "the", "a", "an", "in", "with", "for", "from", "by", "on", "to", "all"})
Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Text:
    """A part of a document: what it is, how much a word in it weighs, and the text."""

    part: str
    weight: float
    text: str


@dataclass(frozen=True)
class Hit:
    """A document that was found.

    Attributes:
        place: Its place in the list of documents.
        score: Its rank; larger is better.
        why: The parts in which words were found, such as ``modality: MR magnetic resonance``; empty far down the list.
    """

    place: int
    score: float
    why: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What was found.

    Attributes:
        hits: The best first.
        instead: The request with words that exist, where a word is found nowhere; else empty.
    """

    hits: tuple[Hit, ...]
    instead: str = ""


def words_of(text: str) -> list[str]:
    """The words of a text: small letters and digits, without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))


def _groups() -> Mapping[Phrase, tuple[Phrase, ...]]:
    found: dict[Phrase, tuple[Phrase, ...]] = {}
    for group in SYNONYMS:
        phrases = tuple(tuple(words_of(text)) for text in group)
        for phrase in phrases:
            found[phrase] = tuple(dict.fromkeys((*found.get(phrase, ()), *phrases)))
    return found


_SAME = _groups()
_LONGEST = max(map(len, _SAME))


class TextIndex:
    """Documents, ready to be looked through.

    Args:
        documents: Each in its parts.
    """

    def __init__(self, documents: Sequence[Sequence[Text]]) -> None:
        self.documents = documents
        self._tokens = [[words_of(part.text) for part in parts] for parts in documents]
        self._places: dict[str, dict[int, float]] = {}
        self._whole: dict[Phrase, dict[int, float]] = {}
        for place, (parts, tokens) in enumerate(zip(documents, self._tokens, strict=True)):
            weights: Counter[str] = Counter()
            for part, words in zip(parts, tokens, strict=True):
                self._whole.setdefault(tuple(words), {})[place] = part.weight
                for word in words:
                    weights[word] += part.weight  # type: ignore[assignment]
            for word, weight in weights.items():
                self._places.setdefault(word, {})[place] = weight
        sizes = [sum(map(len, tokens)) for tokens in self._tokens]
        mean = sum(sizes) / len(sizes) if sizes else 1.0
        self._norms = [1 - _LENGTH + _LENGTH * size / (mean or 1.0) for size in sizes]

    def find(self, request: str) -> Found:
        """The documents in which all of the request is found, the best first; all of them where it has no words."""
        asked = _concepts(request)
        if not asked:
            return Found(tuple(Hit(place, 0.0, ()) for place in range(len(self.documents))))
        weighed = [self._weights(alternatives) for alternatives in asked]
        places = set.intersection(*(set(found) for found in weighed))
        scores = {place: self._score(place, asked, weighed) for place in places}
        ordered = sorted(places, key=lambda place: (-scores[place], place))
        phrases = {phrase for alternatives in asked for phrase in alternatives}
        hits = [
            Hit(place, scores[place], tuple(self._why(place, phrases)) if i < MOST_REASONS else ())
            for i, place in enumerate(ordered)
        ]
        return Found(tuple(hits), "" if places else self._instead(request))

    def _weights(self, alternatives: Sequence[Phrase]) -> dict[int, float]:
        """Places of documents that have one of the phrases, with its weight there."""
        found: dict[int, float] = {}
        for phrase in alternatives:
            for place, weight in self._phrase(phrase, first=phrase == alternatives[0]).items():
                found[place] = max(found.get(place, 0.0), weight)
        return found

    def _phrase(self, phrase: Phrase, *, first: bool) -> dict[int, float]:
        if len(phrase) == 1:
            return self._word(phrase[0], first=first)
        every = [self._places.get(word, {}) for word in phrase]
        places = set.intersection(*(set(one) for one in every))
        return {p: min(one[p] for one in every) for p in places if self._has(p, phrase)}

    def _word(self, word: str, *, first: bool) -> dict[int, float]:
        """A word; what was typed is also found as the beginning of another, at half the weight."""
        found = dict(self._places.get(word, {}))
        if first and len(word) >= _SHORTEST_BEGINNING:
            for longer in self._beginning(word):
                for place, weight in self._places[longer].items():
                    found[place] = max(found.get(place, 0.0), weight / 2)
        return found

    def _beginning(self, word: str) -> Iterator[str]:
        return (known for known in self._places if known != word and known.startswith(word))

    def _has(self, place: int, phrase: Phrase) -> bool:
        """Whether the words of a phrase stand beside each other in a part of a document."""
        pairs = set(pairwise(phrase))
        return any(pairs <= set(pairwise(words)) for words in self._tokens[place])

    def _score(self, place: int, asked: Sequence[Sequence[Phrase]], weighed: Sequence[Mapping[int, float]]) -> float:
        score = 0.0
        for alternatives, found in zip(asked, weighed, strict=True):
            rarity = log(1 + (len(self.documents) - len(found) + 0.5) / (len(found) + 0.5))
            weight = found[place]
            score += rarity * weight * (1 + _SATURATION) / (weight + _SATURATION * self._norms[place])
            score += sum(self._whole.get(phrase, {}).get(place, 0.0) for phrase in alternatives)
        return round(score, 6)

    def _why(self, place: int, phrases: Collection[Phrase]) -> Iterator[str]:
        for part, words in zip(self.documents[place], self._tokens[place], strict=True):
            if any(_stands(phrase, words) for phrase in phrases):
                yield f"{part.part}: {part.text}"

    def _instead(self, request: str) -> str:
        """The request with each word that is found nowhere replaced by one like it, if there is one."""
        words = [word for word in words_of(request) if word not in _LITTLE][:MOST_WORDS]
        known = sorted({*self._places, *(word for phrase in _SAME for word in phrase)})
        better = [w if w in known else next(iter(get_close_matches(w, known, n=1, cutoff=0.75)), w) for w in words]
        return " ".join(better) if better != words else ""


def _stands(phrase: Phrase, words: Sequence[str]) -> bool:
    if len(phrase) == 1:
        word = phrase[0]
        return word in words or (len(word) >= _SHORTEST_BEGINNING and any(one.startswith(word) for one in words))
    return set(pairwise(phrase)) <= set(pairwise(words))


def _concepts(request: str) -> list[tuple[Phrase, ...]]:
    """What is asked for: the longest phrases that have synonyms, and words; each with all that means the same."""
    words = words_of(request)[: MOST_WORDS * 2]
    found: list[tuple[Phrase, ...]] = []
    i = 0
    while i < len(words) and len(found) < MOST_WORDS:
        for size in range(min(_LONGEST, len(words) - i), 0, -1):
            phrase = tuple(words[i : i + size])
            if phrase in _SAME or size == 1:
                break
        if phrase not in {(word,) for word in _LITTLE}:
            found.append((phrase, *(other for other in _SAME.get(phrase, ()) if other != phrase)))
        i += len(phrase)
    return found
