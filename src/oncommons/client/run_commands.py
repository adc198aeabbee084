"""The command that makes an analysis over a federation."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from oncommons.client.commands import Token, read_question
from oncommons.client.composing import compose
from oncommons.client.connection import connect
from oncommons.client.figures.words import many
from oncommons.client.figures_commands import keep
from oncommons.client.numbers import number_lines
from oncommons.client.printing import UNSEEN
from oncommons.client.repeating import Repeated, compared, run_of
from oncommons.client.runs import Going, Made, Seen, begin
from oncommons.client.saving import read_record
from oncommons.schema.errors import BadRequest
from oncommons.schema.run import parse_run_text

app = typer.Typer(no_args_is_help=True, help="Make analyses over a federation.")
_MOST_ROWS = 24
"""Rows of a table that are printed; all are in the files."""
_DIGITS = (5, 4)
"""Of numbers in tables, as the terminal has room; all are in the files."""
_WIDE = 10_000
_MOST_DIFFERENCES = 20
LOOK_SECONDS = 1.0
"""How often it is looked how far a run is, for who watches it."""
DIFFERS = 3
"""Exit status where a run that was repeated has another result."""
_INTERRUPTED = 130


Permit = Annotated[
    str, typer.Option(envvar="ONCOMMONS_PERMIT", help="Your pass of a permit, to ask under it; keep it to yourself.")
]
What = Annotated[
    str,
    typer.Argument(
        help="Name of an analysis, with --variable and --param; or file with the run in JSON, or - for standard input."
    ),
]
Cohort = Annotated[str, typer.Option(help="File with a criterion or a question: of whom; everybody without.")]
Variables = Annotated[
    list[str] | None,
    typer.Option(help="name=field, name=entity.field, name=entity.field:CODE,CODE for yes or no, or name=JSON."),
]
Params = Annotated[
    list[str] | None, typer.Option(help="name=value: what the analysis is told; a list has commas, such as age,.")
]
Fewest = Annotated[int, typer.Option(min=0, help="So many nodes must take part, or there is no result.")]
Hub = Annotated[str, typer.Option(envvar="ONCOMMONS_HUB_URL", help="Address of the hub.")]
Save = Annotated[str, typer.Option(help="Folder for the record, the tables and the figures.")]
Crate = Annotated[str, typer.Option(help="File for all of it as a research object (RO-Crate), a zip file.")]
Identifier = Annotated[str, typer.Option("--id", help="Name of the run; asked again, it is the same run.")]
Repeat = Annotated[str, typer.Option(help="Record of a run: make it again, and say what differs (exit status 3).")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Begin it, and end; it goes on at the hub.")]
Certificates = Annotated[str, typer.Option(help="File of certificates to trust, such as a corporate CA's.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.command("run", epilog="Example: oncommons run cox.json --permit P-7.SECRET --save ./cox")
def run(
    permit: Permit,
    analysis: What = "",
    cohort: Cohort = "",
    variable: Variables = None,
    param: Params = None,
    fewest_nodes: Fewest = 0,
    hub: Hub = "http://127.0.0.1:8642",
    save: Save = "",
    crate: Crate = "",
    identifier: Identifier = "",
    repeat: Repeat = "",
    no_wait: NoWait = False,
    token: Token = "",
    ca: Certificates = "",
    as_json: AsJson = False,
) -> None:
    """Make an analysis under a permit: the nodes compute their parts, and what leaves them is put together."""
    if bool(analysis) == bool(repeat) or (repeat and no_wait):
        raise BadRequest("Give an analysis, a file with the run, or --repeat with a record, which is waited for.")
    before = read_record(Path(repeat)) if repeat else None
    if before:
        asked = run_of(before)
    elif cohort or variable or param:
        asked = compose(analysis, cohort, variable or (), param or ())
    else:
        asked = parse_run_text(read_question(analysis)).to_json()
    asked |= {"fewest_nodes": fewest_nodes} if fewest_nodes else {}
    with connect(hub, ca, token) as connection:
        going = begin(connection, asked, permit, identifier)
        if no_wait:
            typer.echo(json.dumps({"id": going.id}) if as_json else f"Run {going.id} goes on. {_how(going)}")
            return
        made = awaited(going, quiet=as_json)
    keep(made.record, save, crate)
    if before is not None:
        _tell_repeated(compared(before, made), as_json=as_json)
    elif as_json:
        typer.echo(json.dumps(made.record, ensure_ascii=False))
    else:
        print_made(made, Console())


def awaited(going: Going, *, quiet: bool) -> Made:
    """Wait for a run, and tell on standard error how far it is; where that is interrupted the run goes on.

    Args:
        going: The run.
        quiet: Whether nothing is told.

    Raises:
        OncommonsError: it failed.
        RunCancelled: it was cancelled.
    """
    lines: list[str] = []

    def tell(seen: Seen) -> None:
        line = in_a_line(seen)
        if seen.state == "running" and line not in lines[-1:]:
            lines.append(line)
            typer.echo(line, err=True)

    try:
        return going.made() if quiet else going.made(tell, LOOK_SECONDS)
    except KeyboardInterrupt:
        typer.echo(f"Run {going.id} goes on at the hub. {_how(going)}", err=True)
        sys.exit(_INTERRUPTED)


def in_a_line(seen: Seen) -> str:
    """How far a run is, in a line."""
    nodes = ", ".join(f"{name} {status}" for name, status in seen.nodes.items())
    return f"round {seen.round}: {nodes}".translate(UNSEEN) if seen.nodes else "before the first round"


def _how(going: Going) -> str:
    return f"Follow it: oncommons runs show {going.id} --wait; cancel it: oncommons runs cancel {going.id}"


def _tell_repeated(repeated: Repeated, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(repeated.to_json(), ensure_ascii=False))
    else:
        for line in _in_lines(repeated):
            typer.echo(line.translate(UNSEEN))
    if not repeated.same:
        raise typer.Exit(DIFFERS)


def _in_lines(repeated: Repeated) -> list[str]:
    found = repeated.differences
    if repeated.same:
        return ["The result is the same as before, bit for bit.", *repeated.causes]
    causes = repeated.causes or ("The same nodes gave as many people; their data may have changed.",)
    told = [f"  {at}: {before} before, {now} now" for at, before, now in found[:_MOST_DIFFERENCES]]
    more = [f"  and {len(found) - _MOST_DIFFERENCES:,} more"] if len(found) > _MOST_DIFFERENCES else []
    return [f"The result differs from the record in {len(found):,} places.", *causes, *told, *more]


def print_made(made: Made, console: Console) -> None:
    """Print what came of an analysis: who took part, the numbers, the tables."""
    record = made.record
    by_node = " stratified by node," if record.get("by_node") else ""
    exact = f"equal to the pooled data,{by_node} as each node tells them" if record["exact"] else "approximate"
    if near := record.get("approximate"):
        exact += f", but for the approximate {' and '.join(near)}"
    rounds = many(record["rounds"], "round")
    console.print(f"[bold]{record['title']}[/bold], {exact}; {rounds} under permit {record['permit']}")
    for node in record["nodes"]:
        console.print(f"  {node['node']}: {node['status']}, {_said_by(node)}", markup=False)
    for line in record.get("participation", {}).get("says", []):
        console.print(line, markup=False)
    for name, rows in made.tables.items():
        console.print(fitting(name, rows[: _MOST_ROWS + 1], console))
        if len(rows) > _MOST_ROWS + 1:
            console.print(f"  and {len(rows) - 1 - _MOST_ROWS:,} more rows")
    for line in number_lines(made.found, made.tables):
        console.print(line.translate(UNSEEN), markup=False, highlight=False)
    for warning in record["warnings"]:
        console.print(warning, markup=False)


def fitting(name: str, rows: Sequence[Sequence[Any]], console: Console) -> Table:
    """A table of a result as it fits the terminal: with fewer digits where it is too wide, on its side, or in folded cells.

    Args:
        name: Its name.
        rows: The first names the columns.
        console: Where it is printed.
    """
    for digits in _DIGITS:
        table = _drawn(name, _cells(rows, digits))
        if Measurement.get(console, console.options.update(width=_WIDE), table).maximum <= console.width:
            return table
    if len(rows) < len(rows[0]):
        return _drawn(name, list(zip(*_cells(rows, _DIGITS[0], " "), strict=True)))
    return table


def _cells(rows: Sequence[Sequence[Any]], digits: int, apart: str = "\n") -> list[list[str]]:
    head = [str(one).replace("_", apart) for one in rows[0]]
    return [head, *([_cell(one, digits) for one in row] for row in rows[1:])]


def _drawn(name: str, cells: Sequence[Sequence[str]]) -> Table:
    table = Table(title=name, title_justify="left", box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for head in cells[0]:
        table.add_column(escape(head), overflow="fold")
    for row in cells[1:]:
        table.add_row(*map(escape, row))
    return table


def _said_by(node: Mapping[str, Any]) -> str:
    if node["status"] != "answered":
        return str(node.get("reason", ""))
    lost = f"; of at most {node['missing']:,} a variable is missing" if node.get("missing") else ""
    return f"{node.get('people', 0):,} people{lost}"


def _cell(value: Any, digits: int) -> str:
    return f"{value:.{digits}g}" if isinstance(value, float) else "" if value is None else str(value)
