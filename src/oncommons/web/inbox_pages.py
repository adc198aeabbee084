"""Pages of the inbox: what waits for you, what is news, and how you are told by e-mail."""

from __future__ import annotations

from contextlib import suppress

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from oncommons.client.connection import Connection
from oncommons.client.inbox import Inbox
from oncommons.schema.errors import BadRequest, NotFound, OncommonsError
from oncommons.schema.notices import HOWS, KINDS
from oncommons.schema.saved import utc
from oncommons.web.decision_views import due
from oncommons.web.hub_pages import HubPages, Pairs, shown_by
from oncommons.web.serving import Page, Sent


class InboxPages(HubPages):
    """One method a page."""

    def table(self) -> tuple[tuple[str, Page], ...]:
        """Paths of what is looked at."""
        return (
            ("/inbox", self.for_signed_in(self.inbox)),
            ("/inbox/wishes", self.for_signed_in(self.wishes)),
            ("/inbox/watches", self.for_signed_in(self.watches)),
        )

    def sent_table(self) -> tuple[tuple[str, Sent], ...]:
        """Paths of what is sent."""
        return (
            ("/inbox", self.for_form(self.read)),
            ("/inbox/wishes", self.for_form(self.wished)),
            ("/inbox/watches", self.for_form(self.left)),
        )

    def inbox(self, request: Request) -> Response:
        """What waits for you, and what is news."""
        page = request.query_params.get("page", "1")
        number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1  # noqa: PLR2004
        found, hub = self._inbox(request).look(max(number, 1)), self.connection.about()
        waits = [{**one, "due": due(one["until"], utc(float(hub["time"])))} for one in found["waits"]]
        return self.inside(request, "inbox.html", hub=hub, found={**found, "waits": waits}, kinds=KINDS)

    def read(self, request: Request, pairs: Pairs) -> Response:
        """Mark notices as read."""
        sent = dict(pairs)
        self._inbox(request).read([sent["id"]] if "id" in sent else None)
        return RedirectResponse("/inbox", 303)

    def wishes(self, request: Request) -> Response:
        """How you are told by e-mail."""
        return self._wishes(request)

    def wished(self, request: Request, pairs: Pairs) -> Response:
        """Choose how you are told by e-mail."""
        sent = dict(pairs)
        try:
            self._inbox(request).wish({kind: sent[kind] for kind in KINDS if kind in sent})
        except BadRequest as fault:
            return self._wishes(request, fault)
        return RedirectResponse("/inbox/wishes?kept=1", 303)

    def watches(self, request: Request) -> Response:
        """The numbers of saved questions for which you wait."""
        return self.inside(request, "inbox_watches.html", found=self._inbox(request).watches())

    def left(self, request: Request, pairs: Pairs) -> Response:
        """Wait no more for the numbers of a question."""
        with suppress(NotFound):  # it is left already, which is what is wanted
            self._inbox(request).leave(dict(pairs).get("id", ""))
        return RedirectResponse("/inbox/watches", 303)

    def _wishes(self, request: Request, fault: OncommonsError | None = None) -> Response:
        found = self._inbox(request).wishes()
        kept_now = request.query_params.get("kept") == "1" and fault is None
        told = {"found": found, "kinds": KINDS, "hows": HOWS, "kept": kept_now}
        return self.inside(request, "inbox_wishes.html", fault, **told)

    def _inbox(self, request: Request) -> Inbox:
        return Inbox(shown_by(self.connection, request).transport)


def inbox_count(connection: Connection, request: Request) -> int:
    """How much waits for whoever looks at a page, or is unread; 0 where nobody is signed in, or the hub does not tell."""
    try:
        return sum(Inbox(shown_by(connection, request).transport).counts().values())
    except OncommonsError:
        return 0
