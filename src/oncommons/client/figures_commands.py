"""The command that draws the figures of a run from its record, and what ``oncommons run`` keeps of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from oncommons.client.crate import crate as crate_of
from oncommons.client.figures import figures_of
from oncommons.client.saving import read_record, save_figures
from oncommons.client.saving import save as save_all
from oncommons.schema.errors import StorageFailed

app = typer.Typer(no_args_is_help=True, help="Draw the figures of a run.")


@app.command("figures", epilog="Example: oncommons figures ./cox/run.json --save ./figures")
def figures(
    record: Annotated[Path, typer.Argument(help="Record of the run: run.json in the folder of oncommons run --save.")],
    save: Annotated[str, typer.Option(help="Folder for the figures as SVG and PDF.")] = "",
    crate: Annotated[str, typer.Option(help="File for all of it as a research object (RO-Crate), a zip file.")] = "",
    column: Annotated[bool, typer.Option("--column", help="Draw for one column, 85 mm wide, in place of 174.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Draw the figures of a run again from its record, without asking anybody; print their captions."""
    read = read_record(record)
    if save:
        save_figures(read, Path(save), "column" if column else "page")
    keep(read, "", crate)
    found = figures_of(read)
    if as_json:
        told = [{"name": one.name, "title": one.title, "caption": one.caption, "table": one.table} for one in found]
        typer.echo(json.dumps({"figures": told}, ensure_ascii=False))
        return
    for one in found:
        typer.echo(f"{one.name}: {one.title}\n  {one.caption}")
    if not found:
        typer.echo("No table of this run can be drawn.")


def keep(record: Mapping[str, Any], save: str, crate: str) -> None:
    """Write what was wanted of a run.

    Args:
        record: Of the run.
        save: Folder for record, tables and figures; empty for none.
        crate: File for the research object; empty for none.

    Raises:
        StorageFailed: a place cannot be written.
        FiguresNeedPackage: matplotlib is not installed; with ``save``, record and tables are written then.
    """
    if save:
        save_all(record, Path(save))
    if crate:
        made = crate_of(record)
        try:
            Path(crate).write_bytes(made)
        except OSError as fault:
            raise StorageFailed(f"{crate} cannot be written: {fault.strerror}.", detail=str(fault)) from fault
