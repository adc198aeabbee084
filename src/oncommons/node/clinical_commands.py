"""What the data manager sees of an import of clinical data."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from oncommons.node.clinical import (
    ClinicalReport,
    Receive,
    faults_of,
    import_clinical,
    names_at,
    remove_clinical,
)
from oncommons.node.fault_words import fault_lines, fault_table
from oncommons.node.home import Home, open_home
from oncommons.node.image_commands import HERE, Dir
from oncommons.node.progress import working
from oncommons.node.receive.clinical.fhir import receive_fhir
from oncommons.node.receive.clinical.fhir_source import FhirSource
from oncommons.node.receive.clinical.mapping import read_clinical_mapping
from oncommons.node.receive.clinical.omop import OmopSource, receive_omop
from oncommons.node.receive.clinical.omop_source import is_address
from oncommons.node.receive.clinical.records import AS_GIVEN, Taken
from oncommons.node.receive.clinical.resuming import Readings
from oncommons.node.receive.clinical.table import receive_clinical_table
from oncommons.node.receive.faults import COLUMNS
from oncommons.node.receive.table import TABLES, About
from oncommons.schema.errors import BadMapping
from oncommons.service.commands import INCOMPLETE, UNCHANGED, AsJson, say, stoppable
from oncommons.storage.files import private_file

_SHOWN = 20
_NAMED = 5
"""So many other datasets are named."""
_OMOP = (".duckdb", ".db")


def clinical(
    source: Annotated[
        str,
        typer.Argument(
            help="A .csv or .parquet file (with --mapping), FHIR R4 as .json, .ndjson or a folder of these, or an OMOP "
            "database: a .duckdb file or postgresql://user@host/name?schema=cdm."
        ),
    ],
    folder: Dir = HERE,
    mapping: Annotated[Path | None, typer.Option(help="TOML file that says which column holds what.")] = None,
    dataset: Annotated[str, typer.Option(help="FHIR, OMOP and --remove: which dataset they belong to.")] = "",
    title: Annotated[str, typer.Option(help="FHIR and OMOP: the dataset's title.")] = "",
    identifiers: Annotated[
        str,
        typer.Option(
            help="FHIR and OMOP: numbers of the hospital, pseudonyms that the images have too, or the system of the "
            "identifier of FHIR patients that holds the hospital's number."
        ),
    ] = "numbers",
    report: Annotated[
        Path | None,
        typer.Option(help="A CSV file for everything that could not be read, and for who could not be linked."),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take away what the source of this name said.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take in clinical data: diagnoses, stages, markers, treatments and what became of the people.

    What cannot be read is told row by row, and the rest is taken.  A source of the same name replaces what it said
    before, so that importing twice changes nothing; when the import fails or is stopped, nothing has changed, and the
    next one goes on where it was, except with PostgreSQL.
    The exit code is 30 where a file or a line of FHIR could not be read at all.
    """
    home = open_home(folder)
    if remove:
        of, name = remove_clinical(home, source, dataset.strip())
        say({"dataset": of, "removed": name}, f"{name} is removed from dataset {of}.", as_json=as_json)
        return
    receive = receive_of(home, source, mapping, _Words(dataset.strip(), title, identifiers))
    with private_file(report) if report else nullcontext() as put:
        with stoppable(UNCHANGED), working(f"Reading and indexing {source.rpartition('@')[2]} …"):
            done = _imported(home, receive, report)
        if put is not None:
            put(fault_table(faults_of(home, done.taken.source)))
    say(done.to_json(), _text(done, report), as_json=as_json)
    if not done.is_complete:
        raise typer.Exit(INCOMPLETE)


def _imported(home: Home, receive: Receive, report: Path | None) -> ClinicalReport:
    """Import a source; what could not be read is in the report before it is indexed, so that it is there if that fails."""
    if report is None or (report.exists() and not report.is_file()):  # such as /dev/stdout, where all would be twice
        return import_clinical(home, receive)
    with private_file(report) as put:

        def receive_and_tell(connection: duckdb.DuckDBPyConnection) -> Taken:
            taken = receive(connection)
            query = f"SELECT {', '.join(COLUMNS)} FROM clinical_fault ORDER BY ALL"
            put(fault_table(connection.execute(query).fetchall()))
            return taken

        return import_clinical(home, receive_and_tell)


@dataclass(frozen=True)
class _Words:
    """What was said about FHIR or OMOP beside where it is."""

    dataset: str
    title: str
    identifiers: str


def receive_of(home: Home, source: str, mapping: Path | None, words: _Words) -> Receive:
    """How to receive a source of clinical data.

    Args:
        home: The node.
        source: A file, a folder or an address.
        mapping: The mapping file, of a table.
        words: What was said beside.

    Raises:
        BadMapping: the mapping cannot be read or is missing, or the dataset has no name.
    """
    path = Path(source)
    readings = Readings(home.readings)
    ending = Path(source.partition("?")[0]).suffix.lower()
    if mapping is not None:
        told = read_clinical_mapping(mapping)
        return partial(receive_clinical_table, path=path, mapping=told, names=names_at(home), readings=readings)
    if ending in TABLES:
        raise BadMapping("A table needs --mapping FILE, which says which column holds what.")
    if not words.dataset:
        raise BadMapping("FHIR and OMOP need a dataset: --dataset NAME.", at="dataset")
    names = AS_GIVEN if words.identifiers == "pseudonyms" else names_at(home)
    about = About(words.title)
    if is_address(source) or ending in _OMOP:
        base = OmopSource(source, words.dataset, about=about)
        return partial(receive_omop, source=base, names=names, readings=readings)
    system = "" if words.identifiers in {"numbers", "pseudonyms"} else words.identifiers
    source_of = FhirSource(path, words.dataset, system, about)
    return partial(receive_fhir, source=source_of, names=names, readings=readings)


def _text(report: ClinicalReport, file: Path | None) -> str:
    taken = report.taken
    lines = [f"{taken.read:,} rows read, {taken.refused:,} refused; dataset {taken.source.dataset}."]
    if not report.is_complete:
        lines.append(_not_whole(taken.damaged))
    lines += [f"  {number:>9,} {table}" for table, number in sorted(taken.rows.items())]
    lines += [f"  {number:>9,} {kind}, not read" for kind, number in sorted(taken.passed_over.items())]
    lines += [f"  Not read: {name}." for name in taken.skipped[:_SHOWN]]
    if len(taken.skipped) > _SHOWN:
        lines.append(f"  and {len(taken.skipped) - _SHOWN:,} more files are not read; --json names them.")
    lines += _links(report, file)
    lines += [
        f"The same content is in dataset {dataset} too, as {name}: who is in both datasets counts in each."
        for dataset, name in report.elsewhere
    ]
    lines += fault_lines(report.groups, sum(taken.faults.values()), file)
    return "\n".join(lines)


def _links(report: ClinicalReport, file: Path | None) -> list[str]:
    """How the people are linked, and why nobody is."""
    links, dataset = report.links, report.taken.source.dataset
    if not links["images"] and not links["both"]:
        if not links["clinical"]:
            return []
        lines = [f"Nobody could be linked to images: the dataset {dataset} has none."]
        if report.imaged:
            more = ", …" if len(report.imaged) > _NAMED else ""
            lines.append(f"  The node has images in: {', '.join(report.imaged[:_NAMED])}{more}.")
        return lines
    people = f"Of {sum(links.values()):,} people {links['both']:,} have images and clinical data, "
    lines = [f"{people}{links['clinical']:,} clinical data only, {links['images']:,} images only."]
    if not links["both"]:
        lines.append("  Nobody could be linked: do the table and the images call people by the same numbers?")
    if links["clinical"] or links["images"]:
        where = f"{file.name} names" if file else "--report FILE writes"
        lines.append(f"  {where} the rows of this source without images, and the pseudonyms with images only.")
    return lines


def _not_whole(damaged: Sequence[str]) -> str:
    """What it means that some of a source could not be read."""
    lost = "Not all could be read"
    if damaged:
        more = f" and {len(damaged) - _SHOWN:,} more" if len(damaged) > _SHOWN else ""
        lost += f", and nothing was taken of {', '.join(damaged[:_SHOWN])}{more}"
    return (
        f"{lost}. Until the source is repaired and imported again, it says of nobody that they have no diagnosis, "
        "treatment or other row: they may have one in what was not read."
    )
