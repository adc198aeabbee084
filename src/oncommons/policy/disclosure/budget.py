"""How much a project may ask of a node: a budget for a month, and a rate for an hour.

=================== ================================================= ====================================================
rule                what is done                                      source
=================== ================================================= ====================================================
cost                a question costs one for each field test, at      ours; what can be computed about one person grows
                    least one                                         with the number of answers (Dinur and Nissim 2003)
alternatives        tests below ``any`` and ``not``, and every eight  ours; a set that can be chosen at will, person by
                    codes after the first of a list, count together   person, takes many alternatives
                    and are squared
analyses            cost as the questions for the cohort and for      ours; the people at a level are told exactly, so
                    each criterion of a variable do, at least one a   that a set can be chosen at will there as well
                    variable
repeating           the same question, word for word, is free         ours; its answer is the same for ever
rephrasing          costs, even where the same people are counted     ours; a free rephrasing would show that they are
=================== ================================================= ====================================================

So what a question costs follows from its words alone, and what is left of a budget tells nothing about anybody.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from oncommons.schema.errors import BadPolicy, BudgetSpent, TooManyQuestions
from oncommons.schema.question import In, Question, Some, leaves
from oncommons.schema.run import Run, criteria_of

EVERYBODY = "everybody"
"""The project of all who ask without one."""
_CODES = 8
"""Codes of a list that count as one alternative."""
HOUR = 3_600.0
DAY = 24 * HOUR


@dataclass(frozen=True)
class Budget:
    """What a project may ask.

    Attributes:
        tests: What its questions may cost within ``days``.
        days: Length of the period.
        hourly: What they may cost within an hour.
    """

    tests: int = 1_000
    days: int = 30
    hourly: int = 300

    def __post_init__(self) -> None:
        if min(self.tests, self.days, self.hourly) < 1:
            raise BadPolicy("A budget is at least 1 in one day, and 1 in an hour.")

    def allow(self, cost: int, spent: int, lately: int) -> None:
        """Let a question through, or say why not.

        Args:
            cost: What it costs.
            spent: What the project spent within ``days``.
            lately: What it spent within the last hour.

        Raises:
            BudgetSpent: the budget does not suffice.
            TooManyQuestions: it does, but not now.
        """
        if spent + cost > self.tests:
            raise BudgetSpent(
                f"This question costs {cost:,}; of the {self.tests:,} that a project may spend here in {self.days:,} days, "
                f"{max(self.tests - spent, 0):,} are left. Questions that were answered before stay free."
            )
        if lately + cost > self.hourly:
            raise TooManyQuestions(
                f"This question costs {cost:,}; of the {self.hourly:,} that a project may spend here in an hour, "
                f"{max(self.hourly - lately, 0):,} are left. Questions that were answered before stay free."
            )


def cost_of(question: Question | Run) -> int:
    """What a question costs; an analysis what one for its cohort does, and for each variable those for its criteria."""
    if isinstance(question, Run):
        variables = (criteria_of(one) for one in question.variables.values())
        asked = [sum(cost_of(Question("person", one)) for one in criteria) for criteria in variables]
        return cost_of(Question("person", question.cohort)) + sum(max(cost, 1) for cost in asked)
    tests = alternatives = 0
    for leaf in leaves(question):
        match leaf.criterion:
            case Some():
                continue
            case In(_, codes):
                alternatives += (len(codes) - 1) // _CODES
        tests += 1
        alternatives += ".any[" in leaf.path or ".not" in leaf.path
    return max(tests, 1) + alternatives**2


def digest_of(question: Question | Run) -> bytes:
    """Stands for a question, or for what is asked of an analysis, word for word."""
    return hashlib.sha256(json.dumps(question.to_json(), sort_keys=True).encode()).digest()
