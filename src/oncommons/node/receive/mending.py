"""A CSV file with lines that cannot be read: the others are copied, and what is wrong is told line by line.

A row is left out that has more or fewer cells than the header, a quotation mark in a wrong place, or no end.  Where such a
row goes over several lines, as after a quotation mark too many, only its first line is given up: each of the others is
tried as a row of its own, and taken where all its quotation marks are in their places.
"""

from __future__ import annotations

import csv
from array import array
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from oncommons.node.receive.faults import Fault
from oncommons.node.receive.lines import separator_of, texts_of
from oncommons.schema.errors import UnreadableSource
from oncommons.schema.errors_of_rows import MixedEncoding, RowWithoutPerson
from oncommons.storage.files import plain_file_errors

_MOST = 1 << 20
"""Longest row, in characters."""
_BATCH = 20_000
_MARKS = ('"', ' "')
"""How a cell in quotation marks begins."""
Tell = Callable[[Sequence[Fault]], None]
"""Hears what is wrong."""


@dataclass(frozen=True)
class Mended:
    """What was copied of a file.

    Attributes:
        columns: Its header; no two are alike, and there are none where it cannot be read.
        numbers: The line of the file on which each row of the copy ends, counted from 1.
    """

    columns: tuple[str, ...]
    numbers: Sequence[int]


def mend(path: Path, copy: Path, tell: Tell) -> Mended:
    """Copy the rows of a file that can be read, every cell in quotation marks, parted by commas, without the header.

    Args:
        path: A CSV file.
        copy: Where they are written, in UTF-8.
        tell: Hears of every line that was left out or read in another encoding.

    Raises:
        UnreadableSource: the file cannot be opened or is not what its first bytes say.
        MachineError: the copy cannot be written.
    """
    told = _Told(tell)
    with ExitStack() as stack:
        stack.enter_context(plain_file_errors())
        target = stack.enter_context(copy.open("w", encoding="utf-8", newline=""))
        rows = _rows(path, told)
        columns = _alone(next(rows, (0, []))[1])
        writer, numbers = csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\n"), array("q")
        for number, cells in rows:
            writer.writerow(cells)
            numbers.append(number)
    told.send()
    return Mended(columns, numbers)


@dataclass
class _Told:
    """Faults on their way, thousands at a time."""

    tell: Tell

    def __post_init__(self) -> None:
        self._waiting: list[Fault] = []

    def refuse(self, number: int, why: str) -> None:
        """Note a line that is left out."""
        self._waiting.append(Fault.of(number, "", RowWithoutPerson(why), kept=False))
        self._send_many()

    def recoded(self, number: int) -> None:
        """Note a line in another encoding."""
        self._waiting.append(Fault.of(number, "", MixedEncoding("It is not UTF-8; it was read as Windows-1252.")))
        self._send_many()

    def send(self) -> None:
        """Send what waits."""
        waiting, self._waiting = self._waiting, []
        self.tell(waiting)

    def _send_many(self) -> None:
        if len(self._waiting) >= _BATCH:
            self.send()


@dataclass(frozen=True)
class _Line:
    number: int
    text: str
    recoded: bool
    again: bool = False
    """Whether it was part of a row that cannot be read."""


def _rows(path: Path, told: _Told) -> Iterator[tuple[int, list[str]]]:
    """The header and the rows that have as many cells, each with the line on which it ends; nothing without a header."""
    separator, lines = separator_of(path), _lines(path)
    back: deque[_Line] = deque()
    width = 0
    while first := back.popleft() if back else next(lines, None):
        if not first.text.strip("\r\n"):
            continue
        row, seen = _Row(separator), [first]
        why = row.add(first.text)
        while row.is_open and not why and (more := back.popleft() if back else next(lines, None)):
            seen.append(more)
            why = row.add(more.text)
        why = why or _wrong(row, width, again=first.again)
        if why:
            told.refuse(first.number, why)
            if not width:
                return  # or a row would be the header
            back.extendleft(_Line(x.number, x.text, x.recoded, again=True) for x in reversed(seen[1:]))
            continue
        width = width or len(row.cells)
        for line in seen:
            if line.recoded:
                told.recoded(line.number)
        yield seen[-1].number, row.cells


def _lines(path: Path) -> Iterator[_Line]:
    try:
        for number, (text, recoded) in enumerate(texts_of(path), 1):
            yield _Line(number, text, recoded)
    except UnicodeError:
        raise UnreadableSource(f"{path.name} is neither UTF-8, UTF-16 nor Windows-1252.") from None


def _wrong(row: _Row, width: int, *, again: bool) -> str:
    """Why a row that came to its end, or to that of the file, cannot be taken; empty where it can."""
    if row.is_open:
        return "A quotation mark is not closed."
    if again and row.has_odd_marks:
        return "A quotation mark stands within a cell, behind a line that cannot be read."
    if width and len(row.cells) != width:
        return f"The row has {len(row.cells)} cell{'' if len(row.cells) == 1 else 's'}, the header has {width}."
    return ""


class _Row:
    """The cells of a row as its lines come: quoted, with marks doubled within (RFC 4180), or as they stand."""

    def __init__(self, separator: str) -> None:
        self.cells: list[str] = []
        self.has_odd_marks = False
        self._separator = separator
        self._open: list[str] = []
        self.is_open = False
        self._length = 0

    def add(self, text: str) -> str:
        """Read a line; returns why the row cannot be read, or nothing."""
        self._length += len(text)
        if self._length > _MOST:
            return f"The row has more than {_MOST:,} characters."
        body = text.rstrip("\r\n")
        if not self.is_open and '"' not in body:
            self.cells += body.split(self._separator)
            return ""
        at = 0
        while at >= 0:
            begin = at if self.is_open else _behind_mark(body, at)
            if begin < 0:
                at = self._plain(body, at)
                continue
            at = self._quoted(body, begin)
            if at < 0:
                self._open.append(text[len(body) :])
            elif at == len(body):
                return ""
            elif body[at] != self._separator:
                return "Something stands behind a quotation mark that closes a cell."
            else:
                at += 1
        return ""

    def _quoted(self, body: str, at: int) -> int:
        """Read a cell in quotation marks; returns where it and blanks behind it end, or -1 if it goes on in the next line."""
        self.is_open = True
        while (end := body.find('"', at)) >= 0:
            self._open.append(body[at:end])
            at = end + 1
            if not body.startswith('"', at):
                self.cells.append("".join(self._open))
                self.is_open, self._open = False, []
                while body.startswith(" ", at):
                    at += 1
                return at
            self._open.append('"')
            at += 1
        self._open.append(body[at:])
        return -1

    def _plain(self, body: str, at: int) -> int:
        """Read a cell as it stands; returns where the next one begins, or -1 where there is none."""
        end = body.find(self._separator, at)
        cell = body[at:] if end < 0 else body[at:end]
        self.has_odd_marks = self.has_odd_marks or '"' in cell
        self.cells.append(cell)
        return end + 1 if end >= 0 else -1


def _behind_mark(body: str, at: int) -> int:
    """Where a cell in quotation marks begins behind its mark, before which DuckDB lets one blank stand; -1 if it has none."""
    return next((at + len(mark) for mark in _MARKS if body.startswith(mark, at)), -1)


def _alone(names: Sequence[str]) -> tuple[str, ...]:
    """Names of columns without the spaces around them; one that is there already, in large or small letters, is numbered."""
    found: dict[str, str] = {}
    for at, name in enumerate(names):
        plain = own = name.strip() or f"column{at}"
        number = 0
        while own.lower() in found:
            number += 1
            own = f"{plain}_{number}"
        found[own.lower()] = own
    return tuple(found.values())
