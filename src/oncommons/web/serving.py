"""What all pages of ours share: threads of their own, the status of a fault, a place behind a server's own paths."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from anyio import CapacityLimiter, to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Mount
from starlette.types import ASGIApp, Scope

from oncommons.schema import statuses
from oncommons.schema.errors import BadRequest, ForeignRequest, NotFound, OncommonsError
from oncommons.schema.errors_of_applications import AttachmentRefused
from oncommons.web.keeping import is_foreign, said_from

Page: TypeAlias = Callable[[Request], Response]
Sent: TypeAlias = Callable[[Request, bytes], Response]
Fault: TypeAlias = Callable[[Request, Exception], Response]

_TOO_LARGE = "What was sent is larger than {} MB."


class Behind(Mount):
    """Pages under every path but a server's own, so that the server answers those in its own way.

    Args:
        own: Beginnings of the server's paths.
        app: The pages.
    """

    def __init__(self, own: tuple[str, ...], app: ASGIApp) -> None:
        super().__init__("/", app)
        self.own = own

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a path is one of the pages."""
        if scope["path"].startswith(self.own):
            return Match.NONE, {}
        return super().matches(scope)


def status_of(fault: Exception) -> int:
    """The HTTP status of a page that tells a fault."""
    if isinstance(fault, HTTPException):
        return fault.status_code
    return statuses.status_of(fault) if isinstance(fault, OncommonsError) else 500


def told(request: Request, fault: Exception, log: str) -> OncommonsError:
    """The error of ours that tells a fault to a stranger.

    Args:
        request: What was asked.
        fault: What was raised.
        log: Whose log says more of what nobody foresaw.
    """
    if isinstance(fault, OncommonsError):
        return fault
    if isinstance(fault, HTTPException) and fault.status_code == 404:  # noqa: PLR2004
        return NotFound(f"There is nothing at {request.url.path[:200]}.")
    if isinstance(fault, HTTPException):
        return BadRequest(f"{request.method} is not possible here.")
    return OncommonsError(f"Something of ours broke; the {log}'s log says what.")


def check_own_page(request: Request) -> None:
    """Refuse to change something for a page of another site.

    Raises:
        ForeignRequest: the browser says that the request comes from there.
    """
    if is_foreign(request):
        raise ForeignRequest("A page of another site may not do this.", detail=said_from(request))


def in_thread(page: Page, limiter: CapacityLimiter) -> Callable[[Request], Awaitable[Response]]:
    """A page as an endpoint that is made in a thread."""

    async def endpoint(request: Request) -> Response:
        return await to_thread.run_sync(page, request, limiter=limiter)

    return endpoint


def sent_in_thread(page: Sent, limiter: CapacityLimiter, most: int) -> Callable[[Request], Awaitable[Response]]:
    """A page that is sent something, as an endpoint that is made in a thread.

    Args:
        page: The page; it gets the body of the request.
        limiter: Its threads.
        most: Bytes of the longest body.
    """

    async def endpoint(request: Request) -> Response:
        parts, size = [], 0
        async for part in request.stream():
            size += len(part)
            if size > most:
                raise BadRequest(f"What was sent is longer than {most // 1024:,} KiB.")
            parts.append(part)
        return await to_thread.run_sync(page, request, b"".join(parts), limiter=limiter)

    return endpoint


def spooled_in_thread(page: Sent, limiter: CapacityLimiter, most: int) -> Callable[[Request], Awaitable[Response]]:
    """The same for what may be large: it waits on disk until there is a thread, and only then is in memory.

    Args:
        page: The page; it gets the body of the request.
        limiter: Its threads, so many bodies are in memory at once.
        most: Bytes of the longest body; what is longer is read no further.
    """

    async def endpoint(request: Request) -> Response:
        told = request.headers.get("content-length", "")
        if told.isascii() and told.isdecimal() and int(told) > most:
            raise AttachmentRefused(_TOO_LARGE.format(most // 1_000_000))
        with await to_thread.run_sync(tempfile.TemporaryFile) as file:
            size = 0
            async for part in request.stream():
                size += len(part)
                if size > most:
                    raise AttachmentRefused(_TOO_LARGE.format(most // 1_000_000))
                file.write(part)

            def work() -> Response:
                file.seek(0)
                return page(request, file.read())

            return await to_thread.run_sync(work, limiter=limiter)

    return endpoint


def faults_in_thread(page: Fault, limiter: CapacityLimiter) -> dict[Any, Callable[..., Awaitable[Response]]]:
    """What tells faults in place of a page, for all kinds of them."""

    async def handler(request: Request, fault: Exception) -> Response:
        return await to_thread.run_sync(page, request, fault, limiter=limiter)

    return dict.fromkeys((OncommonsError, HTTPException, Exception), handler)
