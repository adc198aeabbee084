"""Stretches of attributes that the images of a patient have in common: rewritten once, and recognised by their bytes.

The images of a series differ in a few of several hundred attributes.  What lies between those is compared with the image
before as one piece of memory, which costs no more than a single attribute.  A stretch is rewritten as if it were a data set
of its own, so it holds nothing whose meaning is told outside of it: private groups are in it as a whole, codes are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, groupby
from typing import NamedTuple

from oncommons.imaging.deid.content import CODED, VALUES
from oncommons.imaging.deid.decisions import Made, Memory
from oncommons.imaging.deid.elements import UNDEFINED, Coding
from oncommons.imaging.deid.rewritten import Rewritten
from oncommons.imaging.deid.rules import Action
from oncommons.imaging.pieces import chunks_of
from oncommons.schema.errors import DamagedImage

_FEWEST = 4
"""Attributes of a stretch that is worth while."""
_LONGEST = 64 * 1024
"""Bytes of a data set that are compared."""
_MOST = 64
"""Stretches of one patient."""
_LATER, _RARELY = 64, 512
"""Images of a series after which its stretches are learnt again; and where nothing was new."""
_MOST_SERIES = 4
"""Series of a patient that may come in turns."""
_PIXELS = 0x50000000
"""Curves, overlays and pixels begin here."""
_NEVER = 1 << 32
_ALONE = CODED | frozenset(VALUES)
"""They say what others mean, or are told by others what they mean."""


class Stretch(NamedTuple):
    """Attributes of the top level that follow each other, and what becomes of them.

    Attributes:
        raw: Their bytes.
        first: Tag of the first.
        last: Tag of the last.
        made: What is written in their place, in one.
        facts: Those of them that are wanted, as they were.
        told: Those of them that are wanted and written anew, as they are now.
    """

    raw: bytes
    first: int
    last: int
    made: Made
    facts: Mapping[int, bytes]
    told: Mapping[int, bytes]

    def fits(self, data: bytes, at: int, last: int) -> bool:
        """Whether it is what stands at a place, and no private group goes on beyond one of its ends.

        Args:
            data: The bytes that hold an image.
            at: The place.
            last: Tag of the attribute before it.
        """
        end = at + len(self.raw)
        begins = last < self.first and (self.first >> 16 != last >> 16 or not self.first >> 16 & 1)
        return (
            begins and data[at:end] == self.raw and (not self.last >> 16 & 1 or not self._goes_on(data[end : end + 2]))
        )

    def _goes_on(self, group: bytes) -> bool:
        return self.last >> 16 in {int.from_bytes(group, "little"), int.from_bytes(group, "big")}


class Unit(NamedTuple):
    """One attribute, or a private group as a whole.

    Attributes:
        tags: Their tags.
        raw: Their bytes.
        alone: Whether no stretch may hold it.
        first: Whether something else is written before it, so that a stretch may begin with it, and not go on.
    """

    tags: tuple[int, ...]
    raw: bytes
    alone: bool
    first: bool = False


@dataclass
class _Series:
    """What was learnt of one series."""

    found: Sequence[Stretch] = ()
    before: bytes = b""
    images: int = 0
    due: int = 1
    pause: int = _LATER


@dataclass
class Stretches:
    """The stretches of one patient; learnt from the first two images of a series, and anew from two out of every so many.

    Attributes:
        found: The stretches, by the first eight bytes of each.
    """

    found: Mapping[bytes, Sequence[Stretch]] = field(default_factory=dict)
    _series: dict[bytes, _Series] = field(default_factory=dict)

    def seen(
        self,
        name: bytes,
        image: tuple[bytes, int],
        units: Callable[[bytes], Iterator[Unit]],
        rewritten: Callable[[bytes], Rewritten],
    ) -> None:
        """Learn from an image, where that is due; of the first of two only its beginning is kept, for many have no second.

        Args:
            name: Its Series Instance UID.
            image: The bytes that hold it, and where its data set begins.
            units: Gives the attributes of the beginning of a data set.
            rewritten: What becomes of some of them.
        """
        series = self._series.get(name)
        if series is None:
            if len(self._series) >= _MOST_SERIES:
                self._series.pop(next(iter(self._series)), None)
            series = self._series[name] = _Series()
        series.images += 1
        data, start = image
        if series.before:
            before = frozenset(unit.raw for unit in units(series.before))
            self._learn(series, list(_common(list(units(data[start : start + _LONGEST])), before)), rewritten)
        elif series.images >= series.due:
            series.before = data[start : start + _LONGEST]

    def _learn(
        self, series: _Series, common: Sequence[tuple[list[int], bytes]], rewritten: Callable[[bytes], Rewritten]
    ) -> None:
        old = {one.raw: one for same in self.found.values() for one in same}
        learnt = [old.get(raw) or _stretch(tags, raw, rewritten(raw)) for tags, raw in common[:_MOST]]
        series.pause = min(2 * series.pause, _RARELY) if learnt == list(series.found) else _LATER
        series.found, series.before, series.due = learnt, b"", series.images + series.pause
        found: dict[bytes, list[Stretch]] = {}
        for one in {one.raw: one for each in [series, *self._series.values()] for one in each.found}.values():
            found.setdefault(one.raw[:8], []).append(one)
        self.found = found


@lru_cache(maxsize=16)
def stretches_of(_memory: Memory, _identity: bytes) -> Stretches:
    """What is remembered of one patient, under one profile in one way of writing."""
    return Stretches()


def fitting(same: Sequence[Stretch], data: bytes, at: int, last: int) -> Stretch | None:
    """The one of some stretches that begin alike which fits, see :meth:`Stretch.fits`."""
    for one in same:
        if one.fits(data, at, last):
            return one
    return None


def units(data: bytes, coding: Coding, memory: Memory, ends: Sequence[int]) -> Iterator[Unit]:
    """The attributes of the top level of an image that has been rewritten, up to its pixels, as far as they are there.

    Args:
        data: Its beginning.
        coding: How its elements are written.
        memory: What was decided about its headers.
        ends: Tags before which something else is written.
    """
    due = iter([*ends, _NEVER])
    end = next(due)
    for _, elements in groupby(_elements(data, coding, memory), _group):
        places = list(elements)
        tags = tuple(tag for tag, _, _ in places)
        alone = not _ALONE.isdisjoint(tags) or any(_is_code(memory, data, at) for _, at, _ in places)
        yield Unit(tags, data[places[0][1] : places[-1][2]], alone, tags[0] >= end)
        if tags[0] >= end:
            end = next(tag for tag in due if tag > tags[0])


def _elements(data: bytes, coding: Coding, memory: Memory) -> Iterator[tuple[int, int, int]]:
    """Tag and place of each attribute that is there to its end."""
    at, end, known = 0, len(data), memory.top
    while at < end:
        begin = at
        try:
            _, tag, size, _, found = known.get(data[at : at + 8]) or memory.learn(data, at, top=True)
            if tag >= _PIXELS or not tag:
                return
            at = at + size if size else coding.after(data, (tag, found.vr, UNDEFINED, at + found.head))
        except DamagedImage:
            return
        if at <= end:
            yield tag, begin, at


def _group(element: tuple[int, int, int]) -> tuple[int, int]:
    """What is equal for the attributes of a private group, and for no others."""
    group, number = divmod(element[0], 1 << 16)
    return group, 0 if group & 1 else number


def _is_code(memory: Memory, data: bytes, at: int) -> bool:
    """Whether it depends on the next attribute what becomes of one."""
    known = memory.top.get(data[at : at + 8]) or memory.top.get(data[at : at + 12])
    return known is None or known[-1].action is Action.CODE


def _common(now: Sequence[Unit], before: frozenset[bytes]) -> Iterator[tuple[list[int], bytes]]:
    """Tags and bytes of the stretches that an image has in common with the one before it."""
    parts = accumulate(unit.first for unit in now)
    for (same, _), found in groupby(zip(now, parts, strict=True), lambda one: (_is_same(one[0], before), one[1])):
        run = [unit for unit, _ in found]
        tags = [tag for unit in run for tag in unit.tags]
        if same and len(tags) >= _FEWEST:
            yield tags, b"".join(unit.raw for unit in run)


def _is_same(unit: Unit, before: frozenset[bytes]) -> bool:
    return not unit.alone and unit.raw in before


def _stretch(tags: Sequence[int], raw: bytes, done: Rewritten) -> Stretch:
    written, left = (b"".join(chunks_of(pieces)) for pieces in (done.parts, done.left))
    made = Made(written, left, frozenset(done.tokens), frozenset(done.made))
    return Stretch(raw, tags[0], tags[-1], made, done.facts, done.told)
