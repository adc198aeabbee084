"""Rows of a CSV or Parquet file as texts, with the number of the line at which each stood and what is odd about it."""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from oncommons.schema.errors import UnreadableSource

_MOST = 16 * 1024 * 1024
"""Longest cell, in characters."""
_BATCH = 4096
_FIRST = 65_536
"""So much of a file tells how its lines end and its cells are parted."""
_WIDE = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Line:
    """A row of a table.

    Attributes:
        number: The line of the file on which it ends, counted from 1; of Parquet the row, counted from 1.
        cells: Column to text.
        cells_found: How many cells the line had.
        recoded: Whether it was not UTF-8, and was read as Windows-1252.
    """

    number: int
    cells: Mapping[str, str]
    cells_found: int
    recoded: bool = False


@dataclass
class Lines:
    """A file of rows.

    Attributes:
        path: The file.
        columns: Its header.
    """

    path: Path
    columns: Sequence[str] = ()
    _recoded: list[int] = field(default_factory=list)

    def __iter__(self) -> Iterator[Line]:
        yield from self._parquet() if self.path.suffix.lower() == ".parquet" else self._csv()

    def _parquet(self) -> Iterator[Line]:
        with duckdb.connect(config={"threads": 1}) as base:
            try:
                found = base.execute("SELECT COLUMNS(*)::VARCHAR FROM read_parquet($1)", [str(self.path)])
                self.columns = [str(column[0]) for column in found.description or ()]
                number = 0
                while batch := found.fetchmany(_BATCH):
                    for values in batch:
                        number += 1
                        cells = {c: v for c, v in zip(self.columns, values, strict=True) if v is not None}
                        yield Line(number, cells, len(self.columns))
            except duckdb.Error as fault:
                raise UnreadableSource(
                    f"{self.path.name} cannot be read; it may be damaged.", detail=str(fault)
                ) from fault

    def _csv(self) -> Iterator[Line]:
        csv.field_size_limit(_MOST)
        try:
            rows = csv.reader(self._texts(), delimiter=separator_of(self.path), strict=True)
            self.columns = [name.strip() for name in next(rows, [])]
            for values in rows:
                if values:
                    recoded, self._recoded = bool(self._recoded), []
                    cells = dict(zip(self.columns, values, strict=False))
                    yield Line(rows.line_num, cells, len(values), recoded)
        except csv.Error as fault:
            raise UnreadableSource(f"{self.path.name} is not CSV in line {rows.line_num}: {fault}.") from fault
        except UnicodeError as fault:
            raise UnreadableSource(f"{self.path.name} is neither UTF-8, UTF-16 nor Windows-1252.") from fault

    def _texts(self) -> Iterator[str]:
        """The lines of the file as text; those that are not UTF-8 are noted."""
        for number, (text, recoded) in enumerate(texts_of(self.path), 1):
            if recoded:
                self._recoded.append(number)
            yield text


def texts_of(path: Path) -> Iterator[tuple[str, bool]]:
    """Every line of a file with its end, as text, and whether it was not UTF-8 and was read as Windows-1252.

    Args:
        path: The file; UTF-16 is known by its mark.  Its lines may end with a carriage return, as on old computers.

    Raises:
        UnicodeError: it begins as UTF-16 and is not.
        OSError: it cannot be read.
    """
    wide = _encoding(path)
    if wide:
        with path.open(encoding=wide, newline="") as file:
            for line in file:
                yield line, False
        return
    end = "\r" if _is_of_returns(path) else "\n"
    with path.open(encoding="latin-1", newline=end) as file:  # each character is a byte
        for number, line in enumerate(file, 1):
            raw = line.encode("latin-1")
            try:
                yield raw.decode("utf-8-sig" if number == 1 else "utf-8"), False
            except UnicodeDecodeError:
                yield raw.decode("cp1252", "replace"), True


def digest_of(path: Path) -> str:
    """SHA-256 of a file.

    Raises:
        UnreadableSource: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as fault:
        raise UnreadableSource(f"There is no file {path.name} that can be read.", detail=str(fault)) from fault


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        first = file.read(4)
    return next((name for mark, name in _WIDE if first.startswith(mark)), "")


def _is_of_returns(path: Path) -> bool:
    """Whether lines end with a carriage return alone, as far as the first one tells."""
    with path.open("rb") as file:
        first = file.readline(_FIRST)
    return b"\r" in first[:-1] and not first.endswith(b"\n")


def separator_of(path: Path) -> str:
    """What parts the columns of a CSV file: of the usual characters, the one met most in its first line."""
    with path.open(encoding=_encoding(path) or "utf-8", errors="replace") as file:
        first = file.readline(_FIRST)
    return max(",;\t|", key=first.count)
