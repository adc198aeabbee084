"""Pages of runs: one's own, one that is being made or is done, and its files."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from oncommons.client.runs import Going, runs_under
from oncommons.schema.errors import NotFound, OncommonsError
from oncommons.web.hub_pages import NO_STORE, HubPages, saving, shown_by
from oncommons.web.keeping import FORM, SESSION, check_form, form_token, keep, kept, new_form_secret
from oncommons.web.run_files import figures, file_of, table_links
from oncommons.web.run_form import command_line
from oncommons.web.run_views import STATES, run_view, when
from oncommons.web.serving import Page, Sent, status_of
from oncommons.web.uploads import form_fields

EVERY_SECONDS = 2
"""After so many seconds a page of a run that is being made is shown anew, where nobody says otherwise."""
_WAIT = 1.0
"""So many seconds a page waits for the end of a run, so that a short one is seen done at once."""


class RunPages(HubPages):
    """One method a page."""

    def table(self) -> tuple[tuple[str, Page], ...]:
        """Paths of what is looked at."""
        return (("/runs", self.mine), ("/runs/{id}", self.one), ("/runs/{id}/{file}", self.file))

    def sent_table(self) -> tuple[tuple[str, Sent], ...]:
        """Paths of what is sent."""
        return (("/runs/{id}", self.cancelled),)

    def mine(self, request: Request) -> Response:
        """The runs of who looks, the newest first."""
        found, fault = [], None
        try:
            found = [one.body for one in runs_under(shown_by(self.connection, request), "")]
        except OncommonsError as refused:
            fault = refused
        rows = [(one, when(one.get("asked_at", ""))) for one in found]
        status = 200 if fault is None else status_of(fault)
        page = self.show(request, "runs.html", status, found=rows, fault=fault, states=STATES)
        page.headers["cache-control"] = NO_STORE
        return page

    def one(self, request: Request) -> Response:
        """How far a run is; once it is done, its result."""
        return self._one(request)

    def cancelled(self, request: Request, body: bytes) -> Response:
        """End a run before it is done."""
        check_form(request, kept(request, SESSION) or kept(request, FORM), dict(form_fields(body)))
        going = self._going(request)
        try:
            going.cancel()
        except OncommonsError as fault:
            return self._one(request, fault)
        return RedirectResponse(f"/runs/{quote(going.id, safe='')}", 303)

    def file(self, request: Request) -> Response:
        """A file of a run that is done."""
        record = self._going(request).look().body.get("record")
        if not record:
            raise NotFound("This run has no files yet.")
        return saving(file_of(record, request.path_params["file"]))

    def _one(self, request: Request, fault: OncommonsError | None = None) -> Response:
        view = run_view(self._going(request).look(_WAIT).body)
        still = "still" in request.query_params
        session = kept(request, SESSION)
        secret = session or new_form_secret(request)
        home = f"{urlsplit(str(request.url)).scheme}://{request.url.netloc}"
        shown: dict[str, Any] = {"view": view, "fault": fault or view.fault, "states": STATES, "still": still}
        shown |= {"figures": figures(view.record), "links": table_links(view.record)}
        run = view.record.get("run")
        shown |= {"command": command_line(run, view.record.get("permit", ""), home) if run else ""}
        status = 200 if fault is None else status_of(fault)
        page = self.show(request, "run.html", status, form=form_token(secret), every=EVERY_SECONDS, **shown)
        if not session:
            keep(request, page, FORM, secret)
        if view.is_running and not still and fault is None:
            page.headers["refresh"] = str(EVERY_SECONDS)
        page.headers["cache-control"] = NO_STORE
        return page

    def _going(self, request: Request) -> Going:
        return Going(shown_by(self.connection, request), "", request.path_params["id"])
