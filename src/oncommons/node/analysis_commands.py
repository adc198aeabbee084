"""Commands of a data manager: which analyses this node makes for people of permits."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from oncommons.node import admitting
from oncommons.node.home import open_home
from oncommons.node.image_commands import HERE, Dir, this_person
from oncommons.service.commands import INCOMPLETE, AsJson, say

analyses = typer.Typer(help="Analyses that this node makes for people of permits: see them, admit them, withdraw them.")
Names = Annotated[
    list[str], typer.Argument(help="Names of analyses, such as cox; all for every one that is installed.")
]


@analyses.command("list", epilog="Example: oncommons node analyses list --dir ./athens")
def listed(folder: Dir = HERE, as_json: AsJson = False) -> None:
    """List the analyses that are installed, and which of them this node makes."""
    home = open_home(folder)
    known = import_module("oncommons.service.analyses").analyses()  # which need much memory
    found = [one.to_json() | {"admitted": one.name in home.analyses} for one in known.values()]
    lines = [f"{'admitted' if one['admitted'] else '       -'}  {one['name']:<12} {one['says']}" for one in found]
    say({"analyses": found}, "\n".join(lines), as_json=as_json)


@analyses.command("admit", epilog="Example: oncommons node analyses admit cox survival --dir ./athens")
def admit(names: Names, folder: Dir = HERE, as_json: AsJson = False) -> None:
    """Let this node make analyses, where a permit names them; it holds at once.

    A new node makes none.  One that is not part of oncommons is tried first, as by check.
    """
    _say(admitting.admit(open_home(folder), names, this_person()), as_json=as_json)


@analyses.command("check", epilog="Example: oncommons node analyses check mantel-haenszel")
def check(names: Names, as_json: AsJson = False) -> None:
    """Try analyses on reference tables, under watch: whether they are pure, equal to the pooled result, and tell nobody.

    The exit code is 30 where one does not pass.
    """
    found = import_module("oncommons.node.trying.verdict").verdicts(admitting.named(names))
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
    _say(admitting.withdraw(open_home(folder), names, this_person()), as_json=as_json)


@analyses.command("resume", epilog="Example: oncommons node analyses resume lung-2026 --dir ./athens")
def resume(
    project: Annotated[str, typer.Argument(help="Identifier of the project, as its permit has it.")],
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Make analyses for a project again from which so many results were withheld that none were made any more."""
    count = admitting.resume(open_home(folder), project, this_person())
    words = f"{count:,} withheld results count no more; analyses are made for the project {project} again."
    if not count:
        words = f"From the project {project} nothing was withheld here of late; nothing was changed."
    say({"project": project, "forgotten": count}, words, as_json=as_json)


@analyses.command(
    "apply", epilog="Example: oncommons node analyses apply ./combat/run.json --out ./harmonised --dir ./athens"
)
def apply(
    record: Annotated[
        Path, typer.Argument(help="Record of a run of combat, which is run.json in the folder of --save.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for harmonised.csv and harmonised.parquet; it stays with you.")],
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Bring this node's own people to the scale that hospitals found together; nothing of it is sent.

    Each row has the dataset, the person as the source names them, and each variable twice: harmonised, and as measured.
    """
    import_module("oncommons.service.analyses").analyses()  # or what it computes with is not installed
    saving = import_module("oncommons.client.saving")
    found = import_module("oncommons.node.applying").apply_record(open_home(folder), saving.read_record(record))
    saving.write(list(saving.table_files({"tables": {"harmonised": found.rows}})), out)
    people = len(found.rows) - 1
    words = f"{people:,} people with {', '.join(found.variables)} on the common scale are in {out}; nothing was sent."
    if found.missing:
        words += f" Of {found.missing:,} a variable could not be harmonised, and is empty."
    body = {"folder": str(out), "people": people, "variables": list(found.variables), "missing": found.missing}
    say(body, words, as_json=as_json)


def _say(names: list[str], *, as_json: bool) -> None:
    told = ", ".join(names)
    words = f"This node makes {told} for people of permits." if told else "This node makes no analyses."
    say({"analyses": names}, words, as_json=as_json)
