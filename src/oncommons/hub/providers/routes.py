"""HTTP of signing in by providers.

Nothing here reads a cookie: the pages keep the secret of the browser, and show it when somebody comes back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from anyio import to_thread
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from oncommons.hub.people.desk import Proof
from oncommons.hub.people.gate import asker_in
from oncommons.hub.people.routes import asker_of, body_of, desk_of, place_of, quickly, text_in
from oncommons.hub.people.rules import HOUR, Pace
from oncommons.hub.people.sealing import new_secret
from oncommons.hub.people.sessions import Asker
from oncommons.hub.providers.entrance import Entrance, Returned
from oncommons.hub.providers.visits import Visit
from oncommons.schema.errors import BadRequest
from oncommons.schema.errors_of_people import NotSignedIn, TooManyTries
from oncommons.service.http import NO_STORE, home_of

BEGINNINGS = Pace(200, 2, 60, HOUR)
"""Sign-ins that were begun and not finished, from one address."""
MOST_NEXT, MOST_SECRET = 2_000, 100
MOST_AT_ONCE = 12
"""Calls that wait for providers at the same time; they have threads of their own, so that a provider that is slow does
not make others wait."""

router = APIRouter()


def entrance_of(request: Request) -> Entrance:
    """The entrance that the application was made with."""
    found: Entrance = request.app.state.providers
    return found


async def patiently(request: Request, work: Callable[[], dict[str, Any]], status: int) -> JSONResponse:
    """What some work gives back that may wait for a provider."""
    body = await to_thread.run_sync(work, limiter=request.app.state.provider_threads)
    return JSONResponse(body, status, NO_STORE)


@router.get("/api/sessions/providers", summary="By which providers people sign in")
async def providers(request: Request) -> JSONResponse:
    """Name and title of each."""
    book = entrance_of(request).book
    return await quickly(lambda: {"providers": [{"name": p.name, "title": p.title} for p in book.every().values()]})


@router.post("/api/sessions/providers/{name}", summary="Begin to sign in by a provider")
async def begin(request: Request, name: str) -> JSONResponse:
    """Answers ``address``, at which somebody signs in, and ``browser``, a secret that must be shown when they come back.

    The body may have ``next``, where they want to go then, ``invitation``, the end of a link that they accept with it,
    ``browser`` of an earlier sign-in, and ``again``, to be asked by the provider who they are even where it knows.
    """
    body = await body_of(request, set(), {"next", "invitation", "browser", "again"})
    visit = Visit(name, "", "", _back(request, name), _short(body, "next", MOST_NEXT), _short(body, "invitation"))
    visit = replace(visit, again=body.get("again") is True)
    browser = _short(body, "browser") or new_secret()
    place = f"begun:{place_of(request)[:60]}"
    entrance, tries = entrance_of(request), desk_of(request).entry.tries

    def work() -> dict[str, Any]:
        if place != "begun:" and tries.take({place: BEGINNINGS}, entrance.desk.clock()) > 0:
            raise TooManyTries("Too many sign-ins were begun from here; wait a minute.")
        address = entrance.begin(visit, browser)
        return {"address": address, "browser": browser, "secure": _is_secure(request)}

    return await patiently(request, work, 201)


@router.post("/api/sessions/providers/{name}/back", summary="Come back from a provider")
async def back(request: Request, name: str) -> JSONResponse:
    """Open a session, or link an identity, with what a provider gave: ``state``, and ``code`` or ``error``, and ``iss``.

    ``browser`` is the secret of the browser in which it was begun. Who links an identity shows the session as well.
    """
    body = await body_of(request, {"state", "browser"}, {"code", "error", "iss"})
    texts = [_short(body, key, MOST_NEXT) for key in ("state", "browser", "code", "error", "iss")]
    returned, entrance = Returned(*texts), entrance_of(request)
    place = f"begun:{place_of(request)[:60]}"

    def work() -> dict[str, Any]:
        arrived = entrance.arrive(name, returned, request.headers.get("user-agent", ""), _perhaps(request))
        entrance.desk.entry.tries.give_back({place: BEGINNINGS} if place != "begun:" else {}, entrance.desk.clock())
        told = {"session": arrived.session, "person": arrived.person, "next": arrived.next}
        return told | {"secure": _is_secure(request)}

    return await patiently(request, work, 201)


@router.get("/api/sessions/providers/{name}/leave", summary="Where people sign out at a provider")
async def leave(request: Request, name: str) -> JSONResponse:
    """Answers ``address``, at which the provider asks whether to sign out there; the session here is not touched."""
    entrance = entrance_of(request)
    return await patiently(request, lambda: {"address": entrance.leave(name)}, 200)


@router.post("/api/account/identities", summary="Begin to link an identity of a provider")
async def link(request: Request) -> JSONResponse:
    """The body has ``provider``, ``password``, and ``code`` with a second factor; answers as the beginning of a sign-in.

    Whoever comes back in the same session has linked what they have shown at the provider.
    """
    body = await body_of(request, {"provider", "password"}, {"code", "browser"})
    name, browser = _short(body, "provider"), _short(body, "browser") or new_secret()
    proof = Proof(text_in(body, "password"), text_in(body, "code"))
    entrance = entrance_of(request)

    def work() -> dict[str, Any]:
        asker = asker_of(request)
        desk = desk_of(request)
        desk.entry.prove(asker, proof.password, proof.code, desk.clock())
        visit = Visit(name, "", "", _back(request, name), "/account", session=asker.session)
        return {"address": entrance.begin(visit, browser), "browser": browser, "secure": _is_secure(request)}

    return await patiently(request, work, 201)


@router.delete("/api/account/identities/{identifier}", summary="Unlink an identity of a provider")
async def unlink(request: Request, identifier: str) -> JSONResponse:
    """The body has ``password``, and ``code`` with a second factor; sessions that it has opened end.

    Who has no password shows a session instead, here and everywhere, for which their provider asked within the last ten
    minutes who they are.
    """
    body = await body_of(request, {"password"}, {"code"})
    proof = Proof(text_in(body, "password"), text_in(body, "code"))
    return await quickly(lambda: desk_of(request).part(asker_of(request), proof, identifier))


def _perhaps(request: Request) -> Asker | None:
    """Who is signed in already, if anybody."""
    desk = desk_of(request)
    try:
        return asker_in(request.headers, desk.sessions, desk.clock())
    except NotSignedIn:
        return None


def _back(request: Request, name: str) -> str:
    """The address of this hub to which a provider sends people back."""
    return back_address(home_of(request, request.app.state.settings.url), name)


def back_address(home: str, name: str) -> str:
    """The address to which a provider sends people back, as it must be entered there."""
    return f"{home}/sign-in/back/{name}"


def _is_secure(request: Request) -> bool:
    return bool(request.app.state.settings.url.startswith("https:"))


def _short(body: dict[str, Any], name: str, most: int = MOST_SECRET) -> str:
    found = text_in(body, name)
    if len(found) > most:
        raise BadRequest(f"{name} has at most {most} characters.")
    return found
