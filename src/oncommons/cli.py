"""The front door: assembles the rooms' commands, wires the parts, tells errors.

Only the room that a command needs is imported, so a node carries no web server and starts at once.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import typer
from typer.main import get_command

import oncommons
from oncommons.schema import (
    errors,
    errors_of_applications,
    errors_of_notices,
    errors_of_people,
    errors_of_permits,
    errors_of_protocols,
    errors_of_rows,
)
from oncommons.service.commands import INTERRUPTED, Wiring

ROOMS: Mapping[str, str] = MappingProxyType(
    {
        "demo": "oncommons.demo.commands",
        "ask": "oncommons.client.commands",
        "figures": "oncommons.client.figures_commands",
        "run": "oncommons.client.run_commands",
        "runs": "oncommons.client.runs_commands",
        "images": "oncommons.client.image_commands",
        "watch": "oncommons.client.watch_commands",
        "hub": "oncommons.hub.commands",
        "node": "oncommons.node.commands",
        "audit": "oncommons.audit.commands",
    },
)
"""First word of a command and the module that has it; a room of one command is the command itself."""
ALONE: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("node", "import"): "oncommons.node.import_commands",
        **{("hub", command): "oncommons.hub.link_commands" for command in ("invite", "nodes", "revoke")},
        **{("hub", one): f"oncommons.hub.{one}_commands" for one in ("form", "mail", "people", "permit")},
        ("hub", "labels"): "oncommons.hub.label_commands",
    },
)
"""Commands, and groups of commands, that begin without the others of their room: a hub's without what serves it."""

EXIT_CODES: Mapping[type[errors.OncommonsError], int] = MappingProxyType(
    {
        errors.QuestionError: 10,
        errors.LinkError: 20,
        errors_of_people.PeopleError: 20,
        errors_of_applications.ApplicationError: 30,
        errors_of_notices.NoticeError: 40,
        errors.NodeError: 30,
        errors_of_rows.ClinicalRowError: 30,
        errors_of_rows.LabelError: 30,
        errors_of_rows.CommandError: 30,
        errors_of_protocols.PacsError: 30,
        errors_of_permits.PermitError: 30,
        errors_of_protocols.AuditError: 50,
        errors.MachineError: 40,
        errors.OncommonsError: 1,
    },
)
"""Exit code of each branch of the error tree; 2 is a command that was not understood, 130 an interruption."""


def build(wanted: str = "", command: str = "") -> typer.Typer:
    """The command with its subcommands.

    Args:
        wanted: First word of the command line; when it names a room, only that room is imported.
        command: Second word; when it names a command of that room, the others are not made.
    """
    front = typer.Typer(
        name="oncommons",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        help="A cancer data commons whose data stay at home.",
        epilog="Start here: oncommons demo",
    )
    front.callback()(_front)
    for word in [wanted] if wanted in ROOMS else list(ROOMS):
        alone = ALONE.get((word, command))
        room: typer.Typer = importlib.import_module(alone or ROOMS[word]).app
        if len(room.registered_commands) == 1 and not alone:
            front.registered_commands.extend(room.registered_commands)
        else:
            front.add_typer(_only(room, command, grouped=bool(alone)), name=word)
    return front


def _only(room: typer.Typer, command: str, *, grouped: bool) -> typer.Typer:
    """A room with one of its commands; where there is none of that name, all of it.

    Args:
        room: Its commands, or those of one of its groups.
        command: The command, or the group.
        grouped: Where there is none of that name, these are the commands of the group.
    """
    found = [one for one in room.registered_commands if one.name == command]
    if not found and not grouped:
        return room
    alone = typer.Typer(help=room.info.help)
    alone.registered_commands.extend(found)
    if not found:
        alone.add_typer(room, name=command)
    alone.callback()(_nothing)  # or a single command would take the place of its room
    return alone


def _nothing() -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit: the console script ``oncommons``."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with _nothing_thrown_away():
            command = get_command(build(*words[:2]))
        command.main(args=words, prog_name="oncommons", obj=Wiring(_version, _add_pages, _add_console))
    except errors.OncommonsError as fault:
        _tell(fault, as_json="--json" in words)
        sys.exit(exit_code(fault))
    except KeyboardInterrupt:  # while modules are imported; later ones are for the commands
        sys.exit(INTERRUPTED)


@contextmanager
def _nothing_thrown_away() -> Iterator[None]:
    """Collect no garbage while modules are imported: there is none, and to look for it takes a tenth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def exit_code(fault: errors.OncommonsError) -> int:
    """The exit code of an error: that of its branch of the tree."""
    return next(EXIT_CODES[kind] for kind in type(fault).__mro__ if kind in EXIT_CODES)


def _version() -> str:
    return oncommons.__version__


def _tell_version(wanted: bool) -> None:  # noqa: FBT001  Typer calls it so
    if wanted:
        typer.echo(_version())
        raise typer.Exit


def _front(
    version: bool = typer.Option(  # noqa: FBT001
        False,  # noqa: FBT003
        "--version",
        help="Tell the version and end.",
        callback=_tell_version,
        is_eager=True,
    ),
) -> None:
    del version  # told by its callback


def _tell(fault: errors.OncommonsError, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(fault.to_json(), ensure_ascii=False))
        return
    place = f" (at {fault.at})" if fault.at else ""
    typer.echo(f"{fault.code} {fault.title}{place}\n  {fault.message}", err=True)
    if fault.detail:
        typer.echo(f"  {fault.detail}", err=True)
    typer.echo(f"  More: docs/errors/{fault.code}.md, or /help/errors/{fault.code} at a hub.", err=True)


def _add_pages(application: Any) -> None:
    pages = importlib.import_module("oncommons.web.app")
    client = importlib.import_module("oncommons.client.inside")
    pages.mount_pages(application, client.connect_inside(application), _version())


def _add_console(application: Any) -> None:
    pages = importlib.import_module("oncommons.web.console")
    client = importlib.import_module("oncommons.client.inside")
    pages.mount_console(application, client.steward_inside(application.state.steward), _version())
