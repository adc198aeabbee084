"""HTTP of saved questions: save, cite, watch."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from oncommons.hub.link.registry import named
from oncommons.hub.link.routes import exchange_of, read_json
from oncommons.hub.people.gate import asker_in
from oncommons.hub.people.routes import asker_of
from oncommons.hub.people.routes import desk_of as accounts_of
from oncommons.hub.saved.drawer import Drawer
from oncommons.hub.saved.feed import MEDIA_TYPE, Feed, Source, feed_of_all, question_feed
from oncommons.hub.saved.logbook import Watched
from oncommons.hub.saved.waiters import Waiters
from oncommons.hub.saved.watching import Watcher
from oncommons.hub.search.permitted import NONE, PermitDesk, Under, desk_of
from oncommons.schema.errors import BadRequest
from oncommons.schema.errors_of_people import NotSignedIn
from oncommons.schema.errors_of_permits import NoSuchPermit, PermitError
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
    """Every saved question, the newest first, with what was last seen of it; nobody is asked.

    With the pass of a permit also those that its person saved under it; once it does not let them through any more,
    ``stopped`` says which rule refuses, and no number is told.
    """
    desk = desk_of(request.app)
    under = desk.under(request.headers)
    return {"saved": [_standing(desk, under, one).to_json() for one in drawer_of(request).all(under)]}


@router.post("/api/saved", summary="Save a question")
async def save(request: Request) -> JSONResponse:
    """Save a question under a name; the body has ``name``, ``question``, and may have ``reach``, a number to wait for.

    Its permanent address holds the hash of what it asks, so the same question saved twice is one, with its first name.
    With the pass of a permit it is asked under it, now and later, and only with that pass can it be seen.
    """
    body = await _body(request, {"name", "question", "reach"}, {"name", "question"})
    name, question = check_name(body["name"]), parse_question(body["question"])
    reach = check_reach(body["reach"]) if "reach" in body else None
    drawer, desk = drawer_of(request), desk_of(request.app)
    under = await run_in_threadpool(desk.under, request.headers)
    named(await run_in_threadpool(desk.exchange.registry.nodes), question.nodes)
    await run_in_threadpool(desk.judge, under, question)
    saved = await run_in_threadpool(drawer.save, name, question, desk.exchange.clock(), under)
    if reach is not None:
        saved = await _watched(request, under, saved, reach)
    return JSONResponse(saved.to_json(), 201)


@router.get("/api/saved/feed.atom", summary="Feed of all watched questions")
def every_change(request: Request) -> Response:
    """An Atom feed (RFC 4287): an entry for each change of a number that is waited for, the newest first."""
    return _sent(request, feed_of_all(_source(request), drawer_of(request).changes()))


@router.get("/api/saved/{digest}/feed.atom", summary="Feed of a watched question")
def changes(request: Request, digest: str) -> Response:
    """An Atom feed (RFC 4287): an entry for each change of a number that is waited for, the newest first."""
    return _sent(request, question_feed(_source(request), _seen(request, digest)[1]))


@router.get("/api/saved/{digest}", summary="A saved question")
def one(request: Request, digest: str) -> dict[str, Any]:
    """A saved question with what was last heard of it; looking asks nobody and costs nothing.

    One under a permit is shown to who saved it, with the pass, while the permit lets it through.
    """
    return _seen(request, digest)[1].to_json()


@router.post("/api/saved/{digest}/watch", summary="Wait for a number")
async def watch(request: Request, digest: str) -> JSONResponse:
    """Wait for a year until the question's certain count reaches ``reach``; nodes with news since are asked now.

    From then on the hub itself asks again after nodes have published, and the feeds tell what changes; who is signed in
    is told in the inbox; under a permit only where the account is that of the permit's person, and no name or number.
    """
    body = await _body(request, {"reach"}, {"reach"})
    under, saved = await run_in_threadpool(_seen, request, digest)
    return JSONResponse((await _watched(request, under, saved, check_reach(body["reach"]))).to_json(), 201)


def _seen(request: Request, digest: str) -> tuple[Under, SavedQuestion]:
    """A saved question, and by what it is looked at.

    Raises:
        NotFound: nothing is saved under that name that may be seen.
        BeyondPermit: its permit does not let it through any more.
    """
    desk = desk_of(request.app)
    under = desk.under(request.headers)
    saved = drawer_of(request).one(digest, under)
    if saved.permit:
        desk.judge(under, parse_question(dict(saved.question)))
    return under if saved.permit else NONE, saved


def _standing(desk: PermitDesk, under: Under, saved: SavedQuestion) -> SavedQuestion:
    """A saved question as it stands in a list: without numbers where its permit does not let it through any more."""
    try:
        desk.judge(under if saved.permit else NONE, parse_question(dict(saved.question)))
    except PermitError as fault:
        return replace(saved, count=None, checked="", watches=(), stopped=fault.message)
    return saved


@router.get("/api/account/watches", summary="Numbers that you wait for")
def watches(request: Request) -> JSONResponse:
    """Question and number, and until when; who is signed in is told in the inbox when one is reached, or no more.

    What is waited for under a permit is in it with the pass of the permit, while that lets the question through.
    """
    desk, under, person = desk_of(request.app), NONE, asker_of(request).person
    with suppress(NoSuchPermit):  # a pass that opens nothing any more shows nothing, and hides nothing else
        under = desk.under(request.headers)
    drawer = drawer_of(request)
    found = [one for one in waiters_of(request).of(person, under) if not _stopped(desk, drawer, under, one)]
    return JSONResponse({"watches": found}, headers={"cache-control": "no-store"})


def _stopped(desk: PermitDesk, drawer: Drawer, under: Under, waited: Mapping[str, Any]) -> bool:
    """Whether a number is waited for under a permit that does not let the question through any more."""
    return bool(waited["permit"]) and bool(_standing(desk, under, drawer.one(waited["id"], under)).stopped)


@router.delete("/api/account/watches/{digest}", summary="Wait no more for a question")
def leave(request: Request, digest: str) -> JSONResponse:
    """You are told no more of it; the hub still asks it, since others may wait as well."""
    waiters_of(request).leave(digest, asker_of(request).person)
    return JSONResponse({"ended": digest})


def waiters_of(request: Request) -> Waiters:
    """Those who wait for numbers at this hub."""
    return Waiters(request.app.state.database)


def _source(request: Request) -> Source:
    drawer = drawer_of(request)
    return Source(drawer.hub, exchange_of(request.app).issuer.name, drawer.url)


def _sent(request: Request, feed: Feed) -> Response:
    if feed.is_known(request.headers):
        return Response(status_code=304, headers=feed.headers)
    return Response(feed.body, headers=feed.headers, media_type=MEDIA_TYPE)


async def _watched(request: Request, under: Under, saved: SavedQuestion, reach: int) -> SavedQuestion:
    """A saved question of which a number is waited for from now on, with what the nodes say now."""
    watcher: Watcher = request.app.state.watcher
    drawer = drawer_of(request)
    await run_in_threadpool(drawer.watch, saved.id, reach, watcher.exchange.clock(), under)
    await watcher.look(Watched(saved.id, parse_question(dict(saved.question)), under))
    await run_in_threadpool(_wait, request, under, saved.id, reach)  # only now: what was just found is in the answer
    return await run_in_threadpool(drawer.one, saved.id, under)


def _wait(request: Request, under: Under, digest: str, reach: int) -> None:
    """Have who is signed in, or whose program it is, told of a number; nobody at an open hub where nobody is.

    Under a permit nobody is told but who shows the pass, since they alone may see the question.
    """
    desk = accounts_of(request)
    with suppress(NotSignedIn):
        person = asker_in(request.headers, desk.sessions, desk.clock()).person
        if under.person in {"", person}:
            waiters_of(request).wait(digest, reach, person, desk.clock())


async def _body(request: Request, known: set[str], needed: set[str]) -> dict[str, Any]:
    body = read_json(await json_body(request, MAX_BYTES))
    if not isinstance(body, dict) or not needed <= set(body) <= known:
        raise BadRequest(
            f"The body is an object with {', '.join(sorted(needed))}; known are {', '.join(sorted(known))}."
        )
    return body
