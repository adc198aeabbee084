"""Tables of labels: a plain CSV, the metadata of BfArM, and the lists of ICD-O-3 of WHO and IACR."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType

from oncommons.hub.labels.raw import Form, Raw

_MOST_LINES_ABOVE = 5
"""A header may stand below so many lines of title."""
_BFARM_CODE, _BFARM_TITLE, _BFARM_LEAST = 6, 8, 9
_BFARM_LEVELS, _BFARM_PLACES = frozenset("345"), frozenset("TN")
_LONGEST_LINE = 131_072
"""The standard library reads no longer cells."""
_TOO_LONG = f"The line has more than {_LONGEST_LINE:,} characters."
_NOT_CLOSED = (
    "A quotation mark is not closed in this line: a row is one line, and a mark that is meant is written twice."
)
_EDITION = re.compile(r"(icd10gm|icd10who|icd10|ops)[-_]?(\d{4})", re.IGNORECASE)
_EDITIONS = MappingProxyType({"icd10gm": "ICD-10-GM", "icd10who": "ICD-10-WHO", "icd10": "ICD-10", "ops": "OPS"})
_WORD_LEVELS = frozenset({"synonym", "related", "sub", "incl"})
_HEADINGS = frozenset({"1", "2"})
"""Levels of IACR's list that group codes of morphology."""

Columns = Mapping[str, int]


def read_table(text: str, file: str) -> Form | None:
    """A table of labels in one of the known forms; ``None`` where it has none of them.

    Args:
        text: The file.
        file: Its name, which may tell its edition.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    cells = first.split(";")
    if len(cells) >= _BFARM_LEAST and cells[0] in _BFARM_LEVELS and cells[1] in _BFARM_PLACES:
        return _bfarm(text, file)
    for above, line in enumerate(islice(_lines(text), _MOST_LINES_ABOVE)):
        for separator in (";", "\t", ",", "|"):
            cells, _ = _cells(line, separator)
            found = _form([cell.strip().lower() for cell in cells])
            if found is not None:
                name, columns, system, language = found
                rows = _rows(text, separator, above, columns)
                return Form(name, rows, system, language, _edition(file))
    return None


def _form(header: Sequence[str]) -> tuple[str, Columns, str, str] | None:
    """Name, columns, classification and language of the form that has this header."""
    for name, wanted, system, language in _FORMS:
        if all(
            any(one in header for one in names) for key, names in wanted.items() if key in {"code", "text", "level"}
        ):
            places = {
                key: next((header.index(one) for one in names if one in header), -1) for key, names in wanted.items()
            }
            return name, {key: place for key, place in places.items() if place >= 0}, system, language
    return None


_FORMS: tuple[tuple[str, Mapping[str, tuple[str, ...]], str, str], ...] = (
    (
        "IACR's list of ICD-O-3",
        {"code": ("icdo3.2", "icdo3", "icd-o-3.2", "icdo3.1"), "level": ("level",), "text": ("term",)},
        "ICDO3",
        "en",
    ),
    (
        "WHO's table of ICD-O-3",
        {"code": ("code", "kode"), "level": ("struct", "lvl"), "text": ("label", "title")},
        "ICDO3",
        "en",
    ),
    ("CSV", {"code": ("code",), "text": ("label",), "language": ("language",), "system": ("system",)}, "", ""),
)
"""Forms of tables with a header: their columns by the names that each may have, classification and language."""


def _lines(text: str) -> Iterator[str]:
    return (line.removesuffix("\n") for line in io.StringIO(text, newline=None))


def _cells(line: str, separator: str) -> tuple[list[str], str]:
    """The cells of a line, and what is wrong with it; a mark that nobody closes does not reach into the next line."""
    if len(line) > _LONGEST_LINE:
        return [], _TOO_LONG
    reader = csv.reader([line, ""], delimiter=separator)
    cells = next(reader)
    return ([], _NOT_CLOSED) if reader.line_num > 1 else (cells, "")


def _rows(text: str, separator: str, above: int, columns: Columns) -> Iterator[Raw]:
    for number, line in enumerate(islice(_lines(text), above + 1, None), above + 2):
        cells, fault = _cells(line, separator)
        if fault:
            yield Raw(number, "", "", "", "", fault=fault)
        if not any(cell.strip() for cell in cells):
            continue
        read = {key: cells[place].strip() if place < len(cells) else "" for key, place in columns.items()}
        level = read.get("level", "").lower()
        if level in _HEADINGS:
            continue
        yield Raw(
            number,
            read.get("system", ""),
            read["code"],
            read.get("language", ""),
            read["text"],
            synonym=level in _WORD_LEVELS,
        )


def _bfarm(text: str, file: str) -> Form:
    return Form("BfArM's metadata", _bfarm_rows(text), "ICD10", "de", _edition(file))


def _bfarm_rows(text: str) -> Iterator[Raw]:
    """Rows of ``icd10gm…syst_kodes.txt``: the seventh column is the code, the ninth its title."""
    for number, line in enumerate(text.splitlines(), 1):
        cells = line.split(";")
        if len(cells) < _BFARM_LEAST:
            if line.strip():
                yield Raw(number, "", line[:30], "", "")
            continue
        yield Raw(number, "", cells[_BFARM_CODE].strip(), "", cells[_BFARM_TITLE].strip())


def _edition(file: str) -> str:
    found = _EDITION.search(file)
    return f"{_EDITIONS[found[1].lower()]} {found[2]}" if found else ""
