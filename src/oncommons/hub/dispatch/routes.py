"""HTTP of runs: make an analysis under a permit, and see which analyses there are."""

from __future__ import annotations

import re
import uuid
from importlib import import_module
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from oncommons.hub.search.permitted import desk_of
from oncommons.schema.errors import BadRequest
from oncommons.schema.parsing import MAX_BYTES
from oncommons.schema.run import parse_run_text
from oncommons.service.analyses import analyses
from oncommons.service.http import json_body

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

router = APIRouter()


@router.post("/api/runs", summary="Make an analysis")
async def make(request: Request) -> Response:
    """Make an analysis under a permit and wait for its result.

    The body is the run; the header ``oncommons-permit`` has the pass.  ``id`` makes asking again after a lost connection
    harmless: rounds that were answered are not asked again.
    """
    run = parse_run_text(await json_body(request, MAX_BYTES))
    identifier = request.query_params.get("id") or uuid.uuid4().hex
    if not _ID.fullmatch(identifier):
        raise BadRequest("id is 1 to 64 letters, digits, hyphens and underscores.")
    desk = desk_of(request.app)
    under = await run_in_threadpool(desk.under, request.headers)
    await run_in_threadpool(analyses)  # which says what to install, where a hub makes no analyses
    running = import_module("oncommons.hub.dispatch.running")
    ran = await running.Dispatcher(desk).run(under, identifier, run)
    return Response(orjson.dumps(ran.to_json()), media_type="application/json")


@router.get("/api/analyses", summary="Analyses")
def listed() -> dict[str, Any]:
    """The analyses that this hub can put together: what they compute, what they take, and whether they are exact."""
    return {
        "analyses": [
            {
                "name": one.name,
                "version": one.version,
                "title": one.title,
                "says": one.says,
                "source": one.source,
                "exact": one.exact,
                "roles": [vars(role) | {"kinds": sorted(role.kinds)} for role in one.roles],
                "settings": [vars(setting) | {"choices": list(setting.choices)} for setting in one.settings],
            }
            for one in analyses().values()
        ]
    }
