"""Commands about raw values and what they stand for."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from oncommons.node.home import open_home
from oncommons.node.image_commands import HERE, Dir, this_person
from oncommons.service.commands import AsJson, say
from oncommons.storage.files import private_file

_FAULTS = 20
"""So many faults are told in plain words; JSON tells all."""

mappings = typer.Typer(help="What raw values of headers stand for: see, decide, share.")


@mappings.command("propose", epilog="Example: oncommons node mappings propose to-decide.csv --dir ./athens")
def propose(
    file: Annotated[Path, typer.Argument(help="CSV file to write.")],
    folder: Dir = HERE,
    dataset: Annotated[str, typer.Option(help="One dataset; all if left out.")] = "",
    as_json: AsJson = False,
) -> None:
    """Write the strings that no rule reads into a file, those of most series first, with what they might mean.

    Put the code that you decide on into the column code, leave the others empty, and accept the file.  It holds strings
    as they stand in headers, which may say who somebody is: it is for this node's own people.
    """
    work = import_module("oncommons.node.harmonising")  # the other commands start without it
    home = open_home(folder)
    with private_file(file) as put:
        found = work.proposals(home, dataset)
        put([work.proposals_table(found)])
    near = sum(bool(one.code) for one in found)
    text = (
        f"{len(found):,} strings in {file.name}, for {near:,} of them something is near. Next: fill in the column code."
    )
    say({"file": str(file), "strings": len(found), "near": near}, text, as_json=as_json)


@mappings.command("accept", epilog="Example: oncommons node mappings accept decided.csv --dir ./athens")
def accept(
    file: Annotated[Path, typer.Argument(help="CSV file with the columns field, raw, context and code.")],
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Accept mappings: they are kept, applied to what is here, and used at every import.

    Good rows are accepted, the others are told with their number and the reason.  Accepting a file twice does no harm.
    """
    work = import_module("oncommons.node.harmonising")  # the other commands start without it
    reading = import_module("oncommons.node.receive.accepted").read_mappings(file)
    taken = work.accept(open_home(folder), reading, this_person())
    lines = [
        f"{taken.new:,} new, {taken.changed:,} changed, {taken.same:,} known already; {taken.series:,} series mapped anew.",
        *([f"{taken.undecided:,} rows have no code yet."] if taken.undecided else []),
        *(f"  row {row}: {why}" for row, why in taken.faults[:_FAULTS]),
        *(
            [f"  and {len(taken.faults) - _FAULTS:,} more rows; --json tells all."]
            if len(taken.faults) > _FAULTS
            else []
        ),
    ]
    say(taken.to_json(), "\n".join(lines), as_json=as_json)


@mappings.command("export", epilog="Example: oncommons node mappings export ours.csv --dir ./athens")
def export(
    file: Annotated[Path, typer.Argument(help="CSV file to write.")],
    folder: Dir = HERE,
    everything: Annotated[
        bool, typer.Option("--all", help="Also strings that are left out because of the policy; look at them first.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write the accepted mappings into a file that other nodes can accept: no counts, no data.

    Strings that fewer people have than the node's policy tells are left out, since they might say who somebody is; with
    the policy private all are.
    """
    home = open_home(folder)
    work = import_module("oncommons.node.harmonising")  # the other commands start without it
    with private_file(file) as put:
        kept, shared = work.accepted_at(home), work.export(home, everything=everything)
        put([work.write_mappings(shared)])
    left = len(kept) - len(shared)
    text = f"{len(shared):,} mappings in {file.name}" + (
        f"; {left:,} are left out because of the policy (--all)." if left else "."
    )
    say({"file": str(file), "mappings": len(shared), "left_out": left}, text, as_json=as_json)
