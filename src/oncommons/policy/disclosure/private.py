"""Numbers of one dataset under the rule ``private``: differentially private, with intervals that hold almost always.

================ ============================================================ =========================================
rule             what is done                                                 source
================ ============================================================ =========================================
neighbours       two datasets that differ by one person, with all their rows, Dwork et al. 2006
                 who is in one and not in the other
noise            discrete Laplace: P(z) = (1-a)/(1+a) a^|z|, a = exp(-1/s),   Ghosh, Roughgarden and Sundararajan 2009,
                 s = sensitivity / epsilon                                    of OpenDP
a table          of each group two numbers are released: who is certain, and  parallel composition (McSherry 2009)
                 who is possible only. A person is in one of all these cells,
                 so the whole table has sensitivity 1
sure questions   where no value can be missing in what is asked, nobody is    ours; follows from the words alone
                 possible only, and no number is released of them
all groups       every combination that there can be is told, empty or not    a list of those that occur would tell that
                                                                              they do
rows             of a person at most so many count; sensitivity is that       bounded contribution (Wilson et al. 2020)
                 number
intervals        a number and what is above or below it by noise that comes   the tail of the noise, for one and for two
                 in less than 1 of 2,000 cases; certain and possible hold     numbers exactly, for sums of more a bound
                 both in 999 of 1,000                                         of Chernoff
small numbers    are told like others; what is below zero is told as zero     post-processing (Dwork and Roth 2014, 2.1)
================ ============================================================ =========================================
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from itertools import product
from math import ceil, exp, log
from typing import Protocol

from oncommons.policy.disclosure.counts import Cell, Released
from oncommons.schema.answer import Count, Group, exact
from oncommons.schema.dictionary import Field
from oncommons.schema.errors_of_analyses import BeyondPrivacy
from oncommons.schema.question import Missing, Question, leaves

DOUBT = 0.0005
"""How often an interval of one number may not hold."""
MOST_GROUPS = 1_000
_ENTITY = "person"
_TWO = 2
_TRIES = 200

Key = tuple[str | None, ...]


class Mechanism(Protocol):
    """Adds noise; see :class:`oncommons.policy.disclosure.geometric.Geometric`."""

    scale: float

    def add(self, numbers: Sequence[int]) -> list[int]:
        """The numbers with noise."""


def check(question: Question) -> None:
    """Refuse what the rule cannot answer; only the words of the question decide it.

    Raises:
        BeyondPrivacy: it cannot be answered.
    """
    if question.by and question.count != _ENTITY:
        raise BeyondPrivacy(
            "This node's rule is private: it tells groups of people, not of rows. Count person, or leave out by."
        )
    if any(field.entity != _ENTITY or field.codes.pattern for field in question.by):
        raise BeyondPrivacy(
            "This node's rule is private: it groups by fields of people with a closed list of codes only."
        )
    if len(groups_of(question.by)) > MOST_GROUPS:
        raise BeyondPrivacy(f"This node's rule is private: it tells at most {MOST_GROUPS:,} groups.")


def is_sure(question: Question) -> bool:
    """Whether nobody can be possible without being certain, whatever the data are."""
    return all(isinstance(leaf.criterion, Missing) and leaf.scope == question.count for leaf in leaves(question))


def groups_of(by: Sequence[Field]) -> list[Key]:
    """Every combination of codes that there can be; a missing value is one of them."""
    return list(product(*[[*field.codes.codes, None] for field in by]))


def tell(question: Question, cells: Sequence[Cell], mechanism: Mechanism, rows: int = 0) -> Released:
    """Release the numbers of one dataset, once; telling them anew would lose as much again.

    Args:
        question: What was asked.
        cells: One cell for every combination of codes that occurs; with the people behind it where rows are counted.
        mechanism: Adds noise for the sensitivity: 1 for people, ``rows`` for rows.
        rows: So many rows of one person count at most, a power of two; 0 where people are counted.
    """
    keys, sure = groups_of(question.by), is_sure(question)
    found = {cell.key: _numbers(cell, rows) for cell in cells}
    true = [found.get(key, (0, 0)) for key in keys]
    noisy = mechanism.add([*(one for one, _ in true), *([] if sure else [more for _, more in true])])
    certain, between = noisy[: len(keys)], [0] * len(keys) if sure else noisy[len(keys) :]
    told = [_pair(one, more, 1, mechanism.scale, sure=sure) for one, more in zip(certain, between, strict=True)]
    both = _pair(sum(certain), sum(between), len(keys), mechanism.scale, sure=sure)
    if rows:
        return Released(_open(both[0]), _open(both[1]))
    if not question.by:
        return Released(*both)
    names = [field.name for field in question.by]
    groups = (Group(dict(zip(names, key, strict=True)), *pair) for key, pair in zip(keys, told, strict=True))
    return Released(*both, tuple(groups), exact(0))


@lru_cache(maxsize=1024)
def reach(numbers: int, scale: float, doubt: float = DOUBT) -> int:
    """How far the noise of a sum of so many numbers lies from zero, but for a chance of at most ``doubt``.

    Args:
        numbers: How many numbers were summed.
        scale: The scale of the noise of each.
        doubt: The chance, of both sides together.
    """
    alpha = exp(-1 / scale)
    if numbers > _TWO:
        return _chernoff(numbers, alpha, log(_TWO / doubt), scale)
    most = 1
    while _beyond(numbers, alpha, most) > doubt:
        most *= 2
    return bisect_left(range(1, most), -doubt, key=lambda far: -_beyond(numbers, alpha, far))


def _beyond(numbers: int, alpha: float, far: int) -> float:
    """The chance that noise is at least so far from zero, which is not zero itself: of one number, or of the sum of two."""
    if numbers == 1:
        return 2 * alpha**far / (1 + alpha)
    middle = (1 + alpha**2) / (1 - alpha**2)
    shape = ((1 - alpha) / (1 + alpha)) ** 2
    return 2 * shape * alpha**far * ((far + middle) / (1 - alpha) + alpha / (1 - alpha) ** 2)


def _chernoff(numbers: int, alpha: float, much: float, scale: float) -> int:
    """How far the noise of a sum lies from zero, but for a chance of no more than exp(-much) on each side."""

    def distance(at: float) -> float:
        moment = (1 - alpha) ** 2 / ((1 - alpha * exp(at)) * (1 - alpha * exp(-at)))
        return (much + numbers * log(moment)) / at

    return ceil(min(distance(n / (_TRIES * scale)) for n in range(1, _TRIES))) - 1


def _numbers(cell: Cell, rows: int) -> tuple[int, int]:
    """How many are certain, and how many are possible only."""
    if not rows:
        return cell.certain, cell.possible - cell.certain
    if cell.certainly is None or cell.possibly is None:
        raise ValueError("Rows are told by the people behind them.")
    certain, possible = cell.certainly.clipped(rows).rows, cell.possibly.clipped(rows).rows
    return certain, possible - certain


def _pair(certain: int, between: int, numbers: int, scale: float, *, sure: bool) -> tuple[Count, Count]:
    """Certain and possible; where both intervals hold, so they do after the larger has been made no less than the smaller."""
    low = _around(certain, reach(numbers, scale))
    if sure:
        return low, low
    high = _around(certain + between, reach(_TWO * numbers, scale))
    return low, _around_both(low, high)


def _around(number: int, far: int) -> Count:
    """An interval, which never says that there is certainly nobody."""
    return Count(max(number - far, 0), max(number + far, 1), "probable")


def _around_both(low: Count, high: Count) -> Count:
    return Count(max(low.at_least, high.at_least), max(low.at_most or 0, high.at_most or 0), "probable")


def _open(count: Count) -> Count:
    """A number of rows: those of a person beyond what counts are not in it, so it has no upper end."""
    return Count(count.at_least, None, "probable")
