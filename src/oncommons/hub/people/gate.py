"""Who may ask at a hub that wants to know its people: who is signed in or has a permit, and programs with a token.

The hub's own routes read no cookie.  A session or token is shown as a bearer (RFC 6750), which no page of another site
can make a browser do; the pages keep it in a cookie and have a defence of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from oncommons.hub.people.sessions import Asker, Sessions
from oncommons.schema.errors import OncommonsError
from oncommons.schema.errors_of_people import NotAllowed, NotSignedIn
from oncommons.schema.errors_of_permits import NoSuchPermit
from oncommons.schema.federation import PERMIT_HEADER, Pass
from oncommons.service.http import error_response

Whose = TypeVar("Whose")
_BEACON = (
    r"/api/beacon(/(info|service-info|configuration|map|entry_types|filtering_terms|.+/filtering_terms|schemas/.+))?/?"
)
OPEN = (
    re.compile(
        r"GET /api/(hub|openapi\.json|dictionary|terms|labels|datasets|nodes|audit|saved|saved/.+|projects|projects/.+|"
        r"analyses)"
    ),
    re.compile(r"POST /api/(nodes|token)"),
    re.compile(r"[A-Z]+ /api/link/.+"),
    re.compile(rf"(GET|POST) {_BEACON}"),
    re.compile(
        r"[A-Z]+ /api/(sessions|account|people|invitations|applications|application-form|application-invitations)(/.*)?"
    ),
    re.compile(r"[A-Z]+ /api/(decisions|permits|uses)(/.*)?"),
)
"""What needs nobody to be signed in, as method and path: what describes the federation and its projects,
what nodes call and what they prove by themselves, saved questions, which are kept to be cited, and the routes of people,
of applications and of decisions, which look themselves."""
SAVING = re.compile(r"POST /api/saved(/.*)?")
"""What needs the scope ``save``; all the rest needs ``ask``."""
UNDER_PERMIT = re.compile(
    r"POST /api/questions|GET /api/questions/[^/]+|POST /api/images/token|(GET|POST) /api/feasibility"
    r"|POST /api/saved(/.*)?|POST /api/lens(/beam)?|GET /api/lens/beam/[^/]+|(GET|POST) /api/runs(/.*)?|(GET|POST) /api/beacon/.+"
)
"""What can be asked under a permit: for these its pass is enough, which says who asks."""


def needed(method: str, path: str) -> str:
    """The scope that a request needs; empty for none."""
    asked = f"{method} {path}"
    if not path.startswith("/api/") or any(one.fullmatch(asked) for one in OPEN):
        return ""
    return "save" if SAVING.fullmatch(asked) else "ask"


def asker_in(headers: Headers, sessions: Sessions, now: float) -> Asker:
    """Who makes a request.

    Raises:
        NotSignedIn: nobody, or somebody whose session or token has ended.
    """
    kind, _, secret = headers.get("authorization", "").partition(" ")
    found = sessions.asker(secret.strip(), now) if kind.lower() == "bearer" and secret.strip() else None
    if found is None:
        raise NotSignedIn("Sign in, or show a token that has not ended.")
    return found


def whose_pass(headers: Mapping[str, str], whose: Callable[[str], Whose]) -> Whose:
    """Whose the pass in a request is.

    Args:
        headers: Those of the request.
        whose: Says whose a pass is; raises where it is nobody's.

    Raises:
        NoSuchPermit: nobody's, or none was shown.
        NotSignedIn: nobody's, and it was shown as a bearer, which is told as of all bearers (RFC 6750, 3.1).
    """
    try:
        return whose(Pass.shown(headers))
    except NoSuchPermit as fault:
        if headers.get(PERMIT_HEADER) or not Pass.shown(headers):
            raise
        raise NotSignedIn("The bearer is the pass of nobody. Paste it whole, or sign in.") from fault


Refusal = Callable[[Request, OncommonsError], Response | None]


class Gate:
    """Lets only people ask.

    Args:
        app: The application behind it.
        sessions: Ways in that were opened.
        clock: Seconds since the epoch.
        whose: Says whose the pass of a permit is; raises where it is nobody's.
        refusal: How errors are told at an address that has a shape of its own for them; ``None`` at all others.
    """

    def __init__(
        self,
        app: ASGIApp,
        sessions: Sessions,
        clock: Callable[[], float],
        whose: Callable[[str], object],
        refusal: Refusal = lambda *_: None,
    ) -> None:
        self.app, self.sessions, self.clock, self.whose, self.refusal = app, sessions, clock, whose, refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI 3)."""
        scope_needed = needed(scope["method"], scope["path"]) if scope["type"] == "http" else ""
        if scope_needed:
            try:
                await run_in_threadpool(self._check, scope, scope_needed)
            except OncommonsError as fault:
                refused = self.refusal(Request(scope), fault) or error_response(fault)
                if isinstance(fault, NotSignedIn):
                    refused.headers["www-authenticate"] = "Bearer"
                await refused(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _check(self, scope: Scope, scope_needed: str) -> None:
        headers = Headers(scope=scope)
        passed = Pass.shown(headers) and UNDER_PERMIT.fullmatch(f"{scope['method']} {scope['path']}")
        alone = passed and not (PERMIT_HEADER in headers and "authorization" in headers)
        scopes = () if alone else asker_in(headers, self.sessions, self.clock()).scopes
        if passed:
            whose_pass(headers, self.whose)
            return
        if not scopes:
            raise NotAllowed("You have no role here yet; ask a coordinator of your organisation for an invitation.")
        if scope_needed not in scopes:
            raise NotAllowed(f"The token does not have the scope {scope_needed}.")
