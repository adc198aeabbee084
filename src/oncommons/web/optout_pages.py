"""The page of a node's console about people who opted out of secondary use."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from oncommons.schema.errors import BadRequest
from oncommons.schema.errors_of_rows import NotANumber, OptOutsLost
from oncommons.web.console_part import ConsolePart
from oncommons.web.serving import status_of
from oncommons.web.uploads import form_fields


class OptOutPages(ConsolePart):
    """The page, and the form on it."""

    def optouts(self, request: Request) -> Response:
        """Who has opted out, and a form to list more or to let some back in."""
        return self._page(request)

    def change(self, request: Request, body: bytes) -> Response:
        """List people, or take them off the list; a fault is told beside what was typed."""
        fields = dict(form_fields(body))
        named: dict[str, list[str]] = {
            name: [line for line in fields.get(name, "").splitlines() if line.strip()]
            for name in ("numbers", "pseudonyms")
        }
        way, by = fields.get("way", ""), fields.get("by", "").strip()
        try:
            done = self.steward.change_optouts(way, named, self.witness(request), by)
        except (NotANumber, OptOutsLost, BadRequest) as fault:
            return self._page(request, status_of(fault), fault=fault, typed=fields)
        return self._page(request, done=done, way=way)

    def _page(self, request: Request, status: int = 200, **more: Any) -> Response:
        shown = {"done": None, "fault": None, "typed": {}, "way": "", **more}
        try:
            told = self.steward.optouts()
        except OptOutsLost as fault:
            told, shown["fault"], status = {"listed": 0, "newest": []}, fault, status_of(fault)
        return self.page(request, "console_optouts.html", status, told=told, **shown)
