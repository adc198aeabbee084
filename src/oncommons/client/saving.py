"""What is written of a run: record, tables as CSV and Parquet, figures as SVG and PDF, a page; and its record read."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from itertools import count
from pathlib import Path
from typing import Any

from oncommons.client.figures import Figure, figures_of
from oncommons.client.figures.figure import Width
from oncommons.client.figures.words import number
from oncommons.client.parquet import parquet_of
from oncommons.schema.errors import StorageFailed
from oncommons.schema.errors_of_analyses import BadRecord, FiguresNeedPackage

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_MOST_SIGNS = 60
_FACE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#16212b;background:#fff}"
    "svg{max-width:100%;height:auto}table{border-collapse:collapse;font-size:.875rem}figure{margin:2rem 0}"
    "th,td{padding:.2rem .6rem;border-bottom:1px solid #d5dad8;text-align:left}figcaption{max-width:72ch}"
)


@dataclass(frozen=True)
class File:
    """A file of a run.

    Attributes:
        name: Its name, without a folder.
        says: What it is.
        kind: Its media type.
        body: Its bytes.
    """

    name: str
    says: str
    kind: str
    body: bytes


def save(record: Mapping[str, Any], folder: Path, width: Width = "page") -> None:
    """Write the record as ``run.json``, each table as CSV and Parquet, each figure as SVG and PDF.

    Args:
        record: Of the run.
        folder: Where to; it is made where it is not there.
        width: For how wide a place figures are drawn.

    Raises:
        StorageFailed: the folder cannot be written.
        FiguresNeedPackage: matplotlib is not installed; record and tables are written then.
    """
    write([record_file(record), *table_files(record)], folder)
    save_figures(record, folder, width)


def save_figures(record: Mapping[str, Any], folder: Path, width: Width = "page") -> list[str]:
    """Write the figures of a run.

    Args:
        record: Of the run.
        folder: Where to; it is made where it is not there.
        width: For how wide a place they are drawn.

    Returns:
        Names of the files.

    Raises:
        StorageFailed: the folder cannot be written.
        FiguresNeedPackage: matplotlib is not installed.
    """
    files = list(figure_files(record, width))
    write(files, folder)
    return [file.name for file in files]


def write(files: list[File], folder: Path) -> None:
    """Write files into a folder.

    Raises:
        StorageFailed: it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            (folder / file.name).write_bytes(file.body)
    except OSError as fault:
        raise StorageFailed(f"{folder} cannot be written: {fault.strerror}.", detail=str(fault)) from fault


def read_record(file: Path) -> dict[str, Any]:
    """The record of a run from its file.

    Raises:
        BadRecord: it cannot be read, or is not the record of a run.
    """
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
    except OSError as fault:
        raise BadRecord(f"{file} cannot be read: {fault.strerror}.", detail=str(fault)) from fault
    except (ValueError, RecursionError) as fault:
        raise BadRecord(f"{file} is not JSON.", detail=repr(fault)) from fault
    if not isinstance(body, dict) or not _is_record(body):
        raise BadRecord(f"{file} is not the record of a run; that is run.json in the folder of --save.")
    return body


def record_file(record: Mapping[str, Any]) -> File:
    """The record: what was asked, who took part, and what came of it."""
    body = json.dumps(record, indent=2, ensure_ascii=False).encode("utf-8", "replace")
    return File("run.json", "The record of the run: all that is needed to repeat it.", "application/json", body)


def table_files(record: Mapping[str, Any]) -> Iterator[File]:
    """Each table as CSV (RFC 4180) and as Parquet."""
    tables = record.get("tables", {})
    for stem, (name, rows) in zip(safe_names(tables), tables.items(), strict=True):
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        says = f"The table {name} of the result"
        yield File(f"{stem}.csv", f"{says}.", "text/csv", text.getvalue().encode("utf-8", "replace"))
        if rows and rows[0]:
            yield File(f"{stem}.parquet", f"{says}.", "application/vnd.apache.parquet", parquet_of(rows))


def figure_files(record: Mapping[str, Any], width: Width = "page") -> Iterator[File]:
    """Each figure as SVG and as PDF.

    Args:
        record: Of the run.
        width: For how wide a place they are drawn.

    Raises:
        FiguresNeedPackage: matplotlib is not installed.
    """
    for figure in figures_of(record):
        says = f"{figure.title}. {figure.caption}"
        yield File(f"{figure.name}.svg", says, "image/svg+xml", figure.svg(width))
        yield File(f"{figure.name}.pdf", says, "application/pdf", figure.pdf(width))


def safe_names(names: Mapping[str, Any]) -> list[str]:
    """Names that can be those of files, told apart even where capitals are not: what a hub says leads to no other folder."""
    found: list[str] = []
    for name in names:
        plain = _UNSAFE.sub("-", str(name)).strip("-")[:_MOST_SIGNS] or "table"
        known = {one.casefold() for one in found}
        found.append(next(n for i in count(1) if (n := plain if i == 1 else f"{plain}-{i}").casefold() not in known))
    return found


def page_of(record: Mapping[str, Any]) -> str:
    """A page of its own with the figures of a run, and with their numbers.

    Args:
        record: Of the run.
    """
    title = escape(str(record.get("title", "Analysis")))
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    return (
        f'<!doctype html><html lang="en"><head>{head}<style>{_FACE}</style></head><body>{part_of(record)}</body></html>'
    )


def part_of(record: Mapping[str, Any]) -> str:
    """The same as a part of a page, such as a notebook; where matplotlib is missing, with words and numbers alone."""
    title = escape(str(record.get("title", "Analysis")))
    warnings = "".join(f"<p>{escape(str(one))}</p>" for one in record.get("warnings", ()))
    under = f"<p>Run {escape(str(record.get('id', '')))} under permit {escape(str(record.get('permit', '')))}.</p>"
    drawn = figures_of(record)
    shown = "".join(map(_shown, drawn)) or "".join(
        f"<h2>{escape(str(name))}</h2>{_table(rows)}" for name, rows in record.get("tables", {}).items()
    )
    return f"<article><h1>{title}</h1>{under}{warnings}{shown}</article>"


def _shown(figure: Figure) -> str:
    try:
        drawing = figure.svg().decode()
    except FiguresNeedPackage as fault:
        drawing = f"<p>{escape(fault.message)}</p>"
    words = f"<figcaption><strong>{escape(figure.title)}.</strong> {escape(figure.caption)}</figcaption>"
    numbers = f"<details><summary>Numbers of the figure</summary>{_table(figure.table)}</details>"
    return f"<figure>{drawing}{words}{numbers}</figure>"


def _table(rows: Any) -> str:
    head = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{escape(_cell(cell))}</td>' for cell in row)}</tr>" for row in rows[1:])
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return number(value, 4)
    return "" if value is None else str(value)


def _is_record(body: Mapping[str, Any]) -> bool:
    """Whether what figures, tables and crates are made of has the shape of a record."""
    kinds = {"nodes": list, "warnings": list, "tables": dict, "result": dict, "run": dict}
    if not all(isinstance(body.get(name), kind) for name, kind in kinds.items()):
        return False
    nodes, tables = body["nodes"], body["tables"].values()
    known = all(isinstance(one, dict) and all(_is_count(one.get(n, 0)) for n in ("people", "missing")) for one in nodes)
    return known and all(isinstance(rows, list) and _is_table(rows) for rows in tables)


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_table(rows: list[Any]) -> bool:
    """Whether it has a head, and rows as long as this."""
    if not rows or not all(isinstance(row, list) and len(row) == len(rows[0]) for row in rows):
        return False
    return all(cell is None or isinstance(cell, str | int | float) for row in rows for cell in row)
