"""One HTTP client for everything that calls a hub: people's scripts, nodes, pages.

Proxies come from ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``; certificates from the system, from ``SSL_CERT_FILE``
or from a file named when connecting (a corporate CA).  Errors of the hub are raised as what they are.
"""

from __future__ import annotations

import ipaddress
import os
import re
import ssl
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import orjson
from urllib3 import PoolManager, ProxyManager, Timeout, make_headers
from urllib3.exceptions import HTTPError, ProxyError

from oncommons.schema.errors import HubUnreachable, InsecureAddress, MissingPackage, StorageFailed, error_from_json

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,200}")
_CONNECTIONS = 10
"""Connections kept open; more threads than that open one for a call."""


@dataclass(frozen=True)
class Request:
    """What goes to the hub: ``url`` with its query, and how many seconds to wait for the reply."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes
    seconds: float


@dataclass(frozen=True)
class Reply:
    """What came back; names of headers are in small letters."""

    status: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class File:
    """A document: its content, its kind (media type), and what a browser is told to do with it (RFC 6266)."""

    content: bytes
    kind: str
    disposition: str


Send = Callable[[Request], Reply]
"""Carries one request; raises ``OSError`` or ``urllib3``'s ``HTTPError`` where none comes back."""


class Transport:
    """Calls one hub and speaks JSON with it.

    Args:
        url: The hub's address.
        ca: File of certificates to trust instead of the system's; empty for the system's.
        send: Carries requests instead of a connection: for pages that live in the hub's own process, and for tests.
        token: What a program of a person shows the hub; empty for nothing.

    Attributes:
        always: Headers of every call of :meth:`call`; :meth:`form` and :meth:`send` speak for no person.

    Raises:
        InsecureAddress: plain HTTP to another machine.
        StorageFailed: the file of certificates cannot be read.
    """

    def __init__(self, url: str, ca: str = "", send: Send | None = None, token: str = "") -> None:
        self.url = check_address(url)
        self.always: Mapping[str, str] = _bearer(token)
        self._pool: PoolManager | None = None
        if send is None:
            self._pool = new_pool(self.url, ca)
            send = _sending(self._pool)
        self._send = send

    def showing(self, token: str, headers: Mapping[str, str]) -> Transport:
        """The same hub, called for somebody else over the same connections.

        Args:
            token: A session or token; empty for nobody's.
            headers: What every call says besides.
        """
        other = copy(self)
        other.always = {**headers, **_bearer(token)}
        return other

    def call(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        timeout: float = READ_SECONDS,
    ) -> Any:
        """Call the hub and give back its JSON.

        Raises:
            HubUnreachable: no connection, no answer in time, or an answer that is not the hub's.
            OncommonsError: what the hub reported.
        """
        content, kind = b"", {}
        if body is not None:
            content, kind = orjson.dumps(body), {"content-type": "application/json"}
        query = f"?{urlencode(params)}" if params else ""
        return self._call(
            Request(method, f"{self.url}{path}{query}", {**self.always, **kind, **(headers or {})}, content, timeout)
        )

    def form(self, path: str, fields: Mapping[str, str]) -> Any:
        """Post a form, as the token endpoint of OAuth 2.0 wants it; raises as :meth:`call`."""
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return self._call(Request("POST", self.url + path, kind, urlencode(fields).encode(), READ_SECONDS))

    def send(self, path: str, content: bytes, params: Mapping[str, Any], headers: Mapping[str, str]) -> Any:
        """Post bytes as they are; raises as :meth:`call`."""
        kind = {"content-type": "application/octet-stream"}
        url = f"{self.url}{path}?{urlencode(params)}"
        return self._call(Request("POST", url, {**kind, **headers}, content, READ_SECONDS))

    def fetch(self, path: str) -> File:
        """Content that is not JSON, such as a document; raises as :meth:`call`."""
        reply = self._carry(Request("GET", f"{self.url}{path}", self.always, b"", READ_SECONDS))
        if reply.status != 200:  # noqa: PLR2004
            self._read(reply)
            raise self._no_hub(reply)
        told = reply.headers.get("content-disposition", "")
        kind = reply.headers.get("content-type", "application/octet-stream")
        return File(reply.content, kind, told if told.startswith("attachment") else "attachment")

    def close(self) -> None:
        """Close the connections."""
        if self._pool is not None:
            self._pool.clear()

    def _call(self, request: Request) -> Any:
        return self._read(self._carry(request))

    def _carry(self, request: Request) -> Reply:
        try:
            return self._send(request)
        except (HTTPError, OSError) as fault:
            raise self._unreachable(fault) from fault

    def _unreachable(self, fault: Exception) -> HubUnreachable:
        hint = ""
        if "CERTIFICATE_VERIFY_FAILED" in str(fault):
            hint = " Its certificate is not trusted here; name your organisation's certificates with --ca FILE."
        elif isinstance(fault, ProxyError):
            hint = " The proxy in HTTPS_PROXY refused."
        return HubUnreachable(f"The hub at {self.url} cannot be reached.{hint}", detail=repr(fault))

    def _read(self, reply: Reply) -> Any:
        try:
            body = orjson.loads(reply.content)
        except ValueError:
            body = None
        if 200 <= reply.status < 300 and body is not None:  # noqa: PLR2004
            return body
        if isinstance(body, dict) and "error" in body:
            raise error_from_json(body)
        raise self._no_hub(reply)

    def _no_hub(self, reply: Reply) -> HubUnreachable:
        message = f"{self.url} answered {reply.status}, but not as a hub does. Is the address right?"
        return HubUnreachable(message, detail=reply.content[:500].decode(errors="replace"))


class Caller:
    """Some routes of a hub, as one caller sees them.

    Args:
        transport: How to call the hub, with the caller's session.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def _call(self, method: str, path: str, body: object = None, **options: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.transport.call(method, path, body=body, **options)
        return found


def in_path(part: str) -> str:
    """A part of a path, however it was sent; never nothing, and never a step up, which would name another route."""
    return quote(part, safe="") if part.strip(".") else "-"


def _bearer(token: str) -> dict[str, str]:
    """A token as the hub wants it (RFC 6750); one with signs that no token has is not sent."""
    return {"authorization": f"Bearer {token}"} if _TOKEN.fullmatch(token) else {}


def check_address(url: str) -> str:
    """The hub's address without a final slash.

    Raises:
        InsecureAddress: it is not HTTPS, and not on this machine.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise InsecureAddress(f"{url!r} is not an address.") from None
    if parts.scheme == "https" and parts.hostname:
        return url.strip().rstrip("/")
    if parts.scheme == "http" and parts.hostname and _is_here(parts.hostname):
        return url.strip().rstrip("/")
    raise InsecureAddress(f"{url!r} is not an https:// address. Plain http:// is accepted on this machine only.")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def new_pool(url: str, ca: str) -> PoolManager:
    """Connections with the proxies and certificates of this machine; what stays on this machine takes no proxy.

    Args:
        url: Where they lead.
        ca: File of certificates to trust instead of the system's; empty for the system's.

    Raises:
        StorageFailed: the file of certificates cannot be read.
        HubUnreachable: the address of the proxy cannot be read.
        MissingPackage: the proxy needs a package that is not there.
    """
    if not ca and urlsplit(url).scheme.lower() == "http":
        return PoolManager(maxsize=_CONNECTIONS)  # all certificates of a machine take long to read
    try:
        context = ssl.create_default_context(cafile=ca or os.environ.get("SSL_CERT_FILE") or None)
    except (OSError, ssl.SSLError) as fault:
        raise StorageFailed(
            f"The certificates in {ca or 'SSL_CERT_FILE'} cannot be read.", detail=repr(fault)
        ) from fault
    proxy = _proxy_for(url)
    if not proxy:
        return PoolManager(maxsize=_CONNECTIONS, ssl_context=context)
    try:
        if urlsplit(proxy).scheme.startswith("socks"):
            return _socks(proxy, context)
        return ProxyManager(
            proxy,
            maxsize=_CONNECTIONS,
            proxy_headers=_proxy_headers(proxy),
            proxy_ssl_context=context,
            ssl_context=context,
        )
    except (HTTPError, ValueError) as fault:
        raise HubUnreachable("The proxy's address cannot be read; look at HTTPS_PROXY.", detail=repr(fault)) from fault


def _socks(proxy: str, context: ssl.SSLContext) -> PoolManager:
    if find_spec("socks") is None:
        raise MissingPackage("A SOCKS proxy is set, which needs another package: pip install 'urllib3[socks]'.")
    socks = import_module("urllib3.contrib.socks")  # importing it without that package prints a warning
    manager: PoolManager = socks.SOCKSProxyManager(proxy, maxsize=_CONNECTIONS, ssl_context=context)
    return manager


def _proxy_for(url: str) -> str:
    """The address of the proxy that the environment names for a hub elsewhere; empty for none."""
    parts = urlsplit(url)
    if parts.scheme.lower() != "https" or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return ""
    named = getproxies()
    proxy = named.get("https") or named.get("all") or ""
    return proxy if "://" in proxy or not proxy else f"http://{proxy}"


def _proxy_headers(proxy: str) -> Mapping[str, str]:
    """The name and password in a proxy's address, as the proxy wants them (RFC 9110 section 11.7)."""
    parts = urlsplit(proxy)
    if parts.username is None:
        return {}
    return make_headers(proxy_basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}")


def _sending(pool: PoolManager) -> Send:
    def send(request: Request) -> Reply:
        response = pool.urlopen(
            request.method,
            request.url,
            body=request.content or None,
            headers=request.headers,
            timeout=Timeout(connect=CONNECT_SECONDS, read=request.seconds),
            retries=False,
            redirect=False,
        )
        return Reply(response.status, response.data, {k.lower(): v for k, v in response.headers.items()})

    return send
