"""The game: a coin decides whether a person is there; an attacker asks and guesses."""

from __future__ import annotations

import random
from math import sqrt

from tests.attacks.attacks import Attack, Attacker
from tests.attacks.systems import System, World


def advantage(
    attack: Attack, system: System, without: World, with_person: World, games: int, *, paired: bool = False
) -> float:
    """The chance to say yes where the person is there, less the chance to say yes where they are not.

    Args:
        attack: The attack.
        system: What is attacked.
        without: The data without the person.
        with_person: The data with the person.
        games: How many games are played in each of the two worlds.
        paired: Whether both worlds have the same secrets; then, where the person makes no difference to any answer,
            the advantage is exactly zero.
    """
    yes = {}
    for there, world in enumerate((without, with_person)):
        yes[there] = 0
        for seed in range(games):
            system.put(world)
            system.fresh(seed if paired else 2 * seed + there)
            yes[there] += attack.guess(Attacker(system, without, world, random.Random(seed)))
    return (yes[1] - yes[0]) / games


def doubt(games: int) -> float:
    """How far an estimated advantage may lie from the true one, but once in a thousand times."""
    return 3.3 * sqrt(0.5 / games)
