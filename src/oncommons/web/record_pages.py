"""Pages of record: projects, for everybody, and the hub's audit log, for officers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from oncommons.client.records import Records
from oncommons.schema.errors import BadRequest, OncommonsError
from oncommons.web.hub_pages import HubPages, shown_by
from oncommons.web.serving import Page

FILTERS: Mapping[str, str] = {
    "project": "Project", "permit": "Permit", "node": "Node", "dataset": "Dataset, as node/dataset",
}  # fmt: skip
"""Names of the fields of the search, and what they are called."""
_ASKED = (*FILTERS, "kind", "since", "until", "text")


class RecordPages(HubPages):
    """One method a page."""

    def table(self) -> tuple[tuple[str, Page], ...]:
        """Paths of what is looked at."""
        return (
            ("/projects", self.projects),
            ("/projects/{permit}", self.project),
            ("/audit/entries", self.for_signed_in(self.entries)),
        )

    def projects(self, request: Request) -> Response:
        """Which projects use which data for what."""
        found = Records(self.connection.transport).projects()
        now = [one for one in found if one["standing"] == "holds"]
        linked = [_linked(one) for one in found]
        return self.show(request, "projects.html", projects=linked, now=len(now))

    def project(self, request: Request) -> Response:
        """One project."""
        found = Records(self.connection.transport).project(request.path_params["permit"])
        return self.show(request, "project.html", project=found)

    def entries(self, request: Request) -> Response:
        """The hub's audit log, for access officers and operators."""
        query = {name: request.query_params.get(name, "").strip()[:400] for name in (*_ASKED, "below")}
        anew = {"prove": "anew"} if request.query_params.get("prove") == "anew" else {}
        records, fault = Records(shown_by(self.connection, request).transport), None
        try:
            found = records.entries({**query, **anew})
        except BadRequest as wrong:
            fault, found = wrong, records.entries(anew)
        return self._entries(request, query, found, fault)

    def _entries(
        self, request: Request, query: Mapping[str, str], found: Mapping[str, Any], fault: OncommonsError | None
    ) -> Response:
        wanted = {name: query[name] for name in _ASKED if query[name]}
        here = f"/audit/entries?{urlencode(wanted)}" if wanted else "/audit/entries"
        following = f"/audit/entries?{urlencode({**wanted, 'below': found['next']})}" if found["next"] else ""
        shown = {"found": found, "query": query, "wanted": wanted, "filters": FILTERS}
        return self.inside(request, "entries.html", fault, **shown, following=following, here=here)


def _linked(project: Mapping[str, Any]) -> dict[str, Any]:
    return {**project, "href": f"/projects/{quote(project['id'], safe='')}"}
