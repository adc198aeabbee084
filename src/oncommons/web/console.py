"""The data manager's pages of a node: a client of its console, drawn on the server.

They change something only by forms that are posted; what the browser said of where a form came from goes on to the
node, which decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from oncommons.client.steward import Steward
from oncommons.schema.errors import BadRequest, ImageError, MissingPackage, NodeError, NotFound, OncommonsError
from oncommons.schema.vocabulary import VOCABULARIES
from oncommons.web import console_views as views
from oncommons.web.admitted_pages import AdmittedPages
from oncommons.web.error_pages import ErrorPages
from oncommons.web.optout_pages import OptOutPages
from oncommons.web.permit_pages import PermitPages
from oncommons.web.quality_pages import QualityPages, latest_figures
from oncommons.web.rendering import STATIC, Renderer
from oncommons.web.serving import (
    Behind,
    Page,
    Sent,
    faults_in_thread,
    in_thread,
    sent_in_thread,
    status_of,
)
from oncommons.web.uploads import form_fields, form_parts

READERS = 16
"""Pages that are made at the same time."""
LARGEST_FILE = 64 * 1024 * 1024 + 8192
"""Bytes of the longest form with a file."""
LARGEST_FORM = 65_536
NAVIGATION = (
    ("/", "Overview"),
    ("/files", "Files"),
    ("/quarantine", "Quarantine"),
    ("/mappings", "Mappings"),
    ("/quality", "Quality"),
    ("/permits", "Permits"),
    ("/analyses", "Analyses"),
    ("/optouts", "Opt-outs"),
    ("/preview", "Try a file"),
    ("/import", "Import"),
)
PROMISE = "Only people of this node see these pages. They call no other host."
_MACHINE_PATHS = ("/api/", "/dicom-web")
_WITNESS = ("origin", "host", "sec-fetch-site")
_MAPPING = ("field", "raw", "context", "code")
_PER_REASON = 6
_PER_PAGE = 24
_MOST_AT_ONCE = 100
_DECISIONS = ("release", "reject")
_NAMELESS: dict[str, Any] = {"name": "A node", "reasons": []}
"""What a page says of a node that cannot be asked."""


def make_console_pages(steward: Steward, version: str) -> Starlette:
    """The pages of a node's console.

    Args:
        steward: To the node.
        version: Version of oncommons.
    """
    pages = _Console(steward, _renderer(version))
    checks = QualityPages(steward, pages.page, _witness)
    leavers = OptOutPages(steward, pages.page, _witness)
    askers = PermitPages(steward, pages.page, _witness)
    admitted = AdmittedPages(steward, pages.page, _witness)
    errors = ErrorPages(pages.page, "console", _NAMELESS, _MACHINE_PATHS)
    threads = CapacityLimiter(READERS)
    table: tuple[tuple[str, Page], ...] = (
        ("/", pages.overview),
        ("/files", pages.files),
        ("/files/{digest}", pages.file),
        ("/quarantine", pages.quarantine),
        ("/quarantine/decide", pages.confirm),
        ("/mappings", pages.mappings),
        ("/quality", checks.quality),
        ("/optouts", leavers.optouts),
        ("/analyses", admitted.analyses),
        ("/permits", askers.permits),
        ("/permits/{permit}", askers.permit),
        ("/preview", pages.preview),
        ("/import", pages.imports),
        *errors.table(),
    )
    changes: tuple[tuple[str, Sent, int], ...] = (
        ("/quarantine/decide", pages.decide, LARGEST_FORM),
        ("/mappings", pages.map, LARGEST_FORM),
        ("/quality", checks.check, LARGEST_FORM),
        ("/analyses", admitted.change, LARGEST_FORM),
        ("/optouts", leavers.change, LARGEST_FORM),
        ("/permits", askers.decide, LARGEST_FORM),
        ("/permits/{permit}", askers.change, LARGEST_FORM),
        ("/preview", pages.previewed, LARGEST_FILE),
    )
    routes: list[BaseRoute] = [
        Route(path, sent_in_thread(page, threads, most), methods=["POST"]) for path, page, most in changes
    ]
    routes += [Route(path, in_thread(page, threads), methods=["GET"]) for path, page in table]
    routes.append(Mount("/static", StaticFiles(directory=STATIC)))
    return Starlette(routes=routes, exception_handlers=faults_in_thread(errors.fault, threads))


def _renderer(version: str) -> Renderer:
    renderer = Renderer(version, NAVIGATION, PROMISE)
    renderer.environment.filters.update(size=views.size_text, time=views.time_text)
    renderer.environment.globals.update(
        outcomes=views.OUTCOMES, doings=views.DONE, looks=views.LOOKS, link=views.link, picture=views.picture_link
    )
    return renderer


def mount_console(application: Starlette, steward: Steward, version: str) -> None:
    """Put the pages over the application of a node's console.

    Args:
        application: The console.
        steward: To the node.
        version: Version of oncommons.
    """
    application.router.routes.append(Behind(_MACHINE_PATHS, make_console_pages(steward, version)))


class _Console:
    """One method a page."""

    def __init__(self, steward: Steward, renderer: Renderer) -> None:
        self.steward = steward
        self.renderer = renderer

    def overview(self, request: Request) -> Response:
        """What came in, and what waits."""
        node, imports = self.steward.node(), self.steward.imports()
        shown, checked = views.overview(node, imports), latest_figures(self.steward.quality())
        return self.page(request, "console_overview.html", hub=node, view=shown, days=imports["days"], checked=checked)

    def files(self, request: Request) -> Response:
        """What came in, newest first."""
        names = ("outcome", "code", "dataset", "q")
        asked = {name: request.query_params.get(name, "").strip()[:200] for name in names}
        page = self.steward.files(**asked, page=request.query_params.get("page", ""))
        rows = [views.file_view(one) for one in page["files"]]
        pages = {way: views.link("/files", **asked, page=page[way]) if page[way] else "" for way in ("newer", "older")}
        return self.page(request, "console_files.html", asked=asked, rows=rows, pages=pages)

    def quarantine(self, request: Request) -> Response:
        """What waits: all reasons with their newest files, or one reason page by page."""
        node = self.steward.node()
        code = request.query_params.get("code", "").strip()[:8]
        sections = []
        for reason in views.waiting_reasons(node):
            if code not in {"", reason["code"]}:
                continue
            page = self.steward.files(
                outcome="quarantined",
                code=reason["code"],
                most=_PER_PAGE if code else _PER_REASON,
                page=request.query_params.get("page", "") if code else "",
            )
            sections.append((reason, [views.file_view(one) for one in page["files"]], page))
        return self.page(
            request,
            "console_quarantine.html",
            hub=node,
            code=code,
            sections=sections,
            reasons=views.waiting_reasons(node),
        )

    def file(self, request: Request) -> Response:
        """One file: its picture, what became of it, its header before and after."""
        asked = request.query_params
        view = views.file_view(self.steward.file(request.path_params["digest"]))
        filters = {name: asked.get(name, "")[:200] for name in ("done", "find")}
        header, fault = self._header(view, filters, asked.get("start", "1"))
        look = asked.get("look", "usual")
        frame = min(_number(asked.get("frame", "1")), max(view.frames, 1))
        return self.page(
            request,
            "console_file.html",
            place="/quarantine/" if view.told["outcome"] == "quarantined" else "/files/",
            view=view,
            header=header,
            header_fault=fault,
            filters=filters,
            frame=frame,
            look=look if look in views.LOOKS else "usual",
            frames=views.frame_links(view, frame, look),
        )

    def confirm(self, request: Request) -> Response:
        """Ask once more before something is decided."""
        asked = request.query_params
        return self._confirm(request, asked.get("do", ""), asked.getlist("file"))

    def decide(self, request: Request, body: bytes) -> Response:
        """Decide what was confirmed, and tell what became of each file."""
        fields = form_fields(body)
        do = next((value for name, value in fields if name == "do"), "")
        files = [value for name, value in fields if name == "file"]
        if ("sure", "yes") not in fields:
            return self._confirm(request, do, files, status=422)
        shown, by = self._chosen(do, files), next((value.strip() for name, value in fields if name == "by"), "")
        if do == "release":
            found = self.steward.release(files, looked=True, witness=_witness(request), by=by)
        else:
            found = self.steward.reject(files, _witness(request), by)
        became = {one["file"]: one for one in found["files"]}
        return self.page(request, "console_decided.html", do=do, shown=shown, became=became)

    def mappings(self, request: Request) -> Response:
        """What headers say, and what questions find it as."""
        return self._mappings(request)

    def map(self, request: Request, body: bytes) -> Response:
        """Accept what values stand for; rows without a code are left for later."""
        fields = form_fields(body)
        columns = [[value for name, value in fields if name == column] for column in _MAPPING]
        rows = [dict(zip(_MAPPING, cells, strict=True)) for cells in zip(*columns, strict=False)]
        decided = [row for row in rows if row["code"].strip()]
        if not decided:
            return self._mappings(request)
        by = next((value.strip() for name, value in fields if name == "by"), "")
        try:
            return self._mappings(request, taken=self.steward.accept_mappings(decided, _witness(request), by))
        except NodeError as fault:
            return self._mappings(request, fault=fault)

    def _mappings(self, request: Request, **more: Any) -> Response:
        told = self.steward.mappings()
        codes = {name: found.codes for name, found in VOCABULARIES.items()}
        shown = {"taken": None, "fault": None, **told, **more}
        return self.page(request, "console_mappings.html", codes=codes, **shown)

    def preview(self, request: Request) -> Response:
        """A form to try a file."""
        return self.page(
            request, "console_preview.html", header=None, header_fault=None, filters={"done": "", "find": ""}
        )

    def previewed(self, request: Request, body: bytes) -> Response:
        """A file's header before and after de-identification."""
        parts = form_parts(request.headers.get("content-type", ""), body)
        filters = {name: parts.get(name, b"").decode("utf-8", "replace")[:200] for name in ("done", "find")}
        header, fault = None, None
        try:
            header = self.steward.preview(parts.get("file", b""), _witness(request), **filters)
        except ImageError as found:
            fault = found
        if fault is not None and status_of(fault) == 403:  # noqa: PLR2004
            raise fault
        status = 200 if fault is None else status_of(fault)
        return self.page(request, "console_preview.html", status, header=header, header_fault=fault, filters=filters)

    def imports(self, request: Request) -> Response:
        """How to bring files in."""
        return self.page(request, "console_import.html")

    def _confirm(self, request: Request, do: str, files: Sequence[str], status: int = 200) -> Response:
        shown = self._chosen(do, files)
        gone = [view for view in shown if view.told["outcome"] != "quarantined"]
        look = any(view.told.get("way") == "look" for view in shown)
        return self.page(
            request,
            "console_confirm.html",
            status,
            do=do,
            shown=shown,
            gone=gone,
            look=look,
            missed=status != 200,  # noqa: PLR2004
        )

    def _chosen(self, do: str, files: Sequence[str]) -> list[views.FileView]:
        if do not in _DECISIONS:
            raise BadRequest("Say whether to release or to reject.")
        if not 0 < len(files) <= _MOST_AT_ONCE:
            raise BadRequest(f"Choose 1 to {_MOST_AT_ONCE} files first.")
        return [views.file_view(self.steward.file(digest)) for digest in dict.fromkeys(files)]

    def _header(
        self, view: views.FileView, filters: Mapping[str, str], start: str
    ) -> tuple[dict[str, Any] | None, OncommonsError | None]:
        if view.told["outcome"] == "refused":
            return None, None
        try:
            return self.steward.header(view.digest, **filters, start=_number(start)), None
        except (ImageError, NotFound, MissingPackage) as fault:
            return None, fault

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """A page from its template."""
        if "hub" not in values:
            values["hub"] = self._node()
        waiting = sum(reason["files"] for reason in views.waiting_reasons(values["hub"]))
        path = values.pop("place", request.url.path)
        badges = {"/quarantine": waiting, "/permits": values["hub"].get("runs", 0)}
        page = self.renderer.page(template, status, path=path, badges=badges, **values)
        page.headers["cache-control"] = "private, no-store"
        return page

    def _node(self) -> dict[str, Any]:
        try:
            return self.steward.node()
        except OncommonsError:
            return _NAMELESS


def _witness(request: Request) -> dict[str, str]:
    """What the browser said of where a request comes from."""
    return {name: request.headers[name] for name in _WITNESS if name in request.headers}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 7 and int(text) else 1  # noqa: PLR2004
