"""The researcher's command ``oncommons images``: a token with which a node opens its images."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from oncommons.client.commands import Token
from oncommons.client.connection import connect
from oncommons.schema.errors_of_permits import NoSuchPermit

app = typer.Typer(no_args_is_help=True, help="Open the images of a node under a permit.")


@app.command("images", epilog="Example: oncommons images athens --hub https://hub.example.org")
def images(
    node: Annotated[str, typer.Argument(help="Name of the node.")],
    hub: Annotated[str, typer.Option(envvar="ONCOMMONS_HUB_URL", help="Address of the hub.")] = "http://127.0.0.1:8642",
    permit: Annotated[
        str,
        typer.Option(envvar="ONCOMMONS_PERMIT", help="Your pass of a permit that names images; keep it to yourself."),
    ] = "",
    token: Token = "",
    ca: Annotated[str, typer.Option(help="File of certificates to trust, such as a corporate CA's.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Print a token for a node's DICOMweb, to be shown there as Bearer; it holds for a quarter of an hour."""
    if not permit:
        raise NoSuchPermit("The pass of a permit is needed: --permit ID.SECRET, or ONCOMMONS_PERMIT.")
    with connect(hub, ca, token) as connection:
        found = connection.image_token(node, permit)
    if as_json:
        typer.echo(json.dumps(found.to_json()))
    else:
        typer.echo(found.token)
        typer.echo(f"It holds until {datetime.fromtimestamp(found.ends, UTC):%H:%M:%S} UTC.", err=True)
