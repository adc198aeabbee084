"""Commands for the people of a hub; the first operator is made here."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from oncommons.hub.accounts import open_accounts
from oncommons.hub.applications.office import open_office
from oncommons.hub.opening import open_hub
from oncommons.hub.options import Database, Dir
from oncommons.hub.people.desk import Desk
from oncommons.hub.people.inviting import invitation_told, link_to, person_told
from oncommons.schema.errors import NotFound
from oncommons.schema.people import ROLES, check_email, check_role, check_words
from oncommons.service.commands import AsJson, say
from oncommons.service.settings import read_settings

app = typer.Typer(no_args_is_help=True, help="Invite people, see who is here, and remove them.")

Email = Annotated[str, typer.Argument(help="E-mail address of the person.")]
_NO_URL = "\n\nURL is the address of this hub; hub serve --url keeps it."


def _open(folder: Path, database: str) -> tuple[Desk, str]:
    """The accounts of a hub and its address."""
    hub = open_hub(read_settings(folder, database=database))
    return open_accounts(hub, open_office(hub.database, hub.settings), time.time), hub.settings.url


@app.command("invite", epilog="Example: oncommons hub people invite ana@athens.example --organisation Athens")
def invite(
    email: Email,
    organisation: Annotated[str, typer.Option(help="Name of the organisation; made where there is none.")],
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")] = "researcher",
    folder: Dir = Path("hub"),
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """Make a link with which somebody joins an organisation in a role: it works once, within seven days.

    The hub does not send the link; hand it over yourself.
    """
    address, name, given = check_email(email), check_words(organisation, "An organisation's name"), check_role(role)
    desk, url = _open(folder, database)
    now = desk.clock()
    link = link_to(url or "URL", desk.links.invite(address, desk.register.organisation(name, now), given, "", now))
    text = f"Give this to {address}; it works once, for seven days:\n\n  {link}"
    body = {"email": address, "organisation": name, "role": given, "link": link}
    say(body, text if url else text + _NO_URL, as_json=as_json)


@app.command("reset", epilog="Example: oncommons hub people reset ana@athens.example --dir hub")
def reset(email: Email, folder: Dir = Path("hub"), database: Database = "", as_json: AsJson = False) -> None:
    """Make a link for a new password, which works once, within an hour; it turns the second factor off."""
    address = check_email(email)
    desk, url = _open(folder, database)
    link = link_to(url or "URL", desk.links.reset(address, "", desk.clock()))
    text = f"Give this to {address}; it works once, for an hour:\n\n  {link}"
    say({"email": address, "link": link}, text if url else text + _NO_URL, as_json=as_json)


@app.command("list", epilog="Example: oncommons hub people list --dir hub --json")
def list_command(folder: Dir = Path("hub"), database: Database = "", as_json: AsJson = False) -> None:
    """List who is here with their roles, and invitations that wait."""
    desk, _ = _open(folder, database)
    here, waiting = desk.register.everybody(None), desk.links.waiting(None, desk.clock())
    lines = [
        f"{one.email or one.id:<32} {one.name:<24} {', '.join(f'{r.role} at {r.name}' for r in roles)}"
        for one, roles in here
    ]
    lines += [f"{one.email:<32} {'(invited)':<24} {one.role} at {one.name}" for one in waiting]
    none = "Nobody is here yet: oncommons hub people invite EMAIL --organisation O --role operator."
    people, invitations = [person_told(*one) for one in here], [invitation_told(one) for one in waiting]
    say({"people": people, "invitations": invitations}, "\n".join(lines) or none, as_json=as_json)


@app.command("remove", epilog="Example: oncommons hub people remove ana@athens.example --dir hub")
def remove(
    email: Annotated[str, typer.Argument(help="E-mail address of the person, or the identifier of who has none.")],
    folder: Dir = Path("hub"),
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """Erase an account, and withdraw invitations to the address; a pseudonym without name and address stays."""
    desk, _ = _open(folder, database)
    if "@" not in email:  # who came by a provider has perhaps no address
        desk.erase_person(email)
        say({"removed": email}, f"{email} is removed.", as_json=as_json)
        return
    address = check_email(email)
    found = desk.register.find(address)
    waiting = any(one.email == address for one in desk.links.waiting(None, desk.clock()))
    if found is not None:
        desk.erase_person(found.id)
    elif waiting:
        desk.links.withdraw_all(address)
    else:
        raise NotFound("Nobody here has that address, and nobody was invited with it.")
    say({"removed": address}, f"{address} is removed.", as_json=as_json)
