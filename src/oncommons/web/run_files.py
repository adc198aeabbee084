"""Files of a run that is done: its record, tables, figures, and all of it as one research object."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from markupsafe import Markup

from oncommons.client.transport import File
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_analyses import FiguresNeedPackage
from oncommons.web.run_views import TableView, table_view

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_DRAWN = {"svg": "image/svg+xml", "pdf": "application/pdf"}


@dataclass(frozen=True)
class Drawn:
    """A figure on a page: its name, title and caption, its numbers, and its drawing; empty where nothing draws it here."""

    name: str
    title: str
    caption: str
    table: TableView
    svg: Markup


def figures(record: Mapping[str, Any]) -> list[Drawn]:
    """The figures of a record, as a page shows them.

    Args:
        record: Of a run that is done.
    """
    found = []
    for one in import_module("oncommons.client.figures").figures_of(record):
        try:
            svg = in_page(one.svg())
        except FiguresNeedPackage:
            svg = Markup()
        found.append(Drawn(one.name, one.title, one.caption, table_view(one.name, one.table), svg))
    return found


def in_page(svg: bytes) -> Markup:
    """A drawing of ours as a part of a page: without what a document of its own begins with."""
    text = svg.decode()
    return Markup(text[max(text.find("<svg"), 0) :])  # noqa: S704  drawn here; words in it were escaped


def file_of(record: Mapping[str, Any], name: str) -> File:
    """A file of a run by its name: ``run.json``, a table's ``.csv``, a figure's ``.svg`` or ``.pdf``.

    Args:
        record: Of the run.
        name: The file's.

    Raises:
        NotFound: the run has no such file.
        FiguresNeedPackage: what draws figures is not installed.
    """
    stem, _, kind = name.rpartition(".")
    if kind in _DRAWN:
        return _drawn(record, stem, kind)
    if name == "run.json":
        return _file(json.dumps(record, ensure_ascii=False, indent=2).encode(), "application/json", name)
    tables = record.get("tables", {})
    if kind != "csv" or stem not in tables:
        raise NotFound("This run has no such file.")
    return _file(csv_text(tables[stem]).encode(), "text/csv; charset=utf-8", name)


def csv_text(rows: Sequence[Sequence[Any]]) -> str:
    """A table as CSV (RFC 4180)."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _drawn(record: Mapping[str, Any], name: str, kind: str) -> File:
    drawing = import_module("oncommons.client.figures")
    for figure in drawing.figures_of(record):
        if figure.name == name:
            return _file(figure.svg() if kind == "svg" else figure.pdf(), _DRAWN[kind], f"{name}.{kind}")
    raise NotFound("This run has no such figure.")


def _file(content: bytes, kind: str, name: str) -> File:
    stem, _, end = name.rpartition(".")
    safe = stem if _NAME.fullmatch(stem) else "table"
    return File(content, kind, f'attachment; filename="{safe}.{end}"')
