"""Pages of signing in by providers: the way there, and the way back.

The way there is a link and not a form, since a form may lead to pages of ours only (``form-action``).  Whoever is led
to it by a page of another site sees the form of signing in instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from oncommons.client.connection import Connection
from oncommons.client.people import People
from oncommons.schema.errors import OncommonsError
from oncommons.web.hub_pages import shown_by
from oncommons.web.keeping import FORM, SESSION, VISIT, forget, is_foreign, keep, kept, local_path
from oncommons.web.serving import Page

_BROUGHT = ("state", "code", "error", "iss")
_NO_STORE = "private, no-store"


class ProviderPages:
    """One method a page.

    Args:
        connection: To the hub.
        refused: Makes the page of somebody who was not let in.
    """

    def __init__(self, connection: Connection, refused: Callable[[Request, OncommonsError], Response]) -> None:
        self.connection, self.refused = connection, refused

    def table(self) -> tuple[tuple[str, Page], ...]:
        """Paths of what is looked at."""
        return (
            ("/sign-in/with/{name}", self.leave),
            ("/sign-in/back/{name}", self.back),
            ("/sign-in/leave/{name}", self.part),
            ("/welcome/{secret}/with/{name}", self.join),
        )

    def leave(self, request: Request) -> Response:
        """To a provider."""
        where = local_path(request.query_params.get("next", ""))
        if is_foreign(request):
            return RedirectResponse(f"/sign-in?next={quote(where, safe='/')}", 303)
        return self._leave(request, {"next": where, "again": request.query_params.get("again") == "1"})

    def join(self, request: Request) -> Response:
        """To a provider, with an invitation."""
        secret = request.path_params["secret"]
        if is_foreign(request):
            return RedirectResponse(f"/welcome/{quote(secret, safe='')}", 303)
        return self._leave(request, {"next": "/account", "invitation": secret[:100]})

    def part(self, request: Request) -> Response:
        """To where somebody signs out at a provider."""
        if is_foreign(request):
            return RedirectResponse("/sign-in", 303)
        try:
            return RedirectResponse(self._people(request).leave(self._name(request)), 303, {"cache-control": _NO_STORE})
        except OncommonsError as fault:
            return self.refused(request, fault)

    def back(self, request: Request) -> Response:
        """Back from a provider."""
        brought = {name: request.query_params.get(name, "")[:2000] for name in _BROUGHT}
        try:
            found = self._people(request).back(self._name(request), {**brought, "browser": kept(request, VISIT)})
        except OncommonsError as fault:
            page = self.refused(request, fault)
            page.headers["cache-control"] = _NO_STORE
            return page
        answer = RedirectResponse(local_path(str(found["next"])), 303, {"cache-control": _NO_STORE})
        if found["session"]:
            keep(request, answer, SESSION, str(found["session"]), secure=bool(found["secure"]))
            forget(answer, FORM)
        forget(answer, VISIT)
        return answer

    def _leave(self, request: Request, sent: Mapping[str, Any]) -> Response:
        browser = kept(request, VISIT)
        try:
            begun = self._people(request).begin(
                self._name(request), {**sent, **({"browser": browser} if browser else {})}
            )
        except OncommonsError as fault:
            return self.refused(request, fault)
        answer = RedirectResponse(str(begun["address"]), 303, {"cache-control": _NO_STORE})
        keep(request, answer, VISIT, str(begun["browser"]), secure=bool(begun["secure"]))
        return answer

    def _people(self, request: Request) -> People:
        return People(shown_by(self.connection, request).transport)

    @staticmethod
    def _name(request: Request) -> str:
        return str(request.path_params["name"])[:40]
