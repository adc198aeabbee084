"""HTTP of saved questions: save, cite, watch."""

from __future__ import annotations

import uuid
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from oncommons.hub.link.registry import named
from oncommons.hub.link.routes import exchange_of, read_json
from oncommons.hub.saved.drawer import Drawer
from oncommons.hub.search.asking import DEADLINE_SECONDS, ask_nodes
from oncommons.schema.errors import BadRequest
from oncommons.schema.parsing import MAX_BYTES, parse_question
from oncommons.schema.saved import SavedQuestion, check_name, check_reach
from oncommons.service.http import home_of, json_body

router = APIRouter()


def drawer_of(request: Request) -> Drawer:
    """The drawer of this hub, under the address by which it is known."""
    settings = request.app.state.settings
    home = home_of(request, settings.url)
    return Drawer(request.app.state.database, settings.name, home)


@router.get("/api/saved", summary="Saved questions")
def every(request: Request) -> dict[str, Any]:
    """Every saved question, the newest first, with what was last seen of it; nobody is asked."""
    return {"saved": [one.to_json() for one in drawer_of(request).all()]}


@router.post("/api/saved", summary="Save a question")
async def save(request: Request) -> JSONResponse:
    """Save a question under a name; the body has ``name``, ``question``, and may have ``reach``, a number to wait for.

    Its permanent address holds the hash of what it asks, so the same question saved twice is one, with its first name.
    """
    body = await _body(request, {"name", "question", "reach"}, {"name", "question"})
    name, question = check_name(body["name"]), parse_question(body["question"])
    reach = check_reach(body["reach"]) if "reach" in body else None
    drawer, exchange = drawer_of(request), exchange_of(request.app)
    named(await run_in_threadpool(exchange.registry.nodes), question.nodes)
    now = exchange.clock()
    saved = await run_in_threadpool(drawer.save, name, question, now)
    if reach is not None:
        await run_in_threadpool(drawer.watch, saved.id, reach, now)
    return JSONResponse((await _looked(request, drawer, saved.id)).to_json(), 201)


@router.get("/api/saved/{digest}", summary="A saved question")
async def one(request: Request, digest: str) -> JSONResponse:
    """A saved question; where a number is waited for and a node has published since, the federation is asked anew."""
    return JSONResponse((await _looked(request, drawer_of(request), digest)).to_json())


@router.post("/api/saved/{digest}/watch", summary="Wait for a number")
async def watch(request: Request, digest: str) -> JSONResponse:
    """Wait until the question's certain count reaches ``reach``; it is looked at when nodes have published."""
    body = await _body(request, {"reach"}, {"reach"})
    drawer = drawer_of(request)
    await run_in_threadpool(drawer.watch, digest, check_reach(body["reach"]), exchange_of(request.app).clock())
    return JSONResponse((await _looked(request, drawer, digest)).to_json(), 201)


async def _looked(request: Request, drawer: Drawer, digest: str) -> SavedQuestion:
    """A saved question with a count that is as new as the cards, where a number is waited for."""
    found = await run_in_threadpool(drawer.one, digest)
    newest = await run_in_threadpool(request.app.state.shelf.newest)
    exchange = exchange_of(request.app)
    if not found.watches or not await run_in_threadpool(drawer.is_stale, digest, newest, exchange.clock()):
        return found
    answer = await ask_nodes(exchange, uuid.uuid4().hex, parse_question(dict(found.question)), DEADLINE_SECONDS)
    if answer.included or not answer.nodes:
        await run_in_threadpool(drawer.saw, digest, answer.certain, exchange.clock())
    return await run_in_threadpool(drawer.one, digest)


async def _body(request: Request, known: set[str], needed: set[str]) -> dict[str, Any]:
    body = read_json(await json_body(request, MAX_BYTES))
    if not isinstance(body, dict) or not needed <= set(body) <= known:
        raise BadRequest(
            f"The body is an object with {', '.join(sorted(needed))}; known are {', '.join(sorted(known))}."
        )
    return body
