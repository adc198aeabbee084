"""A hub under test that sends links by e-mail, into a list."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.hub.people.guests import desk_of

from oncommons.hub.notices.carrier import Carrier
from oncommons.hub.notices.post import MailSettings

MAIL = MailSettings("mail.test", "commons@hub.test", "none")


@dataclass
class Sent:
    """What a browser has: the hub, the address, the browser's secret, and the link of the e-mail."""

    hub: object
    email: str
    browser: str
    secret: str

    def body(self, **more):
        return {"secret": self.secret, "browser": self.browser} | more

    def look(self, **more):
        return self.hub("POST", "/api/invitations/look", json=self.body(**more))

    def use(self, **more):
        return self.hub("POST", "/api/invitations/accept", json=self.body(**more))


def mails(hub):
    """Name a mail server."""
    MAIL.keep(hub.hub.settings.folder)
    return hub


def carry(hub, send=None):
    """What one round of the carrier sends."""
    box = []
    Carrier(desk_of(hub).mailed, hub.hub.settings, hub.clock, lambda _: send or box.append).round()
    return box


def ask(hub, email, purpose="sign-in", **more):
    return hub("POST", "/api/sessions/links", json={"email": email, "purpose": purpose} | more)


def secret_in(message):
    return re.search(r"/welcome/(\S+)", message.get_content())[1]


def sent(hub, email="ana@athens.example", purpose="sign-in", **more):
    """A link that arrived."""
    got = ask(hub, email, purpose, **more)
    assert got.status_code == 202, got.text
    (message,) = carry(hub)
    return Sent(hub, email, got.json()["browser"], secret_in(message))
