"""What the data manager sees of an import of clinical data."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from oncommons.node.clinical import ClinicalReport, Receive, faults_of, import_clinical, names_at
from oncommons.node.home import Home, open_home
from oncommons.node.image_commands import HERE, Dir
from oncommons.node.receive.clinical.fhir import FhirSource, receive_fhir
from oncommons.node.receive.clinical.mapping import read_clinical_mapping
from oncommons.node.receive.clinical.omop import OmopSource, receive_omop
from oncommons.node.receive.clinical.omop_source import is_address
from oncommons.node.receive.clinical.records import AS_GIVEN, Fault
from oncommons.node.receive.clinical.table import receive_clinical_table
from oncommons.node.receive.table import TABLES, About
from oncommons.schema.errors import BadMapping
from oncommons.service.commands import AsJson, say, stoppable
from oncommons.storage.files import plain_file_errors

UNCHANGED = "Nothing has changed; repeat the command to try again."
"""What is told of an import that was stopped, of those that take all or nothing."""
_SHOWN, _FEW = 20, 3
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
    dataset: Annotated[str, typer.Option(help="FHIR and OMOP: which dataset they belong to.")] = "",
    title: Annotated[str, typer.Option(help="FHIR and OMOP: the dataset's title.")] = "",
    identifiers: Annotated[
        str,
        typer.Option(
            help="FHIR and OMOP: numbers of the hospital, pseudonyms that the images have too, or the system of the "
            "identifier of FHIR patients that holds the hospital's number."
        ),
    ] = "numbers",
    report: Annotated[Path | None, typer.Option(help="A CSV file for everything that could not be read.")] = None,
    as_json: AsJson = False,
) -> None:
    """Take in clinical data: diagnoses, stages, markers, treatments and what became of the people.

    What cannot be read is told row by row, and the rest is taken.  A source of the same name replaces what it said
    before, so that importing twice changes nothing; when the import fails or is stopped, nothing has changed.
    """
    home = open_home(folder)
    words = _Words(dataset.strip(), title, identifiers)
    with stoppable(UNCHANGED), Console(stderr=True).status(f"Reading and indexing {source.rpartition('@')[2]} …"):
        done = import_clinical(home, receive_of(home, source, mapping, words))
    if report is not None:
        _write(report, faults_of(home, done.taken.source))
    say(done.to_json(), _text(done), as_json=as_json)


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
    ending = Path(source.partition("?")[0]).suffix.lower()
    if mapping is not None:
        return partial(receive_clinical_table, path=path, mapping=read_clinical_mapping(mapping), names=names_at(home))
    if ending in TABLES:
        raise BadMapping("A table needs --mapping FILE, which says which column holds what.")
    if not words.dataset:
        raise BadMapping("FHIR and OMOP need a dataset: --dataset NAME.", at="dataset")
    names = AS_GIVEN if words.identifiers == "pseudonyms" else names_at(home)
    about = About(words.title)
    if is_address(source) or ending in _OMOP:
        return partial(receive_omop, source=OmopSource(source, words.dataset, about=about), names=names)
    system = "" if words.identifiers in {"numbers", "pseudonyms"} else words.identifiers
    return partial(receive_fhir, source=FhirSource(path, words.dataset, system, about), names=names)


def _write(path: Path, faults: Sequence[Sequence[object]]) -> None:
    with plain_file_errors(), path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("row", "at", "code", "message", "kept"))
        writer.writerows(faults)


def _text(report: ClinicalReport) -> str:
    taken, links = report.taken, report.links
    lines = [f"{taken.read:,} rows read, {taken.refused:,} refused; dataset {taken.source.dataset}."]
    lines += [f"  {number:>9,} {table}" for table, number in sorted(taken.rows.items())]
    lines += [f"  {number:>9,} {kind}, not read" for kind, number in sorted(taken.passed_over.items())]
    people = links["both"] + links["clinical"] + links["images"]
    if links["images"] or links["both"]:
        lines.append(
            f"Of {people:,} people {links['both']:,} have images and clinical data, "
            f"{links['clinical']:,} clinical data only, {links['images']:,} images only."
        )
    lines += _faults(taken.first, sum(taken.faults.values()))
    return "\n".join(lines)


def _faults(first: Sequence[Fault], number: int) -> list[str]:
    """The faults, those of one column and kind in one line."""
    alike: dict[tuple[str, str], list[Fault]] = {}
    for fault in first:
        alike.setdefault((fault.at, fault.code), []).append(fault)
    lines = []
    for (at, code), faults in list(alike.items())[:_SHOWN]:
        rows = ", ".join(str(f.row) for f in faults[:_FEW]) + (", …" if len(faults) > _FEW else "")
        what = f"{'row' if len(faults) == 1 else f'{len(faults):,} rows:'} {rows}"
        refused = "" if faults[0].kept else ", refused"
        lines.append(f"  {what}{f', {at}' if at else ''}: {faults[0].message} ({code}{refused})")
    if number > len(first) or len(alike) > _SHOWN:
        lines.append(f"  {number:,} in all; --report FILE writes every one of them.")
    return lines
