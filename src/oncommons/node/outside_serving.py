"""DICOMweb for people of permits, on an address of its own: it retrieves and searches, and takes nothing in."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from oncommons.node.home import Home
from oncommons.node.outside import ImageGate, Visitor
from oncommons.node.share.dicomweb.kept import Kept
from oncommons.node.share.dicomweb.routes import SEARCHES, DicomWeb
from oncommons.schema.errors import BadRequest, OncommonsError
from oncommons.schema.errors_of_permits import ImagesClosed
from oncommons.schema.statuses import status_of
from oncommons.service.door import ALLOWED, OWN_NAMES, shared
from oncommons.service.http import Guard, Heads, error_response, handle_errors
from oncommons.service.memory import keep_startup
from oncommons.service.serving import Listen, address_of, check_files, serve, take_port
from oncommons.storage.ledger import Ledger

DICOMWEB = "/dicom-web"
_MOST_NAMED = 20
_LONGEST_NAME = 64


class PermitDoor:
    """Lets in those whose token of a permit is good; to others every address is the same.

    Args:
        app: The application behind it.
        gate: Decides.
        origins: Sites of viewers whose pages may ask.
    """

    def __init__(self, app: ASGIApp, gate: Callable[[], ImageGate], origins: frozenset[str]) -> None:
        self.app, self.gate, self.origins = app, gate, origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI 3)."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            headers = Headers(scope=scope)
            origin = headers.get("origin", "")
            known = origin if origin in self.origins else ""
            if scope["method"] == "OPTIONS" and known:
                answer: ASGIApp = Response(status_code=204, headers=dict(ALLOWED))
            else:
                stopped = await run_in_threadpool(self._stopped, scope, headers)
                answer = self.app if stopped is None else stopped
            await shared(answer, known)(scope, receive, send)

    def _stopped(self, scope: Scope, headers: Headers) -> Response | None:
        try:
            visitor = self.gate().let_in(headers.get("authorization", ""))
        except OncommonsError as fault:
            refused = error_response(fault)
            if refused.status_code == 401:  # noqa: PLR2004
                refused.headers["www-authenticate"] = "Bearer"
            return refused
        scope.setdefault("state", {})["visitor"] = visitor
        scope["state"]["scope"] = self.gate().scope(visitor)
        return None


def make_outside(
    home: Home,
    url: str = "",
    origins: frozenset[str] = frozenset(),
    make_gate: Callable[[Home, Ledger], ImageGate] = ImageGate,
) -> FastAPI:
    """The application; it opens the node's ledger when it starts and closes it when it ends.

    Args:
        home: The node.
        url: Address under which others reach it, without the path; empty for the one that each has used.
        origins: Sites of viewers whose pages may ask, such as ``https://viewer.example``.
        make_gate: Makes what decides.
    """

    @asynccontextmanager
    async def opened(app: FastAPI) -> AsyncIterator[None]:
        with closing(Ledger(home.ledger_file)) as ledger, closing(make_gate(home, ledger)) as gate:
            app.state.gate = gate
            yield

    app = FastAPI(title="Images of a node", docs_url=None, redoc_url=None, openapi_url=None, lifespan=opened)

    def gate() -> ImageGate:
        found: ImageGate = app.state.gate
        return found

    handle_errors(app)
    app.add_middleware(Heads)
    app.add_middleware(PermitDoor, gate=gate, origins=origins)
    app.add_middleware(Guard)
    service = DicomWeb(_scope_of, f"{url}{DICOMWEB}" if url else "")
    routes = [Route(route.path, _entered(route, gate), methods=["GET"]) for route in service.routes()]
    app.router.routes.append(Mount(DICOMWEB, routes=routes, name="dicomweb"))
    return app


def _scope_of(request: Request) -> Kept:
    found: Kept = request.state.scope
    return found


def _entered(route: Route, gate: Callable[[], ImageGate]) -> Callable[[Request], Response]:
    """The same endpoint, whose answers are entered in the audit log before they leave."""

    def entered(request: Request) -> Response:
        visitor, scope = request.state.visitor, request.state.scope
        try:
            while True:
                before, scope.reached = gate().state(), 0
                response: Response = route.endpoint(request)
                scope.check()
                gate().enter(visitor, _access(gate(), route.path, request, response.status_code))
                if gate().state() == before:  # else somebody has opted out meanwhile, whom it may show
                    return response
        except OncommonsError as fault:
            gate().enter(visitor, _access(gate(), route.path, request, status_of(fault)))
            raise

    return entered


def _access(gate: ImageGate, at: str, request: Request, status: int) -> dict[str, Any]:
    """What the audit log says of a request: what was asked for, by digests of identifiers, and never a value of a search."""
    visitor: Visitor = request.state.visitor
    named = sorted({key[:_LONGEST_NAME].encode("utf-8", "replace").decode() for key in request.query_params})
    path = {what: gate.trace(uid) for what, uid in request.path_params.items() if what in {"study", "series", "sop"}}
    told: dict[str, Any] = {"at": at, **path, "status": status, "datasets": sorted(visitor.datasets)}
    if at not in SEARCHES:
        told["objects"] = request.state.scope.reached
    return told | ({"asked": named[:_MOST_NAMED]} if named else {})


@dataclass(frozen=True)
class AskedOutside:
    """What the command was asked for.

    Attributes:
        listen: Where and how it listens.
        url: Address under which others reach it; empty for the one that it listens at.
        origins: Sites whose pages may ask.
    """

    listen: Listen
    url: str = ""
    origins: tuple[str, ...] = ()


def serve_outside(home: Home, asked: AskedOutside, say: Callable[[dict[str, Any], str], None]) -> None:
    """Serve until interrupted or terminated.

    Args:
        home: The node.
        asked: What the command was asked for.
        say: Tells the address, once the server accepts requests.

    Raises:
        NotJoined: the node has not joined a hub, so nobody has a permit.
        ImagesClosed: the data manager lets nobody outside have images.
        BadRequest: the address is not one.
        PortInUse: another program listens there.
        MachineError: a file cannot be used.
    """
    home.joined()
    if home.showing == "off":
        raise ImagesClosed("Say first who may have images: oncommons node policy --images consent.")
    if asked.url and not re.fullmatch(r"https?://[^/?#\s]+(/[^?#\s]*)?", asked.url):
        raise BadRequest("--url takes an address such as https://images.hospital.example.")
    check_files(asked.listen)
    taken = take_port(asked.listen)
    body, text = announced(home, asked, address_of(taken, asked.listen))
    origins = frozenset(origin.strip().rstrip("/").lower() for origin in asked.origins)

    def ready() -> None:
        keep_startup()
        say(body, text)

    serve(make_outside(home, asked.url.rstrip("/"), origins), taken, asked.listen, ready)


def announced(home: Home, asked: AskedOutside, here: str) -> tuple[dict[str, Any], str]:
    """What the data manager is told when images are served, as JSON and in words.

    Args:
        home: The node.
        asked: What the command was asked for.
        here: The address that it listens at.
    """
    found = f"{asked.url.rstrip('/') or here}{DICOMWEB}"
    lines = [f"Images of {home.joined().name} for people of permits: {found}. Ctrl-C ends it."]
    if not asked.listen.certificate and asked.listen.host not in OWN_NAMES:
        lines.append(
            "Tokens pass here without encryption: let only your proxy reach this port, or give a --certificate."
        )
    return {"dicomweb": found, "listening": here, "images": home.showing}, "\n".join(lines)
