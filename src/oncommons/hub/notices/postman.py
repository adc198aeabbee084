"""E-mails are made and handed over by the serving hub, quietly, again and again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from oncommons.hub.notices.inbox import Inbox
from oncommons.hub.notices.outbox import Outbox, Round, tidy
from oncommons.hub.notices.post import MailSettings, Send, Smtp, mail_settings
from oncommons.hub.notices.writing import From
from oncommons.service.serving import repeating
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


def delivering(postman: Postman) -> AbstractAsyncContextManager[None]:
    """Have e-mails sent in the background while the block lasts."""
    return repeating(partial(run_in_threadpool, postman.round), postman.every, log, "e-mails could not be sent")
