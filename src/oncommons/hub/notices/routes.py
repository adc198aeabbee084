"""HTTP of the inbox: one's own notices, marking them as read, how to be told by e-mail."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from oncommons.hub.notices.inbox import Inbox
from oncommons.hub.people.routes import asker_of, body_of, desk_of, quickly
from oncommons.schema.errors import BadRequest
from oncommons.schema.notices import KINDS, check_wishes
from oncommons.service.http import NO_STORE

MOST_PAGES = 10_000
MOST_READ = 500
"""Notices that are marked at once, by name."""

router = APIRouter()


def inbox_of(request: Request) -> Inbox:
    """The inbox that the application was made with."""
    found: Inbox = request.app.state.inbox
    return found


@router.get("/api/account/inbox", summary="Your inbox")
def inbox(request: Request) -> JSONResponse:
    """What waits for who is signed in, what is due first coming first, and a page of news, unread first.

    ``page`` counts pages of news from 1; ``more`` says whether there is a next one.
    """
    person, found = asker_of(request).person, inbox_of(request)
    page = _page(request.query_params.get("page", "1"))
    news, more = found.news(person, page)
    told = {"waits": found.waiting(person), "news": news, "page": page, "more": more}
    return JSONResponse(found.counts(person) | told, headers=NO_STORE)


@router.get("/api/account/inbox/count", summary="How much is in your inbox")
def count(request: Request) -> JSONResponse:
    """How much waits for who is signed in, and how much news is unread."""
    return JSONResponse(inbox_of(request).counts(asker_of(request).person), headers=NO_STORE)


@router.post("/api/account/inbox/read", summary="Mark notices as read")
async def read(request: Request) -> JSONResponse:
    """The body has ``ids``, a list, or ``all``, which is true; what is not one's own is passed over.

    What waits goes on waiting until it is done.
    """
    body = await body_of(request, set(), {"ids", "all"})
    ids = body.get("ids")
    if (body.get("all") is True) == ("ids" in body) or ("ids" in body and not _are_ids(ids)):
        raise BadRequest(f"The body has ids, a list of at most {MOST_READ}, or all, which is true.")

    def work() -> dict[str, Any]:
        asker = asker_of(request)
        return {"read": inbox_of(request).read(asker.person, ids, desk_of(request).clock())}

    return await quickly(work)


@router.get("/api/account/inbox/wishes", summary="How you are told by e-mail")
def wishes(request: Request) -> JSONResponse:
    """Kind of notice to ``at once``, ``daily`` or ``none``; ``sends`` says whether this hub sends e-mail at all."""
    found = inbox_of(request).wishes(asker_of(request).person)
    return JSONResponse({"wishes": found, "sends": request.app.state.sends_mail()}, headers=NO_STORE)


@router.put("/api/account/inbox/wishes", summary="Choose how you are told by e-mail")
async def wish(request: Request) -> JSONResponse:
    """The body has some kinds, and for each ``at once``, ``daily`` or ``none``; it holds for what was not sent yet, too."""
    body = await body_of(request, set(), KINDS)
    return await quickly(lambda: inbox_of(request).wish(asker_of(request).person, check_wishes(body)))


def _page(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0  # noqa: PLR2004
    if not 0 < number <= MOST_PAGES:
        raise BadRequest(f"page is a number from 1 to {MOST_PAGES:,}.")
    return number


def _are_ids(ids: object) -> bool:
    return isinstance(ids, list) and len(ids) <= MOST_READ and all(isinstance(one, str) for one in ids)
