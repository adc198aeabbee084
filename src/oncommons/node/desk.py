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
from oncommons.node.recording import Asker, Recorder
from oncommons.policy.budget import EVERYBODY, digest_of
from oncommons.schema.answer import NodeAnswer
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.errors import MalformedQuestion, NothingImported, QuestionError
from oncommons.schema.parsing import parse_question
from oncommons.schema.question import Question

EVEN_SECONDS = 0.01
"""Under the rules ``noise`` and ``private`` an answer takes a multiple of this, or its time would tell a few people from nobody."""


@dataclass
class Desk:
    """Where a serving node answers questions; notices when an import has brought new tables.

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

    @cached_property
    def recorder(self) -> Recorder:
        """Enters what is answered in the audit log."""
        return Recorder(self.home)

    def answer(self, body: object, project: str = EVERYBODY, job: str = "", checkpoint: str = "") -> NodeAnswer:
        """Answer a cohort question, released by the node's policy and entered in the audit log.

        Args:
            body: The question's JSON.
            project: Who asks; what one project was told is remembered together.
            job: By which name a hub knows the question.
            checkpoint: That of the hub's audit log, to be kept.

        Raises:
            QuestionError: this node cannot read the question.
            NothingImported: the node holds no data yet.
            BudgetSpent: the project has asked as much as it may.
            TooManyQuestions: it asks faster than it may.
            BeyondPrivacy: the rule ``private`` cannot answer it.
            MachineError: the answer cannot be entered in the audit log.
        """
        begun, asker = self.clock(), Asker(project, job, checkpoint)
        question = self._parsed(body, asker)
        name = self.home.membership.name if self.home.membership else ""
        try:
            with self._lock:
                index = self._current()
                answer = replace(self.disclosure.answer(index, self._state, project, question), node=name)
            self.recorder.released(asker, question, answer)
        except Exception as fault:
            self.recorder.refused(asker, question, fault)
            raise
        finally:  # a refusal, too, may have waited for somebody else's answer
            if self.disclosure.even:
                self.wait(self._rest(self.clock() - begun, project, question))
        return answer

    def _parsed(self, body: object, asker: Asker) -> Question:
        try:
            question = parse_question(body)
            if question.nodes:  # else one question had many forms here, each with a price and an answer of its own
                raise MalformedQuestion("Nodes are named at a hub; a node answers for itself.", at="nodes")
        except QuestionError as fault:
            self.recorder.refused(asker, None, fault)
            raise
        return question

    def _rest(self, passed: float, project: str, question: Question) -> float:
        """How long to wait, so that an answer takes a multiple of :data:`EVEN_SECONDS`.

        Each question is held back first, by a part of that time which its words decide and nobody outside knows: else
        who chose words whose answer takes just about a multiple could see a millisecond more or less, by asking them
        again and again.
        """
        word = hmac.digest(self.key, project.encode() + b"\0" + digest_of(question), "sha256")
        back = EVEN_SECONDS * int.from_bytes(word[:8], "little") / 2**64
        return back + -(passed + back) % EVEN_SECONDS

    def cards(self) -> tuple[DatasetCard, ...]:
        """The node's dataset cards; none before anything was imported."""
        with self._lock:
            return self.disclosure.cards(self._current()) if self.home.tables.state() else ()

    def close(self) -> None:
        """Close the tables, and what was told."""
        if self._index is not None:
            self._index.close()
        self.disclosure.close()
        self.recorder.close()

    def _current(self) -> Index:
        while self._index is None or self.home.tables.state() != self._state:
            if self._index is not None:  # first, since DuckDB gives the same tables again for a file of the same name
                self._index.close()
                self._index = None
            state, fresh = self.home.tables.state(), self.home.tables.open()
            if fresh is None:
                raise NothingImported("This node holds no data yet: oncommons node import.")
            if self.home.tables.state() != state:  # replaced meanwhile
                fresh.close()
                continue
            self._index, self._state = self.disclosure.see(fresh), state
        return self._index
