"""Runs go on in the background of a hub, whoever waits for them, and after it was started anew.

A run is driven by the process that was asked for it.  Before each round it is kept where the run stands; a hub that is
stopped leaves its runs there, and takes them up when it is back: what was answered is on the work list, and a round whose
time ran out meanwhile is asked anew.  Of several hubs with one database, one takes over the runs of another that was
killed, when their time is over.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib import import_module

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from oncommons.hub.dispatch.book import KEEP_SECONDS, Asked, Ended, Kept, RunBook
from oncommons.hub.dispatch.standing import Standing
from oncommons.hub.dispatch.views import progress_of
from oncommons.hub.link.exchange import Exchange
from oncommons.hub.search.permitted import PermitDesk, Under
from oncommons.schema.errors import HubUnreachable, OncommonsError, StorageFailed
from oncommons.schema.errors_of_analyses import AnalysisError
from oncommons.schema.errors_of_permits import PermitNeeded
from oncommons.schema.run import Run
from oncommons.schema.saved import utc
from oncommons.service.analyses import analysis_named
from oncommons.service.serving import repeating

LOOK_SECONDS = 5.0
"""How often it is looked for runs that nobody drives, and said that this process drives its own."""
BACK_SECONDS = 60.0
"""How long a run that is taken up waits until its nodes have called the hub again."""
_GLANCE_SECONDS = 0.5
"""How often it is looked for what another process may have done."""
_BROKEN = OncommonsError("Something broke while the analysis was made. Ask the operator of the hub; its log says more.")

log = logging.getLogger("oncommons.runs")


class _Over(Exception):
    """The run was cancelled, or another process drives it."""


@dataclass(frozen=True)
class _Following:
    """Keeps where a run stands, and ends it where it is over."""

    book: RunBook
    exchange: Exchange
    key: str
    start: Standing | None

    async def at(self, standing: Standing) -> None:
        """See :class:`oncommons.hub.dispatch.standing.Follow`."""
        if self.exchange.stopped:  # a node that is away would be taken for one that is silent
            raise HubUnreachable("The hub is being stopped.")
        if not await run_in_threadpool(self.book.keep, self.key, standing.dumps(), self.exchange.clock()):
            raise _Over


@dataclass
class Runner:
    """Drives runs.

    Attributes:
        desk: Where what is asked under a permit is put.
        book: The runs that are kept.
        every: Seconds between two looks for runs that nobody drives.
        back: Seconds for which a run that is taken up waits for its nodes.
    """

    desk: PermitDesk
    book: RunBook
    every: float = LOOK_SECONDS
    back: float = BACK_SECONDS
    _driven: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    @property
    def exchange(self) -> Exchange:
        """The hub's side of the link."""
        return self.desk.exchange

    async def begin(self, under: Under, identifier: str, run: Run) -> Kept:
        """Begin a run, and let it go on; asked again under the same identifier it is the same run.

        Args:
            under: By what it is asked.
            identifier: Of the run, as its asker gave it.
            run: What is asked.

        Raises:
            PermitNeeded: no pass was shown.
            BeyondPermit: a rule refuses.
            QuestionError: the run asks for what the analysis does not have.
            TooManyRuns: as many go on as may at once.
            BadRequest: another run was asked under this identifier.
            MissingPackage: what analyses compute with is not installed.
        """
        kept, new = await run_in_threadpool(self._begin, under, identifier, run)
        if new:
            self._drive(kept, None)
        return kept

    def _begin(self, under: Under, identifier: str, run: Run) -> tuple[Kept, bool]:
        if not under.permit:
            raise PermitNeeded("Analyses are made under a permit only: show its pass.")
        self.desk.let(under, run)
        analysis = analysis_named(run.analysis)
        import_module("oncommons.algorithms.asking").chosen(analysis, run)
        asked = Asked(identifier, run, analysis.title, analysis.version)
        return self.book.begin(under, asked, self.exchange.clock())

    def look(self, under: Under, identifier: str) -> Kept:
        """A run of somebody, while its permit lets it through.

        Raises:
            NotFound: they have asked for none of that name under this permit.
            BeyondPermit: the permit was taken back since, or has ended.
        """
        kept = self.book.one(under, identifier)
        self.desk.let(under, kept.read())
        return kept

    def of(self, under: Under) -> Sequence[Kept]:
        """The runs of somebody under a permit that lets them through, the newest first, without their records.

        Raises:
            BeyondPermit: the permit was taken back, or has ended.
        """
        found = self.book.of(under)
        for kept in found:
            self.desk.let(under, kept.read())
        return found

    async def wait(self, under: Under, identifier: str, seconds: float) -> Kept:
        """A run when it has ended, or as it stands after so many seconds.

        Raises:
            HubUnreachable: the hub is being stopped.
            NotFound: as :meth:`look`.
            BeyondPermit: as :meth:`look`.
        """
        until = time.monotonic() + seconds
        while True:
            kept = await run_in_threadpool(self.look, under, identifier)
            left = until - time.monotonic()
            if kept.state != "running" or left <= 0:
                return kept
            if self.exchange.stopped:
                raise HubUnreachable("The hub is being stopped. The run goes on when it is back.")
            task = self._driven.get(kept.key)
            if task is None:
                await asyncio.sleep(min(left, _GLANCE_SECONDS))
            else:
                await asyncio.wait([task], timeout=min(left, _GLANCE_SECONDS))

    def cancel(self, under: Under, identifier: str) -> Kept:
        """End a run, and take its round back from the nodes; one that has ended stays as it is.

        Raises:
            NotFound: they have asked for none of that name under this permit.
            BeyondPermit: as :meth:`look`.
        """
        kept = self.look(under, identifier)
        ended = Ended("cancelled", self.exchange.clock(), json.dumps(progress_of(kept, self.exchange)))
        if kept.state == "running" and self.book.cancel(kept.key, ended):
            self._withdraw(kept.key, self.book.one(under, identifier).standing)
        return self.book.one(under, identifier)

    async def round(self) -> int:
        """Take up the runs that nobody drives; how many those were.

        Raises:
            StorageFailed: the database cannot be used.
        """
        now = self.exchange.clock()
        left = await run_in_threadpool(self.book.take, now, list(self._driven))
        for kept in left:
            self._drive(kept, Standing.loads(kept.standing) if kept.standing else None)
        await run_in_threadpool(self.book.forget, now - KEEP_SECONDS)
        return len(left)

    async def stop(self) -> None:
        """Leave all runs where they stand; the exchange has been stopped before."""
        if self._driven:
            await asyncio.wait(self._driven.values())
        with suppress(OncommonsError):
            await run_in_threadpool(self.book.leave)

    def _drive(self, kept: Kept, start: Standing | None) -> None:
        task = asyncio.create_task(self._run(kept, start))
        self._driven[kept.key] = task
        task.add_done_callback(lambda _: self._driven.pop(kept.key, None))

    async def _run(self, kept: Kept, start: Standing | None) -> None:
        """Drive a run until it has ended, or until the hub is stopped."""
        try:
            ended = await self._ended(kept, start)
        except (HubUnreachable, StorageFailed) as fault:
            log.info("run %s stays where it stands: %s %s", kept.id, fault.message, fault.detail)
            return
        except _Over:
            ended = None
        with suppress(OncommonsError):
            await run_in_threadpool(self._end, kept, ended)

    async def _ended(self, kept: Kept, start: Standing | None) -> Ended:
        try:
            if start is not None:
                await self._until_back(start)
            start = await run_in_threadpool(self._taken_up, kept, start)
            follow = _Following(self.book, self.exchange, kept.key, start)
            running = await run_in_threadpool(import_module, "oncommons.hub.dispatch.running")
            ran = await running.Dispatcher(self.desk).run(kept.under, kept.id, kept.read(), follow)
            now = self.exchange.clock()
            when = {"by": kept.person, "asked_at": utc(kept.asked), "ended_at": utc(now)}
            record = json.dumps(ran.to_json() | when)
            nodes = [{"node": one.node, "status": one.status} for one in ran.nodes]
            return Ended("done", now, json.dumps({"round": ran.asked, "nodes": nodes}), record)
        except (_Over, HubUnreachable, StorageFailed):
            raise
        except OncommonsError as fault:
            return self._failed(fault)
        except Exception:
            log.exception("run %s could not be made", kept.id)
            return self._failed(_BROKEN)

    def _failed(self, fault: OncommonsError) -> Ended:
        return Ended("failed", self.exchange.clock(), "", error=json.dumps(fault.to_json()["error"]))

    def _end(self, kept: Kept, ended: Ended | None) -> None:
        """Keep how a run ended; of one that is over remove what was answered."""
        if ended is not None and not ended.progress:
            now = self.book.now(kept)
            ended = replace(ended, progress=json.dumps(progress_of(now, self.exchange)))
            self._withdraw(kept.key, now.standing)
        if ended is None or not self.book.end(kept.key, ended):
            self.book.drop_over(kept.key)

    def _withdraw(self, key: str, standing: str) -> None:
        if standing:
            self.exchange.withdraw(Standing.loads(standing).name(key))

    async def _until_back(self, start: Standing) -> None:
        """Wait until the nodes have called again, since nobody waits for the answers of one that is away."""
        until = time.monotonic() + self.back
        while time.monotonic() < until and not self.exchange.stopped:
            nodes = await run_in_threadpool(self.exchange.registry.nodes)
            theirs = [one.presence(self.exchange.clock()) for one in nodes if one.name in start.nodes]
            if "away" not in theirs:
                return
            await asyncio.sleep(_GLANCE_SECONDS)

    def _taken_up(self, kept: Kept, start: Standing | None) -> Standing | None:
        """Where a run goes on: its round is asked anew where its time ran out before all had answered."""
        if analysis_named(kept.read().analysis).version != kept.version:
            raise AnalysisError("The hub has another version of the analysis since. Make it again.")
        known = None if start is None else self.exchange.progress(start.name(kept.key))
        if start is None or known is None or known[0].deadline > self.exchange.clock():
            return start
        missed = any(one.state in {"waiting", "leased", "late"} for one in known[1])
        return replace(start, again=start.again + 1) if missed else start


@asynccontextmanager
async def going_on(runner: Runner) -> AsyncIterator[None]:
    """Have runs taken up in the background while the block lasts; when it ends, all stay where they stand."""
    try:
        async with repeating(runner.round, runner.every, log, "runs could not be taken up", at_once=True):
            yield
    finally:
        runner.exchange.stop()
        await runner.stop()


def runner_of(app: Starlette) -> Runner:
    """What drives the runs of a hub."""
    found: Runner = app.state.runs
    return found
