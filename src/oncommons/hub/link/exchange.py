"""The hub's side of the federation: ``ask(question, nodes, deadline)``, and the work that nodes fetch.

The work list is the truth and survives a restart; bells only save waiting.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool

from oncommons.hub.link.bells import Bells
from oncommons.hub.link.registry import Node, Registry
from oncommons.schema.errors import AnswerRefused, BadRequest, NodeRevoked
from oncommons.service.identity import Issuer
from oncommons.storage.worklist import Job, Receipt, Work, WorkList

LEASE_SECONDS = 5.0
"""A node that took work and has not answered gets it again after so long, when it asks."""
LOOK_SECONDS = 2.0
"""Whoever waits looks at the work list this often, whatever bells ring."""
_OPEN = ("waiting", "leased")


@dataclass
class Exchange:
    """Everything the link needs, wired once.

    Attributes:
        registry: The nodes.
        work: The durable work list.
        issuer: The hub's signing side.
        clock: Seconds since the epoch.
        bells: Who waits for what.
    """

    registry: Registry
    work: WorkList
    issuer: Issuer
    clock: Callable[[], float] = time.time
    bells: Bells = field(default_factory=Bells)

    async def ask(self, job: str, body: Mapping[str, Any], seconds: float) -> tuple[Job, Sequence[Work]]:
        """Put a question to every node that may answer and wait for them, at most until the deadline.

        Nodes that have been away for a minute get the question too, but are not waited for.  The same job asked
        again, as after a lost connection, goes on waiting for the answers of the first.

        Args:
            job: Identifier of the question.
            body: The question's JSON.
            seconds: From now to the deadline.

        Raises:
            BadRequest: another question was asked under this identifier.
        """
        heard = self.bells.listen(f"job:{job}")
        try:
            asked, here = await run_in_threadpool(self._put, job, body, seconds)
            return asked, await self._wait(asked, here, heard)
        finally:
            self.bells.leave(f"job:{job}", heard)

    def progress(self, job: str) -> tuple[Job, Sequence[Work]] | None:
        """A question asked before and what became of it, or ``None``."""
        asked = self.work.job(job)
        return None if asked is None else (asked, self.work.progress(job))

    async def fetch(self, node: Node, seconds: float, gone: Callable[[], Awaitable[object]]) -> list[dict[str, Any]]:
        """Work for a node: what waits, else what comes within so many seconds.

        Args:
            node: Who asks.
            seconds: How long to hold the request open.
            gone: Ends when the caller hangs up; work is not handed to somebody who is gone.
        """
        bell = f"node:{node.name}"
        heard = self.bells.listen(bell)
        hung_up = asyncio.ensure_future(gone())
        until = time.monotonic() + seconds
        try:
            while True:
                heard.clear()
                tasks = await run_in_threadpool(self._lease, node)
                left = until - time.monotonic()
                if tasks or left <= 0:
                    return tasks
                ring = asyncio.ensure_future(heard.wait())
                await asyncio.wait(
                    {ring, hung_up}, timeout=min(left, LOOK_SECONDS), return_when=asyncio.FIRST_COMPLETED
                )
                ring.cancel()
                if hung_up.done():
                    return []
        finally:
            hung_up.cancel()
            self.bells.leave(bell, heard)

    def finish(self, node: Node, job: str, result: str) -> Receipt:
        """Record a node's answer, once.

        Raises:
            AnswerRefused: the node was not asked, or the question was taken back.
        """
        receipt = self.work.finish(job, node.name, result, self.clock())
        if receipt == "unknown":
            raise AnswerRefused("This hub did not put that question to this node.")
        if receipt == "cancelled":
            raise AnswerRefused("The question was taken back.")
        self.bells.ring(f"job:{job}:{node.name}", f"job:{job}")
        return receipt

    def _put(self, job: str, body: Mapping[str, Any], seconds: float) -> tuple[Job, frozenset[str]]:
        now = self.clock()
        nodes = [n for n in self.registry.nodes() if n.revoked is None]
        text = json.dumps(body, separators=(",", ":"), sort_keys=True)
        asked = Job(job, text, self.issuer.order(job, body, now), now, now + seconds)
        if not self.work.add(asked, [n.name for n in nodes]):
            before = self.work.job(job)
            if before is None or before.body != text:
                raise BadRequest("Another question was asked under this identifier.")
            asked = before
        self.bells.ring(*(f"node:{n.name}" for n in nodes))
        return asked, frozenset(n.name for n in nodes if n.presence(now) == "online")

    async def _wait(self, asked: Job, here: frozenset[str], heard: asyncio.Event) -> Sequence[Work]:
        while True:
            heard.clear()
            progress = await run_in_threadpool(self.work.progress, asked.id)
            left = asked.deadline - self.clock()
            if left <= 0 or not any(w.state in _OPEN and w.recipient in here for w in progress):
                return progress
            try:
                await asyncio.wait_for(heard.wait(), min(left, LOOK_SECONDS))
            except TimeoutError:
                continue

    def _lease(self, node: Node) -> list[dict[str, Any]]:
        """Hand out work; the registry is asked again, because a key may be revoked while a request waits."""
        now = self.clock()
        if not self.work.has_work(node.name, now):
            return []
        try:
            self.registry.node(node.name)
        except NodeRevoked:
            self.work.cancel(node.name, now)
            raise
        tasks = self.work.lease(node.name, now, LEASE_SECONDS)
        return [{"id": t.job, "order": t.order, "seconds_left": round(t.deadline - now, 3)} for t in tasks]
