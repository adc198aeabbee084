"""Watched questions are asked again by the hub itself, quietly, one after the other.

================= ===========================================================================================
when              a node is asked a watched question again
================= ===========================================================================================
first             when somebody waits for a number, or when the node has joined since and published its cards
it has published  at the next look, but no sooner than an hour after it was asked last
nothing new       after a day, since a node may have changed without telling
it did not answer after an hour, once it has called the hub again
rule ``private``  only when somebody waits for a number, or waits anew: each answer after an import takes from a
                  budget that ends, and that is for people to spend.  So it is of a node without cards, whose rule is
                  not known
consents to each  of a node that has said that the question waits for its data manager (E356), that too many do (E357), or
                  that it was declined: only when somebody waits for a number, or waits anew, also once it has answered;
                  a consent is good for one answer, and is for people to use up
another rule      at the next look; what it told before it published the new rule is forgotten, also where the node
                  is not asked again, and where nobody waits any more
under a permit    only those of the permit, and only while it lets the question through, which is judged at each look;
                  then nobody waits any more, and what was heard is forgotten, also where nobody waited
================= ===========================================================================================

Only the nodes whose turn it is are asked, and never two questions at once.  Under every other rule the same question,
word for word, is free after the first time.  Of several hubs with one database, the one that has the turn asks.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

from starlette.concurrency import run_in_threadpool

from oncommons.hub.catalogue.shelf import Shelf
from oncommons.hub.link.exchange import Exchange
from oncommons.hub.link.registry import Node
from oncommons.hub.saved.logbook import Asked, Logbook, Watched
from oncommons.hub.saved.rules import PRIVATE, is_due, is_for_people, lapsed_of, members_of
from oncommons.hub.search.asking import DEADLINE_SECONDS
from oncommons.hub.search.permitted import NONE, PermitDesk, Under
from oncommons.schema.errors import HubUnreachable, OncommonsError
from oncommons.schema.errors_of_permits import PermitError
from oncommons.schema.question import Question
from oncommons.storage.turns import Turns

LOOK_SECONDS = 60.0
"""How often it is looked whether somebody must be asked."""
PAUSE_SECONDS = 3_600.0
"""A node that imports all day long is not asked the same more often."""
PATIENCE_SECONDS = 60.0
"""How long nodes may take for an answer that nobody waits for."""
TURN_SECONDS = 240.0
"""The turn is taken anew before each question; that of a hub that was killed ends by itself after so long."""
TURN = "watching"

log = logging.getLogger("oncommons.watching")


@dataclass(frozen=True)
class Call:
    """A saved question that is to be asked.

    Attributes:
        digest: Its digest.
        question: What it asks.
        members: The nodes that may answer.
        nodes: Those to ask.
        lapsed: Those whose number was told under another rule, and is forgotten unless they answer now.
        under: By what it is asked.
    """

    digest: str
    question: Question
    members: Sequence[str]
    nodes: Sequence[str]
    lapsed: Collection[str] = ()
    under: Under = NONE


@dataclass(frozen=True)
class _News:
    """When it was looked, the nodes, when each has published its cards, and the rule on them."""

    now: float
    nodes: Sequence[Node]
    published: Mapping[str, float]
    rules: Mapping[str, str]


@dataclass
class Watcher:
    """Asks watched questions.

    Attributes:
        desk: Where questions are put.
        shelf: The cards that nodes have published.
        book: What was heard of saved questions.
        turns: Tells hubs with one database apart.
        every: Seconds between two looks.
        holder: Stands for this process.
    """

    desk: PermitDesk
    shelf: Shelf
    book: Logbook
    turns: Turns
    every: float = LOOK_SECONDS
    holder: str = field(default_factory=lambda: uuid.uuid4().hex)
    _ending: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def exchange(self) -> Exchange:
        """The hub's side of the link."""
        return self.desk.exchange

    async def look(self, watched: Watched) -> None:
        """Ask the nodes that have news since, for somebody who begins to wait for a number, and note what they say.

        Args:
            watched: The saved question.

        Raises:
            BeyondPermit: a rule refuses.
            HubUnreachable: the hub is being stopped.
            StorageFailed: the database cannot be used.
        """
        await self._ask(await run_in_threadpool(self._now, watched), DEADLINE_SECONDS)

    async def round(self) -> int:
        """Ask every watched question again that has to be, where it is this hub's turn; how many those were.

        Raises:
            HubUnreachable: the hub is being stopped.
            StorageFailed: the database cannot be used.
        """
        asked = 0
        if not await run_in_threadpool(self._take):
            return asked
        await run_in_threadpool(self._forget)
        for call in await run_in_threadpool(self._calls):
            if self._ending.is_set() or not await run_in_threadpool(self._take):
                break
            now = await run_in_threadpool(self._again, call)
            if now is not None:
                asked += 1
                try:
                    await self._ask(now, PATIENCE_SECONDS)
                except PermitError as fault:  # taken back while the nodes answered
                    await run_in_threadpool(self._stop, now.digest, fault)
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

    def _now(self, watched: Watched) -> Call:
        """A question with the nodes that have to be asked because somebody waits."""
        digest, question, under = watched
        news, known = self._news(), self.book.asked(digest).get(digest, {})
        members = members_of(news.nodes, self.desk.judge(under, question))
        due = [n.name for n in members if is_due(n, known.get(n.name), news.published.get(n.name), news.now)]
        lapsed = lapsed_of(known, news.rules, news.published)
        return Call(digest, question, [n.name for n in members], due, lapsed, under)

    def _calls(self) -> list[Call]:
        """The questions that have to be asked again although nobody waits, by the table above."""
        news, asked = self._news(), self.book.asked()
        watched = self.book.watched(news.now)
        calls = (self._call(one, asked.get(one.digest, {}), news) for one in watched)
        return [call for call in calls if call is not None]

    def _again(self, call: Call) -> Call | None:
        """A call as it stands now, since the calls before it may have taken minutes; none where nothing is left to ask."""
        watched = Watched(call.digest, call.question, call.under)
        return self._call(watched, self.book.asked(call.digest).get(call.digest, {}), self._news())

    def _news(self) -> _News:
        now, nodes = self.exchange.clock(), self.exchange.registry.nodes()
        return _News(now, nodes, self.shelf.published(), self.shelf.rules())

    def _call(self, watched: Watched, known: Mapping[str, Asked], news: _News) -> Call | None:
        digest, question, under = watched
        try:
            members = members_of(news.nodes, self.desk.judge(under, question))
        except PermitError as fault:
            self._stop(digest, fault)
            return None
        lapsed = lapsed_of(known, news.rules, news.published)
        due = [
            n.name
            for n in members
            if not is_for_people(news.rules.get(n.name, PRIVATE), known.get(n.name))
            and (n.name in lapsed or is_due(n, known.get(n.name), news.published.get(n.name), news.now, PAUSE_SECONDS))
        ]
        names = {n.name for n in members}
        needed = due or lapsed or known.keys() - names
        return Call(digest, question, sorted(names), due, lapsed, under) if needed else None

    def _stop(self, digest: str, fault: PermitError) -> None:
        """Ask a question no more that its permit does not let through, and wait for none of its numbers."""
        self.book.stop(digest, self.exchange.clock())
        log.info("%s the watch of %s ends: %s", fault.code, digest, fault.message)

    def _forget(self) -> None:
        """Leave out, of questions of which no number is waited for, what nodes told that are gone or have another rule.

        Of one that its permit does not let through any more all is left out.
        """
        news = self._news()
        self.book.end(news.now)
        watched = {one.digest for one in self.book.watched(news.now)}
        for digest, question, under in self.book.permitted():
            if digest not in watched:
                try:
                    self.desk.judge(under, question)
                except PermitError as fault:
                    self._stop(digest, fault)
        here, asked = {n.name for n in news.nodes if n.revoked is None}, self.book.asked()
        for digest in asked.keys() - watched:
            known = asked[digest]
            stay = (known.keys() & here) - lapsed_of(known, news.rules, news.published)
            if known.keys() - stay:
                self.book.hear(digest, None, stay, news.now)

    async def _ask(self, call: Call, seconds: float) -> None:
        clock, answer = self.exchange.clock, None
        asked = clock()
        if call.nodes:
            await run_in_threadpool(self.book.ask, call.digest, call.nodes, asked)
            question = replace(call.question, nodes=tuple(call.nodes))
            answer = await self.desk.ask(call.under, question, seconds)
        told = {one.node for one in answer.included} if answer else set()
        stay = [name for name in call.members if name not in call.lapsed or name in told]
        await run_in_threadpool(self.book.hear, call.digest, answer, stay, clock(), asked)


@asynccontextmanager
async def watching(watcher: Watcher) -> AsyncIterator[None]:
    """Have watched questions asked in the background while the block lasts."""
    task = asyncio.create_task(watcher.run())
    try:
        yield
    finally:
        watcher.end()
        await task
