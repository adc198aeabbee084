"""The researcher's command ``oncommons watch``: wait until a federation reaches a number."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated

import typer

from oncommons.client.commands import Permit, Token, read_question
from oncommons.client.connection import Connection, connect
from oncommons.client.printing import UNSEEN
from oncommons.client.waiting import EVERY_SECONDS, Patience, standing, wait
from oncommons.schema.errors import BadRequest, HubUnreachable
from oncommons.schema.parsing import parse_question_text
from oncommons.schema.saved import LONGEST_NAME, SavedQuestion, Standing
from oncommons.schema.sentence import sentence

EXIT_CODES: Mapping[Standing, int] = {"reached": 0, "perhaps": 3, "not reached": 4, "not known": 5}
"""Exit status of each state, for scripts."""
_INTERRUPTED = 130
_ID = re.compile(r"(?:(?P<hub>.*?)(?:/api)?/saved/)?(?P<id>[0-9a-f]{64})/?")

app = typer.Typer(no_args_is_help=True, help="Wait until a federation reaches a number.")


@app.command("watch", epilog="Example: oncommons watch question.json --reach 500 --wait --hub https://hub.example.org")
def watch(
    context: typer.Context,
    question: Annotated[
        str,
        typer.Argument(
            help="File with the question in JSON, - for standard input, or the address or identifier of a saved one."
        ),
    ],
    reach: Annotated[int, typer.Option(help="Wait until so many are certain.", min=1)],
    hub: Annotated[str, typer.Option(envvar="ONCOMMONS_HUB_URL", help="Address of the hub.")] = "http://127.0.0.1:8642",
    name: Annotated[str, typer.Option(help="Name under which everybody sees it; its words where there is none.")] = "",
    waits: Annotated[bool, typer.Option("--wait", help="End when it is reached; else tell how far it is.")] = False,
    within: Annotated[float | None, typer.Option(help="Wait so many seconds at most.", min=0.0)] = None,
    every: Annotated[float, typer.Option(help="Seconds between two looks.", min=1.0)] = EVERY_SECONDS,
    permit: Permit = "",
    token: Token = "",
    ca: Annotated[str, typer.Option(help="File of certificates to trust, such as a corporate CA's.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Save a question, have the hub watch it, and tell whether so many are certain.

    The exit status is 0 when the number is reached, 3 when it is perhaps, 4 when it is not, and 5 when nothing is known.
    """
    usual, hub = hub, _hub_of(context, question, hub)
    if hub != usual:
        token = _kept_from(context, hub, "token", token)
        permit = _kept_from(context, hub, "permit", permit)
    with connect(hub, ca, token) as connection:
        saved = _watched(connection, question, name, reach, permit)
        if waits:
            typer.echo(f"The hub watches {hub.rstrip('/')}/saved/{saved.id}", err=True)
            patience = Patience(within, every)
            saved = _wait(lambda: connection.saved_question(saved.id, permit), reach, patience)
    found = standing(saved, reach)
    feed = f"{hub.rstrip('/')}/api/saved/{saved.id}/feed.atom"
    own = " (with your pass as a bearer)" if saved.permit else ""
    if as_json:
        typer.echo(json.dumps({"reach": reach, "standing": found, "feed": feed, **saved.to_json()}, ensure_ascii=False))
    else:
        typer.echo("\n".join(line.translate(UNSEEN) for line in (*_lines(saved, reach), f"Feed: {feed}{own}")))
    raise typer.Exit(EXIT_CODES[found])


def _hub_of(context: typer.Context, question: str, hub: str) -> str:
    """The hub to ask: that of a saved question's address, where there is one."""
    known = _ID.fullmatch(question)
    if not known or not known["hub"] or known["hub"].rstrip("/") == hub.rstrip("/"):
        return hub
    given = context.get_parameter_source("hub")
    if given is not None and given.name == "COMMANDLINE":
        raise BadRequest(
            "The address of the saved question names another hub than --hub; leave out one of them.", at="hub"
        )
    return str(known["hub"])


def _kept_from(context: typer.Context, hub: str, kind: str, secret: str) -> str:
    """What a hub that only an address names is shown: a secret of the command line, and never one of the environment.

    Anybody can hand over an address, so that a token or a pass which is kept for one's own hub would go to theirs.
    """
    given = context.get_parameter_source(kind)
    if not secret or (given is not None and given.name == "COMMANDLINE"):
        return secret
    what = "pass" if kind == "permit" else kind
    told = f"your {what} is not shown there. If it is meant for that hub, name it with --hub or in ONCOMMONS_HUB_URL."
    typer.echo(f"The address names the hub {hub.translate(UNSEEN)}; {told}", err=True)
    return ""


def _watched(connection: Connection, question: str, name: str, reach: int, permit: str) -> SavedQuestion:
    """The saved question, watched from now on."""
    if known := _ID.fullmatch(question):
        if name:
            raise BadRequest("A question that is saved has its name; leave out --name.", at="name")
        return connection.watch(known["id"], reach, permit)
    asked = parse_question_text(read_question(question))
    return connection.save(name or sentence(asked)[:LONGEST_NAME], asked.to_json(), reach, permit)


def _wait(look: Callable[[], SavedQuestion], reach: int, patience: Patience) -> SavedQuestion:
    told: list[str] = []

    def lost(fault: HubUnreachable) -> None:
        if not told:
            typer.echo(f"{fault.message} Waiting until it is back.", err=True)
        told.append(fault.code)

    try:
        return wait(look, reach, patience, lost)
    except KeyboardInterrupt:
        typer.echo("Stopped. The hub goes on watching; its feed tells what changes.", err=True)
        sys.exit(_INTERRUPTED)


def _lines(saved: SavedQuestion, reach: int) -> Iterator[str]:
    yield saved.sentence if saved.name == saved.sentence else f"“{saved.name}” {saved.sentence}"
    number = "nothing is known" if saved.count is None else f"certain {saved.count}, {saved.count.precision}"
    yield f"{reach:,} {standing(saved, reach)}: {number}"
    for one in saved.heard:
        count = one.lack if one.count is None else str(one.count)
        old = "" if one.is_current or one.count is None else f", told {one.told}; it {one.lack}"
        yield f"  {one.node:<32} {count:>17}{old}"
