"""How much the rule ``private`` may lose: the settings of its budget, and what a question takes from it.

================ ============================================================ =========================================
rule             what is done                                                 source
================ ============================================================ =========================================
loss             a question takes its epsilon, whatever its answer and        sequential composition (Dwork et al.
                 whoever is in the data; losses add up                        2006; McSherry 2009)
one answer       the same question to the same tables has one answer for      post-processing (Dwork and Roth 2014,
                 everybody; who gets it for the first time pays for it all    2.1)
                 the same
together         all projects have a budget together, since they may put      sequential composition
                 together what they were told
several          where a person may be in several datasets, these share       sequential composition
datasets         the epsilon of a question
defaults         0.5 a question, 10 a project, 20 for all together in a       the census of the United States of 2020
                 year                                                         was published with 19.61 in all (17.14
                                                                              for persons)
================ ============================================================ =========================================

Budgets are kept in whole millionths, so that sums are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nextafter

from oncommons.schema.errors import BadPolicy, BudgetSpent
from oncommons.schema.errors_of_analyses import BeyondPrivacy

MILLION = 1_000_000
_SMALLEST, _LARGEST = 0.001, 100
_DAYS, _ROWS = 36_500, 1_024
_DUST = 1e-3
"""Millionths by which a number that was typed may miss a whole one."""


@dataclass(frozen=True)
class Privacy:
    """What the rule ``private`` may lose.

    Attributes:
        epsilon: What a question takes.
        total: What a project may take within ``days``.
        altogether: What all projects together may take within ``days``.
        days: Length of the period.
        datasets: In how many datasets of the node a person may be; 0 for all of them.
        rows: So many rows of one person count at most, where rows are counted; a power of two.
    """

    epsilon: float = 0.5
    total: float = 10.0
    altogether: float = 20.0
    days: int = 365
    datasets: int = 0
    rows: int = 16

    def __post_init__(self) -> None:
        losses = self.epsilon, self.total, self.altogether
        if not all(_SMALLEST <= loss <= _LARGEST and _is_whole(loss) for loss in losses):
            raise BadPolicy("An epsilon lies between 0.001 and 100, with at most six decimals.")
        if not self.epsilon <= self.total <= self.altogether:
            raise BadPolicy("The epsilon of a question is at most that of a project, and this at most that of all.")
        if not 1 <= self.days <= _DAYS or self.datasets < 0:
            raise BadPolicy(
                "A period has 1 to 36,500 days, and a person is in 1 or more datasets, or in all of them (0)."
            )
        if not 1 <= self.rows <= _ROWS or self.rows.bit_count() != 1:
            raise BadPolicy("The rows of a person that count are a power of two up to 1,024.")

    @property
    def cost(self) -> int:
        """What a question takes, in millionths."""
        return millionths(self.epsilon)

    def share(self, datasets: int) -> float:
        """The epsilon of a question for each of the node's datasets, so that nobody in several of them loses more.

        Args:
            datasets: How many there are.

        Raises:
            BeyondPrivacy: there are so many that nothing is left for one.
        """
        most = max(min(self.datasets or datasets, datasets), 1)
        if self.cost < most:
            raise BeyondPrivacy(
                f"This node's rule is private: an epsilon of {self.epsilon:g} is too little for {datasets:,} datasets. "
                "Its data manager can say in how many a person may be: oncommons node budget --datasets 1."
            )
        return nextafter((self.cost // most) / MILLION, 0)  # a decimal may be a little more as a float

    def allow(self, cost: int, spent: int, altogether: int) -> None:
        """Let a question through, or say why not.

        Args:
            cost: What it takes from the project's budget, in millionths.
            spent: What the project took within ``days``.
            altogether: What all together took, with this question.

        Raises:
            BudgetSpent: a budget does not suffice.
        """
        for limit, taken, whose in (
            (self.total, spent + cost, "a project"),
            (self.altogether, altogether, "all projects together"),
        ):
            if taken > millionths(limit):
                raise BudgetSpent(
                    f"This question takes epsilon {shown(cost)}; of the {limit:g} that {whose} may take here in {self.days:,} "
                    "days, too little is left. Questions that were answered before stay free until data are imported."
                )

    def text(self, spent: int, altogether: int) -> str:
        """The rule and what is left of its budgets, in words.

        Args:
            spent: What the project took within ``days``, in millionths.
            altogether: What all together took.
        """
        return (
            f"private: differential privacy with epsilon {self.epsilon:g} a question; in {self.days:,} days this project has "
            f"spent {shown(spent)} of {self.total:g}, all together {shown(altogether)} of {self.altogether:g}; intervals "
            "hold in 999 of 1,000 cases"
        )


def millionths(loss: float) -> int:
    """An epsilon in whole millionths."""
    return round(loss * MILLION)


def shown(loss: int) -> str:
    """Millionths as an epsilon in words."""
    return f"{loss / MILLION:g}"


def _is_whole(loss: float) -> bool:
    return abs(loss * MILLION - millionths(loss)) < _DUST
