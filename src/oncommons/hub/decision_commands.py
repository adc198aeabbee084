"""Commands for decisions: carry out what time brings about, and name who decides for a node."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from oncommons.hub.applications.office import open_office
from oncommons.hub.decisions.clocks import read_own, read_reminder
from oncommons.hub.decisions.holders import holders_at, name_holder
from oncommons.hub.decisions.opening import open_decisions
from oncommons.hub.decisions.timekeeping import Timekeeper
from oncommons.hub.opening import open_hub, open_permits
from oncommons.hub.options import Database, Dir
from oncommons.service.commands import AsJson, say
from oncommons.service.settings import read_settings

app = typer.Typer(no_args_is_help=True, help="Name which organisation decides about the data of a node.")


def clocks_command(folder: Dir = Path("hub"), database: Database = "", as_json: AsJson = False) -> None:
    """Carry out what time has brought about in applications; a hub that serves does it every minute by itself."""
    hub = open_hub(read_settings(folder, database=database))
    read_own(folder)
    desk = open_decisions(open_office(hub.database, hub.settings), hub.settings, open_permits(hub), time.time)
    keeper = Timekeeper(desk.docket, desk.granting, partial(read_reminder, folder))
    changed, reminded = keeper.round(), keeper.remind()
    text = f"Time has changed {len(changed)} applications." if changed else "Nothing was due."
    text += f" {reminded} reminders were told." if reminded else ""
    say({"changed": changed, "reminded": reminded}, text, as_json=as_json)


@app.command("name", epilog="Example: oncommons hub holders name athens --organisation 'Athens General' --dir hub")
def name_command(
    node: Annotated[str, typer.Argument(help="Name of the node.")],
    organisation: Annotated[str, typer.Option(help="Name of the organisation that decides about its datasets.")],
    quorum: Annotated[
        int, typer.Option(help="So many must vote; -1 for more than half of the committee, 0 for no committee.")
    ] = -1,
    patients: Annotated[bool, typer.Option("--patients", help="Decide nothing without a vote of patients.")] = False,
    folder: Dir = Path("hub"),
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """Name the organisation that decides about a node's datasets; else it is the one of the same name."""
    hub = open_hub(read_settings(folder, database=database))
    rules = (None if quorum == -1 else quorum, patients)
    found = name_holder(hub.database, node, organisation, rules, time.time())
    body = {"node": node, "organisation": organisation, "quorum": found.quorum, "patients": found.asks_patients}
    say(body, f"{organisation} decides about the datasets of {node}.", as_json=as_json)


@app.command("list", epilog="Example: oncommons hub holders list --dir hub --json")
def list_command(folder: Dir = Path("hub"), database: Database = "", as_json: AsJson = False) -> None:
    """List who decides about the datasets of each node, and how many access officers there are."""
    hub = open_hub(read_settings(folder, database=database))
    nodes = frozenset(node.name for node in hub.registry.nodes() if node.revoked is None)
    with hub.database.read() as connection:
        found = holders_at(connection, nodes)
    body = [
        {"node": h.node, "organisation": name, "quorum": h.quorum, "patients": h.asks_patients, "officers": officers}
        for h, name, officers in found
    ]
    lines = [f"{b['node']:<24} {b['organisation'] or '(nobody)':<32} {b['officers']} access officers" for b in body]
    say({"holders": body}, "\n".join(lines) or "No node has joined yet: oncommons hub invite NAME.", as_json=as_json)
