"""Which crowds were held to be too small: nearly the same people are judged alike.

Whether five to twenty-two people (k = 10) may be told, or told apart, is a draw that is bound to who they are.  Were
each crowd judged on its own, the same people with and without one person would be judged by two draws, and where these
differ, that person is there.  So a judgement is remembered, and one about nearly the same people is the same.

=========== ================================================================ ======================================
rule        what is done                                                     source
=========== ================================================================ ======================================
nearness    a crowd that differs by fewer than k/2 people from one judged    as merging in
            before is judged like that one, the nearest, the oldest first    :mod:`oncommons.policy.telling`
=========== ================================================================ ======================================
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

VERDICT = "verdict"
"""Stands in a ledger where else an entity stands: not a number but a judgement."""


@dataclass
class Verdicts:
    """Judgements about small crowds of one dataset.

    Attributes:
        near: Crowds that differ by fewer people are judged alike.
    """

    near: int
    _judged: dict[int, bool] = field(default_factory=dict)
    _crowds: list[int] = field(default_factory=list)
    _of_person: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, who: int, *, small: bool) -> None:
        """Remember a judgement, be it drawn or like another.

        Args:
            who: The people, as one plane of bits.
            small: Whether they are too few.
        """
        for person in _numbers(who):
            self._of_person[person].append(len(self._crowds))
        self._crowds.append(who)
        self._judged[who] = small

    def of(self, who: int) -> bool | None:
        """Whether these very people were held to be too few; ``None`` where nothing was said of them."""
        return self._judged.get(who)

    def near_to(self, who: int) -> bool | None:
        """Whether nearly these people were held to be too few; ``None`` where nothing was said of such people.

        Args:
            who: At least ``near`` people; so whoever is near shares one with them.
        """
        shared = Counter(at for person in _numbers(who) for at in self._of_person.get(person, ()))
        size = who.bit_count()
        found = [(size + self._crowds[at].bit_count() - 2 * common, at) for at, common in shared.items()]
        apart, at = min(found, default=(self.near, 0))
        return self._judged[self._crowds[at]] if apart < self.near else None


def _numbers(who: int) -> Iterator[int]:
    while who:
        lowest = who & -who
        yield lowest.bit_length() - 1
        who ^= lowest
