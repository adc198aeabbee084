"""How a node opens its tables, answers and writes its cards under its policy: one class for each kind of rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

import duckdb

from oncommons.node.confiding import Confidant
from oncommons.node.home import Home
from oncommons.node.index.alike import see_alike
from oncommons.node.index.asking import Index
from oncommons.node.public import tell_public
from oncommons.node.report.cards import CardNumbers, cards_of, nothing_of, write_cards
from oncommons.node.share.public import Public
from oncommons.node.share.release import Voice, release_answer
from oncommons.node.telling import Memory, Questions
from oncommons.schema.answer import NodeAnswer
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.question import Question
from oncommons.schema.run import Run


class Disclosure(Protocol):
    """What a rule does.

    Attributes:
        even: Whether an answer takes a multiple of some time, or that would tell a few people from nobody.
    """

    even: bool

    def see(self, connection: duckdb.DuckDBPyConnection) -> Index:
        """Tables as questions may see them."""

    def answer(self, index: Index, state: str, project: str, question: Question) -> NodeAnswer:
        """The answer to a question of a project, without the node's name; ``state`` names the tables.

        Raises:
            BudgetSpent: the project has asked as much as it may.
            TooManyQuestions: it asks faster than it may.
            BeyondPrivacy: the rule cannot answer it.
        """

    def computing(self, index: Index, project: str, run: Run) -> AbstractContextManager[Questions | None]:
        """Make an analysis for a project inside the block, which gets what questions were told; nothing without memory.

        Raises:
            BudgetSpent: the project has asked as much as it may.
            TooManyQuestions: it asks faster than it may.
        """

    def strictly(self, least: int) -> Disclosure:
        """The same rule for answers in which no number below ``least`` is told, where it can keep to that."""

    def cards(self, index: Index) -> tuple[DatasetCard, ...]:
        """The cards of the datasets."""

    def close(self) -> None:
        """Close what it remembers."""


@dataclass
class Plain:
    """The rules ``open`` and ``threshold``, which need no memory.

    Attributes:
        home: The node.
    """

    home: Home
    even = False

    def see(self, connection: duckdb.DuckDBPyConnection) -> Index:
        """Under a threshold, what fewer people have is hidden, and the people behind rows are counted."""
        k = self.home.policy.k
        if self.home.policy.rule == "open":
            return Index(connection)
        return Index(connection, lambda _, crowd: crowd.people < k, behind=True)

    def answer(self, index: Index, _state: str, _project: str, question: Question) -> NodeAnswer:
        """The same to everybody."""
        return release_answer("", question, index.ask(question), self.home.policy)

    def computing(self, _index: Index, _project: str, _run: Run) -> AbstractContextManager[None]:
        """Nothing is remembered."""
        return nullcontext()

    def strictly(self, least: int) -> Disclosure:
        """A higher threshold; data that are open stay so.

        It is a multiple of the node's own, so that each of its intervals is made of whole ones of the node: put
        together, the answers to many permits tell no more than the node's own rule.
        """
        policy = self.home.policy
        if policy.rule == "open" or least <= policy.k:
            return self
        return Plain(replace(self.home, policy=replace(policy, k=-(-least // policy.k) * policy.k)))

    def cards(self, index: Index) -> tuple[DatasetCard, ...]:
        """Numbers released one by one."""
        return write_cards(index.datasets.values(), index.people_by_code(), self.home.policy)

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Noisy:
    """The rule ``noise``: remembers what anybody was told, for all who ask alike.

    Attributes:
        home: The node.
        memory: What was told; opened when it is needed.
    """

    home: Home
    memory: Memory | None = None
    even = True
    _public: Public | None = None

    def see(self, connection: duckdb.DuckDBPyConnection) -> Index:
        """What is told of by noise as too small is hidden."""
        self._public = None
        return Index(connection, self._remembered().noise.is_small)

    def answer(self, index: Index, _state: str, project: str, question: Question) -> NodeAnswer:
        """What agrees with all that anybody was told."""
        public = self._told(index)
        with self._remembered().answering(project, question) as teller:
            tallies = index.ask(question, few=teller.noise.is_small)
            return release_answer("", question, tallies, self.home.policy, Voice(teller, public))

    @contextmanager
    def computing(self, index: Index, project: str, run: Run) -> Iterator[Questions]:
        """An analysis costs what a question does, and is told of beside all questions."""
        with self._remembered().answering(project, run) as teller:
            places = index.places("person", teller.noise.is_small).values()
            yield Questions(teller, {place.dataset: place for place in places})

    def strictly(self, least: int) -> Disclosure:
        """The same: noise is bound to the people, and would show through where it had two shapes."""
        del least
        return self

    def cards(self, index: Index) -> tuple[DatasetCard, ...]:
        """What everybody is told."""
        public = self._told(index)
        return cards_of([(s, CardNumbers(*public.card(s))) for s in index.datasets.values()], self.home.policy)

    def close(self) -> None:
        """Close the ledger."""
        if self.memory is not None:
            self.memory.close()

    def _remembered(self) -> Memory:
        self.memory = self.memory or Memory.open(self.home.folder, self.home.policy, self.home.budget)
        return self.memory

    def _told(self, index: Index) -> Public:
        """What everybody is told of these tables; it is remembered before anybody is told more."""
        if self._public is None:
            with self._remembered().publishing() as teller:
                self._public = tell_public(index, teller)
        return self._public


@dataclass
class Private:
    """The rule ``private``: answers once, and is paid for it.

    Attributes:
        home: The node.
        confidant: What was told; opened when it is needed.
    """

    home: Home
    confidant: Confidant | None = None
    even = True

    def see(self, connection: duckdb.DuckDBPyConnection) -> Index:
        """Nothing is hidden, and nothing looks other than it would without one person."""
        return see_alike(Index(connection))

    def answer(self, index: Index, state: str, project: str, question: Question) -> NodeAnswer:
        """The one answer to this question about these tables."""
        self.confidant = self.confidant or Confidant.open(self.home.folder, self.home.privacy)
        return self.confidant.answer(index, state, project, question)

    def computing(self, _index: Index, _project: str, _run: Run) -> AbstractContextManager[None]:
        """Analyses are not made under it."""
        return nullcontext()

    def strictly(self, least: int) -> Disclosure:
        """The same: it has no smallest number."""
        del least
        return self

    def cards(self, index: Index) -> tuple[DatasetCard, ...]:
        """No numbers."""
        return cards_of([(s, nothing_of(s)) for s in index.datasets.values()], self.home.policy)

    def close(self) -> None:
        """Close the ledger."""
        if self.confidant is not None:
            self.confidant.close()


DISCLOSURES: Mapping[str, Callable[[Home], Disclosure]] = MappingProxyType(
    {"open": Plain, "threshold": Plain, "noise": Noisy, "private": Private}
)
"""Rule of a policy to who applies it."""
