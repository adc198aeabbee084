"""What the data manager's pages ask of their node, over HTTP; mounted into the console, behind its door."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from threading import Semaphore
from typing import Any
from urllib.parse import urlsplit

import orjson
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from oncommons.imaging.deid.rules import Profile
from oncommons.node.deidentify import node_keys, node_profile
from oncommons.node.flow import accepted_at, reject_images, release_images
from oncommons.node.harmonising import accept, decided, proposals
from oncommons.node.home import Home
from oncommons.node.share.dicomweb.extra import load_extra
from oncommons.node.steward.analyses import analyses_json, change_analyses
from oncommons.node.steward.checks import Checks
from oncommons.node.steward.files import find_file, find_waiting, open_held, picture_state, placed, read_held
from oncommons.node.steward.headers import LARGEST, View, before_view, kept_view, try_out
from oncommons.node.steward.links import links_json
from oncommons.node.steward.mappings import COLUMNS, MOST_TOLD, column_json, decisions_of, read_values
from oncommons.node.steward.optouts import change_optouts, optouts_json
from oncommons.node.steward.permits import decide_permits, permit_json, permits_json
from oncommons.node.steward.placard import placard
from oncommons.node.steward.rules import advice_on, chosen, days_of, entry_json, line_json
from oncommons.node.steward.summary import node_summary
from oncommons.schema.errors import BadRequest, ForeignRequest, ImageError, ImageTooLarge, MissingPackage, NotFound
from oncommons.service.http import handle_errors, json_body
from oncommons.storage.decisions import Person
from oncommons.storage.ledger_pages import LedgerPages, Wanted

log = logging.getLogger("oncommons.steward")

MOST_AT_ONCE = 200
"""Files that are decided in one request."""
LARGEST_ORDER = 65_536
"""Bytes of the longest request that decides something."""
MOST_DAYS = 366
_LINES = 500
_LONGEST_NAME = 64
_SAME_SITE = frozenset({"", "same-origin", "none"})
_PICTURES = "oncommons.node.steward.pictures"
_previews = Semaphore(2)
"""Each holds a file, what it becomes, and what is told of both."""
Index = Callable[[str], None] | None
"""Has a dataset indexed some time soon; called by any thread."""


def steward_routes(home: Home, index: Index = None, checks: Checks | None = None) -> list[Route]:
    """The routes, with their whole paths.

    Args:
        home: The node.
        index: Has a dataset indexed of which files were released; where it is left out, the request waits for it.
        checks: The checks of the node; made if left out.
    """
    own = _Steward(home, checks or Checks(home), index)
    one = "/api/node/files/{digest}"
    table: tuple[tuple[str, Callable[[Request], Response]], ...] = (
        ("/api/node", own.node),
        ("/api/node/analyses", own.analyses),
        ("/api/node/files", own.files),
        (one, own.file),
        (f"{one}/header", own.header),
        (f"{one}/picture", own.picture),
        ("/api/node/imports", own.imports),
        ("/api/node/mappings", own.mappings),
        ("/api/node/optouts", own.optouts),
        ("/api/node/permits", own.permits),
        ("/api/node/permits/{permit}", own.permit),
        ("/api/node/quality", own.quality),
    )
    changes: tuple[tuple[str, Callable[[Request, bytes], Response], int], ...] = (
        ("/api/node/release", own.release, LARGEST_ORDER),
        ("/api/node/reject", own.reject, LARGEST_ORDER),
        (f"{one}/release", own.release, LARGEST_ORDER),
        (f"{one}/reject", own.reject, LARGEST_ORDER),
        ("/api/node/analyses", own.change_analyses, LARGEST_ORDER),
        ("/api/node/mappings", own.map, LARGEST_ORDER),
        ("/api/node/optouts", own.change_optouts, LARGEST_ORDER),
        ("/api/node/permits", own.decide_permits, LARGEST_ORDER),
        ("/api/node/quality", own.check, LARGEST_ORDER),
        ("/api/node/preview", own.preview, LARGEST),
    )
    routes = [Route(path, endpoint, methods=["GET"]) for path, endpoint in table]
    return routes + [Route(path, _posted(endpoint, most), methods=["POST"]) for path, endpoint, most in changes]


def steward_app(home: Home, index: Index = None) -> FastAPI:
    """The routes as an application of their own, for pages in the same process; whoever calls it was let in before.

    Args:
        home: The node.
        index: As for :func:`steward_routes`.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    handle_errors(app)
    app.state.checks = Checks(home)
    app.router.routes.extend(steward_routes(home, index, app.state.checks))
    return app


def check_site(request: Request) -> None:
    """See that a request that changes something comes from no page of another site.

    Browsers say so themselves (Fetch Metadata, and Origin of RFC 6454); a program that says nothing has the token.

    Raises:
        ForeignRequest: it does.
    """
    origin, host = request.headers.get("origin", ""), request.headers.get("host", "")
    if request.headers.get("sec-fetch-site", "") not in _SAME_SITE or (origin and urlsplit(origin).netloc != host):
        raise ForeignRequest("A page of another site may not do this.", detail=f"origin {origin[:200]!r}")


@dataclass(frozen=True)
class _Steward:
    """One method a route."""

    home: Home
    checks: Checks
    index: Index = None

    def node(self, _request: Request) -> Response:
        """What the node is and holds: datasets, files by outcome, what waits and why, room on the disk."""
        return _json(node_summary(self.home))

    def files(self, request: Request) -> Response:
        """What came in, newest first, page by page.

        Query: ``outcome``, ``code``, ``dataset``, ``q`` (beginning of a digest, a pseudonym, a UID), ``page`` as the
        page before gave it, ``most``.
        """
        asked = request.query_params
        wanted = Wanted(*(asked.get(name, "") for name in ("outcome", "code", "dataset", "q")))
        with closing(LedgerPages(self.home.ledger_file)) as ledger:
            page = ledger.page(wanted, asked.get("page", ""), _number(asked.get("most", "50"), "most", 200))
            held = [placed(self.home, ledger, entry) for entry in page.entries]
        bodies = [
            entry_json(one.entry) | ({"origin": one.origin, "picture": picture_state(one)} if _waits(one.entry) else {})
            for one in held
        ]
        return _json({"files": bodies, "newer": page.newer, "older": page.older})

    def file(self, request: Request) -> Response:
        """What became of one file, why, and what can be done."""
        held = find_file(self.home, request.path_params["digest"])
        body = entry_json(held.entry) | {"origin": held.origin, "there": held.open is not None}
        decisions = [one.to_json() for one in held.decisions]
        links = links_json(self.home, held.entry) if held.entry.outcome == "kept" else {}
        return _json(body | {"picture": picture_state(held), "decisions": decisions, **links})

    def header(self, request: Request) -> Response:
        """The header of a kept file; of one that waits, as it came and as it would be kept, side by side.

        Query: ``done`` (kept, removed, emptied, replaced, moved, cleaned, added), ``find`` (in name, tag or value),
        ``start``.
        """
        held = find_file(self.home, request.path_params["digest"])
        if held.entry.outcome == "kept":
            return _header(request, kept_view(open_held(held)), None)
        with _previews:
            try:
                view = self._tried(read_held(held, LARGEST))
            except ImageTooLarge as fault:
                view = View(before_view(open_held(held)).lines, fault, both=False)
            return _header(request, view, self._profile())

    def picture(self, request: Request) -> Response:
        """A frame as PNG: of a kept file as it is kept, of one that waits as it came.

        Query: ``frame`` from 1 on; ``look``: usual, all or even; ``side``: most rows and columns; ``else=words`` gives
        the reason as an image where there is no picture.
        """
        asked = request.query_params
        frame = _number(asked.get("frame", "1"), "frame", 10**6)
        side = _number(asked.get("side", "4096"), "side", 4096)
        held = find_file(self.home, request.path_params["digest"])
        try:
            content = load_extra(_PICTURES).draw(open_held(held), frame, asked.get("look", "usual"), side)
        except (ImageError, MissingPackage, NotFound) as fault:
            if asked.get("else") != "words":
                raise
            return Response(placard(fault.message), media_type="image/svg+xml", headers=_PRIVATE)
        return Response(content, media_type="image/png", headers=_PRIVATE)

    def imports(self, request: Request) -> Response:
        """What came in by day and dataset: files by outcome, bytes, and how quickly.  Query: ``days``."""
        days = _number(request.query_params.get("days", "30"), "days", MOST_DAYS)
        since = (datetime.now(UTC).date() - timedelta(days=days - 1)).isoformat()
        with closing(LedgerPages(self.home.ledger_file)) as ledger:
            found = days_of(ledger.tallies(since), ledger.pace(since))
        return _json({"since": since, "days": [asdict(day) for day in found]})

    def mappings(self, _request: Request) -> Response:
        """What headers of kept files say, and what questions find it as; first what no rule reads.

        ``unmapped`` holds the strings of everything that is indexed, tables included, with what they might mean;
        ``decided`` who accepted which mapping.
        """
        with closing(LedgerPages(self.home.ledger_file)) as ledger:
            words = {column: ledger.words(column) for column in COLUMNS}
        values = read_values(words, accepted_at(self.home))
        lost = [asdict(one) for one in proposals(self.home, most=MOST_TOLD)]
        columns = [column_json(name, found) for name, found in values.items()]
        return _json({"columns": columns, "unmapped": lost, "decided": decided(self.home)})

    def analyses(self, _request: Request) -> Response:
        """Every analysis, whether it is admitted here, the rules that guard results, and what was analysed."""
        return _json(analyses_json(self.home))

    def change_analyses(self, _request: Request, body: bytes) -> Response:
        """Admit analyses or withdraw them: ``{"do": "admit", "analyses": ["cox"], "by": "name"}``; it holds at once."""
        told = _order(body)
        return _json(change_analyses(self.home, told, _person(told)))

    def optouts(self, _request: Request) -> Response:
        """Who has opted out, by pseudonym: those who were listed last, and how many there are."""
        return _json(optouts_json(self.home))

    def change_optouts(self, _request: Request, body: bytes) -> Response:
        """List people who opted out, or let them back in; tells how many changed, and of how many there are data.

        Body: ``{"way": "out" or "back", "numbers": [...], "pseudonyms": [...], "by": "name"}``; no number is recorded.
        """
        told = _order(body)
        return _json(change_optouts(self.home, told, _person(told)))

    def permits(self, _request: Request) -> Response:
        """Every permit that was shown or taken back here, and the questions that wait for consent."""
        return _json(permits_json(self.home))

    def permit(self, request: Request) -> Response:
        """One permit, and what was asked, refused and released under it, as the audit log has it."""
        return _json(permit_json(self.home, request.path_params["permit"]))

    def decide_permits(self, _request: Request, body: bytes) -> Response:
        """Decide about a project, a permit or a question; it holds at once, and who does it is recorded.

        Body: ``{"do": "agree", "run": "name", "days": 14, "by": "name"}``, and so on.
        """
        told = _order(body)
        return _json(decide_permits(self.home, told, _person(told)))

    def quality(self, _request: Request) -> Response:
        """The latest check of every dataset in full, the numbers of those before it, and whether one runs."""
        return _json(self.checks.to_json())

    def check(self, _request: Request, body: bytes) -> Response:
        """Begin a check of the images; its result is told by ``GET`` when it has ended.  Only one runs at a time.

        Body: ``{"dataset": "name"}``; without a name, all datasets are checked.
        """
        dataset = _order(body).get("dataset", "")
        if not isinstance(dataset, str):
            raise BadRequest("dataset is the name of a dataset.", at="dataset")
        return _json({"begun": self.checks.start(dataset)})

    def map(self, _request: Request, body: bytes) -> Response:
        """Accept mappings: they are kept, applied to what is here, and used at every import.

        Body: ``{"mappings": [{"field", "raw", "context", "code"}], "by": "name"}``; who decides is recorded.
        """
        told = _order(body)
        taken = accept(self.home, decisions_of(told), _person(told))
        log.info("mappings accepted by a person: %d new, %d changed", taken.new, taken.changed)
        return _json(taken.to_json())

    def release(self, request: Request, body: bytes) -> Response:
        """Keep files of quarantine, de-identified as all others; tells what became of each.

        Body: ``{"files": [digests], "looked": true, "by": "name"}``; a path that names a file needs no ``files``.
        ``looked`` says that a person has looked at every frame of those whose pixels may show text.  ``by`` is who
        decides, and is recorded.
        """
        told = _order(body)
        waiting = find_waiting(self.home, _digests(request, told))
        if told.get("looked") is not True and any(advice_on(entry.code).way == "look" for entry in waiting):
            raise BadRequest("Say that you have looked at the pixels of these files.", at="looked")
        found = release_images(self.home, waiting, _person(told), self.index)
        for taken in found:
            log.info("released by a person: %s %s %s", taken.digest, taken.outcome, taken.code)
        return _json(
            {"files": [{"file": t.digest, "outcome": t.outcome, "code": t.code, "reason": t.message} for t in found]}
        )

    def reject(self, request: Request, body: bytes) -> Response:
        """Delete the copies of files of quarantine; if they come again, they are refused.

        Body: as for release, without ``looked``.
        """
        told = _order(body)
        waiting = find_waiting(self.home, _digests(request, told))
        reject_images(self.home, waiting, _person(told))
        for entry in waiting:
            log.info("rejected by a person: %s", entry.digest)
        return _json({"files": [{"file": entry.digest, "outcome": "refused"} for entry in waiting]})

    def preview(self, request: Request, body: bytes) -> Response:
        """The header of a file that is sent, before and after de-identification; nothing is stored.

        Body: the file.  Query: as for a header.
        """
        with _previews:
            return _header(request, self._tried(body), self._profile())

    def _tried(self, raw: bytes) -> View:
        return try_out(raw, self._profile(), node_keys(self.home.secret_file))

    def _profile(self) -> Profile:
        return node_profile(self.home.profile_file)


_PRIVATE = {"cache-control": "private, no-store"}
"""Pictures and headers may show who somebody is; no copy stays in a browser."""


def _posted(endpoint: Callable[[Request, bytes], Response], most: int) -> Callable[[Request], Awaitable[Response]]:
    async def posted(request: Request) -> Response:
        check_site(request)
        return await run_in_threadpool(endpoint, request, await json_body(request, most))

    posted.__doc__ = endpoint.__doc__
    return posted


def _json(body: Any) -> Response:
    return Response(orjson.dumps(body), media_type="application/json", headers=_PRIVATE)


def _waits(entry: Any) -> bool:
    return bool(entry.outcome == "quarantined")


def _header(request: Request, view: View, profile: Profile | None) -> Response:
    asked = request.query_params
    start = _number(asked.get("start", "1"), "start", 10**6) - 1
    found = chosen(view.lines, asked.get("done", ""), asked.get("find", "")[:200])
    counts: dict[str, int] = {}
    for line in view.lines:
        counts[line.done] = counts.get(line.done, 0) + 1
    return _json(
        {
            "lines": [line_json(line, profile) for line in found[start : start + _LINES]],
            "start": start + 1,
            "found": len(found),
            "every": len(view.lines),
            "counts": counts if view.both else {},
            "both": view.both,
            "profile": profile.name if profile else "",
            "fault": None if view.fault is None else view.fault.to_json()["error"],
        }
    )


def _number(text: str, name: str, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= most):  # noqa: PLR2004
        raise BadRequest(f"{name} is a number from 1 to {most:,}.", at=name)
    return int(text)


def _order(body: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(body or b"{}")
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise BadRequest("The request is not a JSON object.")
    return told


def _person(told: dict[str, Any]) -> Person:
    """Who decides, as they call themselves."""
    name = told.get("by", "")
    if not isinstance(name, str) or len(name) > _LONGEST_NAME or not (name.isprintable() or not name):
        raise BadRequest(f"by is a name of at most {_LONGEST_NAME} characters.", at="by")
    return Person(name.strip() or "console", "console")


def _digests(request: Request, told: dict[str, Any]) -> list[str]:
    if "digest" in request.path_params:
        return [request.path_params["digest"]]
    files = told.get("files")
    if not isinstance(files, list) or not all(isinstance(one, str) for one in files):
        raise BadRequest("files is a list of digests.", at="files")
    if not 0 < len(files) <= MOST_AT_ONCE:
        raise BadRequest(f"Name 1 to {MOST_AT_ONCE} files at once.", at="files")
    return files
