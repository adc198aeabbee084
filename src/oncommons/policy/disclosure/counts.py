"""Which numbers may leave a node, and in what form: the disclosure rules.

========== ======================= ============================================================
rule       a number n              is released as
========== ======================= ============================================================
open       any                     n, ``exact``
threshold  n < k, zero included    the interval 0 to k-1, ``suppressed``
threshold  n >= k                  the multiple of k below it and the interval of k numbers that
                                   starts there, ``rounded``
threshold  rows of fewer than k    nothing: their number has no bound, since one person may have
           people                  any number of them
noise      of a crowd              see :mod:`oncommons.policy.disclosure.telling`
noise      of which no crowd is    nothing
           known
private    of people, of a         see :mod:`oncommons.policy.disclosure.private`
           question
private    any other               nothing
========== ======================= ============================================================

Four more rules keep a suppressed number from being found by subtraction:

1.  *Pairs.*  ``certain`` is part of ``possible``.  Where the two fall into the same interval or into
    neighbouring ones, ``possible`` is released as both intervals together, so that the number of rows
    between them is never told to be small, or to be other than zero.  Where the rows between them are
    those of fewer than k people, only the lower end is told, however many rows they are.
2.  *Groups.*  Cells that would be suppressed are not listed, so that a code nobody has looks like a code
    that few have.
3.  *Lacking fields.*  How many records lack a field is told only where it cannot be set off against a suppressed
    count of the same answer, see :func:`release_lack`.
4.  *Totals.*  Nothing is released for a whole that has been released in parts: a total is the sum of the
    intervals of its parts.

========== ===================================================================================
rule       source
========== ===================================================================================
threshold  small-number suppression and rounding of tables of counts: Hundepool et al. 2012,
           Statistical Disclosure Control; lower ends and interval: decision 0004, ours; rows by
           the people behind them: decision 0024, ours
noise      :mod:`oncommons.policy.disclosure.noise` and :mod:`oncommons.policy.disclosure.telling` name theirs
private    :mod:`oncommons.policy.disclosure.privacy` names its own
1, 4       complementary suppression, which keeps a cell from being found by subtraction, is
           described there too; for pairs of certain and possible it is ours
2, 3       ours: what is not listed, or not told to be lacking, would be a small count
========== ===================================================================================

Rounding serves the same end across two questions: an exact total in one and exact groups in another would
give the missing group away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Literal, get_args

from oncommons.policy.disclosure.crowd import Crowd
from oncommons.policy.disclosure.noise import Shape
from oncommons.schema.answer import Count, Group, exact, total
from oncommons.schema.errors import BadPolicy

DEFAULT_K = 10
SMALLEST_K = 2
LARGEST_K = 1_000
WITHHELD = Count(0, None, "suppressed")
"""A number of which nothing is told."""
_OTHERWISE = frozenset({"noise", "private"})
"""Rules that release by more than a number; of a number on its own they tell nothing."""
RuleName = Literal["open", "threshold", "noise", "private"]


@dataclass(frozen=True)
class Policy:
    """A node's disclosure policy.

    Attributes:
        rule: ``open`` for data that are public anyway, else ``noise``, ``threshold`` or ``private``.
        k: Smallest number of rows (``noise``: of people) that may be told; unused by ``open`` and ``private``.
    """

    rule: RuleName = "noise"
    k: int = DEFAULT_K

    @classmethod
    def of(cls, rule: str, k: int = DEFAULT_K) -> Policy:
        """Build a policy from what a person or a file says.

        Raises:
            BadPolicy: for another rule, or a ``k`` outside 2 to 1,000.
        """
        named = {name: name for name in get_args(RuleName)}.get(rule)
        if named is None:
            raise BadPolicy(f"There is no policy {rule!r}; there are noise, threshold, private and open.")
        if not SMALLEST_K <= k <= LARGEST_K:
            raise BadPolicy(f"k is {k}; a threshold lies between {SMALLEST_K} and {LARGEST_K}.")
        return cls(named, k)

    @property
    def keeps(self) -> int:
        """The largest smallest number that the rule can keep to, when a permit asks for one.

        Under ``threshold`` the threshold is raised; ``noise`` tells nothing of fewer than its ``k``, and cannot be
        changed for one project; ``open`` and ``private`` tell any number.
        """
        return {"threshold": LARGEST_K, "noise": self.k}.get(self.rule, 1)

    def __str__(self) -> str:
        if self.rule == "open":
            return "open: counts are exact"
        if self.rule == "private":
            return "private: numbers in answers are differentially private; cards tell no numbers"
        if self.rule == "noise":
            shape = Shape(self.k)
            return (
                f"noise {self.k}: off by chance by up to {shape.most} people, then rounded by {shape.step}; always alike "
                f"for the same people, and mostly where fewer than {shape.reach} differ; nothing of fewer than {self.k}"
            )
        return (
            f"threshold {self.k}: counts below {self.k} are suppressed, others rounded down to a multiple of {self.k}; "
            f"nothing of rows of fewer than {self.k} people"
        )


@dataclass(frozen=True)
class Behind:
    """How many people are behind numbers of rows.

    Attributes:
        certain: People with a certain row.
        possible: People with a possible row, those with a certain one too.
        between: People with a row that is possible and not certain.
    """

    certain: int
    possible: int
    between: int


NONE_BEHIND = Behind(0, 0, 0)


@dataclass(frozen=True)
class Cell:
    """True numbers of one combination of codes: rows that fulfil the question for certain, and possibly.

    ``certainly`` and ``possibly`` are the people behind them, and ``behind`` how many these are, where the rule needs
    them and rows are counted.
    """

    key: tuple[str | None, ...]
    certain: int
    possible: int
    certainly: Crowd | None = None
    possibly: Crowd | None = None
    behind: Behind | None = None


@dataclass(frozen=True)
class Released:
    """What leaves of one dataset's numbers; ``unlisted`` is ``None`` where nothing was grouped."""

    certain: Count
    possible: Count
    groups: tuple[Group, ...] = ()
    unlisted: Count | None = None


def release_number(number: int, policy: Policy, people: int | None = None) -> Count:
    """Release one number of rows.

    Args:
        number: The number.
        policy: The node's policy.
        people: How many people have these rows; left out where the rows are people.
    """
    if policy.rule == "open":
        return exact(number)
    if policy.rule in _OTHERWISE or (people is not None and people < policy.k):
        return WITHHELD
    low = number - number % policy.k
    return Count(low, low + policy.k - 1, "rounded" if low else "suppressed")


def release_pair(part: int, whole: int, policy: Policy, behind: Behind | None = None) -> tuple[Count, Count]:
    """Release a number and a larger one that contains it, such as certain and possible.

    Args:
        part: The smaller number.
        whole: The larger number, which counts every row of ``part`` too.
        policy: The node's policy.
        behind: How many people have these rows; left out where the rows are people.
    """
    small = release_number(part, policy, None if behind is None else behind.certain)
    large = release_number(whole, policy, None if behind is None else behind.possible)
    apart = large.at_least - small.at_least > policy.k and (behind is None or behind.between >= policy.k)
    if policy.rule != "threshold" or apart:
        return small, large
    top = small.at_least + 2 * policy.k - 1 if behind is None else None
    return small, Count(small.at_least, top, "rounded" if small.at_least else "suppressed")


def release_lack(
    lacking: int, records: int, certain: Count, policy: Policy, *, grouped: bool, behind: Behind | None = None
) -> tuple[Count, Count]:
    """Release how many records lack a field, of how many.

    What is not certain but possible lacks some field, so these numbers and those of the answer bound each other.
    Under a threshold they are withheld beside a suppressed or grouped answer, and the number of all records beside
    a suppressed number of lacking ones.

    Args:
        lacking: Records that lack the field.
        records: All records of the entity.
        certain: The answer's certain count, as released.
        policy: The node's policy.
        grouped: Whether the answer is grouped.
        behind: How many people have records that lack it, any records, and records that do not lack it; left out where
            the records are people.
    """
    if policy.rule == "open":
        return exact(lacking), exact(records)
    if policy.rule in _OTHERWISE or grouped or certain.precision == "suppressed":
        return WITHHELD, WITHHELD
    few, many = release_pair(lacking, records, policy, behind)
    return few, WITHHELD if few.precision == "suppressed" else many


def release_cells(
    cells: Sequence[Cell], fields: Mapping[str, int | None], policy: Policy, *, people: bool = True
) -> Released:
    """Release the numbers of one dataset.

    Args:
        cells: One cell for every combination of codes that occurs; one cell with an empty key where
            nothing was grouped (or none, when no row matched).
        fields: The fields grouped by, in order, each with the number of values it can take (a missing
            value counts as one), or ``None`` where that is unbounded.
        policy: The node's policy.
        people: Whether people are counted, and not rows of theirs; then each cell says how many people are behind it.
    """
    if not people and policy.rule == "threshold" and any(cell.behind is None for cell in cells):
        raise ValueError("Under a threshold, rows are released by the people behind them.")
    if not fields:
        only = cells[0] if cells else Cell((), 0, 0, behind=None if people else NONE_BEHIND)
        return Released(*release_pair(only.certain, only.possible, policy, only.behind))
    if policy.rule == "open":
        return _all_cells(cells, tuple(fields))
    listed = []
    for cell in cells:
        certain, possible = release_pair(cell.certain, cell.possible, policy, cell.behind)
        if possible.at_least > 0:
            listed.append(Group(dict(zip(fields, cell.key, strict=True)), certain, possible))
    hidden = combinations(fields)
    hidden = None if hidden is None else hidden - len(listed)
    bounds = (policy.k - 1, 2 * policy.k - 1) if people else (None, None)
    rest_certain, rest_possible = (rest_of(hidden, bound) for bound in bounds)
    return Released(
        certain=total([*(g.certain for g in listed), rest_certain]),
        possible=total([*(g.possible for g in listed), rest_possible]),
        groups=tuple(listed),
        unlisted=Count(0, bounds[1], "suppressed"),
    )


def _all_cells(cells: Sequence[Cell], fields: tuple[str, ...]) -> Released:
    groups = tuple(
        Group(dict(zip(fields, c.key, strict=True)), exact(c.certain), exact(c.possible)) for c in cells if c.possible
    )
    return Released(total(g.certain for g in groups), total(g.possible for g in groups), groups, exact(0))


def combinations(fields: Mapping[str, int | None]) -> int | None:
    """How many combinations of codes there can be; ``None`` where that is unbounded."""
    sizes = [size for size in fields.values() if size is not None]
    return prod(sizes) if len(sizes) == len(fields) else None


def rest_of(cells: int | None, bound: int | None) -> Count:
    """What combinations that are not listed can hold together, at most ``bound`` each; ``None`` where that is unbounded."""
    if cells == 0:
        return exact(0)
    return Count(0, None if cells is None or bound is None else cells * bound, "suppressed")
