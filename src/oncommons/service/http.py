"""HTTP of a server of ours: one shape of error, limits on what comes in."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from oncommons.schema import errors
from oncommons.schema.statuses import status_of

log = logging.getLogger("oncommons.http")

SECURITY_HEADERS: Mapping[bytes, bytes] = MappingProxyType(
    {
        b"content-security-policy": b"default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        b"frame-ancestors 'none'; form-action 'self'",
        b"referrer-policy": b"same-origin",
        b"x-content-type-options": b"nosniff",
    },
)
"""Sent with every response: no third-party host, no framing, no guessing of types."""

MOST_BYTES = 8_388_608
"""Longest request body: 8 MiB, room for an answer grouped by two fields over hundreds of datasets."""


def error_response(fault: errors.OncommonsError) -> JSONResponse:
    """The one shape of error on the wire; the private detail goes to the log."""
    status = status_of(fault)
    if fault.detail or status >= 500:  # noqa: PLR2004
        log.warning("%s %s %s", fault.code, fault.message, fault.detail)
    return JSONResponse(fault.to_json(), status)


def handle_errors(app: FastAPI) -> None:
    """Answer every error of a server in our one shape."""

    def ours(_request: Request, fault: Exception) -> Response:
        known = isinstance(fault, errors.OncommonsError)
        return error_response(fault if known else errors.OncommonsError("Something of ours broke."))  # type: ignore[arg-type]

    def theirs(request: Request, fault: Exception) -> Response:
        status = fault.status_code if isinstance(fault, HTTPException) else 500
        body: errors.OncommonsError = errors.BadRequest(f"{request.method} is not possible here.")
        if status == 404:  # noqa: PLR2004
            body = errors.NotFound(f"There is nothing at {request.url.path[:200]}.")
        headers = fault.headers if isinstance(fault, HTTPException) else None
        return JSONResponse(body.to_json(), status, headers)

    def malformed(_request: Request, fault: Exception) -> Response:
        return error_response(errors.BadRequest("A parameter of the request has the wrong type.", detail=str(fault)))

    def unexpected(_request: Request, fault: Exception) -> Response:
        log.error("unexpected", exc_info=fault)
        body = errors.OncommonsError("Something of ours broke; the hub's log says what.").to_json()
        return JSONResponse(body, 500, {k.decode(): v.decode() for k, v in SECURITY_HEADERS.items()})

    app.add_exception_handler(errors.OncommonsError, ours)
    app.add_exception_handler(HTTPException, theirs)
    app.add_exception_handler(Exception, unexpected)
    app.add_exception_handler(RequestValidationError, malformed)


def home_of(request: Request, public: str = "", root: str = "") -> str:
    """The address at which a server is found, without a slash at its end.

    Args:
        request: What was asked; it tells how its client reached the server.
        public: The server's address, where it has been told.
        root: Path below the server's own root, where no address has been told.
    """
    here = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}{root}"
    return (public or here).rstrip("/")


NO_STORE: Mapping[str, str] = MappingProxyType({"cache-control": "no-store"})
"""Headers of a response of which nobody on the way keeps a copy."""


async def json_body(request: Request, most: int = MOST_BYTES) -> bytes:
    """The body of a request, no longer than allowed.

    Raises:
        BadRequest: it is longer.
    """
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise errors.BadRequest(f"The request is longer than {most:,} bytes.")
        parts.append(part)
    return b"".join(parts)


class Guard:
    """Adds the security headers to every response, and finds nothing at an address with a zero octet in it.

    No name has one, and PostgreSQL keeps no text with one, so that looking for it would end in an error.

    Args:
        app: The application behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI 3)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *SECURITY_HEADERS.items()]
            await send(message)

        if "\0" in scope["path"]:
            await error_response(errors.NotFound("There is nothing at this address."))(scope, receive, guarded)
            return
        await self.app(scope, receive, guarded)


class Heads:
    """Answers HEAD as GET, without the content (RFC 9110 section 9.3.2), as programs ask that follow feeds.

    Args:
        app: The application behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI 3)."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def bare(message: Any) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self.app({**scope, "method": "GET"}, receive, bare)
