"""Pages to have a link sent by e-mail: to sign in without a password, or to set a new one.

The link itself leads to ``/welcome``, where nothing happens before a button is pressed: a mail server that looks at links
uses none up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from oncommons.schema.errors import OncommonsError
from oncommons.schema.errors_of_people import LinksOff
from oncommons.web.hub_pages import HubPages
from oncommons.web.keeping import ASKED, BROWSER, FORM, check_form, keep, kept
from oncommons.web.people_pages import links_of
from oncommons.web.serving import Page, Sent
from oncommons.web.uploads import form_fields

_PURPOSES = {"/sign-in/link": "sign-in", "/sign-in/forgotten": "password"}
"""Path of a page to what its link is for."""


class LinkPages(HubPages):
    """One method a page."""

    def table(self) -> tuple[tuple[str, Page], ...]:
        """Paths of what is looked at."""
        return tuple((path, self.ask) for path in _PURPOSES)

    def sent_table(self) -> tuple[tuple[str, Sent], ...]:
        """Paths of what is sent."""
        return tuple((path, self.asked) for path in _PURPOSES)

    def ask(self, request: Request) -> Response:
        """A form that asks for the address.

        Raises:
            LinksOff: the hub sends no such link.
        """
        purpose = _PURPOSES[request.url.path]
        if purpose not in links_of(self._people(request)):
            raise LinksOff("This hub sends no such link by e-mail. An operator can make you one.")
        return self._page(request)

    def asked(self, request: Request, body: bytes) -> Response:
        """Have the link sent, if somebody has the address; the page does not tell."""
        sent = dict(form_fields(body))
        check_form(request, kept(request, FORM), sent)
        given = {"email": sent.get("email", ""), "purpose": _PURPOSES[request.url.path]}
        try:
            told = self._people(request).ask_link(
                given | {"browser": kept(request, ASKED), "device": kept(request, BROWSER)}
            )
        except OncommonsError as fault:
            return self._page(request, sent, fault)
        page = self._page(request, sent, minutes=round(float(told["seconds"]) / 60))
        keep(request, page, ASKED, str(told["browser"]), secure=bool(told["secure"]))
        return page

    def _page(
        self, request: Request, sent: Mapping[str, str] | None = None, fault: OncommonsError | None = None, **told: Any
    ) -> Response:
        shown = {"minutes": 0, **told, "email": (sent or {}).get("email", "")[:254]}
        return self._form(request, "link.html", fault, **shown, purpose=_PURPOSES[request.url.path])
