"""Mappings that the data manager of a node accepted: raw strings and the codes that they stand for.

They are kept, and shared, as a CSV file with the columns ``field``, ``raw``, ``context`` and ``code``::

    field,raw,context,code
    body_part,MAMMA LI,,BREAST
    series_class,serie 4,MR,DCE

``context`` is a modality, where the mapping holds for series of that modality only.  Other columns of a file that
the node or a spreadsheet wrote (``series``, ``people``, ``why``) are for people and are not read.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import duckdb

from oncommons.node.receive.readings import DECIDED, KEPT
from oncommons.schema.codelist import Vocabulary
from oncommons.schema.errors import BadMappingFile
from oncommons.schema.vocabulary import MODALITY, VOCABULARIES

FIELDS = tuple(name for name in (*KEPT, *DECIDED) if name != "age")
"""Fields whose raw strings can be mapped."""
COLUMNS = ("field", "raw", "context", "code")
FOR_PEOPLE = ("series", "people", "why")
"""Columns that are written for people, and not read."""
LONGEST = 1024
LARGEST_FILE = 64 * 1024 * 1024
LONGEST_CELL = 10_000
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Accepted:
    """One mapping.

    Attributes:
        field: Name of the field.
        raw: The raw string; spaces around it and capital letters do not matter.
        context: Modality of the series that it is for; empty for all.
        code: What it stands for.
    """

    field: str
    raw: str
    context: str
    code: str

    @property
    def key(self) -> Key:
        """What may be mapped once."""
        return self.field, self.raw.strip(" ").lower(), self.context


@dataclass(frozen=True)
class Fault:
    """A row that cannot be accepted: its number, the header being row 1, and why."""

    row: int
    why: str


@dataclass(frozen=True)
class Reading:
    """What a file holds.

    Attributes:
        mappings: The good rows, each key once.
        faults: The others.
        undecided: How many rows have no code yet.
    """

    mappings: tuple[Accepted, ...]
    faults: tuple[Fault, ...]
    undecided: int


def read_mappings(path: Path) -> Reading:
    """Read a file of mappings row by row.

    Raises:
        BadMappingFile: it cannot be opened, is no CSV table in UTF-8, or its header is another one.
    """
    try:
        content = path.read_bytes() if path.stat().st_size <= LARGEST_FILE else None
    except OSError as fault:
        raise BadMappingFile(f"{path.name} cannot be opened: {fault.strerror}.", detail=str(fault)) from fault
    if content is None:
        raise BadMappingFile(f"{path.name} is larger than {LARGEST_FILE // 1024 // 1024} MiB.")
    return parse_mappings(content, path.name)


def parse_mappings(content: bytes, name: str = "The file") -> Reading:
    """The mappings of a file that was read.

    Args:
        content: Its bytes.
        name: Its name, for messages.

    Raises:
        BadMappingFile: as :func:`read_mappings`.
    """
    if b"\0" in content:
        raise BadMappingFile(f"{name} is not a CSV file in UTF-8; save it as such.")
    text = content.decode("utf-8-sig", "surrogateescape")
    first = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    good: dict[Key, Accepted] = {}
    faults: list[Fault] = []
    undecided = 0
    try:
        header = _header(next(rows, []), name)
        for number, cells in enumerate(rows, 2):
            if any(len(cell) > LONGEST_CELL for cell in cells):
                raise BadMappingFile(
                    f"{name} has a cell that is too long in row {number}; is a quotation mark missing?"
                )
            row = _row(header, cells)
            if not any(cells) or row.get("code") == "":
                undecided += any(cells)
                continue
            why = _fault(row, cells, header) or _conflict(row, good)
            if why:
                faults.append(Fault(number, why))
            else:
                one = _accepted(row)
                good[one.key] = one
    except csv.Error as fault:
        raise BadMappingFile(f"{name} is not a CSV file: {fault}.") from fault
    return Reading(tuple(good.values()), tuple(faults), undecided)


def write_mappings(mappings: Iterable[Accepted]) -> str:
    """The text of a file of mappings, in order."""
    return table(COLUMNS, [(m.field, m.raw, m.context, m.code) for m in sorted(mappings, key=lambda m: m.key)])


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A CSV file as text (RFC 4180)."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue()


def offer(connection: duckdb.DuckDBPyConnection, mappings: Sequence[Accepted]) -> None:
    """Lay mappings out for :func:`oncommons.node.receive.readings.read_all`, in the temporary table ``accepted``."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE accepted (field VARCHAR, raw VARCHAR, context VARCHAR, code VARCHAR)"
    )
    if mappings:
        columns = zip(*((m.field, m.raw, m.context, m.code) for m in mappings), strict=True)
        connection.execute(
            "INSERT INTO accepted SELECT field, lower(trim(raw)) AS raw, context, min(code) FROM ("
            "SELECT unnest($1) AS field, unnest($2) AS raw, unnest($3) AS context, unnest($4) AS code) GROUP BY 1, 2, 3",
            [list(column) for column in columns],
        )


def _header(cells: Sequence[str], name: str) -> tuple[str, ...]:
    header = tuple(cell.strip().lower() for cell in cells)
    for needed in ("field", "raw", "code"):
        if needed not in header:
            raise BadMappingFile(
                f"{name} has no column {needed!r}; it has {', '.join(header)[:200] or 'none'}.", at=needed
            )
    for found in header:
        if found not in {*COLUMNS, *FOR_PEOPLE}:
            raise BadMappingFile(
                f"{name} has a column {found[:60]!r} that is not known; known: {', '.join((*COLUMNS, *FOR_PEOPLE))}.",
                at=found[:60],
            )
        if header.count(found) > 1:
            raise BadMappingFile(f"{name} has two columns {found!r}.", at=found)
    return header


def _row(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    row = dict(zip(header, cells, strict=False))
    return {name: cell if name == "raw" else cell.strip() for name, cell in row.items()}


def _fault(row: Mapping[str, str], cells: Sequence[str], header: Sequence[str]) -> str:
    """Why a row cannot be accepted; empty where it can."""
    if len(cells) != len(header):
        return f"It has {len(cells)} cells, the header {len(header)}."
    if any("\udc80" <= letter <= "\udcff" for cell in cells for letter in cell):
        return "It is not written in UTF-8."
    if row["field"] not in FIELDS:
        return f"There is no field {row['field'][:60]!r} to map; there are {', '.join(FIELDS)}."
    if not row["raw"].strip(" "):
        return "The raw string is empty."
    if len(row["raw"]) > LONGEST:
        return f"The raw string is longer than {LONGEST} letters."
    context = row.get("context", "").upper()
    if context and (row["field"] not in DECIDED or not MODALITY.has(context)):
        return f"The context {context[:60]!r} is no modality, or {row['field']} takes none."
    vocabulary = VOCABULARIES[row["field"]]
    return "" if vocabulary.has(row["code"]) else _unknown(row["code"], vocabulary)


def _unknown(code: str, vocabulary: Vocabulary) -> str:
    near = get_close_matches(code.upper(), vocabulary.codes, 1, 0.5)
    hint = f"; did you mean {near[0]}?" if near else f", such as {vocabulary.example}."
    return f"{code[:60]!r} is no code of {vocabulary.name}{hint}"


def _conflict(row: Mapping[str, str], good: Mapping[Key, Accepted]) -> str:
    before = good.get(_accepted(row).key)
    if before is None or before.code == row["code"]:
        return ""
    return f"An earlier row maps the same string to {before.code}."


def _accepted(row: Mapping[str, str]) -> Accepted:
    return Accepted(row["field"], row["raw"], row.get("context", "").upper(), row["code"])
