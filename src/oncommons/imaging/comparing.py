"""A header as people read it: one line an attribute, before and after something was done to it, side by side.

What was done is told by comparing the two, whoever did it; nothing here knows what should have been done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Literal

from oncommons.imaging.dictionary import keyword_of
from oncommons.imaging.elements import NUMBERS, Dataset, Element, read_elements
from oncommons.imaging.syntax import Opened
from oncommons.schema.errors import DamagedImage

Done = Literal["kept", "removed", "emptied", "replaced", "moved", "cleaned", "added", ""]
LONGEST = 256
"""Characters of a value that are shown."""
MOST_LINES = 20_000
"""Lines of a header that are told; an object with more is told so far."""
_DATES = frozenset({"DA", "DT"})
_TEXTS = frozenset({"SH", "LO", "ST", "LT", "UT", "UC", "PN"})
_BYTES = frozenset({"OB", "OW", "OF", "OD", "OL", "OV", "UN"})
_WORD = re.compile(r"[^\W_]+")
_LAST_BIT = 31


@dataclass(frozen=True)
class Line:
    """One attribute of a header.

    Attributes:
        path: Where it is: tags, and numbers of items from 1, joined by slashes, such as ``00081140/1/00081155``.
        tag: Group and element as one number.
        keyword: Its keyword; empty where the dictionary does not know it.
        vr: Its value representation.
        before: Its value as text; ``None`` where it is not there.
        after: The same in the second header.
        done: What was done to it; empty where there is one header only.
    """

    path: str
    tag: int
    keyword: str
    vr: str
    before: str | None
    after: str | None
    done: Done

    @property
    def depth(self) -> int:
        """How many sequences it lies in."""
        return self.path.count("/") // 2


def read_partly(opened: Opened[bytes]) -> tuple[Dataset, DamagedImage | None]:
    """A data set as far as it can be read, and what ended it.

    Of one that is damaged, the attributes before the damage are found by halving: as many as can be read without fault.
    """
    try:
        return read_elements(opened), None
    except DamagedImage as fault:
        last = 0
        for bit in range(_LAST_BIT, -1, -1):
            try:
                read_elements(opened, last | 1 << bit)
            except DamagedImage:
                continue
            last |= 1 << bit
        try:
            return read_elements(opened, last), fault
        except DamagedImage:
            return Dataset(opened.data, {}), fault


def compared(before: Dataset | None, after: Dataset | None) -> list[Line]:
    """The attributes of two headers side by side, in order; those of items behind their sequence.

    Args:
        before: The first; ``None`` where there is none, and nothing is said to be added then.
        after: The second; ``None`` where there is none, and nothing is said to be removed then.
    """
    only = before is None or after is None
    return list(islice(_lines(before, after, "", only=only), MOST_LINES))


def value_text(dataset: Dataset, element: Element) -> str:
    """A value as text: numbers in decimals, several values joined by a backslash, bytes by their number.

    Characters that are not seen, or that change how others are read, are shown as U+FFFD.
    """
    if element.items is not None:
        return f"{len(element.items)} item{'' if len(element.items) == 1 else 's'}"
    size = element.end - element.start
    if element.fragments is not None or element.vr in _BYTES:
        return f"{size:,} bytes" if size else ""
    if element.vr in NUMBERS:
        return _cut("\\".join(f"{number:.10g}" for number in dataset.binary(element)[: LONGEST + 1]))
    if element.vr == "AT":
        words = dataset.little(element)
        pairs = (words[i : i + 4] for i in range(0, min(size, LONGEST), 4))
        return "\\".join(f"({pair[1::-1].hex()},{pair[:1:-1].hex()})".upper() for pair in pairs)
    return _cut("\\".join(dataset.texts_of(element)))


def _cut(text: str) -> str:
    seen = "".join(c if c.isprintable() or c in "\r\n\t" else "\ufffd" for c in text[: LONGEST + 1])
    return seen if len(text) <= LONGEST else f"{seen[:LONGEST]}…"


def _lines(before: Dataset | None, after: Dataset | None, path: str, *, only: bool) -> Iterator[Line]:
    old = {} if before is None else before.elements
    new = {} if after is None else after.elements
    for tag in sorted(old.keys() | new.keys()):
        if not tag & 0xFFFF:  # group lengths say nothing
            continue
        first = None if before is None or tag not in old else (before, old[tag])
        second = None if after is None or tag not in new else (after, new[tag])
        yield _line(f"{path}{tag:08X}", tag, first, second, only=only)
        pairs = zip_longest(_items(first), _items(second))
        for number, (one, other) in enumerate(pairs, 1):
            yield from _lines(one, other, f"{path}{tag:08X}/{number}/", only=only)


_Place = tuple[Dataset, Element] | None


def _items(place: _Place) -> Sequence[Dataset]:
    return () if place is None else tuple(place[0].items_of(place[1]))


def _line(path: str, tag: int, first: _Place, second: _Place, *, only: bool) -> Line:
    texts = [None if place is None else value_text(*place) for place in (first, second)]
    vr = next(place[1].vr for place in (first, second) if place is not None)
    return Line(path, tag, keyword_of(tag), vr, texts[0], texts[1], "" if only else _done(first, second))


def _done(first: _Place, second: _Place) -> Done:
    if first is None:
        return "added"
    if second is None:
        return "removed"
    (old, was), (new, now) = first, second
    if was.items is not None and now.items is not None:
        return "emptied" if was.items and not now.items else "kept"
    one, other = old.little(was).strip(b"\0 "), new.little(now).strip(b"\0 ")
    if one == other:
        return "kept"
    if not other:
        return "emptied"
    if was.vr in _DATES:
        return "moved"
    return "cleaned" if was.vr in _TEXTS and _within(new.texts_of(now), old.texts_of(was)) else _changed(was)


def _changed(was: Element) -> Done:
    return "cleaned" if was.fragments is not None else "replaced"


def _within(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether a text has no word that another one lacks."""
    there = set(_WORD.findall(" ".join(others)))
    return all(word in there for word in _WORD.findall(" ".join(words)))
