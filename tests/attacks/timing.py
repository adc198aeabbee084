"""What the moments of answers show: an attacker who sees nothing but how long each answer took.

No time passes here.  A clock is moved on by what an answer costs: by a model of it, or by the processor's time that was
really measured; then the node's own code holds the answer back.  Peers answer when they are done.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any, Protocol

from tests.attacks.attacks import ONLY_TARGET, PET, ages, people
from tests.attacks.systems import Body, Ours, Reply, System, World

from oncommons.node.desk import EVEN_SECONDS
from oncommons.node.disclosing import Disclosure
from oncommons.policy.disclosure.budget import Budget
from oncommons.schema.parsing import parse_question
from oncommons.schema.question import Some, leaves

PERSON_SECONDS = 0.001
"""One person more or less makes the answer to a question with one ``some`` longer by at most so much.

For one who is alone, among 600 people, 0.3 to 1.1 ms were measured; with n of them 2 ms for three, 8 for ten, 31 for
twenty and 67 for thirty, which is no more than n (1 + (n - 1) / 20). Among 180,000 people nothing could be seen.
"""
NOBODY = ages(98, 98)
"""Somebody who is known not to be there, and whose question costs as much."""
REPEATS = 25
"""How often the same question is asked; that is free."""


class Cost(Protocol):
    """What an answer costs, in seconds."""

    def __call__(self, world: World, body: Body, answer: Callable[[], Any]) -> tuple[Any, float]:
        """Give the answer, and how long it took."""


@dataclass
class Modelled:
    """What an answer costs by a model: so much for each criterion, more where somebody is found, and noise.

    The attacker knows the model, and can make a question longer until it takes just about as long as they like.
    """

    rng: random.Random
    base: float = 0.004
    each: float = 0.0005
    noise: float = 0.0005
    _known: dict[tuple[World, str], tuple[Any, float]] = field(default_factory=dict)

    def __call__(self, world: World, body: Body, answer: Callable[[], Any]) -> tuple[Any, float]:
        key = world, json.dumps(body)
        if key not in self._known:  # the answer itself is of no interest to who sees its time only
            criteria = sum(1 for _ in leaves(parse_question(body)))
            there = PERSON_SECONDS * _more(body) if world.count(body) else 0.0
            self._known[key] = answer(), self.base + self.each * criteria + there
        found, seconds = self._known[key]
        return found, max(seconds + self.rng.gauss(0, self.noise), 0.0)


def _more(body: Body) -> float:
    """How many times as much as in the shortest question a person costs in this one."""
    entities = max(sum(isinstance(leaf.criterion, Some) for leaf in leaves(parse_question(body))), 1)
    return entities * (1 + (entities - 1) / 20)


def measured(_world: World, _body: Body, answer: Callable[[], Any]) -> tuple[Any, float]:
    """What an answer really costs, in the processor's time."""
    begun = time.process_time()
    found = answer()
    return found, time.process_time() - begun


@dataclass
class Watch:
    """A clock that moves on only when somebody works or waits."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@dataclass
class Working:
    """A disclosure whose answers take time on a watch."""

    inner: Disclosure
    watch: Watch
    cost: Cost
    system: TimedOurs
    even: bool = field(init=False)

    def __post_init__(self) -> None:
        self.even = self.inner.even

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def answer(self, *of: Any) -> Any:
        """The answer; the watch moves on."""
        told, seconds = self.cost(self.system.world, self.system.asked, lambda: self.inner.answer(*of))
        self.watch.wait(seconds)
        return told


class TimedOurs(Ours):
    """A node of ours on a watch."""

    def __init__(self, world: World, folder: Any, cost: Cost, budget: Budget | None = None) -> None:
        self.watch, self.cost = Watch(), cost
        super().__init__(world, folder, budget=budget)

    def put(self, world: World) -> None:
        self.world = world
        super().put(world)
        self._start()

    def restart(self) -> None:
        super().restart()
        self._start()

    def _start(self) -> None:
        self.desk.clock, self.desk.wait = self.watch, self.watch.wait
        self.desk.key = getattr(self, "secret", bytes(32))
        self.desk.disclosure = Working(self.desk.disclosure, self.watch, self.cost, self)

    def ask(self, body: Body, project: str = "p") -> Reply:
        self.asked = body
        return super().ask(body, project)

    def seconds(self, body: Body) -> float:
        """How long an answer takes."""
        begun = self.watch.now
        self.ask(body)
        return self.watch.now - begun


class TimedPeer:
    """A peer on a watch; it answers when it is done."""

    def __init__(self, system: System, world: World, cost: Cost) -> None:
        self.system, self.name, self.cost = system, system.name, cost
        self.put(world)

    def put(self, world: World) -> None:
        self.world = world
        self.system.put(world)

    def fresh(self, seed: int) -> None:
        """Begin anew."""
        self.system.fresh(seed)

    def restart(self) -> None:
        """Stop and start."""
        self.system.restart()

    def ask(self, body: Body, project: str = "p") -> Reply:
        """What is told."""
        return self.system.ask(body, project)

    def seconds(self, body: Body) -> float:
        """How long an answer takes."""
        return self.cost(self.world, body, lambda: self.system.ask(body))[1]


def some(number: int) -> Any:
    """One of many criteria that everybody who had a PET fulfils."""
    inner = {"some": "series", "where": {"field": "modality", "in": ["PT"]}}
    return inner if number % 2 else {"some": "study", "where": inner}


def watching(wordings: int, lengths: range, deep: int = 0) -> Callable[[Any], bool]:
    """An attack by time: ask for the person and for nobody in so many wordings, many times each, and compare.

    Args:
        wordings: How many.
        lengths: How many criteria longer than need be the questions are, in turn; so some take just about a multiple.
        deep: How many criteria on other entities they have besides, which cost more where somebody is found.
    """
    more = [some(n) for n in range(deep)]

    def guess(a: Any) -> bool:
        a.system.ask(people(PET))  # what is told once for all is told
        found = []
        for n in range(wordings):
            longer = lengths[n % len(lengths)]
            noted = []
            for who in (ONLY_TARGET, NOBODY):
                body = people(PET, who, *more, *[ages(0, 120 - i) for i in range(longer)], ages(0, 119 - n))
                noted.append(fmean(a.system.seconds(body) for _ in range(REPEATS)))
            found.append(noted[0] - noted[1])
        return a.judge(found, middle=PERSON_SECONDS * _more(people(PET, *more)) / 2)

    return guess


def declared(wordings: int, even: float = EVEN_SECONDS) -> float:
    """What time may show at most: one question in so many wordings, each repeated as often as the attacker likes.

    Each wording is held back by a secret part of a multiple, so the person shows in at most as large a share of the
    wordings as their cost is of the multiple.
    """
    return 1 - (1 - PERSON_SECONDS / even) ** wordings
