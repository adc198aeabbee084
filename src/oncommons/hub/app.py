"""The hub as one ASGI application: its slices, wired."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from anyio import CapacityLimiter
from fastapi import APIRouter, FastAPI
from starlette.requests import Request

from oncommons.hub.accounts import open_accounts
from oncommons.hub.applications import beside
from oncommons.hub.applications import routes as applications
from oncommons.hub.applications.office import Office, open_office
from oncommons.hub.audit import routes as audit
from oncommons.hub.audit.index import Index
from oncommons.hub.audit.proving import Prover
from oncommons.hub.beacon import routes as beacon
from oncommons.hub.catalogue import routes as catalogue
from oncommons.hub.catalogue.finding import CardFinder
from oncommons.hub.catalogue.shelf import Shelf
from oncommons.hub.decisions import routes as decisions
from oncommons.hub.decisions.clocks import read_reminder
from oncommons.hub.decisions.opening import open_decisions
from oncommons.hub.decisions.stories import named_holders, stories
from oncommons.hub.decisions.timekeeping import Timekeeper, keeping_time
from oncommons.hub.dispatch import routes as dispatch
from oncommons.hub.dispatch.book import RunBook
from oncommons.hub.dispatch.driving import Runner, going_on
from oncommons.hub.feasibility import routes as feasibility
from oncommons.hub.labels import routes as labels
from oncommons.hub.labels.drawer import Drawer
from oncommons.hub.lens import routes as lens
from oncommons.hub.lens import spot
from oncommons.hub.link import routes as link
from oncommons.hub.link.exchange import Exchange
from oncommons.hub.link.witness import Witness
from oncommons.hub.notices import routes as notices
from oncommons.hub.notices.carrier import Carrier, carrying, links_sent
from oncommons.hub.notices.inbox import Inbox
from oncommons.hub.notices.post import mail_settings
from oncommons.hub.notices.postman import Postman, delivering
from oncommons.hub.opening import Hub, open_permits
from oncommons.hub.people import inviting
from oncommons.hub.people import routes as people
from oncommons.hub.people.gate import Gate
from oncommons.hub.permits import routes as permits
from oncommons.hub.permits.book import PermitBook
from oncommons.hub.permits.private import Private
from oncommons.hub.permits.revoking import Revoking
from oncommons.hub.projects import routes as projects
from oncommons.hub.providers import routes as providers
from oncommons.hub.providers.book import ProviderBook
from oncommons.hub.providers.entrance import Entrance
from oncommons.hub.saved import routes as saved
from oncommons.hub.saved.logbook import Logbook
from oncommons.hub.saved.watching import Watcher, watching
from oncommons.hub.search import routes as search
from oncommons.hub.search.permitted import PermitDesk
from oncommons.hub.sharing import Sharing
from oncommons.schema.federation import WIRE_VERSION
from oncommons.service.http import Guard, Heads, handle_errors
from oncommons.service.identity import Issuer
from oncommons.storage.audit_hub import HubLog
from oncommons.storage.turns import Turns
from oncommons.storage.worklist import SqlWorkList

SLICES = (
    *(link, people, providers, inviting, notices, audit, labels, catalogue, permits, search, projects, saved, dispatch),
    *(feasibility, lens, spot, applications, beside, decisions, beacon),
)
"""Slices whose routes are the hub's, in the order in which they are looked through."""
KEEP_QUESTIONS_SECONDS = 30 * 86_400
"""How long an answered question can be looked at again."""


_ABOUT = APIRouter()


@_ABOUT.get("/api/hub", summary="About this hub")
def about(request: Request) -> dict[str, Any]:
    """Name, versions and time of the hub, the name it goes by in tokens, and whether it knows its people."""
    settings, exchange = request.app.state.settings, request.app.state.exchange
    return {
        "name": settings.name,
        "version": request.app.version,
        "wire": WIRE_VERSION,
        "issuer": exchange.issuer.name,
        "time": exchange.clock(),
        "people": settings.people,
    }


@_ABOUT.get("/.well-known/jwks.json", summary="The hub's public keys")
def keys(request: Request) -> dict[str, Any]:
    """A JWK set (RFC 7517)."""
    found: dict[str, Any] = request.app.state.exchange.issuer.keys()
    return found


def make_app(hub: Hub, version: str, clock: Callable[[], float] = time.time) -> FastAPI:
    """The hub's application.

    Args:
        hub: The opened hub.
        version: Version of oncommons.
        clock: Seconds since the epoch.
    """
    office = open_office(hub.database, hub.settings)
    watcher = _watcher(hub, clock, office.shelf)
    app: FastAPI = FastAPI(
        title=hub.settings.name,
        version=version,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lambda _: _in_the_background(app, hub, clock),
    )
    app.state.exchange, app.state.shelf, app.state.watcher = watcher.exchange, watcher.shelf, watcher
    app.state.permits = watcher.desk.book
    app.state.runs = Runner(watcher.desk, RunBook(hub.database, uuid.uuid4().hex))
    app.state.labels, app.state.finder, app.state.lens_requests = Drawer(hub.database), CardFinder(), spot.Requests()
    app.state.database, app.state.settings = hub.database, hub.settings
    _open_people(app, hub, clock, office)
    _open_records(app, hub)
    app.add_middleware(Heads)
    app.add_middleware(Sharing, origins=frozenset(hub.settings.origins))
    app.add_middleware(Guard)
    handle_errors(app)
    app.router.routes.extend(link.HOT_ROUTES)
    for one in (*(slice_.router for slice_ in SLICES), _ABOUT):
        app.router.routes.extend(one.routes)  # as they are: to include a router makes each of its routes once more
    return app


@asynccontextmanager
async def _in_the_background(app: FastAPI, hub: Hub, clock: Callable[[], float]) -> AsyncIterator[None]:
    """What a serving hub does by itself: runs, watched questions, clocks, e-mails and links."""
    postman = Postman(hub.database, hub.settings.folder, hub.settings.name, hub.settings.url, clock)
    keeper = Timekeeper(
        app.state.decisions.docket, app.state.decisions.granting, partial(read_reminder, hub.settings.folder)
    )
    carrier = Carrier(app.state.people.mailed, hub.settings, clock)
    asking, telling = watching(app.state.watcher), delivering(postman)
    async with going_on(app.state.runs), asking, keeping_time(keeper), telling, carrying(carrier):
        yield


def _open_people(app: FastAPI, hub: Hub, clock: Callable[[], float], office: Office) -> None:
    """The accounts, what people are told, what they apply for, what is decided on it, and who may ask."""
    app.state.people, app.state.inbox = open_accounts(hub, office, clock), Inbox(hub.database)
    app.state.providers = Entrance(app.state.people, ProviderBook(hub.settings.folder))
    app.state.provider_threads = CapacityLimiter(providers.MOST_AT_ONCE)
    app.state.sends_links = partial(links_sent, hub.settings)
    app.state.sends_mail = lambda: mail_settings(hub.settings.folder) is not None
    office.documents.sweep(clock())
    app.state.applications = office
    app.state.decisions = open_decisions(office, hub.settings, app.state.permits, clock)
    if hub.settings.people == "required":
        known = {"sessions": app.state.people.sessions, "whose": app.state.permits.whose}
        app.add_middleware(Gate, clock=clock, refusal=beacon.refusal, **known)
    app.add_middleware(Private)


def _open_records(app: FastAPI, hub: Hub) -> None:
    """The audit log for officers, and projects for everybody.

    ``holders`` tells the organisations that were named for nodes, ``stories`` what is said of projects, by permit.
    """
    book: PermitBook = app.state.permits
    app.state.exchange.newer = Revoking(book, app.state.exchange.clock).newer
    app.state.prover = Prover(HubLog(hub.database))
    app.state.holders, app.state.stories = partial(named_holders, hub.database), partial(stories, hub.database)
    app.state.index = Index(hub.database, lambda: {name: one.permit for name, one in book.entries().items()})


def _watcher(hub: Hub, clock: Callable[[], float], shelf: Shelf) -> Watcher:
    """The parts that ask: the work list, the link, and who asks watched questions over it."""
    work = SqlWorkList(hub.database)
    work.forget(clock() - KEEP_QUESTIONS_SECONDS)
    exchange = Exchange(hub.registry, work, Issuer(hub.key), Witness(HubLog(hub.database), hub.key), clock)
    return Watcher(PermitDesk(open_permits(hub), exchange), shelf, Logbook(hub.database), Turns(hub.database))
