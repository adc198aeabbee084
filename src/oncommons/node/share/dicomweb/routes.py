"""HTTP of QIDO-RS and WADO-RS: paths, queries and headers; the work is done elsewhere (PS3.18 tables 10.4.1-1 and 10.6.1-1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from oncommons.imaging.dicomjson import MEDIA_TYPE
from oncommons.node.share.dicomweb.extra import load_extra
from oncommons.node.share.dicomweb.fields import Level
from oncommons.node.share.dicomweb.kept import Kept, KeptInstance
from oncommons.node.share.dicomweb.media import METADATA, choose
from oncommons.node.share.dicomweb.objects import Object
from oncommons.node.share.dicomweb.ranges import read_range, stretch
from oncommons.node.share.dicomweb.retrieve import Reply, give_frames, give_metadata, give_objects, give_value
from oncommons.node.share.dicomweb.search import answer, read_search
from oncommons.schema.errors import BadRequest, NotFound

_STUDY = "/studies/{study}"
_SERIES = _STUDY + "/series/{series}"
_SOP = _SERIES + "/instances/{sop}"
_PORTS: Mapping[str, int] = {"http": 80, "https": 443}
_MOST_FRAMES = 10_000
SEARCHES: Mapping[str, Level] = MappingProxyType(
    {
        "/studies": Level.STUDY,
        "/series": Level.SERIES,
        "/instances": Level.INSTANCE,
        f"{_STUDY}/series": Level.SERIES,
        f"{_STUDY}/instances": Level.INSTANCE,
        f"{_SERIES}/instances": Level.INSTANCE,
    }
)
"""Path of each search to what is searched for."""
_ALL_PICTURES = "oncommons.node.share.dicomweb.pictures"


@dataclass(frozen=True)
class DicomWeb:
    """The service over a node's images.

    Attributes:
        kept: Gives the images that a request may see.
        url: Address under which clients reach it; empty for the one that each has used.
    """

    kept: Callable[[Request], Kept]
    url: str = ""

    def routes(self) -> list[Route]:
        """Its routes, to be mounted where it shall be found."""
        found = [Route(path, self._search(level), methods=["GET"]) for path, level in SEARCHES.items()]
        for path in (_STUDY, _SERIES, _SOP):
            found += [
                Route(path, self.objects, methods=["GET"]),
                Route(f"{path}/metadata", self.metadata, methods=["GET"]),
                Route(f"{path}/thumbnail", self.thumbnail, methods=["GET"]),
                Route(f"{path}/rendered", self.rendered, methods=["GET"]),
            ]
        found += [
            Route(f"{_SOP}/frames/{{frames}}", self.frames, methods=["GET"]),
            Route(f"{_SOP}/frames/{{frames}}/rendered", self.rendered, methods=["GET"]),
            Route(f"{_SOP}/frames/{{frames}}/thumbnail", self.thumbnail, methods=["GET"]),
            Route(f"{_SOP}/bulkdata/{{path:path}}", self.value, methods=["GET"]),
        ]
        return found

    def objects(self, request: Request) -> Response:
        """Whole objects of a study, a series, or one."""
        single = "sop" in request.path_params
        rows = self._rows(request)
        reply = give_objects([Object(row) for row in rows], _accept(request), single=single)
        return _sent(reply) if reply.length is None else _in_parts(reply, request, f'"{rows[0].sop}"')

    def metadata(self, request: Request) -> Response:
        """All attributes of the objects of a study, a series, or one."""
        rows = self._rows(request)
        return _sent(give_metadata((Object(row) for row in rows), _accept(request), self._base(request)))

    def frames(self, request: Request) -> Response:
        """Frames of an object."""
        (row,) = self._rows(request)
        return _sent(give_frames(Object(row), _frames(request), _accept(request), self._base(request)))

    def value(self, request: Request) -> Response:
        """A long value of an object."""
        (row,) = self._rows(request)
        return _sent(give_value(Object(row), request.path_params["path"], _accept(request), self._base(request)))

    def rendered(self, request: Request) -> Response:
        """A frame as a picture, or the pictures of a series or a study, a part each."""
        pictures = load_extra(_ALL_PICTURES)
        rows = self._rows(request)
        wishes = pictures.read_wishes(request.query_params)
        if "sop" not in request.path_params:
            return _sent(pictures.give_rendered_all(rows, _accept(request), self._base(request), wishes))
        (row,) = rows
        return _sent(pictures.give_rendered(Object(row), _one_frame(request), _accept(request), wishes))

    def thumbnail(self, request: Request) -> Response:
        """A small picture of a study, a series, an object or a frame, with what was drawn on it."""
        pictures = load_extra(_ALL_PICTURES)
        study, series, sop = _path(request)
        if not series:
            series = pictures.shown_series([row for row in self.kept(request).series() if row.study == study]).series
        rows = _there(self.kept(request).instances(study, series, sop))
        wishes = pictures.read_wishes(request.query_params)
        return _sent(pictures.give_thumbnail(self.kept(request), rows, _one_frame(request), _accept(request), wishes))

    def _search(self, level: Level) -> Callable[[Request], Response]:
        def search(request: Request) -> Response:
            study, series, _ = _path(request)
            media = choose(_accept(request), METADATA).offer.media
            asked = read_search(level, study, series, request.query_params.multi_items())
            base = self._base(request)
            found = answer(asked, self.kept(request), base)
            warnings = list(asked.warnings)
            if found.remaining:
                warnings.append(f"There are {found.remaining} additional results that can be requested")
            headers = {"warning": ", ".join(f'299 {base}: "{text}"' for text in warnings)} if warnings else {}
            if not found.results:
                return Response(status_code=204, headers=headers)
            return Response(orjson.dumps(found.results), media_type=media, headers=headers)

        return search

    def _base(self, request: Request) -> str:
        """The address of the service as its client reached it, with the port even where the client left it out."""
        if self.url:
            return self.url
        place = request.url.netloc
        _, port = request.scope.get("server") or ("", None)
        if request.url.port is None and port not in {None, _PORTS.get(request.url.scheme)}:
            place = f"{place}:{port}"
        return f"{request.url.scheme}://{place}{request.scope.get('root_path', '')}"

    def _rows(self, request: Request) -> list[KeptInstance]:
        return _there(self.kept(request).instances(*_path(request)))


def json_reply(body: Any, status: int = 200) -> Response:
    """A body in DICOM JSON."""
    return Response(orjson.dumps(body), status, media_type=MEDIA_TYPE)


def _there(rows: Iterator[KeptInstance]) -> list[KeptInstance]:
    found = list(rows)
    if not found:
        raise NotFound("The node keeps no such study, series or instance.")
    return found


def _path(request: Request) -> tuple[str, str, str]:
    given = request.path_params
    return given.get("study", ""), given.get("series", ""), given.get("sop", "")


def _accept(request: Request) -> str:
    """What the client asks for: the query parameter goes before the header (section 8.3.3.1)."""
    asked = request.query_params.get("accept", "").replace("dicom json", "dicom+json")  # a plus that was not escaped
    return asked or ", ".join(request.headers.getlist("accept"))


def _frames(request: Request) -> list[int]:
    numbers = request.path_params["frames"].split(",")
    if len(numbers) > _MOST_FRAMES or not all(n.isascii() and n.isdecimal() and len(n) < 10 for n in numbers):  # noqa: PLR2004
        raise BadRequest("Frames are named by numbers from 1 on, separated by commas.", at="frames")
    return [int(n) for n in numbers]


def _one_frame(request: Request) -> int:
    """The frame of a picture; 0 where none is named."""
    if "frames" not in request.path_params:
        return 0
    numbers = _frames(request)
    if len(numbers) != 1 or not numbers[0]:
        raise BadRequest("A picture shows one frame.", at="frames")
    return numbers[0]


def _in_parts(reply: Reply, request: Request, tag: str) -> Response:
    """An object as it is kept, or the stretch of it that is asked for; what is kept under a name never changes."""
    length = reply.length or 0
    headers = {"cache-control": "private, no-store", "content-type": reply.media, "accept-ranges": "bytes", "etag": tag}
    asked = request.headers.get("range", "") if request.headers.get("if-range", tag) == tag else ""
    try:
        found = read_range(asked, length)
    except ValueError as fault:
        return Response(status_code=416, headers={"content-range": str(fault)})
    start, stop = found or (0, length)
    if found:
        headers["content-range"] = f"bytes {start}-{stop - 1}/{length}"
    headers["content-length"] = str(stop - start)
    return StreamingResponse(stretch(reply.pieces, start, stop), 206 if found else 200, headers)


def _sent(reply: Reply) -> Response:
    headers = {"cache-control": "private, no-store", "content-type": reply.media}
    if reply.length is None:
        return StreamingResponse(reply.pieces, headers=headers)
    if isinstance(reply.pieces, list):
        return Response(b"".join(reply.pieces), headers=headers)
    return StreamingResponse(reply.pieces, headers=headers | {"content-length": str(reply.length)})
