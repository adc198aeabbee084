"""The numbers of one dataset under the rule ``noise``: single, by groups, and rolled up to a coarser grain.

================ ============================================================ =========================================
rule             what is done                                                 source
================ ============================================================ =========================================
small groups     are not listed, like groups that nobody is in                table redesign and suppression
                                                                              (Hundepool et al. 2012, 4.3)
totals           are sums of what was told of the groups                      controlled tabular adjustment, its aim
                                                                              (additivity) without its changes
roll-up          where the asker allows it, small groups are put together,    global recoding (Willenborg and de Waal
                 first those that share their first code, then all            2001, Elements of Statistical Disclosure
                                                                              Control, 1.3)
================ ============================================================ =========================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from oncommons.policy.disclosure.counts import Cell, Released, combinations, rest_of
from oncommons.policy.disclosure.crowd import NOBODY, Crowd
from oncommons.policy.disclosure.telling import Place, Teller
from oncommons.schema.answer import OTHERS, Count, Group, exact, total

_Key = tuple[str | None, ...]
_Bounds = tuple[int | None, int | None]


def tell_cells(
    teller: Teller, place: Place, cells: Sequence[Cell], fields: Mapping[str, int | None], *, coarsen: bool = False
) -> Released:
    """Release the numbers of one dataset.

    Args:
        teller: Tells, and remembers what was told.
        place: The dataset.
        cells: One cell, with its people, for every combination of codes that occurs; at most one where nothing is
            grouped.
        fields: The fields grouped by, as in :func:`oncommons.policy.disclosure.counts.release_cells`.
        coarsen: Whether small groups are put together.
    """
    if not fields:
        only = cells[0] if cells else Cell((), 0, 0)
        return Released(*teller.tell_pair(place, only.certainly or NOBODY, only.possibly or NOBODY))
    return _Groups(teller, place, tuple(fields)).release(cells, combinations(fields), coarsen=coarsen)


class _Groups:
    """Groups of one dataset on their way out."""

    def __init__(self, teller: Teller, place: Place, names: tuple[str, ...]) -> None:
        self.teller, self.place, self.names = teller, place, names
        self.listed: list[Group] = []
        self.certain: list[tuple[Crowd, Count]] = []

    def release(self, cells: Sequence[Cell], size: int | None, *, coarsen: bool) -> Released:
        small = [cell for cell in cells if not self.list(cell)]
        bounds = self.bounds()
        most = self.teller.most(self.place)
        if not self.listed and not coarsen:
            return _nothing(size, bounds, most)
        hidden = None if size is None else size - len(self.listed)
        rest = rest_of(hidden, bounds[0]), rest_of(hidden, bounds[1])
        if coarsen and hidden != 0:
            rest = self.roll_up(small)
        self.teller.tell_whole(self.place, self.certain)
        return Released(
            certain=_capped(total([*(g.certain for g in self.listed), rest[0]]), most),
            possible=_capped(total([*(g.possible for g in self.listed), rest[1]]), most),
            groups=tuple(self.listed),
            unlisted=Count(0, bounds[1], "suppressed"),
        )

    def bounds(self) -> _Bounds:
        """What is certainly and possibly in a group that is too small; ``None`` where that is unbounded."""
        once = self.teller.small(self.place).at_most
        return once, None if once is None else 2 * once

    def list(self, cell: Cell) -> bool:
        """List a group, if it may be told."""
        certainly = cell.certainly or NOBODY
        certain, possible = self.teller.tell_pair(self.place, certainly, cell.possibly or NOBODY)
        if possible.precision == "suppressed":
            return False
        self.listed.append(Group(dict(zip(self.names, cell.key, strict=True)), certain, possible))
        self.certain.append((certainly, certain))
        return True

    def roll_up(self, small: Sequence[Cell]) -> tuple[Count, Count]:
        """Put small groups together; returns what can still be in those that are not told of."""
        left = list(small)
        if len(self.names) > 1:
            for first in dict.fromkeys(cell.key[0] for cell in small):
                mine = [cell for cell in small if cell.key[0] == first]
                if self.put_together((first, OTHERS), mine):
                    left = [cell for cell in left if cell.key[0] != first]
        if self.put_together((OTHERS,) * len(self.names), left):
            return exact(0), exact(0)
        certain, possible = self.bounds()
        return Count(0, certain, "suppressed"), Count(0, possible, "suppressed")

    def put_together(self, key: _Key, small: Sequence[Cell]) -> bool:
        """List small groups as one, if that may be told."""
        certainly, possibly = NOBODY, NOBODY
        for cell in small:
            certainly = certainly.joined(cell.certainly or NOBODY)
            possibly = possibly.joined(cell.possibly or NOBODY)
        return self.list(Cell(key, 0, 0, certainly, possibly))


@lru_cache(maxsize=1024)
def _nothing(size: int | None, bounds: _Bounds, most: int | None) -> Released:
    """What is told of a dataset in which no group may be told: of most datasets of most questions."""
    certain, possible = (_capped(rest_of(size, bound), most) for bound in bounds)
    return Released(certain, possible, (), Count(0, bounds[1], "suppressed"))


def _capped(count: Count, most: int | None) -> Count:
    """A sum, which is no larger than the dataset."""
    if most is None or (count.at_most is not None and count.at_most <= most):
        return count
    return replace(count, at_most=max(most, count.at_least))
