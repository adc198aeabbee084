"""E-mails are made and handed over by the serving hub, quietly, again and again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from oncommons.hub.notices.inbox import Inbox
from oncommons.hub.notices.outbox import Outbox, Round, tidy
from oncommons.hub.notices.post import MailSettings, Send, Smtp, mail_settings
from oncommons.hub.notices.writing import From
from oncommons.schema.errors import OncommonsError
from oncommons.storage.database import Database

EVERY_SECONDS = 30.0
TIDY_SECONDS = 86_400.0

log = logging.getLogger("oncommons.mail")


def by_smtp(settings: MailSettings) -> Send:
    """Hands messages over to the mail server of the settings."""
    return Smtp(settings).send


@dataclass
class Postman:
    """Makes and hands over e-mails while a hub serves.

    Attributes:
        database: The hub's database.
        folder: The hub's directory; what it says of e-mail is read anew each time.
        name: The hub's name.
        url: Its public address.
        clock: Seconds since the epoch.
        sends: From settings to what hands messages over.
        every: Seconds between two rounds.
    """

    database: Database
    folder: Path
    name: str
    url: str
    clock: Callable[[], float]
    sends: Callable[[MailSettings], Send] = by_smtp
    every: float = EVERY_SECONDS
    _tidied: float = 0.0
    _ending: asyncio.Event = field(default_factory=asyncio.Event)

    def round(self) -> Round | None:
        """One round; ``None`` where the hub sends no e-mail.

        Raises:
            NoticeError: what the directory says of e-mail cannot be used.
            StorageFailed: the database cannot be used.
        """
        now = self.clock()
        if now - self._tidied >= TIDY_SECONDS:
            self._tidied = now
            Inbox(self.database).tidy(now)
            tidy(self.database, now)
        settings = mail_settings(self.folder)
        if settings is None:
            return None
        return Outbox(self.database, From(self.name, self.url, settings.sender), self.sends(settings)).round(now)

    async def run(self) -> None:
        """Round after round, until :meth:`end`; a fault is logged and does not end it."""
        while not await self._rest():
            try:
                await run_in_threadpool(self.round)
            except OncommonsError as fault:
                log.warning("%s %s %s", fault.code, fault.message, fault.detail)
            except Exception:
                log.exception("e-mails could not be sent")

    def end(self) -> None:
        """End :meth:`run`; to be called in the event loop."""
        self._ending.set()

    async def _rest(self) -> bool:
        """Wait until the next round; whether there is none."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), self.every)
        return self._ending.is_set()


@asynccontextmanager
async def delivering(postman: Postman) -> AsyncIterator[None]:
    """Have e-mails sent in the background while the block lasts."""
    task = asyncio.create_task(postman.run())
    try:
        yield
    finally:
        postman.end()
        await task
