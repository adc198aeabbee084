"""Where a node checks permits: verified offline, decided by the one table, and ready to be looked at again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, cast

from oncommons.node.desk import Desk, Terms, question_of
from oncommons.node.recording import Asker, Recorder
from oncommons.policy.access.deciding import Conditions, Decision, decide, request_of, without_permit
from oncommons.policy.access.demands import Restriction
from oncommons.policy.disclosure.budget import DAY, EVERYBODY, digest_of
from oncommons.schema.answer import NodeAnswer
from oncommons.schema.errors_of_permits import PermitNeeded, TooManyWait
from oncommons.schema.permit import Permit
from oncommons.schema.question import Question
from oncommons.schema.run import Run, parse_run
from oncommons.service.identity import Order, OrderReader
from oncommons.storage.awaited import Run as Awaited
from oncommons.storage.permitted import Permitted

WAIT_SECONDS = 30 * DAY
"""So long a question waits for the data manager; then it is forgotten, and waits anew where it is asked again."""
_REMEMBERED = 8
"""So many orders and permits need not be verified again; one of each is looked at several times while it is answered."""


@dataclass
class _Known:
    """What is known of an order so far: who asks, under which permit, and what."""

    asker: Asker
    permit: Permit | None = None
    question: Question | Run | None = None


@contextmanager
def _entering(recorder: Recorder, known: _Known) -> Iterator[None]:
    """Enter what is refused inside, whatever the reason; the desk enters what it refuses itself."""
    try:
        yield
    except Exception as fault:
        recorder.refused(known.asker, known.question, fault)
        raise


@dataclass
class Gate:
    """Lets questions through to a desk, as the node's data manager and the permits have it.

    Attributes:
        desk: Where questions are answered.
        orders: Reads orders and permits that the hub has signed.
        clock: Seconds since the epoch.
    """

    desk: Desk
    orders: OrderReader
    clock: Callable[[], float] = time.time

    @cached_property
    def ledger(self) -> Permitted:
        """What the node knows of permits."""
        return Permitted(self.desk.home.permits_file)

    @cached_property
    def read(self) -> Callable[[str], Order]:
        """Reads orders as :meth:`oncommons.service.identity.OrderReader.read` does; those of late without verifying."""
        return lru_cache(_REMEMBERED)(self.orders.read)

    @cached_property
    def _read_permit(self) -> Callable[[str], Permit]:
        return lru_cache(_REMEMBERED)(self.orders.read_permit)

    def answer(self, order: Order, checkpoint: str = "") -> NodeAnswer | dict[str, Any]:
        """Answer an order, where its permit and this node let it through; every refusal is entered in the audit log.

        What is decided meanwhile is not looked at: whoever gives the answer away compares :meth:`standing` before and
        after, as :mod:`oncommons.client.link` does.

        Raises:
            QuestionError: this node cannot read the question.
            PermitNeeded: the node answers no question without a permit.
            PermitNotTrusted: the permit was not signed by the hub that this node joined.
            BeyondPermit: a rule refuses; the message names it.
            ConsentAwaited: it waits for the data manager's consent to this run.
            TooManyWait: it would, but too many do already.
            OncommonsError: as :meth:`oncommons.node.desk.Desk.answer`.
        """
        known = _Known(Asker(EVERYBODY, order.job, checkpoint))
        with _entering(self.desk.recorder, known):
            terms = self._let_through(order, known)
        try:
            return self._carry_out(order, known, terms, checkpoint)
        except Exception:
            self._unused(known, order)
            raise

    def _carry_out(
        self, order: Order, known: _Known, terms: Terms | None, checkpoint: str
    ) -> NodeAnswer | dict[str, Any]:
        if not isinstance(known.question, Run):
            return self.desk.answer(known.question, known.asker.project, terms, order.job, checkpoint)
        if terms is None:
            raise PermitNeeded("Analyses need a permit.")
        return self.desk.compute(known.question, cast("dict[str, Any]", order.question), known.asker, terms)

    def standing(self, order: Order) -> str:
        """Stands for what would be decided now of an order that was answered: the rule that refuses, and the datasets.

        Raises:
            OncommonsError: as :meth:`answer`.
        """
        question = asked_of(order.question)
        again = request_of(question, order.person, repeated=True)
        if order.permit:
            permit = self._read_permit(order.permit)
            run = self.ledger.runs.of(permit.id, digest_of(question), self.clock())
            decision = decide(permit, again, self.clock(), _at_run(self._conditions(permit), run, _once(order)))
        else:
            decision = without_permit(self.desk.home.demand)
        rule = decision.refused.rule if decision.refused else ""
        return f"{rule} {sorted(decision.datasets or ())}"

    def close(self) -> None:
        """Close what the node knows of permits."""
        if "ledger" in self.__dict__:
            self.ledger.close()

    def _let_through(self, order: Order, known: _Known) -> Terms | None:
        """What the permit leaves of the answer; nothing without one."""
        if order.permit:
            permit = known.permit = self._read_permit(order.permit)
            known.asker = replace(known.asker, project=permit.project, permit=permit.id)
        question = known.question = asked_of(order.question)  # before it costs anything
        if known.permit is None:
            without_permit(self.desk.home.demand).enforce()
            return None
        decision = self._charge(known.permit, question, order)
        return Terms(known.permit.id, decision.datasets or frozenset(), decision.least, known.permit.project)

    def _charge(self, permit: Permit, question: Question | Run, order: Order) -> Decision:
        """Decide, and note what the question costs, as one: of two questions at once, the second waits."""
        now, digest, room = self.clock(), digest_of(question), True
        here = self._conditions(permit)
        with self.ledger.alone():
            asked = request_of(question, order.person, repeated=self.ledger.has_asked(permit.id, digest))
            run = self.ledger.runs.of(permit.id, digest, now)
            here = replace(_at_run(here, run, _once(order)), spent=self.ledger.spent(permit.id))
            decision = decide(permit, asked, now, here)
            self.ledger.note(permit.id, permit.project, order.permit, now)
            if decision.allowed:
                self.ledger.charge(permit.id, digest, asked.cost, now)
                if here.agreed and run is not None:
                    self.ledger.runs.put(replace(run, job=_once(order)))
            elif decision.waits:
                body = json.dumps(question.to_json())
                fresh = Awaited(permit.id, permit.project, digest, body, order.person, now, until=now + WAIT_SECONDS)
                room = self.ledger.runs.wait(fresh)
        if not room:
            raise TooManyWait("Too many questions wait for this node's data manager; ask again in some days.")
        decision.enforce()
        return decision

    def _unused(self, known: _Known, order: Order) -> None:
        """Give a consent back that was used for a question which was then not answered."""
        if known.permit is None or known.question is None:
            return
        with self.ledger.alone():
            run = self.ledger.runs.of(known.permit.id, digest_of(known.question), self.clock())
            if run is not None and run.job == _once(order):
                self.ledger.runs.put(replace(run, job=""))

    def _conditions(self, permit: Permit) -> Conditions:
        """What a permit meets here, but for what its questions have cost."""
        home = self.desk.home
        membership, standing = home.joined(), self.ledger.standing(permit.project)
        return Conditions(
            hub=membership.issuer,
            node=membership.name,
            datasets=self.desk.held(),
            demand=home.demand,
            keeps=home.policy.keeps,
            revoked=self.ledger.is_revoked(permit.id),
            consented=standing.consented is not None,
            restriction=Restriction.of(standing.restriction),
        )


def _at_run(here: Conditions, run: Awaited | None, job: str) -> Conditions:
    """The conditions, with what the data manager decided about one question; only where each is asked for."""
    if here.demand != "run" or run is None:
        return here
    return replace(here, agreed=run.agreed_for(job), declined=run.reason if run.state == "declined" else "")


def asked_of(body: object) -> Question | Run:
    """What an order asks for: a cohort question, or a round of an analysis.

    Raises:
        QuestionError: it cannot be read.
    """
    return parse_run(body["run"]) if isinstance(body, dict) and "run" in body else question_of(body)


def _once(order: Order) -> str:
    """What a consent to one run is bound to: the job, or, of an analysis, what the jobs of all its rounds begin with."""
    return order.job.partition("-")[0] if isinstance(order.question, dict) and "run" in order.question else order.job


def answer_openly(desk: Desk, body: object) -> NodeAnswer:
    """Answer a question that comes without an order, and so without a permit; a refusal is entered in the audit log.

    Args:
        desk: Where questions are answered.
        body: The question's JSON.

    Raises:
        QuestionError: this node cannot read the question.
        PermitNeeded: the node answers no question without a permit.
        OncommonsError: as :meth:`oncommons.node.desk.Desk.answer`.
    """
    known = _Known(Asker(EVERYBODY))
    with _entering(desk.recorder, known):
        known.question = question_of(body)
        without_permit(desk.home.demand).enforce()
    return desk.answer(known.question)
