"""HTTP of runs: make an analysis under a permit, follow it, cancel it, and see which analyses there are."""

from __future__ import annotations

import re
import uuid
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from oncommons.hub.dispatch.book import UNKNOWN
from oncommons.hub.dispatch.driving import runner_of
from oncommons.hub.dispatch.views import view
from oncommons.hub.link.routes import exchange_of
from oncommons.hub.search.permitted import Under, desk_of
from oncommons.schema.errors import BadRequest, NotFound
from oncommons.schema.errors_of_people import NotSignedIn
from oncommons.schema.errors_of_permits import NoSuchPermit, PermitNeeded
from oncommons.schema.parsing import MAX_BYTES
from oncommons.schema.run import parse_run_text
from oncommons.service.analyses import analyses
from oncommons.service.http import json_body

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
LONGEST_WAIT = 60.0

router = APIRouter()


@router.post("/api/runs", summary="Make an analysis", status_code=202)
async def make(request: Request) -> dict[str, Any]:
    """Begin an analysis under a permit; it goes on at the hub, and can be looked at under its ``id``.

    The body is the run; the header ``oncommons-permit`` has the pass.  ``id`` makes asking again after a lost connection
    harmless: it is the same run.
    """
    run = parse_run_text(await json_body(request, MAX_BYTES))
    identifier = request.query_params.get("id") or uuid.uuid4().hex
    if not _ID.fullmatch(identifier):
        raise BadRequest("id is 1 to 64 letters, digits, hyphens and underscores.")
    under = await run_in_threadpool(desk_of(request.app).under, request.headers)
    kept = await runner_of(request.app).begin(under, identifier, run)
    return {"id": kept.id, "state": kept.state}


@router.get("/api/runs", summary="Your runs")
def mine(request: Request) -> dict[str, Any]:
    """The runs of who has the pass, under its permit, the newest first; each as it is told by itself, but its record."""
    runner, under = runner_of(request.app), desk_of(request.app).under(request.headers)
    if not under.permit:
        raise PermitNeeded("Runs are those of a permit: show its pass.")
    return {"runs": [view(one, runner.exchange) for one in runner.of(under)]}


@router.get("/api/runs/{run}", summary="Look at a run")
async def look(request: Request, run: str) -> Response:
    """How far a run is, with each node of its round, and its record when it is done; its error where it failed.

    ``wait`` waits until it has ended, so many seconds at most (60).  Who asked sees it, while the permit lets it through.
    """
    seconds, runner = _seconds(request.query_params.get("wait", "0")), runner_of(request.app)
    under = await run_in_threadpool(_whose, request)
    kept = await runner.wait(under, run, seconds)
    body = await run_in_threadpool(view, kept, runner.exchange)
    return Response(orjson.dumps(body), media_type="application/json")


@router.post("/api/runs/{run}/cancel", summary="Cancel a run")
def cancel(request: Request, run: str) -> dict[str, Any]:
    """End a run, and take its round back from the nodes; one that has ended stays as it is."""
    kept = runner_of(request.app).cancel(_whose(request), run)
    return {"id": kept.id, "state": kept.state}


@router.get("/api/analyses", summary="Analyses")
def listed(request: Request) -> dict[str, Any]:
    """The analyses that this hub can put together: what they compute, what they take, and whether they are exact.

    ``nodes`` of each says which nodes make it, in which version; ``nodes`` of all says which have told, and which not.
    """
    here = [node for node in exchange_of(request.app).registry.nodes() if node.revoked is None]
    made = {node.name: node.analyses for node in here if node.analyses is not None}
    return {
        "nodes": {"told": sorted(made), "untold": [node.name for node in here if node.name not in made]},
        "analyses": [
            one.to_json() | {"nodes": {node: told[one.name] for node, told in sorted(made.items()) if one.name in told}}
            for one in analyses().values()
        ],
    }


def _whose(request: Request) -> Under:
    """By whom a request about a run is made; a stranger is told the same as of a run that there is not."""
    try:
        under = desk_of(request.app).under(request.headers)
    except (NoSuchPermit, NotSignedIn):
        raise NotFound(UNKNOWN) from None
    if not under.permit:
        raise NotFound(UNKNOWN)
    return under


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        raise BadRequest("wait is a number of seconds.") from None
    if not 0 <= seconds <= LONGEST_WAIT:
        raise BadRequest(f"wait lies between 0 and {LONGEST_WAIT:.0f} seconds.")
    return seconds
