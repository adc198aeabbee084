"""Commands for the e-mails of a hub: name the mail server, try it, send what waits."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from oncommons.hub.notices.outbox import Outbox, standing
from oncommons.hub.notices.post import FILE, SECURITY, MailSettings, Smtp, mail_settings
from oncommons.hub.notices.writing import Envelope, From, trial
from oncommons.hub.opening import Hub, open_hub
from oncommons.hub.options import Database, Dir
from oncommons.hub.people.sealing import new_id
from oncommons.schema.errors_of_notices import NoticeError
from oncommons.schema.people import check_email
from oncommons.service.commands import AsJson, say
from oncommons.service.settings import read_settings

app = typer.Typer(no_args_is_help=True, help="Name the mail server, try it, and send what waits.")


def _open(folder: Path, database: str) -> tuple[Hub, MailSettings, From]:
    """A hub, its mail server, and as whom it writes.

    Raises:
        NoticeError: it has no mail server, or does not know its own address, to which e-mails lead.
    """
    hub = open_hub(read_settings(folder, database=database))
    settings = mail_settings(folder)
    if settings is None:
        raise NoticeError("No mail server is named: oncommons hub mail set HOST --sender ADDRESS.")
    if not hub.settings.url:
        raise NoticeError("The hub does not know its address, to which e-mails lead: oncommons hub serve --url URL.")
    return hub, settings, From(hub.settings.name, hub.settings.url, settings.sender)


@app.command("set", epilog="Example: oncommons hub mail set mail.athens.example --sender commons@athens.example")
def set_command(
    host: Annotated[str, typer.Argument(help="Name of the mail server, as its certificate bears it.")],
    sender: Annotated[str, typer.Option(help="Address that e-mails come from.")],
    security: Annotated[str, typer.Option(help="starttls, tls, or none without a password.")] = "starttls",
    port: Annotated[int, typer.Option(help="Port; 0 for the usual one: 587, 465 or 25.")] = 0,
    user: Annotated[str, typer.Option(help="Whom the server lets in.")] = "",
    password_file: Annotated[
        str, typer.Option(help="File whose first line is the password, unless ONCOMMONS_MAIL_PASSWORD has it.")
    ] = "",
    ca: Annotated[str, typer.Option(help="PEM file of certificates to trust instead of the system's.")] = "",
    folder: Dir = Path("hub"),
    as_json: AsJson = False,
) -> None:
    """Name the mail server, from now on; a serving hub sends from its next look, within half a minute."""
    settings = MailSettings(host, sender, security, port, user, password_file, ca)
    open_hub(read_settings(folder))
    settings.keep(folder)
    told = {"host": host, "port": port or SECURITY[security], "security": security, "sender": sender}
    text = f"{folder / FILE} names {host}, port {told['port']}. Try it: oncommons hub mail test ADDRESS"
    say(told, text, as_json=as_json)


@app.command("test", epilog="Example: oncommons hub mail test ana@athens.example --dir hub")
def try_command(
    email: Annotated[str, typer.Argument(help="Address to which a trial is sent.")],
    folder: Dir = Path("hub"),
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """Send one e-mail as a trial; what is wrong is told at once."""
    to = check_email(email)
    _, settings, writer = _open(folder, database)
    Smtp(settings).send(trial(writer, Envelope(to, new_id(), time.time())))
    say({"sent": to}, f"The mail server took it. Look whether it arrives at {to}.", as_json=as_json)


@app.command("send", epilog="Example: oncommons hub mail send --dir hub --json")
def send_command(folder: Dir = Path("hub"), database: Database = "", as_json: AsJson = False) -> None:
    """Send the e-mails that wait, once, and tell how they stand; a serving hub does so by itself."""
    hub, settings, writer = _open(folder, database)
    did = Outbox(hub.database, writer, Smtp(settings).send).round(time.time())
    now = standing(hub.database)
    body: dict[str, Any] = {"this_time": dict(vars(did)), "altogether": now}
    lines = [f"Sent {did.sent}, put off {did.put_off}, given up {did.given_up}."]
    lines.append(f"Altogether {now['sent']} were sent, {now['waiting']} wait, {now['given_up']} were given up.")
    lines += [f"The last fault: {now['last_fault']}"] if now["last_fault"] else []
    say(body, "\n".join(lines), as_json=as_json)
