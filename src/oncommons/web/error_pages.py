"""Pages of errors, which the hub and the console of a node show alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from oncommons.schema.errors import OncommonsError
from oncommons.web.help import TITLES, error_page
from oncommons.web.serving import Page, status_of, told


class Shown(Protocol):
    """Makes a page from a template and what it shows."""

    def __call__(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """The page."""


class ErrorPages:
    """The list of all errors, the help on one, and what is shown in place of a page that failed.

    Args:
        show: Makes a page.
        log: Whose log says more of what nobody foresaw.
        nameless: What a page says of a server that cannot be asked.
        machine_paths: Beginnings of the paths whose users are programs; they are told in JSON.
    """

    def __init__(self, show: Shown, log: str, nameless: Mapping[str, Any], machine_paths: tuple[str, ...]) -> None:
        self.show, self.log, self.nameless, self.machine_paths = show, log, nameless, machine_paths

    def table(self) -> tuple[tuple[str, Page], ...]:
        """Paths and their pages."""
        return (("/help/errors", self.errors), ("/help/errors/{code}", self.error))

    def errors(self, request: Request) -> Response:
        """Every error code."""
        return self.show(request, "errors.html", titles=TITLES)

    def error(self, request: Request) -> Response:
        """What happened and how to resolve it."""
        code = request.path_params["code"]
        return self.show(request, "help.html", code=code, text=error_page(code))

    def fault(self, request: Request, fault: Exception) -> Response:
        """What is shown in place of a page; nothing more is asked of a server that failed in a way nobody foresaw."""
        named, status = told(request, fault, self.log), status_of(fault)
        if request.url.path.startswith(self.machine_paths):
            return JSONResponse(named.to_json(), status)
        foreseen = isinstance(fault, OncommonsError | HTTPException)
        return self.show(request, "fault.html", status, fault=named, **({} if foreseen else {"hub": self.nameless}))
