"""How faults of single rows are told to the data manager, in words and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from oncommons.node.receive.faults import FaultGroup

SHOWN = 20
"""So many lines of a summary tell of faults."""


def fault_table(faults: Iterable[Sequence[object]]) -> Iterator[str]:
    """The faults as lines of CSV, with a header.

    Args:
        faults: Of each the row, the place, the code, the message, and whether the rest of the row was taken.
    """
    for row in chain([("row", "at", "code", "message", "kept")], faults):
        line = io.StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()


def fault_lines(groups: Sequence[FaultGroup], number: int, file: Path | None) -> list[str]:
    """The faults, those of one place and kind in one line.

    Args:
        groups: The faults by place and kind.
        number: How many faults there are.
        file: Where all of them are written, if anywhere.
    """
    lines = []
    for group in groups[:SHOWN]:
        more = group.number > len(group.rows)
        rows = ", ".join(map(str, group.rows)) + (", …" if more else "")
        what = f"{'row' if group.number == 1 else f'{group.number:,} rows:'} {rows}"
        refused = "" if group.kept else ", refused"
        at = f", {group.at}" if group.at else ""
        lines.append(f"  {what}{at}: {_said(group)} ({group.code}{refused})")
    if number > sum(len(group.rows) for group in groups[:SHOWN]):
        where = f"{file.name} holds" if file else "--report FILE writes"
        lines.append(f"  {number:,} in all; {where} every one of them.")
    return lines


def _said(group: FaultGroup) -> str:
    """What is wrong, so that it is true of each row that is named."""
    if group.alike:
        return group.message
    return " ".join(f"{row}: {text}" for row, text in zip(group.rows, group.messages, strict=True))
