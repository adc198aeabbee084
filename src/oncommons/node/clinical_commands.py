"""What the data manager sees of an import of clinical data."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from rich.console import Console

from oncommons.node.clinical import ClinicalReport, Receive, import_clinical, names_at
from oncommons.node.home import Home
from oncommons.node.receive.clinical.mapping import read_clinical_mapping
from oncommons.node.receive.clinical.table import receive_clinical_table
from oncommons.service.commands import say

_SHOWN = 20


def clinical_table(home: Home, path: Path, mapping: Path, *, as_json: bool) -> None:
    """Take in a clinical table and tell what became of it."""
    read = read_clinical_mapping(mapping)
    _take(home, partial(receive_clinical_table, path=path, mapping=read, names=names_at(home)), as_json=as_json)


def _take(home: Home, receive: Receive, *, as_json: bool) -> None:
    with Console(stderr=True).status("Reading and indexing …"):
        report = import_clinical(home, receive)
    say(report.to_json(), _text(report), as_json=as_json)


def _text(report: ClinicalReport) -> str:
    taken, links = report.taken, report.links
    lines = [f"{taken.read:,} rows read, {taken.refused:,} refused; dataset {taken.source.dataset}."]
    lines += [f"  {number:>9,} {table}" for table, number in sorted(taken.rows.items())]
    people = links["both"] + links["clinical"] + links["images"]
    if links["images"] or links["both"]:
        lines.append(
            f"Of {people:,} people {links['both']:,} have images and clinical data, "
            f"{links['clinical']:,} clinical data only, {links['images']:,} images only."
        )
    lines += [
        f"  row {f.row}{f', {f.at}' if f.at else ''}: {f.message} ({f.code}{'' if f.kept else ', row refused'})"
        for f in taken.first[:_SHOWN]
    ]
    told = sum(taken.faults.values())
    if told > _SHOWN:
        lines.append(f"  and {told - _SHOWN:,} more; --json tells the first {len(taken.first):,}.")
    return "\n".join(lines)
