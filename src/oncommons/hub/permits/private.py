"""What is answered to somebody who shows the pass of a permit is for nobody else: no cache on the way keeps it."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oncommons.schema.federation import Pass

PRIVATE = "private, no-store"
"""RFC 9111, 5.2.2.5 and 5.2.2.7: neither shared caches nor the client's own keep it."""


class Private:
    """Tells caches to keep no answer to a request with a pass, whatever the answer says itself.

    Args:
        app: The application behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI 3)."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["cache-control"] = PRIVATE
            await send(message)

        shows = scope["type"] == "http" and Pass.shown(Headers(scope=scope))
        await self.app(scope, receive, sent if shows else send)
