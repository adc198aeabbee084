"""What pages of a hub for people who are signed in share: their session, the way to sign in, and how answers are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeAlias
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from oncommons.client.connection import Connection
from oncommons.client.people import People
from oncommons.client.transport import File
from oncommons.schema.errors import OncommonsError
from oncommons.schema.errors_of_people import NotSignedIn
from oncommons.schema.federation import PERMIT_HEADER, PLACE_HEADER
from oncommons.web.error_pages import Shown
from oncommons.web.keeping import FORM, SESSION, check_form, forget, form_token, keep, kept, kept_pass, new_form_secret
from oncommons.web.serving import Page, Sent, status_of
from oncommons.web.uploads import form_fields

NO_STORE = "private, no-store"
"""Nobody on the way keeps a page of somebody who is signed in."""
Pairs: TypeAlias = Sequence[tuple[str, str]]
"""Fields of a form, in their order."""


def shown_by(connection: Connection, request: Request) -> Connection:
    """The connection for whoever looks at a page, with their session and the pass under which they ask."""
    browser = request.headers.get("user-agent", "").encode("ascii", "replace").decode()
    place = request.client.host if request.client else ""
    passing = kept_pass(request)
    under = {PERMIT_HEADER: passing} if passing else {}
    return connection.showing(kept(request, SESSION), {"user-agent": browser, PLACE_HEADER: place, **under})


def to_sign_in(request: Request) -> Response:
    """Where somebody goes whose session has ended; from there, back to the page."""
    answer = RedirectResponse(f"/sign-in?next={quote(request.url.path, safe='/')}", 303)
    forget(answer, SESSION)
    return answer


def saving(file: File) -> Response:
    """A document as browsers get it: to be kept under its name and not shown, whatever it holds."""
    headers = {
        "content-disposition": file.disposition,
        "content-security-policy": "sandbox; default-src 'none'",
        "cache-control": NO_STORE,
    }
    return Response(file.content, media_type=file.kind, headers=headers)


class HubPages:
    """Some pages of a hub.

    Args:
        connection: To the hub.
        show: Makes a page.
    """

    def __init__(self, connection: Connection, show: Shown) -> None:
        self.connection, self.show = connection, show

    def sign_in_first(self, request: Request) -> Response:
        """What somebody is answered who is not signed in, or not any more."""
        return to_sign_in(request)

    def for_signed_in(self, page: Page) -> Page:
        """A page for somebody who is signed in; others are led to signing in, and back."""

        @wraps(page)
        def shown(request: Request) -> Response:
            try:
                return page(request) if kept(request, SESSION) else self.sign_in_first(request)
            except NotSignedIn:
                return self.sign_in_first(request)

        return shown

    def for_form(self, page: Callable[[Request, Pairs], Response]) -> Sent:
        """A page that is sent a form of ours by somebody who is signed in."""

        @wraps(page)
        def shown(request: Request, body: bytes) -> Response:
            session, sent = kept(request, SESSION), form_fields(body)
            if not session:
                return self.sign_in_first(request)
            check_form(request, session, dict(sent))
            try:
                return page(request, sent)
            except NotSignedIn:
                return self.sign_in_first(request)

        return shown

    def inside(self, request: Request, template: str, fault: OncommonsError | None = None, /, **shown: Any) -> Response:
        """A page for somebody who is signed in.

        Args:
            request: What was asked.
            template: Name of the template.
            fault: What went wrong, shown on the page and told by its status.
            shown: What the template shows; ``status`` is that of the page where it is another.
        """
        status = shown.pop("status", None) or (200 if fault is None else status_of(fault))
        page = self.show(request, template, status, fault=fault, **shown)
        page.headers["cache-control"] = NO_STORE
        return page

    def _people(self, request: Request) -> People:
        return People(shown_by(self.connection, request).transport)

    def _form(self, request: Request, template: str, fault: OncommonsError | None, **shown: Any) -> Response:
        """A page with a form for somebody who is not signed in."""
        secret = new_form_secret(request)
        status = 200 if fault is None else status_of(fault)
        page = self.show(request, template, status, form=form_token(secret), fault=fault, **shown)
        keep(request, page, FORM, secret)
        page.headers["cache-control"] = NO_STORE
        return page
