"""Commands of the hub's operator."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from oncommons.hub.app import Hub, make_app, open_hub
from oncommons.hub.decision_commands import app as holders
from oncommons.hub.decision_commands import clocks_command
from oncommons.hub.form_commands import app as forms
from oncommons.hub.label_commands import app as labels
from oncommons.hub.mail_commands import app as mail
from oncommons.hub.options import Database, Dir
from oncommons.hub.people_commands import app as people_app
from oncommons.hub.permit_commands import app as permits
from oncommons.hub.provider_commands import app as providers
from oncommons.hub.sharing import ANY
from oncommons.schema.errors import MachineError
from oncommons.service.commands import AsJson, Wiring, say
from oncommons.service.logs import start_logs
from oncommons.service.memory import keep_startup
from oncommons.service.serving import Listen, address_of, check_files, serve, take_port
from oncommons.service.settings import HubSettings, read_settings
from oncommons.storage.worklist import SqlWorkList

app = typer.Typer(no_args_is_help=True, help="Run the meeting place of a federation.")
app.add_typer(labels, name="labels")
app.add_typer(mail, name="mail")
app.add_typer(permits, name="permit")
app.add_typer(people_app, name="people")
app.add_typer(holders, name="holders")
app.command("clocks", epilog="Example: oncommons hub clocks --dir hub")(clocks_command)
app.add_typer(forms, name="form")
app.add_typer(providers, name="provider")

Links = Annotated[
    str, typer.Option(envvar="ONCOMMONS_LINKS", help="Links by e-mail: all, password for new ones only, or none.")
]
Origins = Annotated[
    list[str] | None,
    typer.Option(
        envvar="ONCOMMONS_ORIGINS",
        help="Site whose pages may ask Beacon and Lens, such as https://explorer.example; * for all; may be repeated.",
    ),
]
_ORIGIN = re.compile(r"https?://[^/?#\s@]+")


def origins_of(named: Sequence[str]) -> tuple[str, ...]:
    """Sites as browsers write them.

    Raises:
        MachineError: no browser would name a site like that.
    """
    written = tuple(origin.strip().rstrip("/").lower() for origin in named)
    for origin in written:
        if origin != ANY and not _ORIGIN.fullmatch(origin):
            raise MachineError(f"{origin!r} is not the address of a site, such as https://explorer.example, or *.")
    return written


@app.command("serve", epilog="Example: oncommons hub serve --dir hub --url https://hub.example.org")
def serve_command(
    context: typer.Context,
    folder: Dir = Path("hub"),
    host: Annotated[
        str, typer.Option(help="Address to listen at; 0.0.0.0 for every address of this machine.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 8642,
    url: Annotated[str, typer.Option(envvar="ONCOMMONS_URL", help="Public address of the hub.")] = "",
    name: Annotated[str, typer.Option(envvar="ONCOMMONS_NAME", help="Name of the federation.")] = "",
    database: Database = "",
    origin: Origins = None,
    people: Annotated[
        str, typer.Option(envvar="ONCOMMONS_PEOPLE", help="open: everybody asks; required: people and permits.")
    ] = "",
    links: Links = "",
    certificate: Annotated[str, typer.Option(help="PEM file of a certificate, to serve HTTPS itself.")] = "",
    key: Annotated[str, typer.Option(help="PEM file of the certificate's key.")] = "",
    verbose: Annotated[bool, typer.Option("--verbose", help="Log every request.")] = False,
    as_json: AsJson = False,
) -> None:
    """Serve the hub and its pages until stopped; keeps address, name, people, links and database for the next start."""
    start_logs(verbose=verbose)
    listen = Listen(host, port, certificate, key)
    check_files(listen)
    origins = origins_of(origin or ())
    taken = take_port(listen)
    settings = read_settings(folder, url=url, database=database, name=name, people=people, links=links)
    here = address_of(taken, listen)
    hub = _remembered(settings, here, origins)
    wiring: Wiring = context.obj
    application = make_app(hub, wiring.version)
    wiring.finish(application)

    def ready() -> None:
        keep_startup()
        say(
            {"url": here, "public_url": settings.url or here, "pin": hub.pin},
            f"The hub listens at {here}",
            as_json=as_json,
        )

    serve(application, taken, listen, ready, application.state.exchange.stop)


def _remembered(settings: HubSettings, here: str, origins: tuple[str, ...]) -> Hub:
    """A hub opened with settings that are kept for the next start; the address is the one it listens at where none is."""
    hub = open_hub(settings)
    settings.remember()
    return replace(hub, settings=replace(settings, url=settings.url or here, origins=origins))


@app.command("invite", epilog="Example: oncommons hub invite athens --dir hub")
def invite(
    name: Annotated[str, typer.Argument(help="Name of the node in the federation: small letters, digits, hyphens.")],
    folder: Dir = Path("hub"),
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """Make a one-time code with which a node can join within seven days."""
    hub = open_hub(read_settings(folder, database=database))
    code = str(hub.registry.invite(name, hub.pin, time.time()))
    url = hub.settings.url or "URL"
    join = f"oncommons node join {url} {code} --dir DIR"
    text = f"Give this to {name}; it works once, for seven days:\n\n  {join}"
    if not hub.settings.url:
        text += "\n\nURL is the address of this hub; hub serve --url keeps it."
    say({"name": name, "url": hub.settings.url, "code": code}, text, as_json=as_json)


@app.command("revoke", epilog="Example: oncommons hub revoke athens --dir hub")
def revoke(
    name: Annotated[str, typer.Argument(help="Name of the node.")],
    folder: Dir = Path("hub"),
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """Stop accepting a node's key, at once, and take back the questions that it has not answered."""
    hub = open_hub(read_settings(folder, database=database))
    now = time.time()
    hub.registry.revoke(name, now)
    SqlWorkList(hub.database).cancel(name, now)
    say({"revoked": name}, f"{name} is revoked; a new invitation would let it join again.", as_json=as_json)


@app.command("nodes", epilog="Example: oncommons hub nodes --dir hub --json")
def nodes(folder: Dir = Path("hub"), database: Database = "", as_json: AsJson = False) -> None:
    """List the nodes of the federation."""
    hub = open_hub(read_settings(folder, database=database))
    now = time.time()
    found = [{"name": n.name, "presence": n.presence(now), "version": n.version} for n in hub.registry.nodes()]
    lines = [f"{n['name']:<24} {n['presence']:<8} {n['version']}" for n in found]
    say({"nodes": found}, "\n".join(lines) or "No node has joined yet: oncommons hub invite NAME.", as_json=as_json)
