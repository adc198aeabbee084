"""Where a serving node answers questions: index and share, in this order."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from threading import Lock
from typing import Any

from oncommons.node.disclosing import DISCLOSURES, Disclosure
from oncommons.node.home import Home, version_of
from oncommons.node.index.asking import Index
from oncommons.node.optouts import open_seen, state_of
from oncommons.node.recording import Asker, Recorder
from oncommons.policy.disclosure.budget import EVERYBODY, digest_of
from oncommons.schema.answer import NodeAnswer
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.errors import MalformedQuestion, NothingImported, QuestionError
from oncommons.schema.parsing import parse_question
from oncommons.schema.question import Question, Some, leaves
from oncommons.schema.run import Run, criteria_of

EVEN_SECONDS = 0.01
"""Under the rules ``noise`` and ``private`` an answer, or a round of an analysis, takes a multiple of this, or its time would tell a few people from nobody."""
_DEEP = 20
"""Each criterion on another entity makes the time longer in which one person shows; from so many on, more than evenly."""


@dataclass(frozen=True)
class Terms:
    """What a permit leaves of an answer.

    Attributes:
        permit: Its identifier.
        datasets: The datasets that may answer.
        least: The smallest number that may be told, where that is more than the node's own rule has.
        project: For which project it is, whose budget pays for an analysis and from which results are withheld.
    """

    permit: str
    datasets: frozenset[str]
    least: int = 0
    project: str = ""


def _within(answer: NodeAnswer, terms: Terms) -> NodeAnswer:
    """An answer without the datasets that the permit does not cover; its policy says how many were left out."""
    kept = tuple(d for d in answer.datasets if d.dataset in terms.datasets)
    without = len(answer.datasets) - len(kept)
    left = f", which leaves out {without} of the datasets here" if without else ""
    return replace(answer, datasets=kept, policy=f"{answer.policy}; under permit {terms.permit}{left}")


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
    _tables: str = ""
    _lock: Lock = field(default_factory=Lock)

    @cached_property
    def disclosure(self) -> Disclosure:
        """Applies the node's rule."""
        return DISCLOSURES[self.home.policy.rule](self.home)

    @cached_property
    def recorder(self) -> Recorder:
        """Enters what is answered in the audit log."""
        return Recorder(self.home)

    def answer(
        self, asked: object, project: str = EVERYBODY, terms: Terms | None = None, job: str = "", checkpoint: str = ""
    ) -> NodeAnswer:
        """Answer a cohort question, released by the node's policy and entered in the audit log.

        Args:
            asked: The question, or its JSON.
            project: Who asks, and whose budget pays.
            terms: What a permit leaves of the answer; all where there is none.
            job: By which name a hub knows the question.
            checkpoint: That of the hub's audit log, to be kept.

        Raises:
            QuestionError: this node cannot read the question.
            NothingImported: the node holds no data yet.
            BudgetSpent: the project has asked as much as it may.
            TooManyQuestions: it asks faster than it may.
            BeyondPrivacy: the rule ``private`` cannot answer it.
            OptOutsLost: nobody knows who has opted out.
            MachineError: the answer cannot be entered in the audit log.
        """
        asker = Asker(project, job, checkpoint, terms.permit if terms else "")
        question = self._read(asked, asker)
        try:
            while True:
                before = state_of(self.home)
                answer = self._answer(question, project, terms)
                if state_of(self.home) == before:  # else somebody has opted out meanwhile, whom it may count
                    self.recorder.released(asker, question, answer)
                    if state_of(self.home) == before:  # entering waits for the disk and for others who write
                        return answer
        except Exception as fault:
            self.recorder.refused(asker, question, fault)
            raise

    def compute(self, run: Run, told: Mapping[str, Any], asker: Asker, terms: Terms) -> dict[str, Any]:
        """Compute a round of an analysis, released by the output rules and entered in the audit log.

        Args:
            run: What is computed, of whom.
            told: ``version`` of the analysis, and ``state`` of this round.
            asker: Who asks.
            terms: What a permit leaves of it.

        Raises:
            NotAdmitted: this node does not make the analysis.
            OutputWithheld: an output rule keeps it here.
            AnalysisError: it has no answer here.
            BudgetSpent: under the rule ``noise``, the project has asked as much as it may.
            TooManyQuestions: under this rule, it asks faster than it may.
            MachineError: it cannot be entered in the audit log.
        """
        computing = import_module("oncommons.node.compute")  # most nodes make no analyses, which need much memory
        try:
            while True:
                before = state_of(self.home)
                with self._held_back(terms.project, run), self._lock:
                    index = self._current()
                    with self.disclosure.computing(index, terms.project, run) as questions:
                        found: dict[str, Any] = computing.computed(self.home, index, run, told, terms, questions)
                if state_of(self.home) == before:  # else somebody has opted out meanwhile, whom it may hold
                    self.recorder.computed(asker, run, found)
                    return found
        except Exception as fault:
            self.recorder.refused(asker, run, fault)
            raise

    def _answer(self, question: Question, project: str, terms: Terms | None) -> NodeAnswer:
        name = self.home.membership.name if self.home.membership else ""
        with self._held_back(project, question), self._lock:
            index = self._current()
            disclosure = self.disclosure.strictly(terms.least) if terms else self.disclosure
            told = disclosure.answer(index, self._state, project, question)
            return replace(_within(told, terms) if terms else told, node=name)

    @contextmanager
    def _held_back(self, project: str, asked: Question | Run) -> Iterator[None]:
        """Wait at the end of the block where the rule evens times out, also for a refusal.

        A refusal may have waited for somebody else's answer, and where there is nobody it comes sooner than where there are
        few.
        """
        begun = self.clock()
        try:
            yield
        finally:
            if self.disclosure.even:
                self.wait(self._rest(self.clock() - begun, project, asked))

    def _read(self, asked: object, asker: Asker) -> Question:
        try:
            return question_of(asked)
        except QuestionError as fault:
            self.recorder.refused(asker, None, fault)
            raise

    def held(self) -> dict[str, str]:
        """The datasets that are held here, each with its version; none before anything was imported.

        A version is that of what was imported, whoever has opted out since.
        """
        with self._lock:
            if not self.home.tables.state():
                return {}
            index = self._current()
            return dict.fromkeys((s.name for s in index.datasets.values()), version_of(self._tables))

    def _rest(self, passed: float, project: str, asked: Question | Run) -> float:
        """How long to wait, so that an answer takes a multiple of :func:`even_seconds`.

        Each question is held back first, by a part of that time which its words decide and nobody outside knows: else
        who chose words whose answer takes just about a multiple could see a millisecond more or less, by asking them
        again and again.
        """
        word = hmac.digest(self.key, project.encode() + b"\0" + digest_of(asked), "sha256")
        even = even_seconds(asked)
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
        self.recorder.close()

    def _current(self) -> Index:
        while self._index is None or self.state() != self._state:
            if self._index is not None:  # first, since DuckDB gives the same tables again for a file of the same name
                self._index.close()
                self._index = None
            state, tables, fresh = self.state(), self.home.tables.state(), open_seen(self.home)
            if fresh is None:
                raise NothingImported("This node holds no data yet: oncommons node import.")
            if self.state() != state:  # replaced meanwhile
                fresh.close()
                continue
            self._index, self._state, self._tables = self.disclosure.see(fresh), state, tables
        return self._index


def question_of(asked: object) -> Question:
    """A question that a node can be asked.

    Args:
        asked: The question, or its JSON.

    Raises:
        QuestionError: it cannot be read, or names nodes.
    """
    question = asked if isinstance(asked, Question) else parse_question(asked)
    if question.nodes:  # else one question had many forms here, each with a price and an answer of its own
        raise MalformedQuestion("Nodes are named at a hub; a node answers for itself.", at="nodes")
    return question


def even_seconds(asked: Question | Run) -> float:
    """Of what the time of an answer is a multiple: of more, the more a question has of ``some``.

    Where nobody is left after one of them, DuckDB leaves out those that follow. So each makes it longer by how much
    the answer for one person takes longer than that for nobody: about a millisecond, for many of them more.

    Args:
        asked: The question, or what an analysis asks of people: its cohort and its variables.

    Returns:
        Seconds.
    """
    if isinstance(asked, Run):
        of_variables = [criterion for variable in asked.variables.values() for criterion in criteria_of(variable)]
        questions = [Question("person", criterion) for criterion in (asked.cohort, *of_variables)]
    else:
        questions = [asked]
    entities = max(sum(isinstance(leaf.criterion, Some) for one in questions for leaf in leaves(one)), 1)
    return EVEN_SECONDS * entities * (1 + (entities - 1) / _DEEP)
