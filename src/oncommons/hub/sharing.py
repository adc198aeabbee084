"""Pages of other sites may ask the hub in the dialects that are made for it (CORS), where its operator says so.

Only Beacon and Lens are opened: they tell what any stranger may ask for, and change nothing.  The hub's routes read no
cookie: only its pages do.  So letting a named site read answers to requests with cookies, as Samply Lens sends them, gives it nothing more.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from oncommons.service.door import ALLOWED, shared

OPEN = ("/api/beacon", "/api/lens")
"""Where pages of other sites may ask, and below."""
ANY = "*"
"""Stands for every site."""


class Sharing:
    """Lets pages of other sites read the answers of Beacon and Lens.

    Args:
        app: The application behind it.
        origins: The sites, as browsers write them; :data:`ANY` for all, none for none.
    """

    def __init__(self, app: ASGIApp, origins: frozenset[str]) -> None:
        self.app, self.origins = app, origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI 3)."""
        if scope["type"] != "http" or not self.origins or not _is_open(scope["path"]):
            await self.app(scope, receive, send)
            return
        asker = Headers(scope=scope).get("origin", "")
        named = asker in self.origins and asker != ANY
        origin = asker if named else ANY if asker and ANY in self.origins else ""
        answer = (
            Response(status_code=204, headers=dict(ALLOWED)) if origin and scope["method"] == "OPTIONS" else self.app
        )
        await shared(answer, origin, with_cookies=named)(scope, receive, send)


def _is_open(path: str) -> bool:
    return any(path == root or path.startswith(f"{root}/") for root in OPEN)
