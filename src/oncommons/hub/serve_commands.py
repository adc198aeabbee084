"""The command that serves a hub; a module of its own, so that the others begin without a server."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from oncommons.hub.app import make_app
from oncommons.hub.opening import Hub, open_hub
from oncommons.hub.options import Database, Dir
from oncommons.hub.sharing import ANY
from oncommons.schema.errors import MachineError
from oncommons.service.commands import AsJson, Wiring, say
from oncommons.service.logs import start_logs
from oncommons.service.memory import keep_startup
from oncommons.service.serving import Listen, address_of, check_files, serve, take_port
from oncommons.service.settings import HubSettings, read_settings

app = typer.Typer(help="Serve a hub.")

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
