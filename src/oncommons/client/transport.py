"""One HTTP client for everything that calls a hub: people's scripts, nodes, pages.

Proxies come from ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``NO_PROXY``; certificates from the system, from ``SSL_CERT_FILE``
or from a file named when connecting (a corporate CA).  Errors of the hub are raised as what they are.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from oncommons.schema.errors import HubUnreachable, InsecureAddress, MissingPackage, StorageFailed, error_from_json

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0


class Transport:
    """Calls one hub and speaks JSON with it.

    Args:
        url: The hub's address.
        ca: File of certificates to trust instead of the system's; empty for the system's.
        http: A ready client, for tests and for pages that live in the hub's own process.

    Raises:
        InsecureAddress: plain HTTP to another machine.
        StorageFailed: the file of certificates cannot be read.
    """

    def __init__(self, url: str, ca: str = "", http: httpx.Client | None = None) -> None:
        self.url = check_address(url)
        if http is None:
            http = _new_client(self.url, ca)
        self.http = http

    def call(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Call the hub and give back its JSON.

        Raises:
            HubUnreachable: no connection, no answer in time, or an answer that is not the hub's.
            OncommonsError: what the hub reported.
        """
        extra: dict[str, Any] = {} if timeout is None else {"timeout": httpx.Timeout(timeout, connect=CONNECT_SECONDS)}
        if body is not None:
            extra["content"] = orjson.dumps(body)
            headers = {"content-type": "application/json", **(headers or {})}
        try:
            response = self.http.request(method, self.url + path, headers=headers, params=params, **extra)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as fault:
            raise self._unreachable(fault) from fault
        return self._read(response)

    def form(self, path: str, fields: Mapping[str, str]) -> Any:
        """Post a form, as the token endpoint of OAuth 2.0 wants it; raises as :meth:`call`."""
        try:
            response = self.http.post(self.url + path, data=dict(fields))
        except (httpx.HTTPError, OSError) as fault:
            raise self._unreachable(fault) from fault
        return self._read(response)

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def _unreachable(self, fault: Exception) -> HubUnreachable:
        hint = ""
        if "CERTIFICATE_VERIFY_FAILED" in str(fault):
            hint = " Its certificate is not trusted here; name your organisation's certificates with --ca FILE."
        elif isinstance(fault, httpx.ProxyError):
            hint = " The proxy in HTTPS_PROXY refused."
        return HubUnreachable(f"The hub at {self.url} cannot be reached.{hint}", detail=repr(fault))

    def _read(self, response: httpx.Response) -> Any:
        try:
            body = orjson.loads(response.content)
        except ValueError:
            body = None
        if response.is_success and body is not None:
            return body
        if isinstance(body, dict) and "error" in body:
            raise error_from_json(body)
        message = f"{self.url} answered {response.status_code}, but not as a hub does. Is the address right?"
        raise HubUnreachable(message, detail=response.text[:500])


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


def _new_client(url: str, ca: str) -> httpx.Client:
    """A client with the proxies and certificates of this machine; what stays on this machine takes no proxy."""
    try:
        return httpx.Client(
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            verify=ssl.create_default_context(cafile=ca or os.environ.get("SSL_CERT_FILE") or None),
            follow_redirects=False,
            trust_env=url.startswith("https:"),
        )
    except ImportError as fault:
        raise MissingPackage(
            "A SOCKS proxy is set, which needs another package: pip install 'httpx[socks]'."
        ) from fault
    except (OSError, ssl.SSLError) as fault:
        raise StorageFailed(
            f"The certificates in {ca or 'SSL_CERT_FILE'} cannot be read.", detail=repr(fault)
        ) from fault
    except (httpx.InvalidURL, ValueError) as fault:
        raise HubUnreachable("The proxy's address cannot be read; look at HTTPS_PROXY.", detail=repr(fault)) from fault
