"""HTTP of decisions: what waits for somebody, one application, every step of the tables, permits, and uses of data.

Who has nothing to do with an application is told the same as of one that there is not.  Whether a step may be taken is
decided by :mod:`oncommons.policy.access` alone.  Programs with a token decide nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse

from oncommons.hub.applications.beside import saving
from oncommons.hub.decisions.desk import DecisionDesk
from oncommons.hub.people.routes import asker_of, body_of, quickly, text_in
from oncommons.policy.access.application import Move, Proposal
from oncommons.policy.access.states import APPLICATION, CASE, Row
from oncommons.schema.application_form import plain_text
from oncommons.schema.errors import BadRequest
from oncommons.schema.people import check_words
from oncommons.service.http import NO_STORE

LONGEST_WORDS = 5_000
MOST_CONDITIONS = 20
LONGEST_CONDITION = 400
SPOKEN = frozenset({"return", "ask", "answer", "comment", "report"})
"""Moves that say something."""
_KEYS: Mapping[str, tuple[str, ...]] = {
    "vote": ("yes",),
    "propose": ("datasets", "conditions"),
    "appoint": ("person", "role"),
}
"""What a move's body needs besides ``seen`` and ``text``."""

router = APIRouter()


def decisions_of(request: Request) -> DecisionDesk:
    """The desk that the application was made with."""
    found: DecisionDesk = request.app.state.decisions
    return found


@router.get("/api/decisions", summary="What waits for you")
def mine(request: Request) -> JSONResponse:
    """Who is signed in: what waits for them and by when, the most urgent first, and every application they know."""
    return JSONResponse(decisions_of(request).mine(asker_of(request).person), headers=NO_STORE)


@router.get("/api/decisions/{identifier}", summary="One application")
def one(request: Request, identifier: str) -> JSONResponse:
    """How it stands, who must act until when, what happened, and what you can do; as far as it is yours to see."""
    return JSONResponse(decisions_of(request).one(identifier, asker_of(request).person), headers=NO_STORE)


@router.get("/api/decisions/{identifier}/documents/{document}", summary="A document of an application")
def document(request: Request, identifier: str, document: str) -> FileResponse:
    """For those who decide: to be kept, not shown; browsers are told to save it and not to guess what it is."""
    found, path = decisions_of(request).document(identifier, asker_of(request).person, document)
    return FileResponse(path, media_type=found.kind, headers=saving(found.name) | {"x-digest-sha256": found.digest})


@router.get("/api/permits", summary="Your permits")
def permits(request: Request) -> JSONResponse:
    """The permits under which who is signed in may ask."""
    return JSONResponse({"permits": decisions_of(request).permits(asker_of(request).person)}, headers=NO_STORE)


@router.post("/api/permits/{identifier}/pass", summary="A new pass")
async def new_pass(request: Request, identifier: str) -> JSONResponse:
    """A pass for one of your permits, told this once; the one before opens nothing from then on."""
    await body_of(request, ())
    return await quickly(lambda: decisions_of(request).new_pass(identifier, asker_of(request).person), 201)


@router.get("/api/uses", summary="Projects that use your organisation's data")
def uses(request: Request) -> JSONResponse:
    """Permits that name datasets of the organisations at which you look after data or decide about them."""
    return JSONResponse(decisions_of(request).uses(asker_of(request).person), headers=NO_STORE)


@router.post("/api/decisions/{identifier}/submit", summary="Hand an application in")
async def submit(request: Request, identifier: str) -> JSONResponse:
    """For the first time, or again when it was given back; it must be complete."""
    await body_of(request, ())
    return await quickly(lambda: decisions_of(request).submit(identifier, asker_of(request).person))


def _said(body: Mapping[str, Any], kind: str) -> str:
    """What somebody says.

    Raises:
        BadRequest: it is too long, or nothing where something must be said.
    """
    text = plain_text(text_in(dict(body), "text")).strip()
    if len(text) > LONGEST_WORDS or (kind in SPOKEN and not text):
        raise BadRequest(f"Say something, in at most {LONGEST_WORDS:,} characters.", at="text")
    return text


def _proposal(body: Mapping[str, Any]) -> Proposal:
    datasets, conditions = body["datasets"], body["conditions"]
    if not isinstance(datasets, list) or not all(isinstance(one, str) for one in datasets):
        raise BadRequest("datasets is a list of names.", at="datasets")
    if not isinstance(conditions, list) or len(conditions) > MOST_CONDITIONS:
        raise BadRequest(f"conditions is a list of at most {MOST_CONDITIONS} sentences.", at="conditions")
    lines = tuple(check_words(one, "A condition", LONGEST_CONDITION) for one in conditions)
    return Proposal(frozenset(datasets), lines)


def _move(kind: str, body: Mapping[str, Any], person: str, holder: str, desk: DecisionDesk) -> Move:
    """What somebody does, from the body of a request.

    Raises:
        BadRequest: the body does not say it.
    """
    move = Move(kind, person, 0.0, holder, _said(body, kind))
    if kind == "vote":
        if not isinstance(body["yes"], bool):
            raise BadRequest("yes is true or false.", at="yes")
        return replace(move, yes=body["yes"])
    if kind == "propose":
        return replace(move, proposal=_proposal(body))
    if kind == "appoint":
        known = desk.account(text_in(dict(body), "person"))
        return replace(move, text=known, role=text_in(dict(body), "role"))
    return move


def _seen(body: Mapping[str, Any]) -> int | None:
    seen = body.get("seen")
    if seen is not None and (type(seen) is not int or seen < 0):
        raise BadRequest("seen is how many things had happened when you looked.", at="seen")
    return seen


async def _step(request: Request, identifier: str, kind: str, holder: str = "") -> JSONResponse:
    """Take a step of the tables."""
    needed = (*_KEYS.get(kind, ()), *(("text",) if kind in SPOKEN else ()))
    body = await body_of(request, needed, ("seen", "text"))

    def work() -> dict[str, Any]:
        desk, person = decisions_of(request), asker_of(request).person
        try:
            move, seen = _move(kind, body, person, holder, desk), _seen(body)
        except BadRequest:
            desk.docket.one(identifier, person)  # to who has nothing to do with it there is none, whatever they sent
            raise
        return desk.act(identifier, move, seen)

    return await quickly(work)


def _of_application(kind: str) -> Callable[..., Awaitable[JSONResponse]]:
    async def step(request: Request, identifier: str) -> JSONResponse:
        return await _step(request, identifier, kind)

    return step


def _of_case(kind: str) -> Callable[..., Awaitable[JSONResponse]]:
    async def step(request: Request, identifier: str, holder: str) -> JSONResponse:
        return await _step(request, identifier, kind, holder)

    return step


def _add(rows: Sequence[Row], path: str, make: Callable[[str], Callable[..., Awaitable[JSONResponse]]]) -> None:
    """One route for each move of a table."""
    for row in {row.move: row for row in reversed(rows) if row.move != "submit"}.values():
        step = make(row.move)
        body = ", ".join(f"``{key}``" for key in (*_KEYS.get(row.move, ()), *(("text",) if row.move in SPOKEN else ())))
        step.__doc__ = f"A step of the table of states. The body has {body or 'nothing'}, and perhaps ``seen``."
        says = row.says[0].upper() + row.says[1:]
        router.add_api_route(f"{path}/{row.move}", step, methods=["POST"], summary=says)


_add(APPLICATION, "/api/decisions/{identifier}", _of_application)
_add(CASE, "/api/decisions/{identifier}/holders/{holder}", _of_case)
