"""Links that people ask for are sent by the serving hub, within seconds, and apart from what is told.

They wait for nobody's wishes and are in no inbox.  Of a process that dies before it knows whether the mail server has an
e-mail, another one sends a new link; the former works as well, as long as it lives.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial

from starlette.concurrency import run_in_threadpool

from oncommons.hub.notices.post import MailSettings, Send, mail_settings
from oncommons.hub.notices.postman import by_smtp
from oncommons.hub.notices.writing import Envelope, From, write_link
from oncommons.hub.people.mailed import Mailed, Wish
from oncommons.hub.people.rules import LINK_KINDS
from oncommons.schema.errors_of_notices import MailNotSent, MailRefused
from oncommons.schema.people import LINKS
from oncommons.service.serving import repeating
from oncommons.service.settings import HubSettings

EVERY_SECONDS = 2.0
MOST_AT_ONCE = 50
"""Links sent in one round."""

log = logging.getLogger("oncommons.mail")


def links_sent(settings: HubSettings) -> tuple[str, ...]:
    """What people may have links by e-mail for: nothing without a mail server, or an address to which they lead.

    Raises:
        NoticeError: what the directory says of e-mail cannot be used.
    """
    return LINKS[settings.links] if settings.url and mail_settings(settings.folder) is not None else ()


@dataclass(frozen=True)
class Carrier:
    """Sends links.

    Attributes:
        mailed: Those that were asked for.
        settings: The hub's settings; what its directory says of e-mail is read anew each time.
        clock: Seconds since the epoch.
        sends: From settings of e-mail to what hands messages over.
        every: Seconds between two rounds.
    """

    mailed: Mailed
    settings: HubSettings
    clock: Callable[[], float]
    sends: Callable[[MailSettings], Send] = by_smtp
    every: float = EVERY_SECONDS

    def round(self) -> int:
        """Send the links whose turn it is; how many.

        Raises:
            NoticeError: what the directory says of e-mail cannot be used.
            StorageFailed: the database cannot be used.
        """
        sent, mail = 0, None
        for _ in range(MOST_AT_ONCE):
            wish = self.mailed.claim(self.clock())
            if wish is None:
                break
            mail = mail or mail_settings(self.settings.folder)
            if mail is None or wish.purpose not in LINKS[self.settings.links]:
                self.mailed.done(wish)
                continue
            try:
                sent += self._carry(wish, mail)
            except MailNotSent as fault:
                log.warning("link %s, try %d: %s %s %s", wish.id, wish.tries, fault.code, fault.message, fault.detail)
                break  # it is the server's fault: the others wait for the next round
        return sent

    def _carry(self, wish: Wish, mail: MailSettings) -> bool:
        """Send one link; whether somebody who may have one has the address."""
        now = self.clock()
        made = self.mailed.make(wish, now)
        if made is not None:
            secret, link = made
            writer = From(self.settings.name, self.settings.url, mail.sender)
            address = f"{self.settings.url.rstrip('/')}/welcome/{secret}"
            minutes = round(LINK_KINDS[wish.purpose].seconds / 60)
            try:
                self.sends(mail)(write_link(writer, Envelope(wish.email, link, now), wish.purpose, address, minutes))
            except MailRefused as fault:
                log.warning("link %s: %s %s %s", wish.id, fault.code, fault.message, fault.detail)
            except MailNotSent:
                self.mailed.put_off(wish, link, now)
                raise
        self.mailed.done(wish)
        return made is not None


def carrying(carrier: Carrier) -> AbstractAsyncContextManager[None]:
    """Have links sent in the background while the block lasts."""
    return repeating(partial(run_in_threadpool, carrier.round), carrier.every, log, "links could not be sent")
