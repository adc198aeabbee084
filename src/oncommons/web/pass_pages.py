"""A page on which a browser is given the pass of a permit: from then on all that it asks is asked under it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from oncommons.schema.errors import OncommonsError
from oncommons.schema.federation import Pass
from oncommons.web.hub_pages import NO_STORE, HubPages, shown_by
from oncommons.web.keeping import FORM, PERMIT, SESSION, check_form, forget, form_token, keep, kept, new_form_secret
from oncommons.web.serving import Page, Sent, status_of
from oncommons.web.uploads import form_fields


class PassPages(HubPages):
    """One method a page."""

    def table(self) -> tuple[tuple[str, Page], ...]:
        """Paths of what is looked at."""
        return (("/permit", self.permit),)

    def sent_table(self) -> tuple[tuple[str, Sent], ...]:
        """Paths of what is sent."""
        return (("/permit", self.changed),)

    def permit(self, request: Request) -> Response:
        """Under which permit this browser asks, and a form to show a pass or to forget it."""
        return self._page(request)

    def changed(self, request: Request, body: bytes) -> Response:
        """Keep a pass that is somebody's, or forget the one that is kept."""
        sent = dict(form_fields(body))
        check_form(request, kept(request, SESSION) or kept(request, FORM), sent)
        if sent.get("do") == "stop":
            answer: Response = RedirectResponse("/permit", 303)
            forget(answer, PERMIT)
            return answer
        try:
            passing = str(Pass.parse(sent.get("pass", "")))
            shown_by(self.connection, request).saved(passing)  # a pass that is nobody's is refused
        except OncommonsError as fault:
            return self._page(request, fault)
        answer = RedirectResponse("/ask", 303)
        keep(request, answer, PERMIT, passing)
        return answer

    def _page(self, request: Request, fault: OncommonsError | None = None) -> Response:
        session = kept(request, SESSION)
        secret = session or new_form_secret(request)
        status = 200 if fault is None else status_of(fault)
        page = self.show(request, "permit.html", status, form=form_token(secret), fault=fault, signed_in=bool(session))
        if not session:
            keep(request, page, FORM, secret)
        page.headers["cache-control"] = NO_STORE
        return page
