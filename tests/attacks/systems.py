"""Systems under attack: a node of ours, and the published rules of two peers, all behind one question.

Every question is the JSON that a hub sends.  Ours answers through the desk of a serving node; a peer reads the same
question, gets the true numbers of the same tables, and applies its rule.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import floor
from pathlib import Path
from typing import Any, Protocol

from tests.attacks.population import Population
from tests.node.tables import import_rows

from oncommons.node.desk import Desk
from oncommons.node.disclosing import Disclosure, Noisy
from oncommons.node.holdings import Tally
from oncommons.node.home import Home, make_home
from oncommons.node.index.asking import Index
from oncommons.node.index.people import Few, nobody
from oncommons.node.telling import Memory
from oncommons.policy.disclosure.budget import Budget
from oncommons.policy.disclosure.counts import Policy
from oncommons.policy.disclosure.crowd import Crowd
from oncommons.policy.disclosure.noise import Noise, Shape
from oncommons.schema.answer import Count
from oncommons.schema.answer_json import node_answer_to_json
from oncommons.schema.errors import OncommonsError, TooManyQuestions
from oncommons.schema.parsing import parse_question
from oncommons.schema.question import Question
from oncommons.storage.released import Released

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """What an asker sees.

    Attributes:
        number: The number to go by; ``None`` where none is told.
        possible: The same of what is possible.
        groups: Codes to number.
        text: Everything that came back.
    """

    number: float | None
    possible: float | None = None
    groups: Mapping[tuple[str | None, ...], float] = field(default_factory=dict)
    text: str = ""


class System(Protocol):
    """What attackers deal with."""

    name: str

    def fresh(self, seed: int) -> None:
        """Begin anew, with another secret or another source of chance."""

    def restart(self) -> None:
        """Stop the system and start it again."""

    def ask(self, body: Body, project: str = "p") -> Reply:
        """Ask a question."""

    def put(self, world: World) -> None:
        """Take in other data."""


class _Once:
    """Tables, open for reading, that read each thing once: they do not change."""

    def __init__(self, connection: Any) -> None:
        self.close = connection.close
        self._connection = connection
        self._read: dict[tuple[str, str], list[Any]] = {}

    def execute(self, query: str, parameters: Any = None) -> _Once:
        """Find rows; :meth:`fetchall` gives them."""
        asked = query, repr(parameters)
        if asked not in self._read:
            self._read[asked] = self._connection.execute(query, parameters).fetchall()
        self._found = self._read[asked]
        return self

    def fetchall(self) -> list[Any]:
        """The rows that were found."""
        return list(self._found)


class _Remembering(Index):
    """Tables that work out each true answer once; what is told of it is decided anew each time."""

    def __init__(self, index: Index) -> None:
        super().__init__(index.connection)
        self._anew = self.connection, self._parsed
        self.connection, self._parsed = _Once(index.connection), str
        self._asked = lru_cache(maxsize=None)(super().ask)
        self.crowds_by_code = lru_cache(maxsize=None)(super().crowds_by_code)

    def ask(self, question: Question, *, few: Few | None = None) -> tuple[Tally, ...]:
        """True numbers; those of people are the same with every secret."""
        return self._asked(question, few=nobody if few is not None and question.count == "person" else few)

    def remember_no_more(self) -> None:
        """Work out the true answer every time from now on, as where it is measured how long that takes."""
        self.connection, self._parsed = self._anew
        self._asked = super().ask


class World:
    """Data as they are in one of two worlds, imported by a node.

    Args:
        folder: An empty directory.
        population: Who is in it.
    """

    def __init__(self, folder: Path, population: Population) -> None:
        self.home = make_home(folder / "node", Policy.of("noise"))
        import_rows(self.home, folder, *population.rows)
        self.index = _Remembering(Index(self.home.tables.open()))

    def cells(self, body: Body) -> dict[tuple[str | None, ...], int]:
        """The truth."""
        (tally,) = self.index.ask(parse_question(body))
        return {cell.key: cell.certain for cell in tally.cells}

    def count(self, body: Body) -> int:
        """The true number."""
        return sum(self.cells(body).values())

    def close(self) -> None:
        """Close the tables."""
        self.index.close()


def seated(world: World, home: Home, disclosure: Disclosure, wait: Callable[[float], None]) -> Desk:
    """The desk of a serving node, with the tables of a world."""
    desk = Desk(home, wait=wait)
    desk.disclosure, desk._index, desk._state = disclosure, world.index, home.tables.state()
    return desk


@dataclass(frozen=True)
class Noticed(Noise):
    """Noise that notices for whom it was drawn.

    Attributes:
        drawn: Each crowd of people for which some noise was drawn, as bits.
    """

    drawn: set[int] = field(default_factory=set)

    def draw(self, dataset: str, entity: str, crowd: Crowd) -> int:
        """The noise of a crowd."""
        self.drawn.add(crowd.who)
        return super().draw(dataset, entity, crowd)


class Ours:
    """A node of ours.

    Args:
        world: Its data.
        folder: Where its ledger lies.
        policy: Its policy.
        budget: What a project may ask.
        wait: How it waits, so that answers take an even time.
    """

    def __init__(
        self,
        world: World,
        folder: Path,
        policy: Policy | None = None,
        budget: Budget | None = None,
        wait: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.wait = wait
        self.policy = policy or Policy.of("noise")
        self.name = f"oncommons, {self.policy.rule}"
        self.budget = budget or Budget()
        self.now = 0.0
        self.ledger, self.memory = Released(folder / "told.sqlite"), None
        self.ledger._connection.execute("PRAGMA synchronous = OFF")  # no game is played on after a power cut
        self.put(world)
        self.fresh(0)

    def put(self, world: World) -> None:
        home = Home(world.home.folder, self.policy, budget=self.budget)
        self.desk = seated(world, home, Noisy(home, self.memory), self.wait)

    def fresh(self, seed: int, noise: type[Noticed] = Noticed) -> None:
        for table in ("told", "asked"):
            self.ledger._connection.execute(f"DELETE FROM {table}")
        self.secret = random.Random(seed).randbytes(32)
        self.noise = noise(self.secret, Shape(self.policy.k))
        self.restart()

    def restart(self) -> None:
        self.memory = Memory(self.ledger, self.noise, self.budget, lambda: self.now)
        self.desk.disclosure = Noisy(self.desk.home, self.memory)

    def counting(self, number: int) -> int:
        """How many answers to projects have a noise of their own and count the person of a number."""
        query = "SELECT DISTINCT crowd FROM told WHERE project != '' AND crowd IS NOT NULL"
        crowds = [Crowd.unpacked(crowd) for (crowd,) in self.ledger._connection.execute(query)]
        return sum(crowd.who >> number & 1 for crowd in crowds)

    def draws(self, number: int) -> int:
        """How many draws of noise count the person of a number."""
        return sum(who >> number & 1 for who in self.noise.drawn)

    def samples(self, number: int) -> bool:
        """Whether the person of a number is of the secret sample."""
        return bool(self.noise.sample("d", number + 1) >> number & 1)

    def ask(self, body: Body, project: str = "p") -> Reply:
        """Ask; whoever asks too fast waits for an hour.

        Raises:
            BudgetSpent: the budget of the project is spent.
        """
        try:
            answer = self.desk.answer(dict(body), project)
        except TooManyQuestions:
            self.now += 3_601
            answer = self.desk.answer(dict(body), project)
        (told,) = answer.datasets
        groups = {tuple(g.key.values()): _number(g.certain) for g in told.groups}
        listed = {key: number for key, number in groups.items() if number is not None}
        text = json.dumps(node_answer_to_json(answer))
        return Reply(_number(told.certain), _number(told.possible), listed, text)


def _number(count: Count) -> float | None:
    if count.precision == "suppressed" or count.at_most is None:
        return None
    return (count.at_least + count.at_most) / 2


class Laplace:
    """A peer: Laplace noise, rounded to ten, remembered in memory, as its published settings say.

    Zero is told as zero, one to nine as ten; the sensitivity of a patient is 1, epsilon 0.28, the step 10; what is
    remembered is known by sensitivity, true count and bin; it is lost when the system stops (platforms.md 2.5).
    """

    name = "Laplace, rounded to 10"
    SENSITIVITY, EPSILON, STEP = 1, 0.28, 10

    def __init__(self, world: World) -> None:
        self.world = world
        self.fresh(0)

    def put(self, world: World) -> None:
        self.world = world

    def fresh(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.restart()

    def restart(self) -> None:
        self.cache: dict[tuple[int, int, int], float] = {}

    def obfuscated(self, number: int) -> float:
        """One number, as it leaves."""
        if number < self.STEP:
            return 0 if number == 0 else 10
        key = (self.SENSITIVITY, number, 1)
        if key not in self.cache:
            rate = self.EPSILON / self.SENSITIVITY
            noise = self.rng.expovariate(rate) - self.rng.expovariate(rate)
            self.cache[key] = max(floor((number + noise) / self.STEP + 0.5) * self.STEP, 0)
        return self.cache[key]

    def ask(self, body: Body, project: str = "p") -> Reply:
        try:
            cells = self.world.cells(body)
        except OncommonsError as fault:
            return Reply(None, text=fault.message)
        number = self.obfuscated(sum(cells.values()))
        groups = {key: self.obfuscated(n) for key, n in cells.items() if n} if body.get("by") else {}
        return Reply(number, None, groups, f"{number} {groups}")


class Threshold:
    """A peer: numbers below ten, zero included, are withheld; others are exact."""

    name = "threshold of 10"

    def __init__(self, world: World) -> None:
        self.world = world

    def put(self, world: World) -> None:
        self.world = world

    def fresh(self, seed: int) -> None:
        """Nothing is left to chance."""

    def restart(self) -> None:
        """Nothing is remembered."""

    def ask(self, body: Body, project: str = "p") -> Reply:
        try:
            cells = self.world.cells(body)
        except OncommonsError as fault:
            return Reply(None, text=fault.message)
        number = sum(cells.values())
        told = float(number) if number >= 10 else None
        groups = {key: float(n) for key, n in cells.items() if n >= 10} if body.get("by") else {}
        return Reply(told, None, groups, f"{told} {groups}")
