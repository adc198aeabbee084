"""How the hub hands e-mail to a mail server: what it must be told, and one message by SMTP.

::

    HUB/mail.json
    {"host": "mail.athens.example", "port": 587, "security": "starttls", "user": "hub",
     "password_file": "/etc/oncommons/mail-password", "sender": "commons@athens.example", "ca": ""}

The password stands in ``ONCOMMONS_MAIL_PASSWORD``, or in a file; never in ``mail.json``.
Sources: RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 8314 section 3.3 (implicit TLS on port 465).
"""

from __future__ import annotations

import json
import os
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from oncommons.hub.notices.writing import is_mailable
from oncommons.schema.errors_of_notices import MailNotSent, MailRefused, NoticeError
from oncommons.storage.files import replace_file

FILE = "mail.json"
PASSWORD = "ONCOMMONS_MAIL_PASSWORD"  # noqa: S105  the name of a variable
SECURITY = {"starttls": 587, "tls": 465, "none": 25}
"""How a connection is kept from others' eyes, and its usual port; ``none`` shows no password."""
SECONDS = 20.0
"""How long a mail server may take for each of its words."""
_REFUSED_FOR_GOOD = 500
_LONGEST_PORT = 65_535

Send = Callable[[EmailMessage], None]
"""Hands over one message; raises :class:`MailNotSent` or :class:`MailRefused`."""


@dataclass(frozen=True)
class MailSettings:
    """The mail server, and as whom the hub writes.

    Attributes:
        host: Name of the mail server; its certificate must bear it.
        sender: Address that e-mails come from.
        security: Of :data:`SECURITY`.
        port: Port; 0 for the usual one.
        user: Whom the server lets in; empty where it asks for nobody.
        password_file: File whose first line is the password.
        ca: File of certificates to trust instead of the system's.
    """

    host: str
    sender: str
    security: str = "starttls"
    port: int = 0
    user: str = ""
    password_file: str = ""
    ca: str = ""

    def __post_init__(self) -> None:
        if not is_mailable(self.sender):
            raise NoticeError("The sender of e-mails is an address, such as commons@athens.example.")
        if self.security not in SECURITY:
            raise NoticeError(f"security is one of {', '.join(SECURITY)}.")
        if not self.host or not self.host.isprintable() or " " in self.host or not 0 <= self.port <= _LONGEST_PORT:
            raise NoticeError("The mail server is the name of a host, and a port from 1 to 65535.")
        if self.user and self.security == "none":
            raise NoticeError("A password is shown over TLS only: take starttls or tls.")

    def password(self) -> str:
        """The password; empty where nobody is let in by one.

        Raises:
            NoticeError: it is in no place where it should be.
        """
        if not self.user:
            return ""
        found = os.environ.get(PASSWORD, "") or self._in_file()
        if not found.isascii() or not found.isprintable():
            raise NoticeError(
                "The password of the mail server has other signs than those of ASCII, which SMTP has not."
            )
        return found

    def _in_file(self) -> str:
        try:
            lines = Path(self.password_file).read_text("utf-8").splitlines() if self.password_file else []
        except (OSError, UnicodeDecodeError) as fault:
            raise NoticeError("The file of the mail password cannot be read.", detail=repr(fault)) from fault
        if not lines or not lines[0]:
            raise NoticeError(f"The password of the mail server is missing: {PASSWORD}, or a file.")
        return lines[0]

    def keep(self, folder: Path) -> None:
        """Keep them in the hub's directory, for its owner only."""
        replace_file(folder / FILE, json.dumps(asdict(self), indent=2).encode("utf-8"), 0o600)


def mail_settings(folder: Path) -> MailSettings | None:
    """What a hub's directory says of e-mail; ``None`` where it sends none.

    Raises:
        NoticeError: it cannot be used.
    """
    try:
        body: Any = json.loads((folder / FILE).read_text("utf-8"))
        return MailSettings(**body)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, AttributeError) as fault:
        raise NoticeError(f"{FILE} cannot be read.", detail=repr(fault)) from fault


@dataclass(frozen=True)
class Smtp:
    """Hands messages to the mail server, each over a connection of its own.

    Attributes:
        settings: The mail server.
        seconds: How long it may take for each of its words.
    """

    settings: MailSettings
    seconds: float = field(default=SECONDS)

    def send(self, message: EmailMessage) -> None:
        """Hand over one message, to the address in its ``To``.

        Raises:
            MailRefused: the server takes no mail to the address, or not this one; trying again is no use.
            MailNotSent: it was not handed over for any other reason.
            NoticeError: the password is missing.
        """
        password = self.settings.password()
        try:
            with self._connected() as server:
                if self.settings.user:
                    server.login(self.settings.user, password)
                server.send_message(message, self.settings.sender, [str(message["to"])])
        except smtplib.SMTPRecipientsRefused as fault:
            codes = [code for code, _ in fault.recipients.values()]
            raise _told(all(code >= _REFUSED_FOR_GOOD for code in codes), fault) from fault
        except smtplib.SMTPDataError as fault:
            raise _told(fault.smtp_code >= _REFUSED_FOR_GOOD, fault) from fault
        except smtplib.SMTPNotSupportedError as fault:
            raise _told("SMTPUTF8" in str(fault), fault) from fault
        except ssl.SSLError as fault:
            message_ = "The mail server's certificate is not to be trusted, or it speaks no TLS."
            raise MailNotSent(message_, detail=repr(fault)) from fault
        except (smtplib.SMTPException, OSError) as fault:
            raise _told(False, fault) from fault  # noqa: FBT003  not for good

    def _connected(self) -> smtplib.SMTP:
        s = self.settings
        port = s.port or SECURITY[s.security]
        if s.security == "tls":
            return smtplib.SMTP_SSL(s.host, port, timeout=self.seconds, context=_trust(s.ca))
        server = smtplib.SMTP(s.host, port, timeout=self.seconds)
        if s.security == "starttls":
            try:
                server.starttls(context=_trust(s.ca))
            except BaseException:
                server.close()
                raise
        return server


def _trust(ca: str) -> ssl.SSLContext:
    """Whom to trust: certificates and names are checked in any case."""
    try:
        return ssl.create_default_context(cafile=ca or None)
    except (OSError, ssl.SSLError) as fault:
        raise MailNotSent("The file of certificates of the mail server cannot be read.", detail=repr(fault)) from fault


def _told(for_good: bool, fault: Exception) -> NoticeError:  # noqa: FBT001
    """The error of ours; what the server said, which may name people, stays in the local log."""
    if for_good:
        return MailRefused("The mail server takes no e-mail to this address.", detail=repr(fault))
    said = " (it is the sign-in that was wrong)" if isinstance(fault, smtplib.SMTPAuthenticationError) else ""
    return MailNotSent(f"The mail server did not take the e-mail{said}.", detail=repr(fault))
