"""Numbers of people under the rule ``noise``: what is told, remembering what was told before.

===================== ================================================== ==============================================
rule                  what is done                                       source
===================== ================================================== ==============================================
noise, small numbers  see :mod:`oncommons.policy.disclosure.noise`; too small a     cell key method; small-number suppression
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
                      so from it; that number is remembered for
                      those who are nearly the same
parts and whole       likewise for the sum of the groups of an answer    margins of tables (Hundepool et al. 2012, 4.3)
one memory            what was told to one project, or to everybody on   ours
                      a card, is merged with for all, so that putting
                      together what several were told shows no more;
                      likewise with the people of analyses, who are
                      told exactly, see :mod:`oncommons.policy.disclosure.tracing`
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
from dataclasses import dataclass, field, replace
from functools import cached_property

from oncommons.policy.disclosure.counts import WITHHELD
from oncommons.policy.disclosure.crowd import NOBODY, Crowd
from oncommons.policy.disclosure.noise import Noise
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
        crowd: The crowd; ``None`` where the number is that of an earlier crowd nearly the same.
        own: Whether the number is the crowd's own; else it was made of those of others.
    """

    digest: bytes
    count: Count
    crowd: Crowd | None = None
    own: bool = True


@dataclass(frozen=True)
class Kept:
    """A crowd and what was told of it; see :class:`Told`."""

    crowd: Crowd
    count: Count
    own: bool


@dataclass
class Shelf:
    """What was told of one place, oldest first.

    Attributes:
        answers: Every number, by the digest of the crowd.
        crowds: Crowds that others may be nearly the same as.
        own: Those of them that have numbers of their own.
        news: What was put here last, see :meth:`Teller.news`.
    """

    answers: dict[bytes, Count] = field(default_factory=dict)
    crowds: list[Kept] = field(default_factory=list)
    own: list[Kept] = field(default_factory=list)
    news: list[Told] = field(default_factory=list)
    _sizes: list[tuple[int, int]] = field(default_factory=list)

    def put(self, told: Told, *, new: bool = True) -> None:
        """Remember a number."""
        self.answers.setdefault(told.digest, told.count)
        if told.crowd is not None:
            insort(self._sizes, (told.crowd.people, len(self.crowds)))
            self.crowds.append(Kept(told.crowd, told.count, told.own))
            if told.own:
                self.own.append(self.crowds[-1])
        if new:
            self.news.append(told)

    def around(self, crowd: Crowd, reach: int) -> Iterator[Kept]:
        """What was told of crowds that differ from this one by less than ``reach`` people, oldest first.

        Crowds of very different sizes are not looked at: two crowds differ by no less than their sizes do.
        """
        first, last = self._within(crowd.people, reach)
        for place in sorted(place for _, place in self._sizes[first:last]):
            if (crowd.who ^ self.crowds[place].crowd.who).bit_count() < reach:
                yield self.crowds[place]

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

    def remember(self, place: Place, crowd: Crowd) -> None:
        """Give a crowd a number before something else tells exactly how many it is, as an analysis does.

        Whoever asks for nearly the same people from now on gets this number, and none that has a noise of its own.
        """
        shelf, digest = self.shelf(place), _digest(crowd)
        if digest not in shelf.answers:
            shelf.put(replace(self._new(place, shelf, crowd, digest), crowd=crowd))

    def tell_whole(self, place: Place, parts: Iterable[tuple[Crowd, Count]]) -> None:
        """Remember the sum of groups that were told, so that a question for the whole gets that sum."""
        told = [(crowd, count) for crowd, count in parts if count.precision != "suppressed"]
        if len(told) <= 1:
            return
        whole = NOBODY
        for crowd, _ in told:
            whole = whole.joined(crowd)
        shelf, digest = self.shelf(place), _digest(whole)
        if digest not in shelf.answers:
            new = self._new(place, shelf, whole, digest)
            shelf.put(replace(new, count=total(count for _, count in told)) if new.own else new)

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
            shelf.put(self._new(place, shelf, crowd, digest))
        return shelf.answers[digest]

    def _new(self, place: Place, shelf: Shelf, crowd: Crowd, digest: bytes) -> Told:
        """What is told of a crowd that nobody asked for before.

        A number that is made of others is remembered with its crowd: whoever asks for nearly the same people later
        gets the same, although it might be made of others then.
        """
        if near := self._near(place, shelf, crowd):
            return Told(digest, near, own=False)
        made = self._made(place, shelf, crowd)
        return Told(digest, made or self._fresh(place, crowd), crowd, own=made is None)

    def _made(self, place: Place, shelf: Shelf, crowd: Crowd) -> Count | None:
        """A number made of those of earlier crowds that this one may not be told apart from together."""
        if place.digest in shelf.answers:
            part = self._near(place, shelf, place.everybody.without(crowd))
            if part is not None:
                return _less(shelf.answers[place.digest], part, self.noise.shape.k)
        made = (self._made_of(place, shelf, crowd, other) for other in reversed(shelf.own[-RECENT:]))
        return next((count for count in made if count is not None), None)

    def _made_of(self, place: Place, shelf: Shelf, crowd: Crowd, earlier: Kept) -> Count | None:
        """The number of a crowd that is an earlier one and a second together, or an earlier one less a second.

        Who is in the earlier one alone stays so whatever is added to it, and who is in the new one alone whatever is
        taken away; where these are not few already, no second is looked for.
        """
        reach, other, dataset = self.noise.shape.reach, earlier.crowd, place.dataset
        shared = other.who & crowd.who
        both = shared.bit_count()
        beside, beyond = crowd.people - both, other.people - both
        if shelf.has_size(beside, reach) and self.noise.are_few(dataset, other.who ^ shared, beyond):
            for second in shelf.around(crowd.without(other), reach):
                if second.own and self.is_small(place, other.joined(second.crowd).apart(crowd)):
                    return total([earlier.count, second.count])
        if shelf.has_size(beyond, reach) and self.noise.are_few(dataset, crowd.who ^ shared, beside):
            for second in shelf.around(other.without(crowd), reach):
                if second.own and self.is_small(place, other.without(second.crowd).apart(crowd)):
                    return _less(earlier.count, second.count, self.noise.shape.k)
        return None

    def _near(self, place: Place, shelf: Shelf, crowd: Crowd) -> Count | None:
        near = shelf.around(crowd, self.noise.shape.reach)
        return next((kept.count for kept in near if self.is_small(place, crowd.apart(kept.crowd))), None)

    def _fresh(self, place: Place, crowd: Crowd) -> Count:
        """Noise first, rounding afterwards; the interval holds every true number that can give this.

        Of rows it has no upper end, since those that a person has beyond the unit do not count.
        """
        shape, unit = self.noise.shape, place.unit
        noisy = crowd.rows + unit * self.noise.draw(place.dataset, place.entity, crowd)
        step, most = shape.step * unit, shape.most * unit
        low = noisy - noisy % step
        top = max(low + step - 1 + most, shape.k) if place.counts_people else None
        return Count(max(low - most, shape.k), top, "noisy")


def _digest(crowd: Crowd) -> bytes:
    return hashlib.sha256(crowd.to_bytes()).digest()


def _less(whole: Count, part: Count, k: int) -> Count:
    """A whole less a part, both as they were told; what is left are at least ``k``."""
    low = whole.at_least - (whole.at_least if part.at_most is None else part.at_most)
    top = None if whole.at_most is None else max(whole.at_most - part.at_least, k)
    return Count(max(low, k), top, "noisy")


def _plus(one: int | None, two: int | None) -> int | None:
    return None if one is None or two is None else one + two


def _larger(one: int | None, two: int | None) -> int | None:
    return None if one is None or two is None else max(one, two)
