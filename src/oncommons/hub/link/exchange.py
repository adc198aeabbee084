"""The hub's side of the federation: ``ask(question, nodes, deadline)``, and the work that nodes fetch.

The work list is the truth and survives a restart.  Everything kept in memory here only saves waiting: a node whose
request is held open is handed the work directly, and whoever asked is woken by the last answer.  Both look at the
work list on their own every two seconds, so what memory lost is found there.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from starlette.concurrency import run_in_threadpool

from oncommons.hub.link.registry import Node, Registry, named
from oncommons.hub.link.witness import CAME, Witness
from oncommons.schema.errors import AnswerRefused, BadRequest, HubUnreachable
from oncommons.service.identity import NOTHING, Issuer, asker_in, asker_of
from oncommons.storage.chain import Event
from oncommons.storage.worklist import Job, Receipt, Task, Work, WorkList

LEASE_SECONDS = 5.0
"""A node that took work and has not answered gets it again after so long, when it asks."""
LOOK_SECONDS = 2.0
"""Whoever waits looks at the work list this often."""
Item = dict[str, Any]
_NOTHING: Mapping[str, Any] = MappingProxyType({})


async def _no_news() -> bool:
    return False


@dataclass
class Exchange:
    """Everything the link needs, wired once; used by one event loop and its worker threads.

    Attributes:
        registry: The nodes.
        work: The durable work list.
        issuer: The hub's signing side.
        witness: Gives and keeps checkpoints of audit logs.
        clock: Seconds since the epoch.
        newer: From a node's name and the number of its list of permits that were taken back to a newer one, signed;
            empty where there is none.
    """

    registry: Registry
    work: WorkList
    issuer: Issuer
    witness: Witness
    clock: Callable[[], float] = time.time
    newer: Callable[[str, int], str] = lambda _node, _number: ""
    _polls: dict[str, asyncio.Future[list[Item]]] = field(default_factory=dict)
    _missed: dict[str, list[Item]] = field(default_factory=lambda: defaultdict(list))
    _awaited: dict[str, tuple[set[str], asyncio.Event]] = field(default_factory=dict)
    _up_to_date: set[str] = field(default_factory=set)
    _stopped: bool = False
    _loop: asyncio.AbstractEventLoop | None = None

    async def ask(
        self,
        job: str,
        body: Mapping[str, Any],
        seconds: float,
        nodes: Sequence[str] = (),
        beside: Mapping[str, str] = NOTHING,
    ) -> tuple[Job, Sequence[Work]]:
        """Put a question to the nodes that may answer and wait for them, at most until the deadline.

        Nodes that have been away for a minute get the question too, but are not waited for.  The same job asked
        again, as after a lost connection, goes on waiting for the answers of the first.

        Args:
            job: Identifier of the question.
            body: The question's JSON.
            seconds: From now to the deadline.
            nodes: Names of the nodes to ask; none for all. The others never hear of the question, and those that are
                asked are not told who else is. The job's body is the question with these names under ``nodes``.
            beside: What stands beside the question in the order: ``person`` and ``permit``.

        Raises:
            BadRequest: another question, or other nodes, were asked under this identifier, or by somebody else.
            UnknownValue: there is no node of some name.
            HubUnreachable: the hub is being stopped; what was asked is on the list when it is back.
        """
        self._loop = asyncio.get_running_loop()
        names, heard = self._awaited.setdefault(job, (set(), asyncio.Event()))
        try:
            asked = await run_in_threadpool(self._put, job, body, seconds, nodes, names, beside)
            while True:
                left = asked.deadline - self.clock()
                if names and left > 0 and not self._stopped:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(heard.wait(), min(left, LOOK_SECONDS))
                    heard.clear()
                work = await run_in_threadpool(self.work.progress, job)
                names &= _open(work)
                if not names or asked.deadline <= self.clock():
                    return asked, work
                if self._stopped:
                    raise HubUnreachable("The hub is being stopped. Ask again when it is back.")
        finally:
            self._awaited.pop(job, None)

    def withdraw(self, job: str) -> None:
        """Take a question back from the nodes that have not answered, and let go whoever waits for them."""
        self.work.withdraw(job, self.clock())
        self._call(self._withdrawn, job)

    @property
    def stopped(self) -> bool:
        """Whether the hub is being stopped."""
        return self._stopped

    def progress(self, job: str) -> tuple[Job, Sequence[Work]] | None:
        """A question asked before and what became of it, or ``None``."""
        asked = self.work.job(job)
        return None if asked is None else (asked, self.work.progress(job))

    async def fetch(
        self,
        node: Node,
        seconds: float,
        gone: Callable[[], Awaitable[object]],
        news: Callable[[], Awaitable[bool]] = _no_news,
    ) -> list[Item]:
        """Work for a node: what waits, else what comes within so many seconds, or until there is news for it.

        Args:
            node: Who asks.
            seconds: How long to hold the request open.
            gone: Ends when the caller hangs up; work is not handed to somebody who is gone.
            news: Tells whether there is something else to tell the node; looked at every two seconds.
        """
        self._loop = asyncio.get_running_loop()
        if node.name in self._missed:
            await (
                news()
            )  # what is told besides goes with any work, or a question could pass what should have stopped it
            if missed := self._missed.pop(node.name, []):
                return missed
        until = time.monotonic() + seconds
        hung_up = asyncio.ensure_future(gone())
        try:
            while True:
                poll: asyncio.Future[list[Item]] = self._loop.create_future()
                self._polls[node.name] = poll
                found = [] if self._knows_all(node.name) else await run_in_threadpool(self._lease, node)
                left = 0 if await news() else until - time.monotonic()
                if not found and left > 0 and not self._stopped:
                    wait_for: set[asyncio.Future[Any]] = {poll, hung_up}
                    await asyncio.wait(wait_for, timeout=min(left, LOOK_SECONDS), return_when=asyncio.FIRST_COMPLETED)
                if not poll.done():
                    self._up_to_date.discard(node.name)
                found += poll.result() if poll.done() else []
                if found or left <= 0 or hung_up.done() or self._stopped:
                    return found
        finally:
            hung_up.cancel()
            if self._polls.get(node.name) is poll:
                del self._polls[node.name]

    def stop(self) -> None:
        """Let everybody go who waits, since the server ends: nodes without work, and whoever asked with an error.

        To be called in the event loop.
        """
        self._stopped = True
        for poll in self._polls.values():
            if not poll.done():
                poll.set_result([])
        for _, heard in self._awaited.values():
            heard.set()

    def finish(
        self, node: Node, job: str, result: str, told: Mapping[str, Any] = _NOTHING, checkpoint: str = ""
    ) -> Receipt:
        """Record a node's answer, once, and enter it in the audit log.

        Args:
            node: Who answers.
            job: The question.
            result: The answer, JSON.
            told: What the audit log says of the answer.
            checkpoint: That of the node's log.

        Raises:
            AnswerRefused: the node was not asked, or the question was taken back.
            BadCheckpoint: the node's key has not signed the checkpoint; nothing was recorded.
        """
        now = self.clock()
        event = Event("answered", {"job": job, "node": node.name, **told}, now)
        entered = self.witness.keep(node, checkpoint, event)
        receipt = self.work.finish(job, node.name, result, now, entered)
        if receipt == "unknown":
            raise AnswerRefused("This hub did not put that question to this node.")
        if receipt == "cancelled":
            raise AnswerRefused("The question was taken back.")
        self._call(self._reported, job, node.name)
        return receipt

    def keep(self, node: Node, checkpoint: str) -> None:
        """Keep the checkpoint of a node's log where no answer goes with it.

        Raises:
            BadCheckpoint: the node's key has not signed it.
        """
        if checkpoint:
            event = Event(CAME, {"node": node.name}, self.clock())
            self.witness.log.enter(self.witness.keep(node, checkpoint, event))

    def checkpoint(self) -> str:
        """The checkpoint of the hub's log, for a node to keep."""
        return self.witness.checkpoint(self.clock())

    def _put(
        self,
        job: str,
        body: Mapping[str, Any],
        seconds: float,
        chosen: Sequence[str],
        names: set[str],
        beside: Mapping[str, str] = NOTHING,
    ) -> Job:
        """Put a question on the list; fills in the names of the nodes to wait for."""
        now = self.clock()
        nodes = {n.name: n for n in named(self.registry.nodes(), chosen) if n.revoked is None}
        whole = {**body, "nodes": list(chosen)} if chosen else body
        text = json.dumps(whole, separators=(",", ":"), sort_keys=True)
        asked = Job(job, text, self.issuer.order(job, body, now, beside), now, now + seconds)
        names |= {n.name for n in nodes.values() if n.presence(now) == "online"}
        polling = [name for name in nodes if name in self._polls]
        self._up_to_date -= nodes.keys() - set(polling)
        permit, _ = asker = asker_of(beside)
        event = Event("asked", _entered(asked.id, body, nodes, permit), now)
        if self.work.add(asked, nodes, polling, now + LEASE_SECONDS, event):
            self._up_to_date -= nodes.keys() - set(polling)
            self._call(self._hand_out, polling, _item(asked, now, self.checkpoint()))
            return asked
        before = self.work.job(job)
        if before is None or before.body != text or asker_in(before.order) != asker:
            raise BadRequest("Another question was asked under this identifier.")
        names &= _open(self.work.progress(job))
        return before

    def _knows_all(self, name: str) -> bool:
        """Whether nothing can wait on the list for a node: it was looked at, and all since was handed over."""
        known = name in self._up_to_date
        self._up_to_date.add(name)
        return known

    def _lease(self, node: Node) -> list[Item]:
        now = self.clock()
        if not self.work.has_work(node.name, now):
            return []
        tasks = self.work.lease(node.name, now, LEASE_SECONDS)
        return [_item(task, now, self.checkpoint()) for task in tasks]

    def _call(self, action: Callable[..., None], *arguments: object) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(action, *arguments)

    def _hand_out(self, polling: Sequence[str], item: Item) -> None:
        for name in polling:
            poll = self._polls.get(name)
            if poll is not None and not poll.done():
                poll.set_result([item])
            else:
                self._missed[name].append(item)

    def _reported(self, job: str, name: str) -> None:
        names, heard = self._awaited.get(job, (set(), None))
        names.discard(name)
        if heard is not None and not names:
            heard.set()

    def _withdrawn(self, job: str) -> None:
        if job in self._awaited:
            self._awaited[job][1].set()


def _open(work: Sequence[Work]) -> set[str]:
    return {w.recipient for w in work if w.state in {"waiting", "leased"}}


def _entered(job: str, body: Mapping[str, Any], nodes: Iterable[str], permit: str) -> dict[str, Any]:
    """What the audit log says of a question: whose permit it is, but not who asked; nor the sums of all nodes so far."""
    under = {"permit": permit} if permit else {}
    asked = {name: part for name, part in body.items() if name != "state"}
    return {"job": job, "question": asked, "nodes": sorted(nodes), **under}


def _item(work: Job | Task, now: float, checkpoint: str) -> Item:
    job = work.id if isinstance(work, Job) else work.job
    return {"id": job, "order": work.order, "seconds_left": round(work.deadline - now, 3), "checkpoint": checkpoint}
