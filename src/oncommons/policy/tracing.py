"""How often one person could be looked for by setting a noisy number of a question off against the exact one of an analysis.

A noisy number tells little of one person, since the others are not known exactly.  Of those whom an analysis has used
they are: so a question and an analysis that differ by a few people tell of these as much as one draw of noise does, and
many such pairs as much as so many draws (:meth:`oncommons.policy.noise.Shape.advantage`).  So they are counted, person by
person.  A question that comes after such an analysis has no draw of its own (:meth:`oncommons.policy.telling.Teller.remember`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from oncommons.policy.crowd import Crowd
from oncommons.policy.telling import Shelf


def most_traced(shelf: Shelf, analysed: Iterable[int], k: int) -> int:
    """By how many noisy numbers the person could be looked for of whom there are most.

    Args:
        shelf: What questions were told of the people of a dataset.
        analysed: The people of each analysis of it, that which is to be told included, as planes of bits.
        k: Fewer people than this are few.
    """
    between: dict[int, int] = defaultdict(int)
    for plane in analysed:
        for kept in shelf.around(Crowd.of([plane]), k):
            if kept.own:
                between[id(kept)] |= kept.crowd.who ^ plane
    return max(Counter(who for few in between.values() for who in _places(few)).values(), default=0)


def _places(plane: int) -> Iterable[int]:
    """Which bits are set, lowest first."""
    while plane:
        lowest = plane & -plane
        yield lowest.bit_length() - 1
        plane ^= lowest
