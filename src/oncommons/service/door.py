"""Who may come in at a server of one machine: whoever has its token, under a name that is its own.

Programs show the token in ``Authorization``; browsers bring it once in a link, and then as a cookie.  A request under
another host name is refused, so that no page of a stranger reaches the server by a name that leads here.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from oncommons.schema.errors import BadRequest
from oncommons.schema.errors_of_protocols import NotLetIn
from oncommons.service.http import error_response

COOKIE = "oncommons_token"
PARAMETER = "token"
OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::\d{1,5})?")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SIGN = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>The token is needed</title></head>
<body>
<main>
<h1>The token is needed</h1>
<p>Open the link that the server's command has printed. It lets this browser in until it is closed.</p>
<p>Whoever runs the server can print the link again by starting the command again (E619).</p>
</main>
</body>
</html>
"""
"""What a person sees who has no token."""
ALLOWED: Mapping[str, str] = {
    "access-control-allow-methods": "GET, HEAD, POST, OPTIONS",
    "access-control-allow-headers": "authorization, content-type, accept",
    "access-control-max-age": "600",
}
"""The answer to a browser that asks beforehand whether a page of another site may ask."""


@dataclass(frozen=True)
class Lock:
    """What opens a door.

    Attributes:
        token: What must be shown.
        hosts: Names and addresses that the server goes by, in small letters, without ports.
        origins: Addresses of other sites whose pages may ask, such as ``https://viewer.hospital.example``.
    """

    token: str
    hosts: frozenset[str] = OWN_NAMES
    origins: frozenset[str] = frozenset()


class Door:
    """Lets in those who have the token.

    Args:
        app: The application behind it.
        lock: What opens it.
    """

    def __init__(self, app: ASGIApp, lock: Lock) -> None:
        self.app, self.lock = app, lock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI 3)."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            headers = Headers(scope=scope)
            origin = headers.get("origin", "")
            answer = self._stopped(scope, headers, origin)
            await shared(answer or self.app, origin if origin in self.lock.origins else "")(scope, receive, send)

    def _stopped(self, scope: Scope, headers: Headers, origin: str) -> Response | None:
        """The answer to who is not let in, or need not be."""
        host = _HOST.fullmatch(headers.get("host", "").lower())
        if host is None or (host["six"] or host["name"]) not in self.lock.hosts:
            return error_response(BadRequest("This server does not go by that name."))
        foreign = origin not in {"", f"{scope['scheme']}://{headers['host']}"} | self.lock.origins
        if foreign and scope["method"] not in _SAFE:
            return error_response(BadRequest("A page of another site may not do this."))
        if scope["method"] == "OPTIONS" and origin in self.lock.origins:
            return Response(status_code=204, headers=dict(ALLOWED))
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if scope["method"] == "GET" and any(name == PARAMETER and self._opens(value) for name, value in query):
            return self._remembered(scope, [pair for pair in query if pair[0] != PARAMETER])
        if any(self._opens(token) for token in _shown(headers)):
            return None
        if "text/html" in headers.get("accept", ""):
            return HTMLResponse(_SIGN, 401)
        refused = error_response(NotLetIn("Show the token that the server's command has printed."))
        refused.headers["www-authenticate"] = "Bearer"
        return refused

    def _opens(self, token: str) -> bool:
        return hmac.compare_digest(token.encode("utf-8", "surrogateescape"), self.lock.token.encode())

    def _remembered(self, scope: Scope, query: list[tuple[str, str]]) -> Response:
        """The same page without the token in its address, which would stay in histories and logs."""
        place = scope["path"].lstrip("/\\")
        answer = RedirectResponse(f"/{place}{'?' if query else ''}{urlencode(query)}", 303)
        secure = scope["scheme"] == "https"
        answer.set_cookie(COOKIE, self.lock.token, httponly=True, samesite="strict", secure=secure)
        return answer


def _shown(headers: Headers) -> Iterator[str]:
    """Tokens that a request shows: bearer (RFC 6750), as the password of a login (RFC 7617), or as a cookie."""
    kind, _, value = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        yield value.strip()
    elif kind.lower() == "basic":
        try:
            yield base64.b64decode(value.strip(), validate=True).decode("utf-8").partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return
    if found is not None:
        yield found.value


def shared(app: ASGIApp, origin: str, *, with_cookies: bool = False) -> ASGIApp:
    """The same, readable by pages of an origin (CORS); the answer depends on who asks.

    Args:
        app: The application.
        origin: The origin, such as ``https://viewer.hospital.example``; ``*`` for all, empty for none.
        with_cookies: Whether pages of the origin may read it too where their browser sends cookies along.
    """
    more = [(b"vary", b"origin")]
    if origin:
        more += [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-expose-headers", b"warning"),
        ]
    if origin and with_cookies:
        more.append((b"access-control-allow-credentials", b"true"))

    async def sharing(scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *more]  # type: ignore[misc]
            await send(message)

        await app(scope, receive, sent)  # type: ignore[arg-type]

    return sharing
