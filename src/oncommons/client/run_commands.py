"""The command that makes an analysis over a federation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from oncommons.client.commands import Token, read_question
from oncommons.client.connection import connect
from oncommons.client.numbers import number_lines
from oncommons.client.printing import UNSEEN
from oncommons.client.runs import Made, make
from oncommons.schema.run import parse_run_text

app = typer.Typer(no_args_is_help=True, help="Make analyses over a federation.")
_MOST_ROWS = 24
"""Rows of a table that are printed; all are in the files."""


@app.command("run", epilog="Example: oncommons run cox.json --permit P-7.SECRET --save ./cox")
def run(
    analysis: Annotated[str, typer.Argument(help="File with the run in JSON, or - for standard input.")],
    permit: Annotated[
        str,
        typer.Option(envvar="ONCOMMONS_PERMIT", help="Your pass of a permit, to ask under it; keep it to yourself."),
    ],
    hub: Annotated[str, typer.Option(envvar="ONCOMMONS_HUB_URL", help="Address of the hub.")] = "http://127.0.0.1:8642",
    save: Annotated[str, typer.Option(help="Folder for the record as JSON and the tables as CSV.")] = "",
    identifier: Annotated[str, typer.Option("--id", help="Name of the run, to go on with one that was cut off.")] = "",
    token: Token = "",
    ca: Annotated[str, typer.Option(help="File of certificates to trust, such as a corporate CA's.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Make an analysis under a permit: the nodes compute their parts, and what leaves them is put together."""
    asked = parse_run_text(read_question(analysis))
    with connect(hub, ca, token) as connection:
        made = make(connection, asked.to_json(), permit, identifier)
    if save:
        made.save(Path(save))
    if as_json:
        typer.echo(json.dumps(made.record, ensure_ascii=False))
    else:
        print_made(made, Console())


def print_made(made: Made, console: Console) -> None:
    """Print what came of an analysis: who took part, the numbers, the tables."""
    record = made.record
    exact = "equal to the pooled data, as each node tells them" if record["exact"] else "approximate"
    if near := record.get("approximate"):
        exact += f", but for the approximate {' and '.join(near)}"
    console.print(f"[bold]{record['title']}[/bold], {exact}; {record['rounds']} rounds under permit {record['permit']}")
    for node in record["nodes"]:
        lost = f"; of {node['missing']:,} a variable is missing" if node.get("missing") else ""
        said = f"{node.get('people', 0):,} people{lost}" if node["status"] == "answered" else node.get("reason", "")
        console.print(f"  {node['node']}: {node['status']}, {said}", markup=False)
    for name, rows in made.tables.items():
        table = Table(*map(str, rows[0]), title=name, title_justify="left")
        for row in rows[1 : _MOST_ROWS + 1]:
            table.add_row(*map(_cell, row))
        console.print(table)
        if len(rows) > _MOST_ROWS + 1:
            console.print(f"  and {len(rows) - 1 - _MOST_ROWS:,} more rows")
    for line in number_lines(made.found, made.tables):
        console.print(line.translate(UNSEEN), markup=False, highlight=False)
    for warning in record["warnings"]:
        console.print(warning, markup=False)


def _cell(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else "" if value is None else str(value)
