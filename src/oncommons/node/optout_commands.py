"""Commands about people who opted out of secondary use."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from oncommons.node.home import Home, open_home
from oncommons.node.image_commands import HERE, Dir, this_person
from oncommons.schema.errors import UnreadableSource
from oncommons.schema.errors_of_rows import NotANumber
from oncommons.service.commands import AsJson, say
from oncommons.storage.decisions import Person

optout = typer.Typer(help="People who opted out of secondary use: list them, see the list, let them back in.")
Numbers = Annotated[list[str] | None, typer.Argument(help="Numbers that the hospital knows people by.")]
Pseudonyms = Annotated[list[str] | None, typer.Option("--pseudonym", help="A pseudonym of this node; may be repeated.")]
File = Annotated[
    str,
    typer.Option(
        "--file",
        help="File with a number on each line; - reads what is typed or piped in, and keeps it out of the shell's history.",
    ),
]


@optout.command("add", epilog="Example: oncommons node optout add --file - --dir ./athens < numbers.txt")
def add(
    numbers: Numbers = None,
    pseudonym: Pseudonyms = None,
    file: File = "",
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """List people who opted out: from now on no question, number or image outside has anything of them.

    They need not be here yet.  Numbers are turned into pseudonyms at once; only these are stored.
    """
    home = open_home(folder)
    done = _change(home, (numbers or [], pseudonym or [], file), "opt_out")
    lines = [
        f"{done.changed:,} have opted out now, {done.same:,} had before; {done.listed:,} are on the list.",
        f"Of those named, the node has data of {done.here:,}"
        + (": they are in no answer any more." if done.here else ". If you expected some, check the numbers."),
    ]
    say(done.to_json(), "\n".join(lines), as_json=as_json)


@optout.command("withdraw", epilog="Example: oncommons node optout withdraw 4711 --dir ./athens")
def withdraw(
    numbers: Numbers = None,
    pseudonym: Pseudonyms = None,
    file: File = "",
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Take people off the list who changed their mind: what the node has of them counts again."""
    home = open_home(folder)
    done = _change(home, (numbers or [], pseudonym or [], file), "come_back")
    lines = [
        f"{done.changed:,} came back, {done.same:,} were not on the list; {done.listed:,} are on it.",
        f"Of those named, the node has data of {done.here:,}.",
    ]
    say(done.to_json(), "\n".join(lines), as_json=as_json)


@optout.command("list", epilog="Example: oncommons node optout list --dir ./athens")
def list_out(folder: Dir = HERE, as_json: AsJson = False) -> None:
    """Tell who has opted out, by pseudonym, and since when (UTC)."""
    found = import_module("oncommons.node.optouts").opted_out(open_home(folder))
    body = {"opted_out": [{"pseudonym": name, "since": since} for name, since in sorted(found.items())]}
    text = "\n".join(f"{name}  {since}" for name, since in sorted(found.items()))
    say(body, text or "Nobody has opted out.", as_json=as_json)


def read_numbers(named: str) -> list[str]:
    """The lines of a file of numbers, or of what is typed or piped in.

    Args:
        named: The file's path, or ``-``.

    Raises:
        UnreadableSource: it cannot be read.
        NotANumber: it is not text in UTF-8.
    """
    try:
        raw = sys.stdin.buffer.read() if named == "-" else Path(named).read_bytes()
    except OSError as fault:
        raise UnreadableSource(f"{Path(named).name} cannot be read: {fault.strerror}.", detail=str(fault)) from fault
    try:
        return raw.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as fault:
        line = raw[: fault.start].count(b"\n") + 1
        raise NotANumber(f"Line {line} is not text in UTF-8. Nothing was changed.") from fault


def _change(home: Home, named: tuple[list[str], list[str], str], what: str) -> Any:
    """Change the list for people who are named by numbers, pseudonyms and a file."""
    numbers, pseudonyms, file = named
    lines = read_numbers(file) if file else []
    if not (numbers or pseudonyms or any(map(str.strip, lines))):
        raise NotANumber("Nobody was named: give numbers, --pseudonym or --file. Nothing was changed.")
    work = import_module("oncommons.node.optouts")  # the other commands start without it
    change: Callable[[Home, Collection[str], Person], Any] = getattr(work, what)
    return change(home, work.pseudonyms_of(home, [*lines, *numbers], pseudonyms), this_person())
