"""HTTP of what lies beside the answers: documents, authors, comments."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse

from oncommons.hub.applications.office import Office
from oncommons.hub.applications.routes import writer_of, written
from oncommons.hub.people.desk import Desk
from oncommons.hub.people.routes import quickly, text_in
from oncommons.schema.errors_of_applications import ApplicationError
from oncommons.schema.people import check_email
from oncommons.schema.saved import utc
from oncommons.service.http import home_of

router = APIRouter()


@router.post("/api/applications/{identifier}/documents", summary="Attach a document")
async def attach(request: Request, identifier: str, paragraph: str, name: str) -> JSONResponse:
    """The body is the document, of 20 MB at most; what it is, its content says."""

    def look() -> tuple[Office, Desk, str]:
        office, desk, person = writer_of(request)
        found = office.book.one(identifier, person)
        known = office.forms.at(found.application.form).paragraph(paragraph)
        if not found.application.is_open or known is None or known.kind != "documents":
            raise ApplicationError("Nothing can be attached there now.")
        return office, desk, person

    office, desk, person = await run_in_threadpool(look)
    async with office.documents.arriving(request.stream(), request.headers.get("content-length", "")) as draft:
        to, now = (identifier, paragraph), desk.clock()
        found = await run_in_threadpool(office.documents.attach, to, person, draft, name[:500], now)
    return JSONResponse(found.to_json() | {"at": utc(found.at)}, 201)


@router.get("/api/applications/{identifier}/documents/{document}", summary="A document")
def document(request: Request, identifier: str, document: str) -> FileResponse:
    """To be kept, not shown: browsers are told to save it and not to guess what it is."""
    office, _, person = writer_of(request)
    found, path = office.documents.open(office.book.one(identifier, person).application, document)
    return FileResponse(path, media_type=found.kind, headers=saving(found.name) | {"x-digest-sha256": found.digest})


@router.delete("/api/applications/{identifier}/documents/{document}", summary="Take a document away")
def detach(request: Request, identifier: str, document: str) -> JSONResponse:
    """It is gone; copies of the application keep theirs."""
    office, desk, person = writer_of(request)
    office.documents.remove(identifier, person, document, desk.clock())
    return JSONResponse({"removed": document})


@router.post("/api/applications/{identifier}/invitations", summary="Invite an author")
async def invite(request: Request, identifier: str) -> JSONResponse:
    """With ``email``, whoever signs in with it; without, whoever has the link, which works once, for a week."""
    office, desk, person, body = await written(request, (), {"email"})
    email = check_email(body["email"]) if body.get("email") else ""

    def work() -> dict[str, Any]:
        secret = office.authors.invite(identifier, person, email, desk.clock())
        home = home_of(request, request.app.state.settings.url)
        return {"email": email, "link": f"{home}/applications/join/{secret}"}

    return await quickly(work, 201)


@router.delete("/api/applications/{identifier}/invitations/{invitation}", summary="Withdraw an author's invitation")
def withdraw(request: Request, identifier: str, invitation: str) -> JSONResponse:
    """It opens nothing from then on."""
    office, _, person = writer_of(request)
    office.authors.withdraw(identifier, person, invitation)
    return JSONResponse({"withdrawn": invitation})


@router.post("/api/application-invitations", summary="Become an author")
async def join(request: Request) -> JSONResponse:
    """The body has ``invitation``: the secret of a link, or the identifier of an invitation to your address."""
    office, desk, person, body = await written(request, {"invitation"})

    def work() -> dict[str, Any]:
        email = office.register.person(person).email
        return {"id": office.authors.join(person, email, text_in(body, "invitation"), desk.clock())}

    return await quickly(work)


@router.delete("/api/applications/{identifier}/authors/{author}", summary="Take an author away")
def leave(request: Request, identifier: str, author: str) -> JSONResponse:
    """The applicant takes others away, and each author themselves."""
    office, desk, person = writer_of(request)
    office.authors.leave(identifier, person, author, desk.clock())
    return JSONResponse({"removed": author})


@router.post("/api/applications/{identifier}/comments", summary="Say something about a paragraph")
async def comment(request: Request, identifier: str) -> JSONResponse:
    """The body has ``paragraph`` and ``text``, and ``thread`` to answer one, which opens it again."""
    office, desk, person, body = await written(request, {"paragraph", "text"}, {"thread"})
    words = (text_in(body, "paragraph"), text_in(body, "thread"), text_in(body, "text"))
    return await quickly(lambda: {"id": office.comments.say(identifier, person, words, desk.clock())}, 201)


@router.put("/api/applications/{identifier}/comments/{thread}", summary="Resolve a thread")
async def resolve(request: Request, identifier: str, thread: str) -> JSONResponse:
    """The body has ``resolved``, true or false to open it again."""
    office, desk, person, body = await written(request, {"resolved"})

    def work() -> dict[str, Any]:
        office.comments.resolve(identifier, person, thread, desk.clock() if body["resolved"] is True else None)
        return {"resolved": body["resolved"] is True}

    return await quickly(work)


def saving(name: str) -> dict[str, str]:
    """Headers that have a browser keep a file under a name (RFC 6266, RFC 8187), and take it for nothing else."""
    plain = "".join(sign if sign.isascii() and sign not in '"\\' else "_" for sign in name)
    told = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {"content-disposition": told, "cache-control": "private, no-store"}
