"""Numbers of people under the rule ``noise``: what is told, remembering what was told before.

===================== ================================================== ==============================================
rule                  what is done                                       source
===================== ================================================== ==============================================
noise, small numbers  see :mod:`oncommons.policy.noise`; too small a     cell key method; small-number suppression
                      crowd is ``suppressed``, whether it is empty or
                      not
rounding              to a group of k/2 numbers, after the noise         NHS England, Hospital Episode Statistics
                                                                         analysis guide (rounding to 5)
merging               a crowd that differs from one told before by       query-set overlap control (Dobkin, Jones,
                      people who would themselves be suppressed gets     Lipton 1979); audit of queries (Chin and
                      that one's number                                  Ozsoyoglu 1982)
complement            likewise where it differs so from the rest of a    Denning and Schlörer 1980, A fast procedure
                      dataset without one told before                    for finding a tracker
two earlier ones      likewise where two of them, the one among the      as merging
                      last 64, together or less one another differ
                      so from it
parts and whole       likewise for the sum of the groups of an answer    margins of tables (Hundepool et al. 2012, 4.3)
one memory            what was told to one project, or to everybody on   ours
                      a card, is merged with for all, so that putting
                      together what several were told shows no more
certain and possible  possible is told as a number of its own only       ours
                      where the people between the two would not be
                      suppressed
===================== ================================================== ==============================================

*Merged* looks like *repeated*.  Whether a crowd is exactly the one told before or differs by a few people cannot be
seen, since a difference would show the existence of those few.  So the number of a merged crowd may be that of
another one, and its interval holds that one's true number.

Whether two crowds are merged is decided by the very sample that decides whether the people between them may be told.
So the merging shows nothing that asking for these people would not show.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from oncommons.policy.crowd import NOBODY, Crowd
from oncommons.policy.disclosure import WITHHELD
from oncommons.policy.noise import Noise
from oncommons.schema.answer import Count, total

RECENT = 64
"""Crowds of which it is looked whether they and another make up a new one."""


@dataclass(frozen=True)
class Place:
    """Where crowds are compared: one entity of one dataset.

    Attributes:
        dataset: Name of the dataset.
        entity: What is counted.
        everybody: All its people, with the rows of theirs that count.
        unit: So many rows of one person count at most; 1 where people are counted.
    """

    dataset: str
    entity: str
    everybody: Crowd = NOBODY
    unit: int = 1

    @property
    def counts_people(self) -> bool:
        """Whether people are counted; a number of rows may be larger than any that is told of it."""
        return self.entity == "person"

    @cached_property
    def name(self) -> tuple[str, str]:
        """The place without what is there now."""
        return self.dataset, self.entity

    @cached_property
    def digest(self) -> bytes:
        """Stands for everybody."""
        return _digest(self.everybody)


@dataclass(frozen=True)
class Told:
    """A number that was told.

    Attributes:
        digest: Which crowd it was asked for.
        count: What was told.
        crowd: The crowd where the number is its own; ``None`` where it was another's.
    """

    digest: bytes
    count: Count
    crowd: Crowd | None = None


@dataclass
class Shelf:
    """What was told of one place, oldest first."""

    answers: dict[bytes, Count] = field(default_factory=dict)
    crowds: list[tuple[Crowd, Count]] = field(default_factory=list)
    news: list[Told] = field(default_factory=list)
    _sizes: list[tuple[int, int]] = field(default_factory=list)

    def put(self, told: Told, *, new: bool = True) -> None:
        """Remember a number."""
        self.answers.setdefault(told.digest, told.count)
        if told.crowd is not None:
            insort(self._sizes, (told.crowd.people, len(self.crowds)))
            self.crowds.append((told.crowd, told.count))
        if new:
            self.news.append(told)

    def around(self, crowd: Crowd, reach: int) -> Iterator[tuple[Crowd, Count]]:
        """What was told of crowds that differ from this one by less than ``reach`` people, oldest first.

        Crowds of very different sizes are not looked at: two crowds differ by no less than their sizes do.
        """
        first, last = self._within(crowd.people, reach)
        for place in sorted(place for _, place in self._sizes[first:last]):
            other, count = self.crowds[place]
            if (crowd.who ^ other.who).bit_count() < reach:
                yield other, count

    def has_size(self, people: int, reach: int) -> bool:
        """Whether some crowd has about so many people."""
        first, last = self._within(people, reach)
        return first < last

    def _within(self, people: int, reach: int) -> tuple[int, int]:
        return bisect_left(self._sizes, (people - reach + 1, 0)), bisect_left(self._sizes, (people + reach, 0))


@dataclass
class Teller:
    """Tells numbers, and remembers them.

    Attributes:
        noise: The node's noise.
        shelves: What was told before, by place.
    """

    noise: Noise
    shelves: dict[tuple[str, str], Shelf] = field(default_factory=dict)
    _places: dict[tuple[tuple[str, str], bytes], bool] = field(default_factory=dict)

    def shelf(self, place: Place) -> Shelf:
        """What was told of a place."""
        return self.shelves.setdefault(place.name, Shelf())

    def most(self, place: Place) -> int | None:
        """No number of this place can be larger."""
        return _plus(self.tell(place, place.everybody).at_most, self.small(place).at_most)

    def news(self) -> Mapping[tuple[str, str], Sequence[Told]]:
        """What was told since this was asked last."""
        found = {name: shelf.news for name, shelf in self.shelves.items() if shelf.news}
        for name in found:
            self.shelves[name].news = []
        return found

    def is_small(self, place: Place, crowd: Crowd) -> bool:
        """Whether a crowd is too small to be told; nobody always is."""
        return self.noise.is_small(place.dataset, crowd)

    def small(self, place: Place) -> Count:
        """What is told of a crowd that is too small."""
        return Count(0, self.noise.shape.reach - 1, "suppressed") if place.counts_people else WITHHELD

    def tell(self, place: Place, crowd: Crowd) -> Count:
        """What is told of a crowd."""
        if self._is_hidden(place, crowd):
            return self.small(place)
        shelf = self.shelf(place)
        if place.digest not in shelf.answers:
            self._tell(place, shelf, place.everybody, place.digest)
        return self._tell(place, shelf, crowd, _digest(crowd))

    def tell_pair(self, place: Place, certain: Crowd, possible: Crowd) -> tuple[Count, Count]:
        """What is told of a crowd and of one that contains it, such as certain and possible."""
        if not possible.people:  # most datasets of most questions; as what follows would have it
            return self.small(place), self._wide(place, self.small(place))
        low = self.small(place) if self._is_hidden(place, possible) else self.tell(place, certain)
        if self.is_small(place, certain.apart(possible)):
            return low, self._wide(place, low)
        high = self.tell(place, possible)
        if high.precision == "suppressed":
            return low, high
        return low, Count(max(low.at_least, high.at_least), _larger(low.at_most, high.at_most), high.precision)

    def tell_whole(self, place: Place, parts: Iterable[tuple[Crowd, Count]]) -> None:
        """Remember the sum of groups that were told, so that a question for the whole gets that sum."""
        told = [(crowd, count) for crowd, count in parts if count.precision != "suppressed"]
        if len(told) <= 1:
            return
        whole = NOBODY
        for crowd, _ in told:
            whole = whole.joined(crowd)
        shelf, digest = self.shelf(place), _digest(whole)
        if digest not in shelf.answers and self._merged(place, shelf, whole) is None:
            shelf.put(Told(digest, total(count for _, count in told), whole))

    def _wide(self, place: Place, count: Count) -> Count:
        """A number and what is too small to be told beside it."""
        return Count(count.at_least, _plus(count.at_most, self.small(place).at_most), count.precision)

    def _is_hidden(self, place: Place, crowd: Crowd) -> bool:
        """Whether a crowd, or its whole dataset, is too small to be told."""
        name = place.name, place.digest
        if name not in self._places:
            self._places[name] = self.is_small(place, place.everybody)
        return self._places[name] or self.is_small(place, crowd)

    def _tell(self, place: Place, shelf: Shelf, crowd: Crowd, digest: bytes) -> Count:
        if digest not in shelf.answers:
            merged = self._merged(place, shelf, crowd)
            shelf.put(Told(digest, merged or self._fresh(place, crowd), None if merged else crowd))
        return shelf.answers[digest]

    def _merged(self, place: Place, shelf: Shelf, crowd: Crowd) -> Count | None:
        """The number of an earlier crowd, or of two that make it up, that this one may not be told apart from."""
        found = self._near(place, shelf, crowd)
        if found is not None:
            return found
        if place.digest in shelf.answers:
            part = self._near(place, shelf, place.everybody.without(crowd))
            if part is not None:
                return _less(shelf.answers[place.digest], part, self.noise.shape.fewest)
        made = (self._made_of(place, shelf, crowd, *other) for other in reversed(shelf.crowds[-RECENT:]))
        return next((count for count in made if count is not None), None)

    def _made_of(self, place: Place, shelf: Shelf, crowd: Crowd, other: Crowd, count: Count) -> Count | None:
        """The number of a crowd that is an earlier one and a second together, or an earlier one less a second."""
        reach = self.noise.shape.reach
        shared = (other.who & crowd.who).bit_count()
        beside, beyond = crowd.people - shared, other.people - shared
        if beyond < reach and shelf.has_size(beside, reach):
            for second, part in shelf.around(crowd.without(other), reach):
                if self.is_small(place, other.joined(second).apart(crowd)):
                    return total([count, part])
        if beside < reach and shelf.has_size(beyond, reach):
            for second, part in shelf.around(other.without(crowd), reach):
                if self.is_small(place, other.without(second).apart(crowd)):
                    return _less(count, part, self.noise.shape.fewest)
        return None

    def _near(self, place: Place, shelf: Shelf, crowd: Crowd) -> Count | None:
        near = shelf.around(crowd, self.noise.shape.reach)
        return next((count for other, count in near if self.is_small(place, crowd.apart(other))), None)

    def _fresh(self, place: Place, crowd: Crowd) -> Count:
        """Noise first, rounding afterwards; the interval holds every true number that can give this.

        Of rows it has no upper end, since those that a person has beyond the unit do not count.
        """
        shape, unit = self.noise.shape, place.unit
        noisy = crowd.rows + unit * self.noise.draw(place.dataset, place.entity, crowd)
        step, most = shape.step * unit, shape.most * unit
        low = noisy - noisy % step
        top = max(low + step - 1 + most, shape.fewest) if place.counts_people else None
        return Count(max(low - most, shape.fewest), top, "noisy")


def _digest(crowd: Crowd) -> bytes:
    return hashlib.sha256(crowd.to_bytes()).digest()


def _less(whole: Count, part: Count, fewest: int) -> Count:
    """A whole less a part, both as they were told; what is left are at least ``fewest``."""
    low = whole.at_least - (whole.at_least if part.at_most is None else part.at_most)
    top = None if whole.at_most is None else max(whole.at_most - part.at_least, fewest)
    return Count(max(low, fewest), top, "noisy")


def _plus(one: int | None, two: int | None) -> int | None:
    return None if one is None or two is None else one + two


def _larger(one: int | None, two: int | None) -> int | None:
    return None if one is None or two is None else max(one, two)
