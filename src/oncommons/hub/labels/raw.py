"""What a file of labels says, row by row, before it is judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Raw:
    """A row of a file of labels as it was written.

    Attributes:
        line: Where it stands.
        system: The classification; empty where the row does not say it.
        code: The code.
        language: Of the text; empty where the row does not say it.
        text: The label.
        synonym: Whether it is another word for the code, not its label.
        fault: Why nothing could be read of it; empty where it could.
    """

    line: int
    system: str
    code: str
    language: str
    text: str
    synonym: bool = False
    fault: str = ""


@dataclass(frozen=True)
class Form:
    """A file in a form that is known.

    Attributes:
        name: The form, for people.
        rows: Its rows.
        system: The classification of rows that say none; empty where the file does not say it either.
        language: The language of rows that say none; likewise.
        edition: What the file says it is.
    """

    name: str
    rows: Iterator[Raw]
    system: str = ""
    language: str = ""
    edition: str = ""
