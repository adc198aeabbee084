"""Where a serving node answers questions: index and share, in this order."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Lock

from oncommons.node.disclosing import DISCLOSURES, Disclosure
from oncommons.node.home import Home
from oncommons.node.index.asking import Index
from oncommons.node.optouts import open_seen, state_of
from oncommons.policy.budget import EVERYBODY, digest_of
from oncommons.schema.answer import NodeAnswer
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.errors import MalformedQuestion, NothingImported
from oncommons.schema.parsing import parse_question
from oncommons.schema.question import Question, Some, leaves

EVEN_SECONDS = 0.01
"""Under the rules ``noise`` and ``private`` an answer takes a multiple of this, or its time would tell a few people from nobody."""
_DEEP = 20
"""Each criterion on another entity makes the time longer in which one person shows; from so many on, more than evenly."""


@dataclass
class Desk:
    """Where a serving node answers questions; notices new tables, and who has opted out.

    One question at a time: the tables are read by one thread.

    Attributes:
        home: The node.
        clock: Tells the time, in seconds.
        wait: Waits so many seconds.
        key: Decides how long each question is held back at least.
    """

    home: Home
    clock: Callable[[], float] = time.perf_counter
    wait: Callable[[float], None] = time.sleep
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _index: Index | None = None
    _state: str = ""
    _lock: Lock = field(default_factory=Lock)

    @cached_property
    def disclosure(self) -> Disclosure:
        """Applies the node's rule."""
        return DISCLOSURES[self.home.policy.rule](self.home)

    def answer(self, body: object, project: str = EVERYBODY) -> NodeAnswer:
        """Answer a cohort question, released by the node's policy.

        Args:
            body: The question's JSON.
            project: Who asks; what one project was told is remembered together.

        Raises:
            QuestionError: this node cannot read the question.
            NothingImported: the node holds no data yet.
            BudgetSpent: the project has asked as much as it may.
            TooManyQuestions: it asks faster than it may.
            BeyondPrivacy: the rule ``private`` cannot answer it.
            OptOutsLost: nobody knows who has opted out.
        """
        question = parse_question(body)
        if question.nodes:  # else one question had many forms here, each with a price and an answer of its own
            raise MalformedQuestion("Nodes are named at a hub; a node answers for itself.", at="nodes")
        while True:
            before = state_of(self.home)
            answer = self._answer(question, project)
            if state_of(self.home) == before:
                return answer  # else somebody has opted out meanwhile, whom it may count

    def _answer(self, question: Question, project: str) -> NodeAnswer:
        begun = self.clock()
        name = self.home.membership.name if self.home.membership else ""
        try:
            with self._lock:
                index = self._current()
                return replace(self.disclosure.answer(index, self._state, project, question), node=name)
        finally:  # a refusal, too, may have waited for somebody else's answer
            if self.disclosure.even:
                self.wait(self._rest(self.clock() - begun, project, question))

    def _rest(self, passed: float, project: str, question: Question) -> float:
        """How long to wait, so that an answer takes a multiple of :func:`even_seconds`.

        Each question is held back first, by a part of that time which its words decide and nobody outside knows: else
        who chose words whose answer takes just about a multiple could see a millisecond more or less, by asking them
        again and again.
        """
        word = hmac.digest(self.key, project.encode() + b"\0" + digest_of(question), "sha256")
        even = even_seconds(question)
        back = even * int.from_bytes(word[:8], "little") / 2**64
        return back + -(passed + back) % even

    def cards(self) -> tuple[DatasetCard, ...]:
        """The node's dataset cards; none before anything was imported."""
        while True:
            before = state_of(self.home)
            with self._lock:
                cards = self.disclosure.cards(self._current()) if self.home.tables.state() else ()
            if state_of(self.home) == before:
                return cards

    def state(self) -> str:
        """Stands for what is answered from: the tables, and who has opted out; empty before anything was imported.

        Raises:
            OptOutsLost: nobody knows who has opted out.
        """
        tables, listed = self.home.tables.state(), state_of(self.home)
        return f"{tables} {listed}".strip() if tables else ""

    def close(self) -> None:
        """Close the tables, and what was told."""
        if self._index is not None:
            self._index.close()
        self.disclosure.close()

    def _current(self) -> Index:
        while self._index is None or self.state() != self._state:
            if self._index is not None:  # first, since DuckDB gives the same tables again for a file of the same name
                self._index.close()
                self._index = None
            state, fresh = self.state(), open_seen(self.home)
            if fresh is None:
                raise NothingImported("This node holds no data yet: oncommons node import.")
            if self.state() != state:  # replaced meanwhile
                fresh.close()
                continue
            self._index, self._state = self.disclosure.see(fresh), state
        return self._index


def even_seconds(question: Question) -> float:
    """Of what the time of an answer is a multiple: of more, the more a question has of ``some``.

    Where nobody is left after one of them, DuckDB leaves out those that follow. So each makes it longer by how much
    the answer for one person takes longer than that for nobody: about a millisecond, for many of them more.

    Args:
        question: The question.

    Returns:
        Seconds.
    """
    entities = max(sum(isinstance(leaf.criterion, Some) for leaf in leaves(question)), 1)
    return EVEN_SECONDS * entities * (1 + (entities - 1) / _DEEP)
