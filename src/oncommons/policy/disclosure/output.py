"""Whether what an analysis has worked out at a node may leave it: a table of rules, each of which explains itself.

The numbers of DataSHIELD are the floor (``nfilter.tab``, ``nfilter.glm`` and ``nfilter.subset`` of dsBase 6.3), the
node's own smallest number the rule.  Under ``open``, data that are public anyway, only what a model needs to be one is
asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from oncommons.schema.errors_of_analyses import OutputWithheld

FLOOR = 3
"""``nfilter.tab`` and ``nfilter.subset``: the fewest people, whatever a node's rule says."""
DENSITY = 0.33
"""``nfilter.glm``: parameters of a model by the people, or the events, that it rests upon."""
DOMINANT = 0.8
"""The largest part of a sum that one person may make up (dominance; Hundepool et al. 2012, section 4.2)."""
TRACES = 10
"""Noisy numbers by which one person could be looked for with the help of analyses; of a k of 10 an advantage of 0.40."""
REFUSALS, REFUSAL_DAYS = 100, 30
"""So many results may be withheld from a project in so many days: each refusal tells something, if little."""

_SPREAD = 2.0
"""In an honest fit people weigh as their cumulative hazard, which is spread like Exp(1): half of them count then."""


class Basis(Protocol):
    """What the numbers of a result rest upon, as its analysis says: :class:`oncommons.algorithms.pair.Basis`."""

    @property
    def people(self) -> int:
        """People whose rows were used."""

    @property
    def cells(self) -> tuple[int, ...]:
        """People behind each number that can be told apart; nobody is too few, as in counts."""

    @property
    def parameters(self) -> int:
        """Parameters of the model; 0 where none is fitted."""

    @property
    def events(self) -> int | None:
        """Events; ``None`` where none are counted."""

    @property
    def share(self) -> float:
        """The largest part of a sum that one person makes up."""

    @property
    def counting(self) -> float | None:
        """As how many people they count in weighted sums; ``None`` where all count the same."""


@dataclass(frozen=True)
class Beside:
    """How the people of a result stand to those of what was told before.

    Attributes:
        apart: The fewest people by which they differ from those of an earlier analysis; ``None`` where they are the
            same, or nothing was analysed before.
        traced: By how many noisy numbers of questions somebody could be looked for, see :mod:`oncommons.policy.disclosure.tracing`.
    """

    apart: int | None = None
    traced: int = 0


FIRST = Beside()
"""Where nothing was told before."""


@dataclass(frozen=True)
class Resting:
    """What a rule judges.

    Attributes:
        on: What the numbers rest upon.
        beside: How they stand to what was told before.
    """

    on: Basis
    beside: Beside

    def behind(self, times: float = 1.0) -> float:
        """People behind a sum, as many as count so many times over."""
        return self.on.people if self.on.counting is None else min(self.on.people, self.on.counting * times)


@dataclass(frozen=True)
class OutputRule:
    """One row of the table.

    Attributes:
        name: Its name, which a refusal has in its message.
        says: What it asks, for people.
        source: Where it comes from.
        holds: Judges, with the fewest people that a number may rest upon.
        instead: What would pass.
        always: Whether it is judged of public data, too.
    """

    name: str
    says: str
    source: str
    holds: Callable[[Resting, int], bool]
    instead: str
    always: bool = False


@dataclass(frozen=True)
class Withheld:
    """Why a result stays at the node, and what would pass; without a number that would tell what it withholds."""

    rule: str
    why: str
    instead: str

    def error(self) -> OutputWithheld:
        """The refusal, which names the rule."""
        return OutputWithheld(f"The rule {self.rule} says: {self.why} {self.instead}", at=f"output.{self.rule}")


def withheld(basis: Basis, least: int, beside: Beside = FIRST, *, public: bool = False) -> Withheld | None:
    """The first rule that keeps a result at a node; nothing where it may leave.

    Args:
        basis: What its numbers rest upon.
        least: The node's smallest number; never below :data:`FLOOR`.
        beside: How those used stand to what was told before.
        public: Whether the data are public anyway.
    """
    resting, bound = Resting(basis, beside), max(least, FLOOR)
    for rule in OUTPUT_RULES:
        if (rule.always or not public) and not rule.holds(resting, bound):
            return Withheld(rule.name, said(rule, bound), rule.instead)
    return None


def said(rule: OutputRule, least: int) -> str:
    """What a rule asks, in words with its numbers.

    Args:
        rule: The rule.
        least: The fewest people that a number may rest upon.
    """
    return rule.says.format(k=least, density=DENSITY, dominant=DOMINANT, traces=TRACES)


OUTPUT_RULES: tuple[OutputRule, ...] = (
    OutputRule(
        "people",
        "a result rests upon at least {k} people; nobody is too few.",
        "DataSHIELD nfilter.subset; the node's rule",
        lambda r, k: r.behind() >= k,
        "Widen the cohort, or leave out a variable that is often missing.",
    ),
    OutputRule(
        "cells",
        "each number that can be told apart rests upon at least {k} people.",
        "DataSHIELD nfilter.tab; the node's rule",
        lambda r, k: all(cell >= k for cell in r.on.cells),
        "Join levels of which few people are, or ask for people of whom every variable is known.",
    ),
    OutputRule(
        "density",
        "a model has at most {density} parameters a person.",
        "DataSHIELD nfilter.glm",
        lambda r, _: r.on.parameters <= DENSITY * r.on.people or not r.on.people,
        "Leave out variables, or join levels.",
        always=True,
    ),
    OutputRule(
        "rows",
        "a model has fewer sums of products than there are people, or these could be solved for the rows.",
        "X'X of as many rows as columns gives the rows away",
        lambda r, _: r.on.parameters * (r.on.parameters + 3) / 2 < r.behind(_SPREAD) or not r.on.people,
        "Leave out variables, or join levels.",
    ),
    OutputRule(
        "events",
        "a model of times has at most {density} parameters an event.",
        "DataSHIELD nfilter.glm, applied to events; Peduzzi et al. 1995 ask for a tenth",
        lambda r, _: r.on.events is None or not r.on.people or r.on.parameters <= DENSITY * r.on.events,
        "Leave out variables, join levels, or follow for longer.",
        always=True,
    ),
    OutputRule(
        "dominance",
        "nobody makes up more than {dominant} of a sum.",
        "Hundepool et al. 2012, Statistical Disclosure Control, 4.2",
        lambda r, _: r.on.share <= DOMINANT,
        "Leave the variable out.",
    ),
    OutputRule(
        "difference",
        "the people of two analyses are the same, or differ by at least {k}.",
        "DataSHIELD nfilter.subset with its check of differences; dsBase issues 250 and 251",
        lambda r, k: r.beside.apart is None or r.beside.apart >= k,
        "Ask for the same people as before, or for a cohort that differs by more.",
    ),
    OutputRule(
        "traces",
        "nobody is one of fewer than {k} people by whom an analysis, or all whom it leaves out, differs from more than "
        "{traces} questions that were told a noisy number.",
        "ours: the ledger of questions, under the rule noise",
        lambda r, _: r.beside.traced <= TRACES,
        "Ask for a cohort of people of whom every variable is known, as a question and as an analysis.",
    ),
)
"""The table; the first rule that does not hold is told."""


def fewest_apart(people: int, earlier: list[int]) -> int | None:
    """By how many people a crowd differs least from an earlier one: who is in one of the two only.

    Somebody who is in neither is not asked for, so that whole and part are told apart by those who are left out.

    Args:
        people: The crowd as a plane of bits, see :mod:`oncommons.policy.disclosure.crowd`.
        earlier: The others.

    Returns:
        Nothing where one of them is the same, or there is none.
    """
    if people in earlier:
        return None
    return min(((people ^ other).bit_count() for other in earlier), default=None)
