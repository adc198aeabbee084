"""The command that takes images and tables in; a module of its own, so that it begins without the other commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import duckdb
import typer

from oncommons.node.fault_words import fault_lines, fault_table
from oncommons.node.flow import Source, accepted_at, import_from
from oncommons.node.home import Home, open_home
from oncommons.node.image_commands import HERE, Dir, take_in
from oncommons.node.progress import working
from oncommons.node.receive.idc import collections, receive_idc
from oncommons.node.receive.placing import told_in
from oncommons.node.receive.sources import split
from oncommons.node.receive.table import TABLES, Received, read_mapping, receive_file
from oncommons.node.recording import record
from oncommons.schema.errors import BadMapping, UnreadableSource
from oncommons.service.commands import UNCHANGED, AsJson, say, stoppable
from oncommons.storage.files import private_file

IMPORT_EXAMPLE = "Example: oncommons node import series.parquet --mapping mapping.toml --dir ./athens"
_OPTIONS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "images": ("Images", ("dataset", "title", "processes")),
        "table": ("A table", ("mapping", "report")),
        "idc": ("The IDC index", ("collection", "share", "without", "report")),
    }
)
"""What is imported, in words, and which options it has."""
app = typer.Typer(help="Run a node: data stay here, answers go out.")


@app.command("import", epilog=IMPORT_EXAMPLE)
def import_command(
    source: Annotated[
        str,
        typer.Argument(
            help="A folder, archive or file of DICOM images, a .parquet or .csv file of series, idc for the IDC index, "
            "or SOURCE:WHAT for a source that another package brings."
        ),
    ],
    folder: Dir = HERE,
    mapping: Annotated[Path | None, typer.Option(help="TOML file that says which column holds what.")] = None,
    collection: Annotated[list[str] | None, typer.Option(help="idc: one collection; may be repeated.")] = None,
    share: Annotated[str, typer.Option(help="idc: I/N, the I-th of N equal deals of the collections.")] = "",
    without: Annotated[list[str] | None, typer.Option(help="idc: a column that this holder does not have.")] = None,
    dataset: Annotated[
        str, typer.Option(help="Images: which dataset they belong to; the folder's name if left out.")
    ] = "",
    title: Annotated[str, typer.Option(help="Images: the dataset's title.")] = "",
    processes: Annotated[int, typer.Option(min=0, help="Images: processes that de-identify; 0 chooses.")] = 0,
    report: Annotated[
        Path | None, typer.Option(help="Tables: a CSV file for every row of which something could not be taken.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take in images or tables of series.

    Images are de-identified and checked, and every file is accounted for; what is kept stays when the import is
    stopped, and running it again does the rest.  A table replaces its dataset, or changes nothing when it fails;
    what cannot be read is told row by row, and the rest is taken.
    """
    tables = {"mapping": mapping, "collection": collection, "share": share, "without": without, "report": report}
    kind = _checked_kind(source, tables | {"dataset": dataset, "title": title, "processes": processes})
    home = open_home(folder)
    if kind == "images":
        with stoppable("What was kept so far stays; repeat the command to take in the rest and index all of it."):
            take_in(home, source, dataset, title, processes, as_json=as_json)
        return

    def read(connection: duckdb.DuckDBPyConnection) -> Received:
        if source == "idc":
            wanted = collection or collections(connection, _share(share))
            return receive_idc(connection, wanted, without or [])
        if mapping is None:
            raise BadMapping("A file needs --mapping FILE, which says which column holds what.")
        return receive_file(connection, Path(source), read_mapping(mapping))

    with stoppable(UNCHANGED), working(f"Reading and indexing {source} …"):
        received = _take_table(home, read, report)
    say(_import_json(received), _import_text(received, report), as_json=as_json)


def _take_table(home: Home, read: Source, report: Path | None) -> Received:
    with private_file(report) if report else nullcontext() as put:
        received = import_from(_telling(read, put) if put else read, home.tables, lambda: accepted_at(home))
    record(home, "imported", {"way": "table", "datasets": sorted(received.about), "series": received.series})
    return received


def _checked_kind(source: str, said: Mapping[str, object]) -> str:
    """What is imported; options that mean nothing for it are refused, since they would be passed over in silence.

    Raises:
        BadMapping: there are some.
    """
    is_table = Path(source).suffix.lower() in TABLES and not split(source)[0]
    kind = "idc" if source == "idc" else "table" if is_table else "images"
    words, known = _OPTIONS[kind]
    if foreign := [f"--{name}" for name, value in said.items() if value and name not in known]:
        has = ", ".join(f"--{name}" for name in known)
        raise BadMapping(
            f"{words} cannot be imported with {', '.join(foreign)}, only with {has}. Nothing was imported."
        )
    return kind


def _share(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    part, _, parts = text.partition("/")
    if not (part.isdigit() and parts.isdigit() and 1 <= int(part) <= int(parts)):
        raise UnreadableSource(f"{text!r} is not a share; write 2/5 for the second of five.")
    return int(part), int(parts)


def _telling(read: Source, put: Callable[[Iterable[str]], None]) -> Source:
    """A way in that also writes what it told of single rows, even where it could take none."""

    def read_and_tell(connection: duckdb.DuckDBPyConnection) -> Received:
        try:
            received = read(connection)
        except UnreadableSource:
            if told := told_in(connection):
                put(fault_table(told))
            raise
        put(fault_table(told_in(connection)))
        return received

    return read_and_tell


def _import_json(received: Received) -> dict[str, Any]:
    return {
        "series": received.series,
        "datasets": sorted(received.about),
        "unmapped": dict(received.unmapped),
        "refused": received.refused,
        "told": sum(group.number for group in received.faults),
        "fault_groups": [vars(group) for group in received.faults],
    }


def _import_text(received: Received, file: Path | None) -> str:
    number = len(received.about)
    refused = f" {received.refused:,} row{'' if received.refused == 1 else 's'} refused." if received.refused else ""
    lines = [f"{received.series:,} series in {number:,} dataset{'' if number == 1 else 's'}.{refused}"]
    lines += fault_lines(received.faults, sum(group.number for group in received.faults), file)
    lines += [
        f"  {name}: {n:,} series hold a value that no rule reads; it counts as missing."
        for name, n in received.unmapped.items()
        if not received.is_detailed  # or faults tell them row by row
    ]
    return "\n".join(lines)
