"""Pages of the inbox: what waits for you, what is news, and how you are told by e-mail."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from oncommons.client.connection import Connection
from oncommons.client.inbox import Inbox
from oncommons.schema.errors import BadRequest, NotFound, OncommonsError
from oncommons.schema.errors_of_people import NotSignedIn
from oncommons.schema.notices import HOWS, KINDS
from oncommons.web.keeping import SESSION, check_form, kept
from oncommons.web.people_pages import HubPages, shown_by, to_sign_in
from oncommons.web.serving import Page, Sent

_NO_STORE = "private, no-store"
_DAY, _HOUR = 86_400, 3_600


class InboxPages(HubPages):
    """One method a page."""

    def table(self) -> tuple[tuple[str, Page], ...]:
        """Paths of what is looked at."""
        return (("/inbox", self.inbox), ("/inbox/wishes", self.wishes), ("/inbox/watches", self.watches))

    def sent_table(self) -> tuple[tuple[str, Sent], ...]:
        """Paths of what is sent."""
        return (("/inbox", self.read), ("/inbox/wishes", self.wished), ("/inbox/watches", self.left))

    def inbox(self, request: Request) -> Response:
        """What waits for you, and what is news."""
        page = request.query_params.get("page", "1")
        number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1  # noqa: PLR2004
        try:
            found = self._inbox(request).look(max(number, 1))
        except NotSignedIn:
            return to_sign_in(request)
        now = float(self.connection.about()["time"])
        waits = [{**one, "when": due_in(one["until"], now)} for one in found["waits"]]
        return self._inside(request, "inbox.html", found={**found, "waits": waits}, kinds=KINDS)

    def read(self, request: Request, body: bytes) -> Response:
        """Mark notices as read."""
        sent = _fields(body)
        check_form(request, kept(request, SESSION), sent)
        try:
            self._inbox(request).read([sent["id"]] if "id" in sent else None)
        except NotSignedIn:
            return to_sign_in(request)
        return RedirectResponse("/inbox", 303)

    def wishes(self, request: Request) -> Response:
        """How you are told by e-mail."""
        return self._wishes(request)

    def wished(self, request: Request, body: bytes) -> Response:
        """Choose how you are told by e-mail."""
        sent = _fields(body)
        check_form(request, kept(request, SESSION), sent)
        try:
            self._inbox(request).wish({kind: sent[kind] for kind in KINDS if kind in sent})
        except NotSignedIn:
            return to_sign_in(request)
        except BadRequest as fault:
            return self._wishes(request, fault)
        return RedirectResponse("/inbox/wishes?kept=1", 303)

    def watches(self, request: Request) -> Response:
        """The numbers of saved questions for which you wait."""
        try:
            found = self._inbox(request).watches()
        except NotSignedIn:
            return to_sign_in(request)
        return self._inside(request, "inbox_watches.html", found=found)

    def left(self, request: Request, body: bytes) -> Response:
        """Wait no more for the numbers of a question."""
        sent = _fields(body)
        check_form(request, kept(request, SESSION), sent)
        try:
            with suppress(NotFound):  # it is left already, which is what is wanted
                self._inbox(request).leave(sent.get("id", ""))
        except NotSignedIn:
            return to_sign_in(request)
        return RedirectResponse("/inbox/watches", 303)

    def _wishes(self, request: Request, fault: OncommonsError | None = None) -> Response:
        try:
            found = self._inbox(request).wishes()
        except NotSignedIn:
            return to_sign_in(request)
        kept_now = request.query_params.get("kept") == "1" and fault is None
        told = {"found": found, "kinds": KINDS, "hows": HOWS, "kept": kept_now, "fault": fault}
        return self._inside(request, "inbox_wishes.html", 400 if fault else 200, **told)

    def _inbox(self, request: Request) -> Inbox:
        return Inbox(shown_by(self.connection, request).transport)

    def _inside(self, request: Request, template: str, status: int = 200, **shown: Any) -> Response:
        page = self.show(request, template, status, **shown)
        page.headers["cache-control"] = _NO_STORE
        return page


def inbox_count(connection: Connection, request: Request) -> int:
    """How much waits for whoever looks at a page, or is unread; 0 where nobody is signed in, or the hub does not tell."""
    try:
        return sum(Inbox(shown_by(connection, request).transport).counts().values())
    except OncommonsError:
        return 0


def due_in(until: str, now: float) -> str:
    """How long somebody has to act, in words.

    Args:
        until: By when, in ISO 8601.
        now: Seconds since the epoch.
    """
    left = datetime.fromisoformat(until).astimezone(UTC).timestamp() - now
    if left <= 0:
        return "overdue"
    if left < 2 * _HOUR:
        return "less than two hours left"
    return f"{left // _HOUR:.0f} hours left" if left < 2 * _DAY else f"{left // _DAY:.0f} days left"


def _fields(body: bytes) -> Mapping[str, str]:
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=50))
