"""HTTP for those who look after people: who is here, invitations, roles.

Every route looks at the roles of who calls.  What somebody may not see is not there for them: a wrong identifier and
one of another organisation get the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from oncommons.hub.people.desk import Desk
from oncommons.hub.people.links import Link
from oncommons.hub.people.register import Held, Person
from oncommons.hub.people.routes import asker_of, body_of, desk_of, quickly
from oncommons.hub.people.rules import GIVES, Membership, is_operator, may_give, sees
from oncommons.hub.people.sessions import Asker
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_people import NotAllowed
from oncommons.schema.people import ROLES, check_email, check_role, check_words
from oncommons.schema.saved import utc
from oncommons.service.http import NO_STORE, home_of

router = APIRouter()


def _held(request: Request) -> tuple[Desk, Asker, list[Membership]]:
    """Who calls and the roles that let them look after people.

    Raises:
        NotAllowed: none of the roles does.
    """
    desk, asker = desk_of(request), asker_of(request)
    held = desk.register.memberships(asker.person)
    if not any(one.role in GIVES for one in held):
        raise NotAllowed("Operators and coordinators look after people.")
    return desk, asker, held


@router.get("/api/people", summary="Who is here")
def everybody(request: Request) -> JSONResponse:
    """People with their roles, and invitations that wait; a coordinator sees those of the own organisation."""
    desk, _, held = _held(request)
    seen, now = sees(held), desk.clock()
    body = {
        "people": [person_told(person, roles) for person, roles in desk.register.everybody(seen)],
        "invitations": [invitation_told(one) for one in desk.links.waiting(seen, now)],
        "organisations": [
            {"id": key, "name": name}
            for key, name in desk.register.organisations().items()
            if seen is None or key in seen
        ],
        "roles": [role for role in ROLES if any(role in GIVES.get(one.role, ()) for one in held)],
        "everywhere": is_operator(held),
    }
    return JSONResponse(body, headers=NO_STORE)


@router.post("/api/people/invitations", summary="Invite somebody")
async def invite(request: Request) -> JSONResponse:
    """The body has ``email``, ``organisation`` by its name, and ``role``; answers a link that works once, for a week.

    An operator may name an organisation that there is not yet; it is made.
    """
    body = await body_of(request, {"email", "organisation", "role"})

    def work() -> dict[str, Any]:
        desk, asker, held = _held(request)
        email, role = check_email(body["email"]), check_role(body["role"])
        name = check_words(body["organisation"], "An organisation's name")
        known = desk.register.organisation_called(name)
        if not may_give(held, known, role):
            raise NotAllowed("Your roles do not let you give this role there.")
        place = known or desk.register.organisation(name, desk.clock())
        secret = desk.links.invite(email, place, role, asker.person, desk.clock())
        return {"email": email, "link": link_to(home_of(request, request.app.state.settings.url), secret)}

    return await quickly(work, 201)


@router.delete("/api/people/invitations/{identifier}", summary="Withdraw an invitation")
def withdraw(request: Request, identifier: str) -> JSONResponse:
    """Its link opens nothing from then on."""
    desk, _, held = _held(request)
    waiting = {one.id: one for one in desk.links.waiting(sees(held), desk.clock())}
    link = waiting.get(identifier)
    if link is None:
        raise NotFound("No such invitation waits.")
    if not may_give(held, link.organisation, link.role):
        raise NotAllowed("Your roles do not let you withdraw this.")
    desk.links.withdraw(identifier)
    return JSONResponse({"withdrawn": identifier})


@router.post("/api/people/{identifier}/roles", summary="Give somebody a role")
async def give(request: Request, identifier: str) -> JSONResponse:
    """The body has ``organisation``, by its identifier, and ``role``."""
    body = await body_of(request, {"organisation", "role"})

    def work() -> dict[str, Any]:
        desk, _, held = _held(request)
        role, place = check_role(body["role"]), str(body["organisation"])
        _seen(desk, held, identifier)
        if not may_give(held, place, role):
            raise NotAllowed("Your roles do not let you give this role there.")
        desk.register.give(identifier, place, role, desk.clock())
        return {"given": role}

    return await quickly(work, 201)


@router.delete("/api/people/{identifier}/roles/{organisation}/{role}", summary="Take a role from somebody")
def take(request: Request, identifier: str, organisation: str, role: str) -> JSONResponse:
    """The last operator of a hub keeps the role."""
    desk, _, held = _held(request)
    _seen(desk, held, identifier)
    if not may_give(held, organisation, role):
        raise NotAllowed("Your roles do not let you take this role.")
    desk.register.take(identifier, organisation, role, desk.clock())
    return JSONResponse({"taken": role})


@router.post("/api/people/{identifier}/link", summary="Make a link for a new password")
async def renew(request: Request, identifier: str) -> JSONResponse:
    """For somebody who has lost password or second factor; works once, for an hour. Operators only."""
    await body_of(request, set())

    def work() -> dict[str, Any]:
        desk, asker, held = _held(request)
        _operator(held)
        secret = desk.links.reset(desk.register.person(identifier).email, asker.person, desk.clock())
        return {"link": link_to(home_of(request, request.app.state.settings.url), secret)}

    return await quickly(work, 201)


@router.delete("/api/people/{identifier}", summary="Remove somebody")
def remove(request: Request, identifier: str) -> JSONResponse:
    """Erase an account: name, address, roles and all that is open; a pseudonym stays. Operators only."""
    desk, _, held = _held(request)
    _operator(held)
    desk.erase_person(identifier)
    return JSONResponse({"removed": identifier})


def link_to(home: str, secret: str) -> str:
    """The link that opens an invitation or a new password."""
    return f"{home}/welcome/{secret}"


def _operator(held: list[Membership]) -> None:
    if not is_operator(held):
        raise NotAllowed("Only an operator may do this.")


def _seen(desk: Desk, held: list[Membership], identifier: str) -> None:
    """See that somebody is one of those whom the caller sees."""
    seen, person = sees(held), desk.register.person(identifier)
    if seen is not None and all(one.organisation not in seen for one in desk.register.memberships(person.id)):
        raise NotFound("This hub knows no such person.")


def person_told(person: Person, roles: Sequence[Held]) -> dict[str, Any]:
    """A person with their roles, as JSON for those who look after people."""
    told = {"id": person.id, "name": person.name, "email": person.email, "made": utc(person.made)}
    ways = {"has_password": bool(person.password), "second_factor": bool(person.factor)}
    return told | ways | {"roles": [one.to_json() for one in roles]}


def invitation_told(one: Link) -> dict[str, Any]:
    """An invitation that waits, as JSON for those who look after people; its link is not told again."""
    told = {"id": one.id, "email": one.email, "organisation": one.name, "role": one.role}
    return {**told, "expires": utc(one.expires)}
