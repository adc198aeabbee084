"""The game: a coin decides whether a person is there; an attacker asks and guesses."""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import sqrt
from typing import Any

from tests.attacks.attacks import Attack, Attacker
from tests.attacks.systems import System, World

Z = 1.959964
"""Of a normal number, 95 % lie within so many standard deviations."""


@dataclass(frozen=True)
class Advantage:
    """What games showed.

    Attributes:
        yes_without: How often the attacker said yes where the person is not there.
        yes_with: The same where they are there.
        games: Games in each of the two worlds.
    """

    yes_without: int
    yes_with: int
    games: int

    @property
    def value(self) -> float:
        """The chance to say yes where the person is there, less the chance to say yes where they are not."""
        return (self.yes_with - self.yes_without) / self.games

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true advantage lies, in 95 of 100 cases (Newcombe 1998, method 10)."""
        with_, without = self.yes_with / self.games, self.yes_without / self.games
        (low1, high1), (low2, high2) = (_wilson(n, self.games) for n in (self.yes_with, self.yes_without))
        return (
            self.value - sqrt((with_ - low1) ** 2 + (high2 - without) ** 2),
            self.value + sqrt((high1 - with_) ** 2 + (without - low2) ** 2),
        )

    def is_above(self, bound: float) -> bool:
        """Whether the games show an advantage above a bound: the whole interval lies above it."""
        return self.interval[0] > bound

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.2f} ({low:.2f} to {high:.2f})"


def _wilson(successes: int, games: int) -> tuple[float, float]:
    """Where a chance lies, by so many successes in so many games (Wilson 1927)."""
    share, spread = successes / games, Z**2 / games
    middle = (share + spread / 2) / (1 + spread)
    half = sqrt(share * (1 - share) * spread + spread**2 / 4) / (1 + spread)
    return middle - half, middle + half


def guess(attack: Attack, system: System, worlds: tuple[World, World], seed: int, *, there: bool, **more: Any) -> bool:
    """One game: what the attacker says.

    Args:
        attack: The attack.
        system: What is attacked.
        worlds: The data without the person, and with them.
        seed: Decides the secrets of the system, and the coin.
        there: Whether the person is there.
        more: What the system is begun with besides.
    """
    system.put(worlds[there])
    system.fresh(seed, **more)
    return attack.guess(Attacker(system, worlds[0], worlds[there], random.Random(seed)))


def advantage(attack: Attack, system: System, without: World, with_person: World, games: int) -> Advantage:
    """Play an attack in both worlds, with other secrets each time.

    Args:
        attack: The attack.
        system: What is attacked.
        without: The data without the person.
        with_person: The data with the person.
        games: How many games are played in each of the two worlds.
    """
    worlds = without, with_person
    yes = [
        sum(guess(attack, system, worlds, 2 * n + there, there=bool(there)) for n in range(games)) for there in (0, 1)
    ]
    return Advantage(*yes, games)
