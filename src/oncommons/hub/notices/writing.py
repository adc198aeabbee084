"""What an e-mail says: plain text, no names, and headers that nobody's words get into."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from oncommons.schema.errors_of_notices import MailRefused
from oncommons.schema.notices import one_line
from oncommons.schema.people import LONGEST_EMAIL

_LONGEST_NAME = 60
_LINKS = {"sign-in": "a link to sign in", "password": "a link to set a new password"}
_ATOM, _LABEL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")


@dataclass(frozen=True)
class From:
    """Who writes: name and address of the hub, and the address that its e-mails come from."""

    name: str
    url: str
    sender: str


@dataclass(frozen=True)
class Envelope:
    """Where an e-mail goes, what it is called, and when it was made, in seconds since the epoch.

    It is called the same each time that it is tried (RFC 5322 section 3.6.4), so that a server or reader that got it
    twice knows it as one.
    """

    to: str
    identifier: str
    made: float


@dataclass(frozen=True)
class Item:
    """A notice in an e-mail.

    Attributes:
        says: What happened, or what is to be done.
        where: Path of the hub.
        until: By when, in seconds since the epoch; ``None`` for news.
        is_reminder: Whether it was told before.
    """

    says: str
    where: str
    until: float | None
    is_reminder: bool = False


def write(writer: From, envelope: Envelope, items: Sequence[Item]) -> EmailMessage:
    """An e-mail that tells of some notices.

    Args:
        writer: Who writes.
        envelope: Where it goes.
        items: What is told.

    Raises:
        MailRefused: the address is none that an e-mail can have.
    """
    waits, news = [one for one in items if one.until is not None], [one for one in items if one.until is None]
    lines = [*_part("What waits for you", waits, writer.url), *_part("News", news, writer.url)]
    foot = [
        f"You have an account at {one_line(writer.name, _LONGEST_NAME)}, {writer.url}",
        f"How you are told: {writer.url}/inbox/wishes",
        "Please do not answer to this e-mail; nobody reads it.",
    ]
    return _message(writer, envelope, _subject(len(waits), len(news)), [*lines, "-- ", *foot])


def trial(writer: From, envelope: Envelope) -> EmailMessage:
    """An e-mail that only shows that e-mails arrive; raises as :func:`write` does."""
    said = f"This is a trial. E-mails of {one_line(writer.name, _LONGEST_NAME)} arrive at this address."
    return _message(writer, envelope, "a trial", [said])


def write_link(writer: From, envelope: Envelope, purpose: str, address: str, minutes: int) -> EmailMessage:
    """An e-mail with a link that its reader has asked for.

    Args:
        writer: Who writes.
        envelope: Where it goes.
        purpose: ``sign-in`` or ``password``.
        address: The link.
        minutes: How long it lives.

    Raises:
        MailRefused: the address is none that an e-mail can have.
    """
    what = _LINKS[purpose]
    lines = [
        f"Somebody, hopefully you, asked for {what} at {one_line(writer.name, _LONGEST_NAME)}.",
        "Open it in the browser in which you asked:",
        "",
        address,
        "",
        f"It works once, for {minutes} minutes, and in no other browser. Give it to nobody.",
        "If it was not you, do nothing: whoever asked cannot use it.",
    ]
    return _message(writer, envelope, what, lines)


def _subject(waits: int, news: int) -> str:
    if waits:
        return "one thing waits for you" if waits == 1 else f"{waits} things wait for you"
    return "one piece of news" if news == 1 else f"{news} pieces of news"


def is_mailable(address: str) -> bool:
    """Whether an e-mail can have an address: a dot-atom before the ``@``, names of ASCII after it (RFC 5322, 3.4.1)."""
    return len(address) <= LONGEST_EMAIL and _ADDRESS.fullmatch(address) is not None


def _address(text: str) -> Address:
    if not is_mailable(text):
        raise MailRefused("The person's address cannot stand in an e-mail.", detail=repr(text))
    return Address(addr_spec=text)


def _part(title: str, items: Sequence[Item], url: str) -> list[str]:
    lines = [title, ""] if items else []
    for one in items:
        by = "" if one.until is None else f" (by {datetime.fromtimestamp(one.until, UTC):%Y-%m-%d %H:%M} UTC)"
        again = "Reminder: " if one.is_reminder else ""
        lines += [f"- {again}{one.says}{by}", f"  {url}{one.where}", ""]
    return lines


def _message(writer: From, envelope: Envelope, subject: str, lines: Sequence[str]) -> EmailMessage:
    name, message = one_line(writer.name, _LONGEST_NAME), EmailMessage(SMTP)
    message["From"] = Address(name, addr_spec=writer.sender)
    message["To"] = _address(envelope.to)
    message["Subject"] = f"{name}: {subject}"
    message["Date"] = format_datetime(datetime.fromtimestamp(envelope.made, UTC))
    message["Message-ID"] = f"<{envelope.identifier}@{writer.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 section 5: no machine answers to it
    message.set_content("\n".join(lines) + "\n", cte="quoted-printable")
    return message
