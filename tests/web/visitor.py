"""Somebody who visits pages: HTTP to an application in this process, without a socket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx
from anyio import create_task_group
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

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self._portal.call(partial(self._client.post, path, **options))

    def together(self, path: str, times: int) -> list[int]:
        """Statuses of as many calls, all begun before the first is served."""

        async def call(found: list[int]) -> None:
            found.append((await self._client.get(path)).status_code)

        async def every() -> list[int]:
            found: list[int] = []
            async with create_task_group() as group:
                for _ in range(times):
                    group.start_soon(call, found)
            return found

        return self._portal.call(every)


@contextmanager
def visiting(app: ASGIApp) -> Iterator[Visitor]:
    """A visitor for the length of a test."""
    with start_blocking_portal() as portal:
        yield Visitor(app, portal)
