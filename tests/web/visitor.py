"""Somebody who visits pages: HTTP to an application in this process, without a socket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.types import ASGIApp


class Visitor:
    """Calls an application, in one event loop for all calls."""

    def __init__(self, app: ASGIApp, portal: BlockingPortal) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://pages.test")
        self._portal = portal

    def get(self, path: str, params: dict[str, str] | None = None) -> httpx.Response:
        return self._portal.call(partial(self._client.get, path, params=params))

    def post(self, path: str) -> httpx.Response:
        return self._portal.call(self._client.post, path)

    def together(self, paths: list[str]) -> list[httpx.Response]:
        """Several calls at the same time."""
        return [future.result(60) for future in [self._portal.start_task_soon(self._client.get, p) for p in paths]]


@contextmanager
def visiting(app: ASGIApp) -> Iterator[Visitor]:
    """A visitor for the length of a test."""
    with start_blocking_portal() as portal:
        yield Visitor(app, portal)
