"""HTTP of the hub's Beacon (GA4GH Beacon v2.1.1), over the same search that every other question passes."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from oncommons.hub.catalogue.routes import cards_of
from oncommons.hub.link.routes import exchange_of, read_json
from oncommons.hub.search.asking import DEADLINE_SECONDS, ask_nodes
from oncommons.schema.dialects import beacon_about
from oncommons.schema.dialects.beacon import beacon_id, close_query, open_query, refuse_record
from oncommons.schema.dialects.beacon_answer import Beacon, tell_fault
from oncommons.schema.dialects.beacon_request import BeaconRequest, read_get, read_post
from oncommons.schema.dialects.entry_types import COLLECTIONS, ENTRIES, EVERY, EntryType
from oncommons.schema.errors import NotFound, OncommonsError
from oncommons.schema.parsing import MAX_BYTES
from oncommons.service.http import error_response, json_body

ROOT = "/api/beacon"
Endpoint = Callable[[Request], Awaitable[JSONResponse]]


def beacon_of(request: Request) -> Beacon:
    """The hub's Beacon as it presents itself."""
    settings = request.app.state.settings
    home = settings.url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"
    version = request.app.version
    return Beacon(beacon_id(home), settings.name, f"{home}{ROOT}", version, settings.name, home)


def make_router() -> APIRouter:
    """The routes, one for every entry type of the dictionary."""
    router = APIRouter()

    def add(path: str, endpoint: Endpoint, summary: str, *methods: str) -> None:
        for method in methods or ("GET",):
            router.add_api_route(f"{ROOT}{path}", endpoint, methods=[method], summary=f"Beacon: {summary}")

    for path, tell in beacon_about.ABOUT.items():
        add(path, _told(tell), (tell.__doc__ or "").strip().rstrip("."))
    add("/filtering_terms", _terms, "every filter that can be carried")
    for entry in EVERY:
        add(f"/{entry.path}/filtering_terms", _terms, f"filters for {entry.path}")
        add(f"/{entry.path}", _query(entry), f"ask for {entry.path}", "GET", "POST")
        if not entry.schema:
            add(f"/schemas/{entry.id}", _schema(entry), f"schema of {entry.path}")
    for collection in COLLECTIONS:
        for entry in ENTRIES:
            path = f"/{collection.path}/{{id:path}}/{entry.path}"
            add(path, _query(entry), f"ask for {entry.path} of one {collection.id}", "GET", "POST")
        add(f"/{collection.path}/{{id:path}}", _query(collection), f"one {collection.id}")
    for entry in ENTRIES:
        add(f"/{entry.path}/{{id:path}}", _refused(entry), f"a single record of {entry.path}, which is refused")
    return router


def _told(tell: Callable[[Beacon, beacon_about.Held], dict[str, Any]]) -> Endpoint:
    async def endpoint(request: Request) -> JSONResponse:
        return JSONResponse(tell(beacon_of(request), ()))

    endpoint.__doc__ = tell.__doc__
    return endpoint


async def _terms(request: Request) -> JSONResponse:
    """Fields of the dictionary, and the codes that some dataset tells of; ``skip`` and ``limit`` give one page."""

    async def told() -> dict[str, Any]:
        asked = read_get(request.query_params.multi_items())
        held = await run_in_threadpool(cards_of, request.app)
        return beacon_about.paged_terms(beacon_of(request), held, asked.skip, asked.limit)

    return await _answered(request, BeaconRequest(), told)


def _schema(entry: EntryType) -> Endpoint:
    async def endpoint(_request: Request) -> JSONResponse:
        """The JSON schema of an entry type that is our own."""
        return JSONResponse(beacon_about.schema_of(entry))

    return endpoint


def _refused(entry: EntryType) -> Endpoint:
    async def endpoint(request: Request) -> JSONResponse:
        """Records of single entries are not given."""

        async def told() -> dict[str, Any]:
            raise refuse_record(entry)

        return await _answered(request, BeaconRequest(), told)

    return endpoint


def _query(entry: EntryType) -> Endpoint:
    async def endpoint(request: Request) -> JSONResponse:
        """Filters are translated into our question, whose rule of scope the answer tells; none is ever dropped."""
        asked = BeaconRequest()

        async def told() -> dict[str, Any]:
            nonlocal asked
            asked = await _read(request)
            held = await run_in_threadpool(cards_of, request.app)
            query = open_query(entry, asked, held, request.path_params.get("id", ""))
            answer = None
            if query.question is not None:
                job = uuid.uuid4().hex
                answer = await ask_nodes(exchange_of(request.app), job, query.question, DEADLINE_SECONDS)
            body = close_query(beacon_of(request), query, held, answer)
            if entry.collection and query.request.datasets and not body["responseSummary"]["exists"]:
                raise NotFound("No such dataset fulfils the filters.")
            return body

        return await _answered(request, lambda: asked, told)

    return endpoint


async def _read(request: Request) -> BeaconRequest:
    if request.method == "POST":
        return read_post(read_json(await json_body(request, MAX_BYTES)))
    return read_get(request.query_params.multi_items())


async def _answered(
    request: Request, asked: BeaconRequest | Callable[[], BeaconRequest], told: Callable[[], Awaitable[dict[str, Any]]]
) -> JSONResponse:
    """What is told, or the fault in Beacon's own shape."""
    try:
        return JSONResponse(await told())
    except OncommonsError as fault:
        status = error_response(fault).status_code
        understood = asked() if callable(asked) else asked
        return JSONResponse(tell_fault(beacon_of(request), understood, fault, status), status)
