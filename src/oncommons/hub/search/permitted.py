"""The one way in which questions are asked at a hub, under a permit or under none.

Search, feasibility, saved questions, Beacon and Lens all ask through :class:`PermitDesk`.  Under a permit a question is
decided here as a courtesy, and by every node as the law.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from oncommons.hub.link.exchange import Exchange
from oncommons.hub.link.routes import exchange_of
from oncommons.hub.people.gate import whose_pass
from oncommons.hub.people.register import hold_accounts
from oncommons.hub.permits.book import GONE, Entry, PermitBook
from oncommons.hub.search.asking import DEADLINE_SECONDS, put
from oncommons.hub.search.rules import combine
from oncommons.policy.access.deciding import Conditions, beyond, decide, request_of
from oncommons.schema.answer import Answer
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_people import NotSignedIn
from oncommons.schema.errors_of_permits import NoSuchPermit
from oncommons.schema.federation import Pass, listed
from oncommons.schema.parsing import parse_question_text
from oncommons.schema.question import Question
from oncommons.schema.run import Run
from oncommons.service.identity import asker_in
from oncommons.storage.worklist import Job, Work

UNKNOWN = "This hub remembers no such question."


@dataclass(frozen=True)
class Under:
    """By what something is asked: one of a permit's people, or nobody in particular.

    Attributes:
        permit: Identifier of the permit; empty for none.
        person: Who asks, as the permit calls them; empty without one.
        mark: Follows from the pass, and makes names of questions that nobody else can make; empty where the hub itself
            asks for them.
    """

    permit: str = ""
    person: str = ""
    mark: str = field(default="", repr=False, compare=False)

    def named(self, job: str) -> str:
        """The name under which a question is kept, of the identifier that its asker gave it."""
        return hashlib.sha256(f"{self.mark}\0{job}".encode()).hexdigest() if self.mark else job

    def hold(self, connection: Connection) -> None:
        """Have the person's account stand until a transaction ends, so that nothing is kept for somebody who has left.

        Args:
            connection: A transaction that writes.

        Raises:
            NoSuchPermit: it was erased.
        """
        if not hold_accounts(connection, {self.person}).get(self.person, True):
            raise NoSuchPermit(GONE)


NONE = Under()
"""Under no permit."""


@dataclass(frozen=True)
class PermitDesk:
    """Puts questions.

    Attributes:
        book: The hub's permits.
        exchange: The hub's side of the link.
    """

    book: PermitBook
    exchange: Exchange

    def under(self, headers: Mapping[str, str]) -> Under:
        """By what a request is made, by the pass in its headers.

        Raises:
            NoSuchPermit: the pass is nobody's.
            NotSignedIn: it is nobody's, and was shown as a bearer.
        """
        passing = Pass.shown(headers)
        if not passing:
            return NONE
        entry, person = whose_pass(headers, self.book.whose)
        return Under(entry.permit.id, person, hashlib.sha256(passing.strip().encode()).hexdigest())

    async def put(self, under: Under, job: str, question: Question, seconds: float) -> tuple[Job, Sequence[Work]]:
        """Put a question to the nodes; under a permit to those of it, or to those of them that it names.

        Under a permit the job is kept under a name that only who has the pass can make, so that nobody else is answered
        who asks the same under the same identifier.  Where the permit is taken back meanwhile, nothing is told.

        Args:
            under: By what it is asked.
            job: Identifier of the question, as its asker gave it.
            question: The question.
            seconds: From now to the deadline.

        Raises:
            BadRequest: another question was asked under this identifier.
            UnknownValue: it names a node that there is not.
            BeyondPermit: a rule refuses.
        """
        if not under.permit:
            return await put(self.exchange, job, question, seconds)
        entry, addressed = await run_in_threadpool(self._judged, under, question)
        beside = {"person": under.person, "permit": entry.signed}
        found = await put(self.exchange, under.named(job), addressed, seconds, beside)
        await run_in_threadpool(self.judge, under, question)
        return found

    async def ask(
        self, under: Under, question: Question, seconds: float = DEADLINE_SECONDS, datasets: Collection[str] = ()
    ) -> Answer:
        """The answer to a question, put as :meth:`put` does under an identifier of its own.

        Args:
            under: By what it is asked.
            question: The question.
            seconds: From now to the deadline.
            datasets: Of which datasets numbers are wanted, as ``NODE:DATASET``; none for all.

        Raises:
            UnknownValue: it names a node that there is not.
            BeyondPermit: a rule refuses, or the permit names another dataset.
        """
        await run_in_threadpool(self._cover, under, datasets)
        asked, work = await self.put(under, uuid.uuid4().hex, question, seconds)
        nodes = await run_in_threadpool(self.exchange.registry.nodes)
        return await run_in_threadpool(combine, asked, work, nodes, self.exchange.clock())

    async def ask_on(
        self, under: Under, question: Question, first: Answer, seconds: float = DEADLINE_SECONDS
    ) -> Answer:
        """The answer to a question that is read beside another answer, of the nodes that gave that one.

        Elsewhere it would be compared with nothing, and might use up the consent of a data manager for that, or stand in
        line for one.  Raises as :meth:`ask`.

        Args:
            under: By what it is asked.
            question: The question.
            first: The other answer; where there was nobody to give it, nobody is there for this one.
            seconds: From now to the deadline.
        """
        return await self.ask(under, replace(question, nodes=tuple(n.node for n in first.included)), seconds)

    def look(self, headers: Mapping[str, str], job: Job) -> None:
        """Let a question be looked at that was asked before: one under a permit by who asked it, while that holds.

        Who knows the identifier alone is told the same as of a question that nobody asked.

        Args:
            headers: Those of the request of who looks.
            job: The question.

        Raises:
            NotFound: it was asked under a permit, by somebody else.
            BeyondPermit: the permit was taken back since, or has ended.
        """
        asked = Under(*asker_in(job.order))
        if not asked.permit:
            return
        try:
            under = self.under(headers)
        except (NoSuchPermit, NotSignedIn):
            under = NONE
        if asked != under:
            raise NotFound(UNKNOWN)
        self.judge(under, parse_question_text(job.body.encode()))

    def judge(self, under: Under, question: Question) -> Question:
        """Judge a question, to be put or put before; under a permit it is the question to the permit's nodes.

        Raises:
            NoSuchPermit: there is no such permit any more.
            BeyondPermit: a rule refuses.
        """
        return self._judged(under, question)[1] if under.permit else question

    def judge_all(self, under: Under, questions: Iterable[Question]) -> None:
        """Judge questions that belong together before any of them is put; raises as :meth:`judge`."""
        for question in questions:
            self.judge(under, question)

    def let(self, under: Under, asked: Question | Run) -> Entry:
        """The permit under which a question, or an analysis, is asked, where it lets it through.

        Raises:
            NoSuchPermit: there is no such permit.
            BeyondPermit: a rule refuses.
        """
        entry = self.book.held(under.permit, under.person)
        here = Conditions(self.exchange.issuer.name, revoked=entry.revoked is not None)
        decide(entry.permit, request_of(asked, under.person), self.exchange.clock(), here).enforce()
        return entry

    def _judged(self, under: Under, question: Question) -> tuple[Entry, Question]:
        entry = self.let(under, question)
        return entry, self._addressed(entry, question)

    def _addressed(self, entry: Entry, question: Question) -> Question:
        """The question, to nodes of the permit only: the others never hear of it."""
        nodes = {h.node for h in entry.permit.datasets}
        if others := sorted(set(question.nodes) - nodes):
            raise beyond("node", f"The permit names no data of {others[0]}; {listed(nodes)}")
        joined = nodes & {n.name for n in self.exchange.registry.nodes()}
        return question if question.nodes else replace(question, nodes=tuple(sorted(joined or nodes)))

    def _cover(self, under: Under, datasets: Collection[str]) -> None:
        """See that a permit names the datasets of which numbers are wanted; a node leaves others out unasked."""
        if not (under.permit and datasets):
            return
        named = {f"{h.node}:{h.dataset}" for h in self.book.entry(under.permit).permit.datasets}
        if others := sorted(set(datasets) - named):
            raise beyond("dataset", f"The permit does not name the dataset {others[0][:300]}.")


def desk_of(app: Starlette) -> PermitDesk:
    """Where the questions of a hub are put."""
    return PermitDesk(app.state.permits, exchange_of(app))
