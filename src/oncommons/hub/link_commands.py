"""Commands for the nodes of a hub: who is invited, who is there, and whose key is not accepted any more."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from oncommons.hub.opening import open_hub
from oncommons.hub.options import Database, Dir
from oncommons.service.commands import AsJson, say
from oncommons.service.settings import read_settings
from oncommons.storage.worklist import SqlWorkList

app = typer.Typer(help="Nodes of a hub.")


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
