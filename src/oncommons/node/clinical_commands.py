"""What the data manager sees of an import of clinical data."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from oncommons.node.clinical import ClinicalReport, Receive, faults_of, import_clinical, names_at
from oncommons.node.home import Home
from oncommons.node.receive.clinical.fhir import ENDINGS, FhirSource, receive_fhir
from oncommons.node.receive.clinical.mapping import is_clinical, read_clinical_mapping
from oncommons.node.receive.clinical.omop import OmopSource, receive_omop
from oncommons.node.receive.clinical.omop_source import is_address
from oncommons.node.receive.clinical.records import AS_GIVEN, Fault
from oncommons.node.receive.clinical.table import receive_clinical_table
from oncommons.node.receive.table import About
from oncommons.schema.errors import BadMapping
from oncommons.service.commands import say

_SHOWN, _FEW = 20, 3
_OMOP = (".duckdb", ".db")


def clinical_source(
    home: Home, source: str, mapping: Path | None, dataset: str, title: str, identifiers: str
) -> Receive | None:
    """How to receive a source of clinical data, or ``None`` where it is something else.

    Args:
        home: The node.
        source: A file, a folder or an address.
        mapping: The mapping file, of a table.
        dataset: Which dataset it belongs to; a mapping says so itself.
        title: The dataset's title.
        identifiers: ``numbers``, ``pseudonyms``, or the system of the identifier of FHIR patients.

    Raises:
        BadMapping: the mapping cannot be read, or the dataset has no name.
    """
    path = Path(source)
    if mapping is not None:
        if source == "idc" or not is_clinical(mapping):
            return None
        return partial(receive_clinical_table, path=path, mapping=read_clinical_mapping(mapping), names=names_at(home))
    bundles = path.suffix.lower() in ENDINGS or (path.is_dir() and any(path.glob("*.ndjson")))
    database = is_address(source) or Path(source.partition("?")[0]).suffix.lower() in _OMOP
    if not (bundles or database):
        return None
    if not dataset.strip():
        raise BadMapping("Clinical data need a dataset: --dataset NAME.", at="dataset")
    names = AS_GIVEN if identifiers == "pseudonyms" else names_at(home)
    if database:
        return partial(receive_omop, source=OmopSource(source, dataset.strip(), about=About(title)), names=names)
    system = "" if identifiers in {"numbers", "pseudonyms"} else identifiers
    return partial(receive_fhir, source=FhirSource(path, dataset.strip(), system, About(title)), names=names)


def take_clinical(home: Home, receive: Receive, report: Path | None, *, as_json: bool) -> None:
    """Take in clinical data and tell what became of them; ``report`` is a CSV file for every fault."""
    with Console(stderr=True).status("Reading and indexing …"):
        done = import_clinical(home, receive)
    if report is not None:
        with report.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("row", "at", "code", "message", "kept"))
            writer.writerows(faults_of(home, done.taken.source))
    say(done.to_json(), _text(done), as_json=as_json)


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
