"""A question that is asked under a permit: decided here as a courtesy, and by every node as the law."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.concurrency import run_in_threadpool

from oncommons.hub.link.exchange import Exchange
from oncommons.hub.permits.book import Entry, PermitBook
from oncommons.hub.search.asking import put
from oncommons.policy.access.deciding import Conditions, decide, request_of
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_permits import BeyondPermit, NoSuchPermit
from oncommons.schema.federation import listed
from oncommons.schema.parsing import parse_question_text
from oncommons.schema.question import Question
from oncommons.service.identity import asker_in
from oncommons.storage.worklist import Job, Work

UNKNOWN = "This hub remembers no such question."


@dataclass(frozen=True)
class PermitDesk:
    """Puts questions under permits.

    Attributes:
        book: The hub's permits.
        exchange: The hub's side of the link.
    """

    book: PermitBook
    exchange: Exchange

    async def put(self, passing: str, job: str, question: Question, seconds: float) -> tuple[Job, Sequence[Work]]:
        """Put a question to the nodes of a permit; to those of them that it names, where it names any.

        The job is kept under a name that only who has the pass can make, so that nobody else is answered who asks the
        same under the same identifier.  Where the permit is taken back meanwhile, nothing is told.

        Args:
            passing: The pass of a person.
            job: Identifier of the question, as its asker gave it.
            question: The question.
            seconds: From now to the deadline.

        Raises:
            NoSuchPermit: the pass is nobody's.
            BeyondPermit: a rule refuses, or the permit names none of the nodes.
        """
        entry, person = await run_in_threadpool(self._decide, passing, question)
        kept = hashlib.sha256(f"{passing.strip()}\0{job}".encode()).hexdigest()
        beside = {"person": person, "permit": entry.signed}
        addressed = await run_in_threadpool(self._addressed, entry, question)
        found = await put(self.exchange, kept, addressed, seconds, beside)
        await run_in_threadpool(self._decide, passing, question)
        return found

    def look(self, passing: str, job: Job) -> None:
        """Let a question be looked at that was asked before: one under a permit by who asked it, while that holds.

        Who knows the identifier alone is told the same as of a question that nobody asked.

        Args:
            passing: The pass of who looks; empty without one.
            job: The question.

        Raises:
            NotFound: it was asked under a permit, and the pass is not that of the person who asked.
            BeyondPermit: the permit was taken back since, or has ended.
        """
        permit, asker = asker_in(job.order)
        if not permit:
            return
        try:
            entry, person = self.book.whose(passing)
        except NoSuchPermit:
            raise NotFound(UNKNOWN) from None
        if (entry.permit.id, person) != (permit, asker):
            raise NotFound(UNKNOWN)
        self._judge(entry, person, parse_question_text(job.body.encode()))

    def _decide(self, passing: str, question: Question) -> tuple[Entry, str]:
        entry, person = self.book.whose(passing)
        self._judge(entry, person, question)
        return entry, person

    def _judge(self, entry: Entry, person: str, question: Question) -> None:
        here = Conditions(self.exchange.issuer.name, revoked=entry.revoked is not None)
        decide(entry.permit, request_of(question, person), self.exchange.clock(), here).enforce()

    def _addressed(self, entry: Entry, question: Question) -> Question:
        """The question, to nodes of the permit only: the others never hear of it."""
        nodes = {h.node for h in entry.permit.datasets}
        if beyond := sorted(set(question.nodes) - nodes):
            raise BeyondPermit(f"The permit names no data of {beyond[0]}; {listed(nodes)}", at="permit.node")
        joined = nodes & {n.name for n in self.exchange.registry.nodes()}
        return question if question.nodes else replace(question, nodes=tuple(sorted(joined or nodes)))
