"""Files of a run that is done, and its figures as a part of its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from oncommons.client import saving
from oncommons.client.crate import crate
from oncommons.client.figures import figures_of
from oncommons.client.transport import File
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_analyses import FiguresNeedPackage
from oncommons.web.run_views import TableView, table_view

_DRAWN = {"svg": "image/svg+xml", "pdf": "application/pdf"}
ALL, RECORD = "run.zip", "run.json"
"""All of a run as a research object, and its record."""


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
    for one in figures_of(record):
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


def table_links(record: Mapping[str, Any]) -> list[str]:
    """What the files of each table are called, without their ends, in the order of the tables."""
    return saving.safe_names(record.get("tables", {}))


def file_of(record: Mapping[str, Any], name: str) -> File:
    """A file of a run: :data:`RECORD`, :data:`ALL`, a table's CSV or Parquet, a figure's SVG or PDF.

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
    if name == ALL:
        return _file(crate(record), "application/zip", name)
    for one in (saving.record_file(record), *saving.table_files(record)):
        if one.name == name:
            return _file(one.body, one.kind, name)
    raise NotFound("This run has no such file.")


def _drawn(record: Mapping[str, Any], name: str, kind: str) -> File:
    for figure in figures_of(record):
        if figure.name == name:
            return _file(figure.svg() if kind == "svg" else figure.pdf(), _DRAWN[kind], f"{name}.{kind}")
    raise NotFound("This run has no such figure.")


def _file(content: bytes, kind: str, name: str) -> File:
    """A file to be kept; names of files of a run have letters, digits, hyphens and the like alone."""
    return File(content, kind, f'attachment; filename="{name}"')
