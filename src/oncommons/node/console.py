"""The node's own web server, inside the hospital: what is kept, by DICOMweb; pages are mounted onto it elsewhere."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from oncommons.node.desk import Desk
from oncommons.node.flow import index_images
from oncommons.node.home import Home
from oncommons.node.intake import Intake
from oncommons.node.keep.shelf import Shelf
from oncommons.node.optouts import Gone
from oncommons.node.permits import answer_openly
from oncommons.node.receive.stow import Inbox
from oncommons.node.receive.table import About
from oncommons.node.share.beacon.routes import BeaconAtHome
from oncommons.node.share.dicomweb.kept import Kept
from oncommons.node.share.dicomweb.routes import DicomWeb, json_reply
from oncommons.node.share.dicomweb.store import LedgerImages
from oncommons.node.steward.routes import steward_app
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.errors import OncommonsError
from oncommons.service.door import Door, Lock
from oncommons.service.http import Guard, Heads, handle_errors
from oncommons.storage.files import plain_file_errors, write_once
from oncommons.storage.ledger import Ledger

log = logging.getLogger("oncommons.console")

DICOMWEB = "/dicom-web"
BEACON = "/beacon"
RECEIVED = "received"
"""Dataset of the objects that are sent, where nobody names another."""
QUIET_SECONDS = 5.0
"""How long after the last message the index waits for another before it takes in what came."""
_TOKEN_BYTES = 32


@dataclass(frozen=True)
class ConsoleSettings:
    """What a console is told when it starts.

    Attributes:
        lock: Who may come in; by default whoever has the token of the node's directory, under a name of this machine.
        dicomweb: Whether it serves DICOMweb.
        dataset: Dataset of the objects that are sent to it.
        url: Address under which others reach it, if it is not the one that it listens at.
        quiet: See :data:`QUIET_SECONDS`.
        beacon: Whether it serves a GA4GH Beacon.
    """

    lock: Lock | None = None
    dicomweb: bool = True
    dataset: str = RECEIVED
    url: str = ""
    quiet: float = QUIET_SECONDS
    beacon: bool = False


def console_token(home: Home, *, new: bool = False) -> str:
    """The token of a node's console, made at the first call, readable by its owner only.

    Args:
        home: The node.
        new: Whether it is made anew, so that the old one opens nothing any more.

    Raises:
        MachineError: the directory cannot be used.
    """
    path = home.folder / "console.token"
    with plain_file_errors():
        if new:
            path.unlink(missing_ok=True)
        if not path.exists():
            with suppress(FileExistsError):  # of two who make it at once, the first wins
                write_once(path, secrets.token_urlsafe(_TOKEN_BYTES).encode("ascii"))
        return path.read_text("ascii").strip()


def make_console(home: Home, settings: ConsoleSettings | None = None) -> FastAPI:
    """The console's application; it opens the node's ledger when it starts and closes it when it ends.

    Args:
        home: The node.
        settings: What it is told.
    """
    told, desk = settings or ConsoleSettings(), Desk(home)
    indexing = _Indexing(home, told.quiet)

    @asynccontextmanager
    async def opened(app: FastAPI) -> AsyncIterator[None]:
        indexing.begin()
        with ExitStack() as inside:
            inside.enter_context(closing(desk))
            ledger = inside.enter_context(closing(Ledger(home.ledger_file)))
            app.state.kept = LedgerImages(ledger, Shelf(home.blobs, home.quarantine, ledger).open, Gone(home))
            app.state.intake = inside.enter_context(Intake(home))
            yield
            await indexing.finish()

    app = FastAPI(title="Console of a node", docs_url=None, redoc_url=None, openapi_url=None, lifespan=opened)
    handle_errors(app)
    app.add_middleware(Heads)
    app.add_middleware(Door, lock=told.lock or Lock(console_token(home)))
    app.add_middleware(Guard)
    app.state.steward = steward_app(home, indexing.soon)
    app.router.routes.extend(app.state.steward.router.routes)
    if told.dicomweb:
        app.router.routes.append(_dicomweb(app, indexing, told))
    if told.beacon:
        app.router.routes.extend(_beacon(desk, told))
    return app


def _beacon(desk: Desk, told: ConsoleSettings) -> list[Route]:
    name = desk.home.membership.name if desk.home.membership else "here"
    url = f"{told.url}{BEACON}" if told.url else ""

    def cards() -> tuple[DatasetCard, ...]:
        found = desk.cards()
        desk.recorder.published([card.to_json() for card in found])
        return found

    return BeaconAtHome(name, version("oncommons"), partial(answer_openly, desk), cards, url, BEACON).routes()


def _dicomweb(app: FastAPI, indexing: _Indexing, told: ConsoleSettings) -> Mount:
    def kept(_request: Request) -> Kept:
        found: Kept = app.state.kept
        return found

    async def store(request: Request) -> Response:
        """STOW-RS: take in what is sent."""
        study = request.path_params.get("study", "")
        inbox = Inbox(app.state.intake.take, told.dataset, study, app.state.intake.home.drafts)
        try:
            stored = await inbox.receive(request.headers.get("content-type", ""), request.stream())
        finally:
            indexing.soon(told.dataset)
        return json_reply(stored.to_json(), stored.status)

    routes = [Route(path, store, methods=["POST"]) for path in ("/studies", "/studies/{study}")]
    return Mount(
        DICOMWEB,
        routes=[*routes, *DicomWeb(kept, f"{told.url}{DICOMWEB}" if told.url else "").routes()],
        name="dicomweb",
    )


@dataclass
class _Indexing:
    """Brings what was received into the tables that questions are answered from, some time after the last of it."""

    home: Home
    quiet: float
    _waiting: set[str] = field(default_factory=set)
    _task: asyncio.Task[None] | None = None
    _again: bool = False
    _alone: asyncio.Lock = field(default_factory=asyncio.Lock)
    _loop: asyncio.AbstractEventLoop | None = None

    def begin(self) -> None:
        """Work in the running event loop."""
        self._loop = asyncio.get_running_loop()

    def soon(self, dataset: str) -> None:
        """Something was received for a dataset, or released; may be called by any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._soon, dataset)

    def _soon(self, dataset: str) -> None:
        self._waiting.add(dataset)
        self._again = True
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def finish(self) -> None:
        """Index what waits, at once."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._index()

    async def _run(self) -> None:
        while self._again:
            self._again = False
            await asyncio.sleep(self.quiet)
        await asyncio.shield(self._index())

    async def _index(self) -> None:
        async with self._alone:
            while self._waiting:
                dataset = self._waiting.pop()
                try:
                    await run_in_threadpool(index_images, self.home, dataset, About(""))
                except OncommonsError as fault:
                    log.warning("%s is kept and not indexed: %s %s", dataset, fault.message, fault.detail)
