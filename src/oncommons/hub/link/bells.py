"""Bells: how one request of the hub wakes another that waits, without asking the database.

They only shorten waiting.  What counts is in the work list; whoever waits looks there again on its own, so a bell
that nobody heard, or that rang in another process, loses nothing.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict


class Bells:
    """Named bells of one event loop; may be rung from any thread."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def wait(self, name: str, seconds: float) -> bool:
        """Wait until the bell rings, at most so long; true when it rang."""
        heard = self.listen(name)
        try:
            await asyncio.wait_for(heard.wait(), max(seconds, 0))
        except TimeoutError:
            return False
        else:
            return True
        finally:
            self.leave(name, heard)

    def listen(self, name: str) -> asyncio.Event:
        """An event that the bell sets from now on; give it back with :meth:`leave`."""
        self._loop = asyncio.get_running_loop()
        heard = asyncio.Event()
        self._waiting[name].add(heard)
        return heard

    def leave(self, name: str, heard: asyncio.Event) -> None:
        """Stop listening."""
        self._waiting[name].discard(heard)
        if not self._waiting[name]:
            del self._waiting[name]

    def ring(self, *names: str) -> None:
        """Wake whoever waits."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ring, names)

    def _ring(self, names: tuple[str, ...]) -> None:
        for name in names:
            for heard in self._waiting.get(name, ()):
                heard.set()
