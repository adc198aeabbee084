"""A synchronous transport to an ASGI application in the same process: no socket, no second copy of anything.

Pages use it: they run in worker threads of the server whose application they call.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

import anyio

from oncommons.client.connection import Connection
from oncommons.client.steward import Steward
from oncommons.client.transport import Reply, Request, Transport
from oncommons.schema.federation import INSIDE

_Message: TypeAlias = MutableMapping[str, Any]
Application: TypeAlias = Callable[
    [_Message, Callable[[], Awaitable[_Message]], Callable[[_Message], Awaitable[None]]],
    Awaitable[None],
]


class Inside:
    """Carries requests to an ASGI 3 application from a worker thread of its own event loop.

    Args:
        application: The application to call.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, request: Request) -> Reply:
        """Serve one request; must be called in a thread that anyio started."""
        return anyio.from_thread.run(self._serve, request)

    async def _serve(self, request: Request) -> Reply:
        parts = urlsplit(request.url)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": parts.scheme,
            "path": unquote(parts.path),
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in request.headers.items()],
            "client": ("127.0.0.1", 0),
            "server": (parts.hostname, parts.port or 0),
            "extensions": {INSIDE: {}},
        }
        waiting = [{"type": "http.request", "body": request.content, "more_body": False}]
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
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start.get("headers", ())}
        return Reply(start["status"], content, headers)


_HERE = "http://localhost"
"""Stands for the server in this process; no connection is made to it."""


def connect_inside(application: Application) -> Connection:
    """A connection to a hub in this process.

    Args:
        application: The hub's application.
    """
    return Connection(Transport(_HERE, send=Inside(application)), resumes=False)


def steward_inside(application: Application) -> Steward:
    """A connection to the console of a node in this process.

    Args:
        application: The application of its routes.
    """
    return Steward(Transport(_HERE, send=Inside(application)))
