"""How often one person could be looked for by setting a noisy number of a question off against the exact one of an analysis.

A noisy number tells little of one person, since the others are not known exactly.  Of those whom an analysis has used
they are, and where everybody is known so are those whom it has not: so a question and an analysis, or all others, that
differ by a few people tell of these as much as one draw of noise does, and many such pairs as much as so many draws
(:meth:`oncommons.policy.disclosure.noise.Shape.advantage`).  So they are counted, person by person.  A question that comes after
such an analysis has no draw of its own (:meth:`oncommons.policy.disclosure.telling.Teller.remember`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from oncommons.policy.disclosure.telling import Kept, Shelf


@dataclass(frozen=True)
class Used:
    """Whose rows analyses of a dataset have used, and those of which one is to be told now, as planes of bits.

    Attributes:
        earlier: The people of each that was told.
        now: The people that are to be told of.
        everybody: Everybody in the dataset.
    """

    earlier: Sequence[int]
    now: Sequence[int]
    everybody: int


def most_traced(shelf: Shelf, used: Used, k: int) -> int:
    """By how many noisy numbers the person could be looked for of whom there are most, of those to whom one is added now.

    Args:
        shelf: What questions were told of the people of a dataset.
        used: Whose rows analyses have used.
        k: Fewer people than this are few.
    """
    near = _Near(shelf.own, k)
    after = near.between(used.now, used.everybody)
    if not after:
        return 0
    before = near.between(used.earlier, used.everybody)
    added = 0
    for place, few in after.items():
        added |= few & ~before[place]
    counts = Counter(
        who for place in before.keys() | after.keys() for who in _places((before[place] | after[place]) & added)
    )
    return max(counts.values(), default=0)


class _Near:
    """Finds crowds that differ by fewer than ``k`` people, without comparing each with each.

    Planes are cut into ``k`` pieces: if fewer bits than that differ, one piece at least is the same.
    """

    def __init__(self, crowds: Sequence[Kept], k: int) -> None:
        self._crowds, self._k = crowds, k
        self._length = max((kept.crowd.who.bit_length() + 7 for kept in crowds), default=0) // 8
        self._piece = -(-self._length // k) or 1
        self._found: dict[tuple[int, bytes], list[int]] = defaultdict(list)
        for place, kept in enumerate(crowds):
            for piece in self._pieces(kept.crowd.who):
                self._found[piece].append(place)

    def between(self, planes: Iterable[int], everybody: int) -> dict[int, int]:
        """Of each crowd who is between it and people that are few apart from it, or all but those; of others nobody."""
        found: dict[int, int] = defaultdict(int)
        for plane in {one for used in planes for one in (used, everybody & ~used)}:
            people = plane.bit_count()
            for place in {place for piece in self._pieces(plane) for place in self._found.get(piece, ())}:
                crowd = self._crowds[place].crowd
                if abs(crowd.people - people) < self._k and (few := crowd.who ^ plane).bit_count() < self._k:
                    found[place] |= few
        return found

    def _pieces(self, plane: int) -> Iterator[tuple[int, bytes]]:
        """What is beyond the longest crowd is cut off; whoever is there differs from every crowd."""
        packed = (plane & ((1 << 8 * self._length) - 1)).to_bytes(self._length, "little")
        return ((at, packed[at * self._piece : (at + 1) * self._piece]) for at in range(self._k))


def _places(plane: int) -> Iterable[int]:
    """Which bits are set, lowest first."""
    while plane:
        lowest = plane & -plane
        yield lowest.bit_length() - 1
        plane ^= lowest
