"""HTTP of people: signing in, one's own account, links that work once.

Nothing here reads a cookie: who calls shows a session as a bearer, which a page of another site cannot do for them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from oncommons.hub.link.routes import read_json
from oncommons.hub.people.desk import Desk, Proof
from oncommons.hub.people.entry import Attempt, Opened, is_loopback
from oncommons.hub.people.gate import asker_in
from oncommons.hub.people.links import LINK_REFUSED, Link
from oncommons.hub.people.rules import LINK_KINDS, LINKS, check_password
from oncommons.hub.people.sessions import Asker
from oncommons.schema.errors import BadRequest
from oncommons.schema.errors_of_people import InviteRefused, LinksOff, NotAllowed, TooManyTries
from oncommons.schema.federation import INSIDE, PLACE_HEADER
from oncommons.schema.people import check_email, check_words
from oncommons.schema.saved import utc
from oncommons.service.http import NO_STORE, json_body

MOST_BYTES = 16_384

router = APIRouter()


def desk_of(request: Request) -> Desk:
    """The desk that the application was made with."""
    found: Desk = request.app.state.people
    return found


def asker_of(request: Request) -> Asker:
    """Who makes a request, with a session: programs may do nothing about people and accounts.

    Raises:
        NotSignedIn: nobody, or somebody whose session has ended.
        NotAllowed: a program.
    """
    desk = desk_of(request)
    found = asker_in(request.headers, desk.sessions, desk.clock())
    if not found.session:
        raise NotAllowed("A token may do nothing about accounts; sign in.")
    return found


def place_of(request: Request) -> str:
    """The address on the network from which somebody calls, through the hub's own pages too; empty if nobody tells.

    A hub that others reach by its address has no callers on its own machine but a proxy that keeps to itself who they
    are: counted as one caller, a few guesses of strangers would make everybody wait.
    """
    found = request.client.host if request.client else ""
    if INSIDE in request.scope.get("extensions", {}):
        found = request.headers.get(PLACE_HEADER, "")
    home = urlsplit(request.app.state.settings.url).hostname or "localhost"
    return "" if is_loopback(found) and not is_loopback(home) else found


async def body_of(
    request: Request, needed: Collection[str], also: Collection[str] = (), most: int = MOST_BYTES
) -> dict[str, Any]:
    """The body of a request: an object with these keys, and perhaps others, of so many bytes at most.

    Raises:
        BadRequest: it is something else.
    """
    body = read_json(await json_body(request, most))
    known = {*needed, *also}
    if not isinstance(body, dict) or not set(needed) <= set(body) <= known:
        raise BadRequest(f"The body is an object with {', '.join(sorted(known)) or 'nothing'}.")
    return body


async def quickly(work: Callable[[], Any], status: int = 200) -> JSONResponse:
    """What some work gives back, done in a thread; nobody on the way keeps a copy."""
    return JSONResponse(await run_in_threadpool(work) or {"done": True}, status, NO_STORE)


def text_in(body: dict[str, Any], name: str) -> str:
    """A text of a body; empty where there is none.

    Raises:
        BadRequest: it is something else.
    """
    found = body.get(name, "")
    if not isinstance(found, str):
        raise BadRequest(f"{name} is a text.")
    return found


def _proof(body: dict[str, Any]) -> Proof:
    return Proof(text_in(body, "password"), text_in(body, "code"))


def _attempt(request: Request, body: dict[str, Any]) -> Attempt:
    return Attempt(
        check_email(body["email"]),
        text_in(body, "password"),
        text_in(body, "code"),
        text_in(body, "device"),
        place_of(request),
        request.headers.get("user-agent", ""),
    )


def _opened(request: Request, opened: Opened) -> dict[str, Any]:
    """What a sign-in gives back; ``secure`` tells pages that the hub is reached over HTTPS only."""
    secure = request.app.state.settings.url.startswith("https:")
    return {"session": opened.session, "device": opened.device, "person": opened.person.id, "secure": secure}


@router.post("/api/sessions", summary="Sign in")
async def sign_in(request: Request) -> JSONResponse:
    """Open a session with ``email``, ``password`` and, with a second factor, ``code``; shown as a bearer from then on.

    ``device`` is what an earlier sign-in from the same browser gave back, so that tries of strangers do not count here.
    """
    body = await body_of(request, {"email", "password"}, {"code", "device"})
    attempt = _attempt(request, body)

    def work() -> dict[str, Any]:
        desk = desk_of(request)
        opened = desk.entry.sign_in(attempt, desk.clock())
        return _opened(request, opened)

    return await quickly(work, 201)


@router.delete("/api/sessions", summary="Sign out")
def sign_out(request: Request) -> JSONResponse:
    """End the session that is shown."""
    asker = asker_of(request)
    desk_of(request).sessions.end(asker.person, asker.session)
    return JSONResponse({"ended": True})


@router.get("/api/account", summary="Your account")
def account(request: Request) -> JSONResponse:
    """All that the hub knows of who is signed in: name, address, roles, sessions, tokens."""
    return JSONResponse(desk_of(request).about(asker_of(request)), headers=NO_STORE)


@router.put("/api/account/name", summary="Change your name")
async def rename(request: Request) -> JSONResponse:
    """The body has ``name``."""
    body = await body_of(request, {"name"})
    return await quickly(lambda: desk_of(request).rename(asker_of(request), body["name"]))


@router.put("/api/account/password", summary="Change your password")
async def change_password(request: Request) -> JSONResponse:
    """The body has ``password``, the old one, ``new``, and ``code`` with a second factor; ends all else that is open."""
    body = await body_of(request, {"password", "new"}, {"code"})
    return await quickly(lambda: desk_of(request).change_password(asker_of(request), _proof(body), body["new"]))


@router.post("/api/account/second-factor", summary="A secret for a second factor")
async def new_factor(request: Request) -> JSONResponse:
    """A new secret, to type and as an address for apps; nothing is on before a code proves that the app has it.

    The body may have ``sealed`` of one that was given before, which is told again.
    """
    sealed = text_in(await body_of(request, set(), {"sealed"}), "sealed")
    name = request.app.state.settings.name
    return await quickly(lambda: desk_of(request).new_factor(asker_of(request), name, sealed), 201)


@router.put("/api/account/second-factor", summary="Turn the second factor on")
async def factor_on(request: Request) -> JSONResponse:
    """The body has ``password``, ``code`` of the app and ``sealed`` of the secret; answers the recovery codes, once."""
    body = await body_of(request, {"password", "code", "sealed"})

    def work() -> dict[str, Any]:
        return {"recovery_codes": desk_of(request).factor_on(asker_of(request), _proof(body), body["sealed"])}

    return await quickly(work)


@router.delete("/api/account/second-factor", summary="Turn the second factor off")
async def factor_off(request: Request) -> JSONResponse:
    """The body has ``password``, and ``code`` of the app or a recovery code."""
    body = await body_of(request, {"password", "code"})
    return await quickly(lambda: desk_of(request).factor_off(asker_of(request), _proof(body)))


@router.delete("/api/account/sessions/{identifier}", summary="End one of your sessions")
def end_session(request: Request, identifier: str) -> JSONResponse:
    """It opens nothing from then on; only one's own can be ended."""
    desk_of(request).sessions.end(asker_of(request).person, identifier)
    return JSONResponse({"ended": identifier})


@router.post("/api/account/tokens", summary="Make a token for a program")
async def make_token(request: Request) -> JSONResponse:
    """The body has ``name``, ``scopes``, ``days``, ``password``, and ``code`` with a second factor; shown this once."""
    body = await body_of(request, {"name", "scopes", "days", "password"}, {"code"})

    def work() -> dict[str, Any]:
        asker, told = asker_of(request), (body["name"], body["scopes"], body["days"])
        return {"token": desk_of(request).make_token(asker, _proof(body), *told)}

    return await quickly(work, 201)


@router.delete("/api/account/tokens/{identifier}", summary="End one of your tokens")
def end_token(request: Request, identifier: str) -> JSONResponse:
    """It opens nothing from then on; only one's own can be ended."""
    desk_of(request).sessions.end_token(asker_of(request).person, identifier)
    return JSONResponse({"ended": identifier})


@router.delete("/api/account", summary="Erase your account")
async def erase(request: Request) -> JSONResponse:
    """The body has ``password``, and ``code`` with a second factor; a pseudonym stays, without name and address."""
    body = await body_of(request, {"password"}, {"code"})
    return await quickly(lambda: desk_of(request).erase(asker_of(request), _proof(body)))


@router.post("/api/invitations/look", summary="What a link is for")
async def look(request: Request) -> JSONResponse:
    """The body has ``secret``, the end of the link; looking does not use it up.

    ``browser`` is what the browser was given when it asked for the link, without which such a link is not shown.
    """
    body = await body_of(request, {"secret"}, {"browser"})

    def work() -> dict[str, Any]:
        desk, shown = desk_of(request), (text_in(body, "secret"), text_in(body, "browser"))
        link = _trying(request, lambda: desk.links.look(shown[0], desk.clock(), shown[1]))
        told = {"purpose": link.purpose, "email": link.email, "organisation": link.name, "role": link.role}
        known = desk.register.find(link.email) is not None
        return told | {"known": known, "expires": utc(link.expires)}

    return await quickly(work)


@router.post("/api/invitations/accept", summary="Use a link")
async def accept(request: Request) -> JSONResponse:
    """The body has ``secret``, and what the link's kind asks for: ``password``, ``name``, ``code``, ``browser``.

    A new account has a name and a password.  Who has an account shows its password and gets the role.  A link for a new
    password sets it; a link to sign in opens a session.  Those that somebody has asked for want the browser's secret,
    and the code of who has a second factor.
    """
    body = await body_of(request, {"secret"}, {"password", "name", "code", "device", "browser"})
    shown = text_in(body, "secret"), text_in(body, "browser")

    def work() -> dict[str, Any]:
        desk = desk_of(request)
        link = _trying(request, lambda: desk.links.look(shown[0], desk.clock(), shown[1]))
        attempt = _attempt(request, body | {"email": link.email})
        use = _join if link.purpose == "join" else _own
        return _opened(request, use(desk, link, shown, attempt, text_in(body, "name")))

    return await quickly(work, 201)


def _join(desk: Desk, link: Link, shown: tuple[str, str], attempt: Attempt, name: str) -> Opened:
    """Accept an invitation: with a new account, or by who has one."""
    now = desk.clock()
    if desk.register.find(link.email) is not None:
        opened = desk.entry.sign_in(attempt, now)
        desk.links.accept(shown[0], opened.person.id, opened.person.email, now)
        return opened
    called = check_words(name, "A name")
    kept = desk.entry.passwords.hash(check_password(attempt.password, link.email, called))
    made = desk.links.join(shown[0], called, kept, now)
    desk.entry.forget(link.email)
    return desk.entry.open(replace(desk.register.person(made), password=kept), attempt, now)


def _own(desk: Desk, link: Link, shown: tuple[str, str], attempt: Attempt, _: str) -> Opened:
    """Use a link to an account that there is: to set a new password, or only to sign in.

    Raises:
        SignInRefused: the code of the second factor is asked for, and wrong; the link can be used again.
    """
    owner, now = desk.register.find(link.email), desk.clock()
    if owner is None:
        raise InviteRefused(LINK_REFUSED)
    kept = owner.password
    if link.kind.sets_password:
        kept = desk.entry.passwords.hash(check_password(attempt.password, link.email, owner.name))
    device = desk.entry.check_second(owner, attempt, now) if link.kind.asks_code else ""
    if link.kind.sets_password:
        desk.links.renew(shown[0], link, kept, now, shown[1])
    else:
        desk.links.enter(shown[0], now, shown[1])
    desk.entry.forget(link.email)
    found = replace(desk.register.person(owner.id), password=kept)
    return desk.entry.open(found, attempt, now, device, is_news=not link.kind.sets_password)


@router.get("/api/sessions/links", summary="What links by e-mail are for here")
async def ways(request: Request) -> JSONResponse:
    """``links`` lists ``sign-in`` and ``password``, where this hub sends such links."""
    return await quickly(lambda: {"links": list(request.app.state.sends_links())})


@router.post("/api/sessions/links", summary="Have a link sent to you")
async def ask_link(request: Request) -> JSONResponse:
    """The body has ``email`` and ``purpose``: ``sign-in``, or ``password`` for who has forgotten it.

    The link goes to that address if it is the one of an account with a password; the answer, and how long it takes, are
    the same if it is not.  ``browser`` in the answer is to be shown with the link, which works only together with it.
    A browser that has asked before may show what it got then, so that both links work there.
    """
    body = await body_of(request, {"email", "purpose"}, {"browser", "device"})
    attempt, purpose, browser = _attempt(request, body), text_in(body, "purpose"), text_in(body, "browser")

    def work() -> dict[str, Any]:
        desk = desk_of(request)
        if purpose not in request.app.state.sends_links():
            raise LinksOff("This hub sends no such link by e-mail. An operator can make you one.")
        desk.entry.ask_link(attempt, desk.clock())
        secret = desk.mailed.ask(purpose, attempt.email, browser, desk.clock())
        secure = request.app.state.settings.url.startswith("https:")
        return {"browser": secret, "seconds": LINK_KINDS[purpose].seconds, "secure": secure}

    return await quickly(work, 202)


def _trying(request: Request, look_up: Callable[[], Any]) -> Any:
    """What a link is, or a wrong try of the address that asks."""
    desk, place = desk_of(request), place_of(request)[:64]
    paces = {f"link:{place}": LINKS} if place else {}
    if desk.entry.tries.take(paces, desk.clock()) > 0:
        raise TooManyTries("Too many links that were wrong; wait some minutes.")
    found = look_up()
    desk.entry.tries.give_back(paces, desk.clock())
    return found
