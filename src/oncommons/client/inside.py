"""A synchronous transport to an ASGI application in the same process: no socket, no second copy of anything.

Pages use it: they run in worker threads of the server whose application they call.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

import anyio
import httpx

from oncommons.client.connection import Connection
from oncommons.client.transport import Transport

_Message: TypeAlias = MutableMapping[str, Any]
Application: TypeAlias = Callable[
    [_Message, Callable[[], Awaitable[_Message]], Callable[[_Message], Awaitable[None]]],
    Awaitable[None],
]


class InsideTransport(httpx.BaseTransport):
    """Calls an ASGI 3 application from a worker thread of its own event loop.

    Args:
        application: The application to call.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Serve one request; must be called in a thread that anyio started."""
        return anyio.from_thread.run(self._serve, request, request.read())

    async def _serve(self, request: httpx.Request, body: bytes) -> httpx.Response:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path.partition(b"?")[0],
            "query_string": request.url.query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "client": ("127.0.0.1", 0),
            "server": (request.url.host, request.url.port or 0),
        }
        waiting = [{"type": "http.request", "body": body, "more_body": False}]
        sent: list[_Message] = []

        async def receive() -> _Message:
            if waiting:
                return waiting.pop()
            await anyio.sleep_forever()
            return {}

        async def send(message: _Message) -> None:
            sent.append(message)

        await self.application(scope, receive, send)
        start = next(m for m in sent if m["type"] == "http.response.start")
        content = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
        return httpx.Response(start["status"], headers=start.get("headers", []), content=content)


_HERE = "http://localhost"
"""Stands for the hub in this process; no connection is made to it."""


def connect_inside(application: Application) -> Connection:
    """A connection to a hub in this process.

    Args:
        application: The hub's application.
    """
    return Connection(Transport(_HERE, http=httpx.Client(transport=InsideTransport(application), timeout=None)))  # noqa: S113
