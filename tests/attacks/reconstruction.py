"""Everybody's secret at once: random sets of people are asked for, and the equations solved.

What this may gain is bounded twice.  Beforehand, by the words: a question costs so much, so within the budget at most
so many answers can count a person (:func:`by_words`).  Afterwards, by what was drawn: whatever is told depends on a
person only by the noise of crowds that count them, and each crowd has one (:func:`by_draws`).  In both cases
:meth:`oncommons.policy.disclosure.noise.Shape.advantage` is the most that somebody could gain who knows everybody else; who has to
find out about the others too gains less.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from statistics import fmean

import numpy as np
from tests.attacks.attacks import PET, ages, people
from tests.attacks.population import RECONSTRUCTED
from tests.attacks.systems import Body, Ours, System

from oncommons.policy.disclosure.budget import Budget, cost_of
from oncommons.policy.disclosure.noise import Shape
from oncommons.schema.errors import BudgetSpent
from oncommons.schema.parsing import parse_question


def of_ages(ends: Sequence[int]) -> Body:
    """The question for people who had a PET and are of some ranges of ages.

    Args:
        ends: First age of a range, first age after it, and so on.
    """
    parts = [ages(low, high - 1) for low, high in zip(ends[::2], ends[1::2], strict=True)]
    return people(PET, parts[0] if len(parts) == 1 else {"any": parts})


def answers_within(budget: Budget, ranges: int) -> int:
    """How many questions for so many ranges of ages a budget suffices for."""
    return budget.tests // cost_of(parse_question(of_ages(range(10, 10 + 4 * ranges, 2))))


def by_words(budget: Budget, ranges: int) -> float:
    """What may be gained at most, if every answer within the budget counts the person."""
    return Shape(10).advantage(answers_within(budget, ranges))


def by_draws(system: Ours, bits: Sequence[int]) -> float:
    """What may be gained at most from what was asked, on average of those who have the secret.

    Args:
        system: The node, after the attack.
        bits: Who has the secret, in order of their numbers.
    """
    shape = Shape(10)
    return fmean(shape.advantage(system.draws(number)) for number, bit in enumerate(bits) if bit)


def gained(guesses: Sequence[int], bits: Sequence[int]) -> float:
    """The advantage: how much better than a coin the guesses are."""
    return 2 * fmean(guess == bit for guess, bit in zip(guesses, bits, strict=True)) - 1


def reconstruct(system: System, ranges: int, most: int, rng: random.Random) -> list[int]:
    """Find everybody's secret: ask for random sets of people who had a PET, and solve for who they are.

    Everybody is known by age; the sets are made of so many random ranges of ages.  The equations are solved by ridge
    regression around one half, which knows how large the noise is.
    """
    first, size = RECONSTRUCTED[0], len(RECONSTRUCTED)
    rows, told = [], []
    try:
        for _ in range(most):
            ends = sorted(rng.sample(range(first, first + size + 1), 2 * ranges))
            number = system.ask(of_ages(ends)).number
            if number is not None:
                row = np.zeros(size)
                for low, high in zip(ends[::2], ends[1::2], strict=True):
                    row[low - first : high - first] = 1
                rows.append(row)
                told.append(number)
    except BudgetSpent:
        pass
    if not rows:
        return [rng.randrange(2) for _ in range(size)]
    matrix = np.array(rows)
    noise = 4.5**2 if system.name.startswith(("oncommons", "Laplace")) else 0.01
    solved = np.linalg.solve(
        matrix.T @ matrix / noise + 4 * np.eye(size), matrix.T @ (np.array(told) - matrix.sum(1) / 2) / noise
    )
    return [int(x > 0) for x in solved]
