"""Watched questions are asked again by the hub itself, quietly, one after the other.

================= ===========================================================================================
when              a node is asked a watched question again
================= ===========================================================================================
first             when somebody waits for a number, or when the node has joined since
it has published  at the next look, but no sooner than an hour after it was asked last
nothing new       after a day, since a node may have changed without telling
it did not answer after an hour, once it has called the hub again
rule ``private``  only when somebody waits for a number, or waits anew: each answer after an import takes from a
                  budget that ends, and that is for people to spend
================= ===========================================================================================

Only the nodes whose turn it is are asked, and never two questions at once.  Under every other rule the same question,
word for word, is free after the first time.  Of several hubs with one database, the one that has the turn asks.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

from starlette.concurrency import run_in_threadpool

from oncommons.hub.catalogue.shelf import Shelf
from oncommons.hub.link.exchange import Exchange
from oncommons.hub.link.registry import Node
from oncommons.hub.saved.logbook import Asked, Logbook
from oncommons.hub.search.asking import DEADLINE_SECONDS, ask_nodes
from oncommons.schema.errors import HubUnreachable, OncommonsError
from oncommons.schema.question import Question
from oncommons.storage.turns import Turns

LOOK_SECONDS = 60.0
"""How often it is looked whether somebody must be asked."""
PAUSE_SECONDS = 3_600.0
"""A node that imports all day long is not asked the same more often."""
LOOK_AGAIN_SECONDS = 86_400.0
"""A node that has published nothing is asked again after so long."""
PATIENCE_SECONDS = 60.0
"""How long nodes may take for an answer that nobody waits for."""
TURN_SECONDS = 240.0
"""The turn is taken anew before each question; that of a hub that was killed ends by itself after so long."""
TURN = "watching"
PRIVATE = "private"

log = logging.getLogger("oncommons.watching")


@dataclass(frozen=True)
class Call:
    """A saved question that is to be asked: its digest, what it asks, the nodes that may answer, and those to ask."""

    digest: str
    question: Question
    members: Sequence[str]
    nodes: Sequence[str]


@dataclass
class Watcher:
    """Asks watched questions.

    Attributes:
        exchange: The hub's side of the link.
        shelf: The cards that nodes have published.
        book: What was heard of saved questions.
        turns: Tells hubs with one database apart.
        every: Seconds between two looks.
        holder: Stands for this process.
    """

    exchange: Exchange
    shelf: Shelf
    book: Logbook
    turns: Turns
    every: float = LOOK_SECONDS
    holder: str = field(default_factory=lambda: uuid.uuid4().hex)
    _ending: asyncio.Event = field(default_factory=asyncio.Event)

    async def look(self, digest: str, question: Question) -> None:
        """Ask the nodes that have news since, for somebody who begins to wait for a number, and note what they say.

        Args:
            digest: The saved question's.
            question: What it asks.

        Raises:
            HubUnreachable: the hub is being stopped.
            StorageFailed: the database cannot be used.
        """
        members, nodes = await run_in_threadpool(self._now, digest, question)
        await self._ask(Call(digest, question, members, nodes), DEADLINE_SECONDS)

    async def round(self) -> int:
        """Ask every watched question again that has to be, where it is this hub's turn; how many those were.

        Raises:
            HubUnreachable: the hub is being stopped.
            StorageFailed: the database cannot be used.
        """
        asked = 0
        if not await run_in_threadpool(self._take):
            return asked
        for call in await run_in_threadpool(self._calls):
            if self._ending.is_set() or not await run_in_threadpool(self._take):
                break
            await self._ask(call, PATIENCE_SECONDS)
            asked += 1
        return asked

    async def run(self) -> None:
        """Look again and again, until :meth:`end`; a fault is logged and does not end it."""
        while not await self._rest():
            try:
                await self.round()
            except HubUnreachable:
                break
            except OncommonsError as fault:
                log.warning("%s %s %s", fault.code, fault.message, fault.detail)
            except Exception:
                log.exception("watched questions could not be asked")
        with suppress(OncommonsError):
            await run_in_threadpool(self.turns.leave, TURN, self.holder)

    def end(self) -> None:
        """End :meth:`run`, and let go what it waits for; to be called in the event loop."""
        self._ending.set()
        self.exchange.stop()

    async def _rest(self) -> bool:
        """Wait until the next look; whether there is none."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), self.every)
        return self._ending.is_set()

    def _take(self) -> bool:
        return self.turns.take(TURN, self.holder, self.exchange.clock(), TURN_SECONDS)

    def _now(self, digest: str, question: Question) -> tuple[Sequence[str], Sequence[str]]:
        """The nodes that may answer, and those among them that have to be asked because somebody waits."""
        now, published, asked = self.exchange.clock(), self.shelf.published(), self.book.asked(digest)
        members = _members(self.exchange.registry.nodes(), question)
        due = [n.name for n in members if is_due(n, asked.get(digest, {}).get(n.name), published.get(n.name), now)]
        return [n.name for n in members], due

    def _calls(self) -> list[Call]:
        """The questions that have to be asked again although nobody waits, by the table above."""
        now, published, asked = self.exchange.clock(), self.shelf.published(), self.book.asked()
        nodes = self.exchange.registry.nodes()
        shy = {n.name for n in nodes if self.shelf.rule(n.name) == PRIVATE}
        calls = []
        for digest, question in self.book.watched(now):
            members, known = _members(nodes, question), asked.get(digest, {})
            due = [n for n in members if n.name not in shy]
            due = [n for n in due if is_due(n, known.get(n.name), published.get(n.name), now, PAUSE_SECONDS)]
            names = {n.name for n in members}
            if due or known.keys() - names:
                calls.append(Call(digest, question, sorted(names), [n.name for n in due]))
        return calls

    async def _ask(self, call: Call, seconds: float) -> None:
        clock, answer = self.exchange.clock, None
        if call.nodes:
            await run_in_threadpool(self.book.ask, call.digest, call.nodes, clock())
            question = replace(call.question, nodes=tuple(call.nodes))
            answer = await ask_nodes(self.exchange, uuid.uuid4().hex, question, seconds)
        await run_in_threadpool(self.book.hear, call.digest, answer, call.members, clock())


def _members(nodes: Sequence[Node], question: Question) -> list[Node]:
    return [n for n in nodes if n.revoked is None and (not question.nodes or n.name in question.nodes)]


def is_due(node: Node, asked: Asked | None, published: float | None, now: float, pause: float = 0) -> bool:
    """Whether a node is to be asked again.

    Args:
        node: The node.
        asked: When it was asked last, and told a number.
        published: When it published its cards last.
        now: Seconds since the epoch.
        pause: Seconds that must have passed since it was asked.
    """
    if asked is None:
        return True
    back = not asked.is_answered and node.seen is not None and node.seen > asked.asked
    news = published is not None and published > asked.asked
    since = now - asked.asked
    return since >= LOOK_AGAIN_SECONDS or ((back or news) and since >= pause)


@asynccontextmanager
async def watching(watcher: Watcher) -> AsyncIterator[None]:
    """Have watched questions asked in the background while the block lasts."""
    task = asyncio.create_task(watcher.run())
    try:
        yield
    finally:
        watcher.end()
        await task
