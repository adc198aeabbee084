"""Commands of a data manager: which analyses this node makes for people of permits."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer

from oncommons.node.home import Home, open_home
from oncommons.node.image_commands import HERE, Dir
from oncommons.node.recording import record
from oncommons.service.commands import INCOMPLETE, AsJson, say

analyses = typer.Typer(help="Analyses that this node makes for people of permits: see them, admit them, withdraw them.")
Names = Annotated[
    list[str], typer.Argument(help="Names of analyses, such as cox; all for every one that is installed.")
]
ALL = "all"


@analyses.command("list", epilog="Example: oncommons node analyses list --dir ./athens")
def listed(folder: Dir = HERE, as_json: AsJson = False) -> None:
    """List the analyses that are installed, and which of them this node makes."""
    home = open_home(folder)
    known = import_module("oncommons.service.analyses").analyses()  # which need much memory
    found = [
        {
            "name": one.name,
            "version": one.version,
            "title": one.title,
            "says": one.says,
            "admitted": one.name in home.analyses,
        }
        for one in known.values()
    ]
    lines = [f"{'admitted' if one['admitted'] else '       -'}  {one['name']:<12} {one['says']}" for one in found]
    say({"analyses": found}, "\n".join(lines), as_json=as_json)


@analyses.command("admit", epilog="Example: oncommons node analyses admit cox survival --dir ./athens")
def admit(names: Names, folder: Dir = HERE, as_json: AsJson = False) -> None:
    """Let this node make analyses, where a permit names them; it holds at once.

    A new node makes none.  One that is not part of oncommons is tried first, as by check.
    """
    home, named = open_home(folder), _named(names)
    import_module("oncommons.node.trying.book").admit(home, named)
    _changed(home, {*home.analyses, *named}, as_json=as_json)


@analyses.command("check", epilog="Example: oncommons node analyses check mantel-haenszel")
def check(names: Names, as_json: AsJson = False) -> None:
    """Try analyses on reference tables, under watch: whether they are pure, equal to the pooled result, and tell nobody.

    The exit code is 30 where one does not pass.
    """
    found = import_module("oncommons.node.trying.verdict").verdicts(_named(names))
    body = {name: [vars(one) for one in faults] for name, faults in found.items()}
    lines = [
        "\n".join(
            [f"{name} {'does not pass' if faults else 'passes'}", *(f"  {one.check}: {one.why}" for one in faults)]
        )
        for name, faults in found.items()
    ]
    say({"analyses": body}, "\n".join(lines), as_json=as_json)
    if any(found.values()):
        raise typer.Exit(INCOMPLETE)


@analyses.command("withdraw", epilog="Example: oncommons node analyses withdraw all --dir ./athens")
def withdraw(names: Names, folder: Dir = HERE, as_json: AsJson = False) -> None:
    """Let this node make analyses no more; it holds at once, for runs that are under way, too."""
    home = open_home(folder)
    gone = home.analyses if ALL in names else frozenset(names)
    _changed(home, home.analyses - gone, as_json=as_json)


def _named(names: Iterable[str]) -> list[str]:
    """Names of analyses that are installed.

    Raises:
        UnknownValue: there is none of a name.
    """
    installed = import_module("oncommons.service.analyses")
    return [
        one
        for name in names
        for one in (installed.analyses() if name == ALL else [installed.analysis_named(name).name])
    ]


def _changed(home: Home, names: Iterable[str], *, as_json: bool) -> None:
    body = {"analyses": sorted(names)}
    record(home.with_analyses(frozenset(names)), "policy", body)
    told = ", ".join(body["analyses"])
    say(
        body,
        f"This node makes {told} for people of permits." if told else "This node makes no analyses.",
        as_json=as_json,
    )
