"""Resources of FHIR R4 out of a file, one at a time: a bundle, a single resource, or lines of them (NDJSON).

Numbers stay the texts that they were, since FHIR says that their precision matters (R4, datatypes, decimal).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from json import JSONDecodeError, JSONDecoder
from pathlib import Path
from typing import Any, TextIO

from oncommons.schema.errors_of_rows import NotFhir

_CHUNK = 1 << 20
_MOST = 256 << 20
"""Longest resource, in characters."""
_BLANK = " \t\r\n"
_AFTER = frozenset(_BLANK + ",:]}")
"""What stands behind a value that is whole."""


@dataclass(frozen=True)
class Resource:
    """A resource and where it stood.

    Attributes:
        number: Its place in the file, counted from 1; of NDJSON the line.
        body: The resource; numbers are texts.
        url: The address that a bundle gives it, empty where it gives none.
        fault: Why there is no resource, or ``None``.
    """

    number: int
    body: dict[str, Any]
    url: str = ""
    fault: NotFhir | None = None


def resources_of(path: Path) -> Iterator[Resource]:
    """Every resource of a file.

    Args:
        path: ``.ndjson`` for lines, else one JSON object.

    Raises:
        NotFhir: the file is not JSON, or neither a bundle nor a resource.
    """
    with _opened(path) as file:
        yield from _lines(file) if path.suffix.lower() == ".ndjson" else _whole(file, path.name)


def holds_resources(path: Path) -> bool:
    """Whether a file says that it holds resources: other JSON may lie beside them, such as the list of an export.

    Args:
        path: ``.ndjson`` always does; of other files as much is read as is needed.

    Raises:
        NotFhir: the file is damaged.
    """
    if path.suffix.lower() == ".ndjson":
        return True
    with _opened(path) as file:
        text = _Text(file, path.name)
        if text.next() != "{":
            return False
        text.expect("{", "a JSON object")
        while text.next() != "}":
            if text.value() in {"resourceType", "entry"}:
                return True
            text.expect(":", "a colon")
            text.value()
            if text.next() == ",":
                text.expect(",", "a comma")
    return False


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield file
    except OSError as fault:
        raise NotFhir(f"The file {path.name} cannot be opened: {fault.strerror}.", detail=str(fault)) from fault
    except UnicodeDecodeError as fault:
        raise NotFhir(f"{path.name} is not text in UTF-8, as JSON is.", detail=str(fault)) from fault


def _lines(file: TextIO) -> Iterator[Resource]:
    for number, line in enumerate(file, 1):
        if line.strip(_BLANK):
            yield _read_line(number, line)


def _read_line(number: int, line: str) -> Resource:
    try:
        body = json.loads(line, parse_float=str, parse_int=str)
    except (JSONDecodeError, RecursionError) as fault:
        return Resource(number, {}, fault=NotFhir(f"The line is not JSON: {fault}."))
    if not isinstance(body, dict) or not isinstance(body.get("resourceType"), str):
        return Resource(number, {}, fault=NotFhir("The line has no resourceType."))
    return Resource(number, body)


def _whole(file: TextIO, name: str) -> Iterator[Resource]:
    """The entries of a bundle as they come by; what else the object has is kept until its end."""
    text = _Text(file, name)
    text.expect("{", "a JSON object")
    own: dict[str, Any] = {}
    number = 0
    while text.next() != "}":
        key = text.value()
        text.expect(":", "a colon")
        if key == "entry" and own.get("resourceType", "Bundle") == "Bundle":
            for entry in text.items():
                number += 1
                yield _entry(number, entry)
        else:
            own[str(key)] = text.value()
        if text.next() == ",":
            text.expect(",", "a comma")
    text.expect("}", "the end of the object")
    if text.next():
        raise NotFhir(f"{name} goes on after its end; a file of one resource in each line ends in .ndjson.")
    kind = own.get("resourceType")
    if kind == "Bundle":
        return
    if number or not isinstance(kind, str):
        raise NotFhir(f"{name} is neither a bundle nor a resource of FHIR: it has no resourceType that says so.")
    yield Resource(1, own)


def _entry(number: int, entry: object) -> Resource:
    body = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(body, dict) or not isinstance(body.get("resourceType"), str):
        return Resource(number, {}, fault=NotFhir("The entry has no resource with a resourceType."))
    return Resource(number, body, str(entry.get("fullUrl", "")))


@dataclass
class _Text:
    """JSON read in pieces."""

    file: TextIO
    name: str
    _held: str = ""
    _at: int = 0
    _ended: bool = False
    _decoder: JSONDecoder = field(default_factory=lambda: JSONDecoder(parse_float=str, parse_int=str))

    def next(self) -> str:
        """The next character that is not blank; empty at the end."""
        while True:
            while self._at < len(self._held) and self._held[self._at] in _BLANK:
                self._at += 1
            if self._at < len(self._held) or not self._more():
                return self._held[self._at : self._at + 1]

    def expect(self, character: str, what: str) -> None:
        """Step over a character."""
        if self.next() != character:
            raise NotFhir(f"{self.name} is not JSON of FHIR: {what} was expected.")
        self._at += 1

    def value(self) -> Any:
        """The next value, whole."""
        self.next()
        while True:
            try:
                found, end = self._decoder.raw_decode(self._held, self._at)
            except JSONDecodeError as fault:
                if not self._more():
                    raise NotFhir(f"{self.name} is not JSON: {fault.msg} near its end or in an entry.") from fault
            except RecursionError as fault:
                raise NotFhir(f"{self.name} is nested too deeply.") from fault
            else:
                if self._held[end : end + 1] in _AFTER or not self._more():  # a number may go on in the next piece
                    self._at = end
                    return found

    def items(self) -> Iterator[Any]:
        """The items of the next list, one at a time."""
        self.expect("[", "a list of entries")
        while self.next() != "]":
            yield self.value()
            if self.next() == ",":
                self._at += 1
            elif self.next() != "]":
                raise NotFhir(f"{self.name} is not JSON: a list does not go on.")
        self._at += 1

    def _more(self) -> bool:
        """Read on; whether there was anything, and no more than a resource may have."""
        if self._ended:
            return False
        rest = self._held[self._at :]
        if len(rest) > _MOST:
            raise NotFhir(f"{self.name} has a value of more than {_MOST:,} characters.")
        piece = self.file.read(max(_CHUNK, len(rest)))
        self._held, self._at, self._ended = rest + piece, 0, not piece
        return bool(piece)
