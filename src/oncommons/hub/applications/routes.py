"""HTTP of writing applications: begin, look, save, copy, take another form, delete.

Every route is for people with a session, and for the authors of the application that it names; to everybody else there
is no such application.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from oncommons.hub.applications.office import Office, opening, people_in, saved_json
from oncommons.hub.people.desk import Desk
from oncommons.hub.people.routes import asker_of, body_of, desk_of, quickly
from oncommons.schema.application import Application, read_answers
from oncommons.schema.application_form import MEANT
from oncommons.schema.errors import BadRequest, NotFound
from oncommons.schema.saved import utc
from oncommons.service.http import NO_STORE

MOST_BYTES = 1_000_000
"""Bytes of all answers that are sent at once."""

router = APIRouter()


def office_of(request: Request) -> Office:
    """The office that the application was made with.

    Raises:
        NotFound: this hub takes no applications.
    """
    found: Office = request.app.state.applications
    if not found.is_open:
        raise NotFound("This hub takes no applications; its operator may start it with --people required.")
    return found


def writer_of(request: Request) -> tuple[Office, Desk, str]:
    """The office, the desk of people, and who calls, with a session.

    Raises:
        NotSignedIn: nobody, or somebody whose session has ended.
        NotAllowed: a program.
    """
    office = office_of(request)
    return office, desk_of(request), asker_of(request).person


async def written(
    request: Request, needed: Collection[str], also: Collection[str] = ()
) -> tuple[Office, Desk, str, dict[str, Any]]:
    """As :func:`writer_of`, and the body of the request, which is not read before it is known who calls.

    Raises:
        NotSignedIn: nobody, or somebody whose session has ended.
        NotAllowed: a program.
        BadRequest: the body is no object with these keys, and perhaps others.
    """
    writer = await run_in_threadpool(writer_of, request)
    return *writer, await body_of(request, needed, also, MOST_BYTES)


@router.get("/api/application-form", summary="The form of applications")
def form(request: Request, version: int = 0) -> JSONResponse:
    """The form that new applications are written with, or that of a version; ``meant`` are names with a meaning."""
    office, _, _ = writer_of(request)
    found = office.forms.at(version) if version else office.forms.newest()
    return JSONResponse({"form": found.to_json(), "meant": dict(MEANT)}, headers=NO_STORE)


@router.get("/api/applications", summary="Your applications")
def mine(request: Request) -> JSONResponse:
    """The applications that you write, the last changed first, and invitations to your address."""
    office, desk, person = writer_of(request)
    now, found = desk.clock(), office.book.mine(person)
    waiting = office.authors.waiting_for(office.register.person(person).email, now)
    names = office.names({one for each in found for one in each.writers} | {one.by for one in waiting})
    body = {
        "applications": [_short(one, office) for one in found],
        "invitations": [{"id": one.id, "by": names[one.by], "expires": utc(one.expires)} for one in waiting],
        "people": names,
        "you": person,
    }
    return JSONResponse(body, headers=NO_STORE)


@router.post("/api/applications", summary="Begin an application")
async def begin(request: Request) -> JSONResponse:
    """The body may have ``answers`` to begin with, such as the cohort question that was just asked."""
    office, desk, person, body = await written(request, (), {"answers"})

    def work() -> dict[str, Any]:
        newest = office.forms.newest()
        known = {name: value for name, value in opening(body).items() if newest.paragraph(name)}
        return {"id": office.book.begin(person, newest.version, known, desk.clock())}

    return await quickly(work, 201)


@router.get("/api/applications/{identifier}", summary="An application that you write")
def one(request: Request, identifier: str) -> JSONResponse:
    """The application with its form, what is missing, which terms of use fit, comments and invitations."""
    office, desk, person = writer_of(request)
    return JSONResponse(office.told(office.book.one(identifier, person), person, desk.clock()), headers=NO_STORE)


@router.put("/api/applications/{identifier}/answers", summary="Save answers")
async def save(request: Request, identifier: str) -> JSONResponse:
    """The body has ``answers`` and, for each, in ``revisions`` the revision that was seen, 0 where there was none.

    Answers that somebody else has changed since are not overwritten: ``late`` has what stands, and what was sent is
    kept beside it.
    """
    office, desk, person, body = await written(request, {"answers", "revisions"})
    answers, seen = read_answers(body["answers"]), body["revisions"]
    if not isinstance(seen, dict) or not all(type(n) is int and n >= 0 for n in seen.values()):
        raise BadRequest("revisions are whole numbers, by the names of paragraphs.")

    def work() -> dict[str, Any]:
        saved = office.book.save(identifier, person, answers, seen, desk.clock())
        return saved_json(saved, office.names(people_in(saved)))

    return await quickly(work)


@router.get("/api/applications/{identifier}/earlier/{paragraph}", summary="Earlier texts of a paragraph")
def earlier(request: Request, identifier: str, paragraph: str) -> JSONResponse:
    """Texts that do not stand, the newest first; ``aside`` are those that came too late."""
    office, _, person = writer_of(request)
    found = office.book.earlier(identifier, person, paragraph)
    names = office.names(one.by for one in found)
    body = [vars(one) | {"value": one.value, "by": names[one.by], "at": utc(one.at)} for one in found]
    return JSONResponse({"earlier": body}, headers=NO_STORE)


@router.post("/api/applications/{identifier}/copy", summary="Copy an application")
def copy(request: Request, identifier: str) -> JSONResponse:
    """A new application with the same answers and documents; authors and comments are not copied."""
    office, desk, person = writer_of(request)
    return JSONResponse({"id": office.copied(identifier, person, desk.clock())}, 201, NO_STORE)


@router.put("/api/applications/{identifier}/form", summary="Write on with the newest form")
def take_form(request: Request, identifier: str) -> JSONResponse:
    """All answers and documents stay; those to paragraphs that the form does not have any more are shown apart."""
    office, desk, person = writer_of(request)
    version = office.forms.newest().version
    office.book.take_form(identifier, person, version, desk.clock())
    return JSONResponse({"form": version})


@router.delete("/api/applications/{identifier}", summary="Delete a draft")
def delete(request: Request, identifier: str) -> JSONResponse:
    """With all that belongs to it; only who began it may, and only as long as it was not handed in."""
    office, _, person = writer_of(request)
    office.documents.forget(office.book.delete(identifier, person))
    return JSONResponse({"deleted": identifier})


def _short(application: Application, office: Office) -> dict[str, Any]:
    """An application in a list."""
    return {
        "id": application.id,
        "title": application.title,
        "state": application.state,
        "applicant": application.applicant,
        "authors": list(application.authors),
        "datasets": len(application.datasets),
        "holders": list(application.holders),
        "lacking": office.lacking(application),
        "made": utc(application.made),
        "changed": utc(application.changed),
    }
