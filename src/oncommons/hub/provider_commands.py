"""Commands for the providers by which people sign in at a hub."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from oncommons.hub.opening import open_hub
from oncommons.hub.options import Database, Dir
from oncommons.hub.people.desk import open_desk
from oncommons.hub.providers.book import SCOPES, Given, Provider, ProviderBook, check_provider
from oncommons.hub.providers.checking import Trial
from oncommons.hub.providers.entrance import Entrance
from oncommons.hub.providers.routes import back_address
from oncommons.hub.providers.wire import Wire
from oncommons.schema.errors import BadRequest, NotFound
from oncommons.schema.people import ROLES
from oncommons.service.commands import AsJson, say
from oncommons.service.settings import read_settings

app = typer.Typer(no_args_is_help=True, help="Let people sign in by providers of identities (OpenID Connect).")

Name = Annotated[str, typer.Argument(help="What the hub calls the provider: small letters, digits, hyphens.")]
Claim = Annotated[str, typer.Option(help="Claim of the provider, such as groups or realm_access.roles.")]
Value = Annotated[str, typer.Option(help="Value that the claim must have, exactly.")]
Organisation = Annotated[str, typer.Option(help="Name of the organisation; made where there is none.")]
Role = Annotated[str, typer.Option(help=f"One of {', '.join(role for role in ROLES if role != 'operator')}.")]
SecretFile = Annotated[
    Path | None, typer.Option("--secret-file", help="File with the client's secret; - for standard input.")
]
ShownIn = Annotated[
    str,
    typer.Option(
        "--secret-in", help="Where the secret is shown: header or form; as the provider says where not given."
    ),
]
Scopes = Annotated[
    list[str] | None, typer.Option(help=f"Scope to ask for besides {', '.join(SCOPES)}; may be repeated.")
]
Ways = Annotated[
    list[str] | None,
    typer.Option(
        help="Way of signing in there that is asked for, such as https://refeds.org/profile/mfa; may be repeated, and one "
        "of them must be told."
    ),
]
VisaIssuers = Annotated[
    list[str] | None,
    typer.Option(help="Issuer of visas that is trusted, as ISSUER or ISSUER=ADDRESS-OF-KEYS; may be repeated."),
]
FAILS = 20
"""Exit code of a check in which something fails: that of a sign-in that has failed."""
_MOST_SECRET = 2_000


def _open(folder: Path, database: str) -> tuple[Entrance, str]:
    """The entrance of a hub and its address."""
    hub = open_hub(read_settings(folder, database=database))
    desk = open_desk(hub.database, hub.key, time.time)
    return Entrance(desk, ProviderBook(folder)), hub.settings.url


@app.command(
    "add",
    epilog="Example: oncommons hub provider add keycloak --issuer https://id.example.org/realms/onco --client-id hub "
    "--secret-file secret.txt",
)
def add(
    name: Name,
    issuer: Annotated[str, typer.Option(help="Issuer of the provider, under which it describes itself.")],
    client: Annotated[str, typer.Option("--client-id", help="What the provider calls this hub.")],
    title: Annotated[str, typer.Option(help="What people call the provider; its name where nothing is given.")] = "",
    secret: SecretFile = None,
    shown_in: ShownIn = "",
    scope: Scopes = None,
    acr: Ways = None,
    visa_issuer: VisaIssuers = None,
    folder: Dir = Path("hub"),
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """Let people sign in by a provider, in the place of one of the same name; what it says of itself is checked first.

    Roles that follow from what the provider says are kept where one is replaced whose issuer is the same.
    """
    visas = dict(_pair(text) for text in visa_issuer or ())
    scopes = tuple(dict.fromkeys([*SCOPES, *(scope or ())]))
    ways = tuple(acr or ())
    bare = check_provider(
        Provider(name, title or name, issuer, client, _secret(secret), scopes, (), visas, shown_in, ways)
    )
    entrance, url = _open(folder, database)
    old = entrance.book.every().get(name)
    one = replace(bare, given=old.given if old is not None and old.issuer == issuer else ())
    found = entrance.check(one)
    entrance.book.put(one)
    back = back_address(url or "URL", name)
    lines = [f"{one.title} is added; it signs with {', '.join(found.algorithms)}.", ""]
    lines += ["Enter there as the address to which it sends people back:", "", f"  {back}"]
    if not url:
        lines += ["", "URL is the address of this hub; hub serve --url keeps it."]
    lines += ["", f"Then try it: oncommons hub provider check {name}"]
    say(_told(one) | {"redirect_uri": back}, "\n".join(lines), as_json=as_json)


@app.command("list", epilog="Example: oncommons hub provider list --dir hub --json")
def list_command(folder: Dir = Path("hub"), as_json: AsJson = False) -> None:
    """List the providers, and which roles follow from what they say; secrets are not shown."""
    every, home = ProviderBook(folder).every().values(), read_settings(folder).url or "URL"
    lines = []
    for one in every:
        lines.append(f"{one.name:<16} {one.title:<24} {one.issuer}  {'with' if one.secret else 'without'} secret")
        lines.append(f"  sends people back to {back_address(home, one.name)}")
        lines += [f"  {g.claim} = {g.value}: {g.role} at {g.organisation}" for g in one.given]
        lines += [f"  asks for a sign-in by {acr}" for acr in one.acr]
        lines += [f"  trusts visas of {issuer}" for issuer in one.visas]
    none = "People sign in by no provider yet: oncommons hub provider add NAME --issuer ISSUER --client-id ID."
    told = [_told(one) | {"redirect_uri": back_address(home, one.name)} for one in every]
    say({"providers": told}, "\n".join(lines) or none, as_json=as_json)


@app.command("check", epilog="Example: oncommons hub provider check keycloak --dir hub")
def check_command(name: Name, folder: Dir = Path("hub"), as_json: AsJson = False) -> None:
    """Tell what will and what will not work with a provider, before people find out; the exit code is 20 where something fails.

    It is asked for its description and its keys, and, as a sign-in would, whether it knows this hub, the address to which
    it sends people back, and the secret. Nobody is signed in.
    """
    one, home = ProviderBook(folder).provider(name), read_settings(folder).url
    found = Trial(Wire, time.time).of(one, back_address(home, name) if home else "")
    lines = [f"{finding.standing:<6} {finding.about:<14} {finding.told}" for finding in found]
    say({"name": name, "findings": [finding.to_json() for finding in found]}, "\n".join(lines), as_json=as_json)
    if any(finding.standing == "fails" for finding in found):
        raise typer.Exit(FAILS)


@app.command("remove", epilog="Example: oncommons hub provider remove keycloak --dir hub")
def remove(name: Name, folder: Dir = Path("hub"), database: Database = "", as_json: AsJson = False) -> None:
    """Let nobody sign in by a provider any more; sessions that it has opened end, and roles that it gave go.

    Accounts stay. If the same issuer is added again, it opens them as before.
    """
    entrance, _ = _open(folder, database)
    entrance.book.remove(name)
    count = entrance.desk.identities.close(name)
    people = f"{count} {'person has' if count == 1 else 'people have'}"
    say({"removed": name, "identities": count}, f"{name} is removed; {people} signed in by it.", as_json=as_json)


@app.command(
    "map",
    epilog="Example: oncommons hub provider map keycloak --claim groups --value /athens --organisation Athens "
    "--role researcher",
)
def map_command(
    name: Name,
    claim: Claim,
    value: Value,
    organisation: Organisation,
    role: Role,
    folder: Dir = Path("hub"),
    as_json: AsJson = False,
) -> None:
    """Give a role to everybody of whom a provider says something, from their next sign-in on; nobody becomes operator."""
    _change(name, Given(claim, value, organisation, role), folder, follows=True, as_json=as_json)


@app.command(
    "unmap",
    epilog="Example: oncommons hub provider unmap keycloak --claim groups --value /athens --organisation Athens "
    "--role researcher",
)
def unmap_command(
    name: Name,
    claim: Claim,
    value: Value,
    organisation: Organisation,
    role: Role,
    folder: Dir = Path("hub"),
    as_json: AsJson = False,
) -> None:
    """Let a role follow no more from what a provider says; who has it because of that loses it at the next sign-in."""
    _change(name, Given(claim, value, organisation, role), folder, follows=False, as_json=as_json)


def _change(name: str, row: Given, folder: Path, *, follows: bool, as_json: bool) -> None:
    """Let a role follow from what a provider says, or follow no more.

    Raises:
        NotFound: none has the name, or the role does not follow.
    """
    book = ProviderBook(folder)
    if not follows and row not in book.provider(name).given:
        raise NotFound("No such role follows from what the provider says: oncommons hub provider list.")
    one = book.change(name, lambda old: (*(g for g in old if g != row), *([row] if follows else ())))
    end = "" if follows else " no more"
    say(_told(one), f"Of {row.claim} = {row.value} follows {row.role} at {row.organisation}{end}.", as_json=as_json)


def _told(one: Provider) -> dict[str, object]:
    return one.to_json() | {"has_secret": bool(one.secret)}


def _pair(text: str) -> tuple[str, str]:
    """An issuer of visas and the address of its keys, if it was given."""
    issuer, _, keys = text.partition("=")
    return issuer, keys


def _secret(file: Path | None) -> str:
    """The first line of a file, or of standard input.

    Raises:
        BadRequest: it cannot be read, or is none.
    """
    if file is None:
        return ""
    try:
        line = sys.stdin.readline() if str(file) == "-" else file.read_text("utf-8").partition("\n")[0]
    except (OSError, ValueError) as fault:
        raise BadRequest("The file of the secret cannot be read.", detail=repr(fault)) from None
    if not 0 < len(line.strip()) <= _MOST_SECRET or not line.strip().isprintable():
        raise BadRequest("The first line of the file of the secret is the secret, and it is empty or none.")
    return line.strip()
