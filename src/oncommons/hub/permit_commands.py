"""Commands for permits: issue, list, show and take back."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import typer

from oncommons.hub.notices.telling import tell
from oncommons.hub.opening import open_hub, open_permits
from oncommons.hub.options import Database, Dir
from oncommons.hub.permits.book import Entry, PermitBook
from oncommons.schema.errors_of_permits import BadPermit
from oncommons.schema.notices import Notice
from oncommons.schema.permit import parse_permit_text, written
from oncommons.schema.permit_views import crate_of, odrl_of, visas_of
from oncommons.service.commands import AsJson, say
from oncommons.service.settings import read_settings

app = typer.Typer(no_args_is_help=True, help="Issue permits, under which projects ask, and take them back.")

Name = Annotated[str, typer.Argument(help="Identifier of the permit.")]
VIEWS: Mapping[str, Callable[[Entry], Any]] = MappingProxyType(
    {
        "permit": lambda entry: entry.permit.to_json(),
        "odrl": lambda entry: odrl_of(entry.permit),
        "crate": lambda entry: crate_of(entry.permit),
        "visas": lambda entry: visas_of(entry.permit, int(entry.issued)),
    }
)
"""What a permit can be shown as."""


def _book(folder: Path, database: str) -> tuple[PermitBook, str]:
    hub = open_hub(read_settings(folder, database=database))
    return open_permits(hub), hub.settings.url


def _tell(book: PermitBook, entry: Entry, what: str, says: str) -> None:
    """Tell those people of a permit who have an account here; others are known by names of their own."""
    where, once = f"/projects/{entry.permit.id}", f"permit {entry.permit.id} {what}"
    told = [Notice(person, "permit", says, where, once) for person in entry.permit.people]
    with book.log.database.write() as connection:
        tell(connection, told, time.time())


@app.command("issue", epilog="Example: oncommons hub permit issue lung.json --dir hub")
def issue_command(
    file: Annotated[Path, typer.Argument(help="The permit in JSON.")],
    folder: Dir = Path("hub"),
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """Sign a permit and keep it; each of its people gets a pass, which is told this once."""
    try:
        permit = parse_permit_text(file.read_bytes())
    except OSError as fault:
        raise BadPermit("The file cannot be read.", detail=str(fault)) from None
    book, url = _book(folder, database)
    entry, passes = book.issue(permit, url, time.time())
    title, end = permit.title or permit.project, written(permit.not_after)
    _tell(book, entry, "issued", f"You may ask under permit {permit.id}, “{title}”, until {end[:10]}.")
    told = {person: str(given) for person, given in passes.items()}
    lines = [f"Permit {permit.id} of the project {permit.project} holds until {end}.", ""]
    lines += [f"Give this to {person}, and to nobody else:\n\n  {given}\n" for person, given in told.items()]
    lines += ["It is not told again. With it: oncommons ask QUESTION --permit PASS"]
    body = {"permit": entry.permit.to_json(), "signed": entry.signed, "passes": told}
    say(body, "\n".join(lines), as_json=as_json)


@app.command("list", epilog="Example: oncommons hub permit list --dir hub --json")
def list_command(folder: Dir = Path("hub"), database: Database = "", as_json: AsJson = False) -> None:
    """List the permits that were issued, and whether they hold."""
    now, found = time.time(), _book(folder, database)[0].entries()
    body = [_row(entry, now) for entry in found.values()]
    lines = [f"{r['id']:<20} {r['standing']:<8} {r['project']:<20} until {r['not_after']}" for r in body]
    say(
        {"permits": body}, "\n".join(lines) or "No permit was issued: oncommons hub permit issue FILE.", as_json=as_json
    )


@app.command("show", epilog="Example: oncommons hub permit show P-7 --as crate --dir hub")
def show_command(
    name: Name,
    view: Annotated[str, typer.Option("--as", help="permit, odrl, crate (Five Safes RO-Crate) or visas.")] = "permit",
    folder: Dir = Path("hub"),
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """Show a permit in JSON: as it is, or as others read it."""
    if view not in VIEWS:
        raise BadPermit(f"A permit cannot be shown as {view[:30]!r}; there are {', '.join(VIEWS)}.")
    body = VIEWS[view](_book(folder, database)[0].entry(name))
    say(body, json.dumps(body, indent=2, ensure_ascii=False), as_json=as_json)


@app.command("revoke", epilog="Example: oncommons hub permit revoke P-7 --dir hub")
def revoke_command(name: Name, folder: Dir = Path("hub"), database: Database = "", as_json: AsJson = False) -> None:
    """Take a permit back, at once; questions that are under way under it are not answered."""
    book, _ = _book(folder, database)
    entry = book.revoke(name, time.time())
    _tell(book, entry, "revoked", f"Permit {name} was taken back: nothing can be asked under it any more.")
    text = f"{name} is taken back. Its nodes can take it back themselves, too: oncommons node permits revoke {name}"
    say(_row(entry, time.time()), text, as_json=as_json)


def _row(entry: Entry, now: float) -> dict[str, Any]:
    permit = entry.permit
    nodes = sorted({h.node for h in permit.datasets})
    row = {"id": permit.id, "project": permit.project, "standing": entry.standing(now), "people": list(permit.people)}
    return {**row, "nodes": nodes, "not_before": written(permit.not_before), "not_after": written(permit.not_after)}
