"""HTTP of the hub's Beacon (GA4GH Beacon v2.1.1), over the same search that every other question passes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import product
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from oncommons.hub.catalogue.routes import cards_of
from oncommons.hub.search.permitted import desk_of
from oncommons.schema.dialects.beacon import (
    Address,
    addresses,
    beacon_id,
    close_query,
    open_query,
    read_request,
    tell_plainly,
)
from oncommons.schema.dialects.beacon_answer import Beacon, tell_fault
from oncommons.schema.dialects.beacon_request import BeaconRequest
from oncommons.schema.errors import OncommonsError
from oncommons.schema.parsing import MAX_BYTES
from oncommons.service.http import error_response, home_of, json_body

ROOT = "/api/beacon"
LEVELS = {False: ("PUBLIC", "CONTROLLED"), True: ("CONTROLLED",)}
"""Whether the hub lets only its people ask, to the levels at which its Beacon is asked; a permit is read at every hub."""
_NOTES = {
    "about": "",
    "terms": "Fields of the dictionary, and the codes that some dataset tells of; ``skip`` and ``limit`` give one page.",
    "schema": "The JSON schema of an entry type that is our own.",
    "query": "Filters become our question; the answer tells their rule of scope, and none is ever dropped.",
    "record": "Records of single people and images are not given.",
    "nothing": "Told in Beacon's own shape of an error.",
}


def beacon_of(request: Request) -> Beacon:
    """The hub's Beacon as it presents itself."""
    settings = request.app.state.settings
    home = home_of(request, settings.url)
    about = Beacon(beacon_id(home), settings.name, f"{home}{ROOT}", request.app.version, settings.name, home)
    return replace(about, levels=LEVELS[settings.people == "required"])


def refusal(request: Request, fault: OncommonsError) -> JSONResponse | None:
    """An error before a request comes to the Beacon, in Beacon's own shape; ``None`` where it was on its way elsewhere."""
    if not request.url.path.startswith(f"{ROOT}/"):
        return None
    status = error_response(fault).status_code
    return JSONResponse(tell_fault(beacon_of(request), BeaconRequest(), fault, status), status)


def _make_router() -> APIRouter:
    """The routes, some for every entry type of the dictionary."""
    router = APIRouter()
    for address in addresses():
        for path, method in product((address.path,) if address.path else ("", "/"), address.methods):
            router.add_api_route(
                f"{ROOT}{path}",
                _endpoint(address),
                methods=[method],
                summary=f"Beacon: {address.summary}",
                include_in_schema=path != "/",
            )
    return router


def _endpoint(address: Address) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def endpoint(request: Request) -> JSONResponse:
        beacon, asked = beacon_of(request), BeaconRequest()
        try:
            body = await json_body(request, MAX_BYTES)
            asked = read_request(request.method, request.query_params.multi_items(), body)
            return JSONResponse(await _tell(address, beacon, asked, request))
        except OncommonsError as fault:
            status = error_response(fault).status_code
            return JSONResponse(tell_fault(beacon, asked, fault, status), status)

    endpoint.__doc__ = _NOTES[address.kind]
    return endpoint


async def _tell(address: Address, beacon: Beacon, asked: BeaconRequest, request: Request) -> dict[str, Any]:
    held, inside = await run_in_threadpool(cards_of, request.app), request.path_params.get("id", "")
    if address.kind != "query":
        return tell_plainly(address, beacon, asked, held, inside)
    query = open_query(address.entry, asked, held, inside)
    answer = None
    if query.question is not None:
        question = replace(query.question, nodes=query.nodes)
        desk = desk_of(request.app)
        under = await run_in_threadpool(desk.under, request.headers)
        answer = await desk.ask(under, question, datasets=query.request.datasets)
    return close_query(beacon, query, held, answer)


router = _make_router()
"""Made once: a process may have many hubs, as tests do, and all have the same routes."""
