"""Pages of record: projects, for everybody, and the hub's audit log, for officers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from oncommons.client.records import Records
from oncommons.schema.errors import BadRequest, OncommonsError
from oncommons.schema.errors_of_people import NotSignedIn
from oncommons.web.people_pages import HubPages, shown_by, to_sign_in
from oncommons.web.serving import Page, status_of

FILTERS: Mapping[str, str] = {
    "project": "Project", "permit": "Permit", "node": "Node", "dataset": "Dataset, as node/dataset",
}  # fmt: skip
"""Names of the fields of the search, and what they are called."""
STANDINGS: Mapping[str, tuple[str, str]] = {
    "holds": ("●", "may ask now"),
    "not yet": ("○", "begins later"),
    "ended": ("–", "has ended"),
    "revoked": ("✕", "was taken back"),
}
"""Sign of how a permit stands, and what it means."""
_NO_STORE = "private, no-store"
_ASKED = (*FILTERS, "kind", "since", "until", "text")


class RecordPages(HubPages):
    """One method a page."""

    def table(self) -> tuple[tuple[str, Page], ...]:
        """Paths of what is looked at."""
        return (
            ("/projects", self.projects),
            ("/projects/{permit}", self.project),
            ("/audit/entries", self.entries),
        )

    def projects(self, request: Request) -> Response:
        """Which projects use which data for what."""
        found = Records(self.connection.transport).projects()
        now = [one for one in found if one["standing"] == "holds"]
        linked = [_linked(one) for one in found]
        return self.show(request, "projects.html", projects=linked, now=len(now), standings=STANDINGS)

    def project(self, request: Request) -> Response:
        """One project."""
        found = Records(self.connection.transport).project(request.path_params["permit"])
        return self.show(request, "project.html", project=found, standings=STANDINGS)

    def entries(self, request: Request) -> Response:
        """The hub's audit log, for access officers and operators."""
        query = {name: request.query_params.get(name, "").strip()[:400] for name in (*_ASKED, "below")}
        anew = {"prove": "anew"} if request.query_params.get("prove") == "anew" else {}
        records, fault = Records(shown_by(self.connection, request).transport), None
        try:
            found = records.entries({**query, **anew})
        except NotSignedIn:
            return to_sign_in(request)
        except BadRequest as wrong:
            fault, found = wrong, records.entries(anew)
        return self._entries(request, query, found, fault)

    def _entries(
        self, request: Request, query: Mapping[str, str], found: Mapping[str, Any], fault: OncommonsError | None
    ) -> Response:
        wanted = {name: query[name] for name in _ASKED if query[name]}
        here = f"/audit/entries?{urlencode(wanted)}" if wanted else "/audit/entries"
        following = f"/audit/entries?{urlencode({**wanted, 'below': found['next']})}" if found["next"] else ""
        shown = {"found": found, "query": query, "wanted": wanted, "filters": FILTERS, "fault": fault}
        status = 200 if fault is None else status_of(fault)
        page = self.show(request, "entries.html", status, **shown, following=following, here=here)
        page.headers["cache-control"] = _NO_STORE
        return page


def _linked(project: Mapping[str, Any]) -> dict[str, Any]:
    return {**project, "href": f"/projects/{quote(project['id'], safe='')}"}
