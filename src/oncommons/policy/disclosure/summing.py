"""Whether a hospital adds its numbers to a sum that the hub sees: how many take part, and what could be solved from all sums so far.

Sums of the same people at several states of a fit are equations for what these people have.  As long as there are far
fewer of them than unknowns, they cannot be solved; so a hospital counts.  Two sums that differ by some people tell of
these what both tell; so it also counts for each two.

Nobody checks with how many people another hospital says that it takes part, and each knows its own.  So of the others
the one with most people counts no more than the rest do on average: if it lies, or tells what it knows, what is told is
three quarters of what would be needed for the people of the rest, at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oncommons.policy.disclosure.output import Withheld

FEWEST = 3
"""Of two, either would know the other's part by taking off its own."""
PART = 0.5
"""Equations by unknowns; a system with half as many as it has unknowns has no single solution, by far."""
COMPANY = Withheld(
    "company",
    f"sums are secured over at least {FEWEST} hospitals that have people.",
    "Ask for a cohort that more hospitals have, or for an analysis that tells its sums once.",
)
UNKNOWNS = Withheld(
    "unknowns",
    "what is told of the same people is less than half of what would be needed to solve it for them.",
    "Widen the cohort, take fewer covariates, or have more hospitals in the permit.",
)
SUMS = Withheld(
    "sums",
    "two sums differ by so many people that what both tell cannot be solved for these.",
    "Ask for the same people at the same hospitals as before, or for a cohort that differs by more.",
)
SUM_RULES = (COMPANY, UNKNOWNS, SUMS)
"""What keeps a hospital out of a sum, in the order in which it is looked for."""


@dataclass(frozen=True)
class Summed:
    """Whose numbers were, or are to be, added up, as one hospital knows it.

    Attributes:
        company: The others that take part, with how many people each.
        crowd: Its own people: datasets, each with a plane of bits (see :mod:`oncommons.policy.disclosure.crowd`).
        told: Numbers that were told of all of them, each state once.
        unknowns: How many numbers each of them has that these are made of.
    """

    company: Mapping[str, int]
    crowd: frozenset[tuple[str, int]]
    told: int
    unknowns: int

    @property
    def people(self) -> int:
        """People of all hospitals together, of whom the other hospital with most has no more than the rest on average."""
        own = sum(plane.bit_count() for _, plane in self.crowd)
        *rest, most = own, *sorted(self.company.values())
        return sum(rest) + min(most, sum(rest) // len(rest)) if rest else most


def kept_apart(now: Summed, earlier: Sequence[Summed]) -> Withheld | None:
    """The first reason to keep out of a sum; nothing where there is none.

    Args:
        now: The sum, with all that is told of it then.
        earlier: Others of the same people, or of some of them.
    """
    if 1 + sum(1 for people in now.company.values() if people) < FEWEST:
        return COMPANY
    alike = [now, *(one for one in earlier if one.crowd == now.crowd)]  # in whatever company
    if sum(one.told for one in alike) > PART * min(one.people for one in alike) * max(one.unknowns for one in alike):
        return UNKNOWNS
    for one in earlier:
        people = apart(now, one)
        if people and min(now.told, one.told) > PART * people * min(now.unknowns, one.unknowns):
            return SUMS
    return None


def differing(one: frozenset[tuple[str, int]], other: frozenset[tuple[str, int]]) -> int:
    """How many people are in one of two crowds only; datasets, each with a plane of bits."""
    mine, others = dict(one), dict(other)
    return sum((mine.get(name, 0) ^ others.get(name, 0)).bit_count() for name in mine.keys() | others.keys())


def apart(one: Summed, other: Summed) -> int:
    """By how many people two sums differ, at least: the hospital's own, and by how many more or fewer each other has.

    Of several hospitals that differ, the other one that does most is left out.
    """
    own = differing(one.crowd, other.crowd)
    names = one.company.keys() | other.company.keys()
    theirs = sorted(abs(one.company.get(name, 0) - other.company.get(name, 0)) for name in names)
    return own + sum(theirs) - (theirs[-1] if theirs and (own or any(theirs[:-1])) else 0)
