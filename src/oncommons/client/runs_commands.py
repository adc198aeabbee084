"""Commands about runs that a hub keeps: ``oncommons runs``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from oncommons.client.commands import Token
from oncommons.client.connection import connect
from oncommons.client.run_commands import awaited, in_a_line, print_made
from oncommons.client.runs import Going, runs_under

app = typer.Typer(no_args_is_help=True, help="Look at the analyses that you have begun, and cancel them.")

Pass = Annotated[
    str, typer.Option(envvar="ONCOMMONS_PERMIT", help="Your pass of the permit under which they were begun.")
]
Hub = Annotated[str, typer.Option(envvar="ONCOMMONS_HUB_URL", help="Address of the hub.")]
Identifier = Annotated[str, typer.Argument(help="Identifier of the run, as oncommons runs list shows it.")]
Authority = Annotated[str, typer.Option(help="File of certificates to trust, such as a corporate CA's.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
_HERE = "http://127.0.0.1:8642"


@app.command("list", epilog="Example: oncommons runs list --permit P-7.SECRET")
def list_(permit: Pass, hub: Hub = _HERE, token: Token = "", ca: Authority = "", as_json: AsJson = False) -> None:
    """List your runs under a permit, the newest first."""
    with connect(hub, ca, token) as connection:
        found = runs_under(connection, permit)
    if as_json:
        typer.echo(json.dumps([dict(one.body) for one in found], ensure_ascii=False))
        return
    table = Table(Column("id", overflow="fold"), "analysis", "state", "round", Column("asked at", no_wrap=True))
    for one in found:
        table.add_row(one.id, str(one.body["title"]), one.state, str(one.round), str(one.body["asked_at"]))
    Console().print(table)


@app.command("show", epilog="Example: oncommons runs show 0123abcd --permit P-7.SECRET --wait")
def show(
    identifier: Identifier,
    permit: Pass,
    hub: Hub = _HERE,
    waits: Annotated[bool, typer.Option("--wait", help="Wait until it has ended.")] = False,
    save: Annotated[str, typer.Option(help="Folder for the record, the tables and the figures.")] = "",
    token: Token = "",
    ca: Authority = "",
    as_json: AsJson = False,
) -> None:
    """Show how far a run is, or what came of it; one that failed is told as its error."""
    with connect(hub, ca, token) as connection:
        going = Going(connection, permit, identifier)
        if waits:
            awaited(going, quiet=as_json)
        seen = going.look()
    if as_json:
        typer.echo(json.dumps(dict(seen.body), ensure_ascii=False))
    elif seen.state == "running":
        typer.echo(in_a_line(seen))
    else:
        print_made(seen.made(), Console())
    if save and seen.state == "done":
        seen.made().save(Path(save))


@app.command("cancel", epilog="Example: oncommons runs cancel 0123abcd --permit P-7.SECRET")
def cancel(
    identifier: Identifier,
    permit: Pass,
    hub: Hub = _HERE,
    token: Token = "",
    ca: Authority = "",
    as_json: AsJson = False,
) -> None:
    """End a run; the nodes are asked no more. One that has ended stays as it is."""
    with connect(hub, ca, token) as connection:
        state = Going(connection, permit, identifier).cancel()
    if as_json:
        typer.echo(json.dumps({"id": identifier, "state": state}))
    else:
        typer.echo("Cancelled." if state == "cancelled" else f"It had ended already: {state}.")
