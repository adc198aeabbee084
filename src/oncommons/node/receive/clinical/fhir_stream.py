"""Resources of FHIR R4 out of a file, one at a time: a bundle, a single resource, or lines of them (NDJSON).

Numbers stay the texts that they were, since FHIR says that their precision matters (R4, datatypes, decimal).
Bytes that are not UTF-8 are read as Windows-1252, as those of tables are, and the resource says so.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from oncommons.schema.errors_of_rows import NotFhir

_CHUNK = 1 << 20
_MOST = 256 << 20
"""Longest resource, in characters; of lines in bytes."""
_BLANK = " \t\r\n"
_AFTER = frozenset(_BLANK + ",:]}")
"""What stands behind a value that is whole."""
_OTHER_JSON = frozenset('["-0123456789tfn')
"""How JSON begins that is no object."""
_DECODER = JSONDecoder(parse_float=str, parse_int=str)
_ANY = "\\ud"
"""What stands for a text that is not at hand, and may have halves of characters."""
_WINDOWS = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
"""What Python makes of a byte that is not UTF-8 ("surrogateescape") to what it is in Windows-1252."""


@dataclass(frozen=True)
class Resource:
    """A resource and where it stood.

    Attributes:
        number: Its place in the file, counted from 1; of NDJSON the line.
        body: The resource; numbers are texts.
        url: The address that a bundle gives it, empty where it gives none.
        fault: Why there is no resource, or ``None``.
        recoded: Whether it was not UTF-8, and was read as Windows-1252.
    """

    number: int
    body: dict[str, Any]
    url: str = ""
    fault: NotFhir | None = None
    recoded: bool = False


def resources_of(path: Path) -> Iterator[Resource]:
    """Every resource of a file.

    Args:
        path: ``.ndjson`` for lines, else one JSON object.

    Raises:
        NotFhir: the file cannot be read, is not JSON, or is neither a bundle nor a resource; of lines each says so itself.
    """
    if path.suffix.lower() == ".ndjson":
        with _reading(path), path.open("rb") as file:
            yield from _lines(file)
    else:
        with _reading(path), _text(path) as text:
            yield from _whole(text, path.name)


def holds_resources(path: Path) -> bool:
    """Whether a file says that it holds resources: other JSON may lie beside them, such as the list of an export.

    Args:
        path: ``.ndjson`` always does; of other files as much is read as is needed.

    Raises:
        NotFhir: the file is damaged.
    """
    if path.suffix.lower() == ".ndjson":
        return True
    with _reading(path), _text(path) as file:
        text = _Text(file, path.name)
        if text.next() in _OTHER_JSON:
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
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise NotFhir(f"The file {path.name} cannot be read: {fault.strerror}.", detail=str(fault)) from fault


def _text(path: Path) -> TextIO:
    return path.open(encoding="utf-8-sig", errors="surrogateescape")


def _is_odd(text: str) -> bool:
    """Whether some of a text was not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _lines(file: BinaryIO) -> Iterator[Resource]:
    number = 0
    while line := file.readline(_MOST):
        number += 1
        if len(line) == _MOST and not line.endswith(b"\n"):
            while (rest := file.readline(_CHUNK)) and not rest.endswith(b"\n"):
                pass
            yield Resource(number, {}, fault=NotFhir(f"The line has more than {_MOST:,} bytes."))
        elif line.strip():
            yield _read_line(number, line.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape"))


def _read_line(number: int, line: str) -> Resource:
    recoded = _is_odd(line)
    try:
        body = _DECODER.decode(line.translate(_WINDOWS) if recoded else line)
    except JSONDecodeError as fault:
        told = NotFhir(f"The line is not JSON: {fault.msg} (character {fault.pos + 1:,}).")
        return Resource(number, {}, fault=told)
    except RecursionError:
        return Resource(number, {}, fault=NotFhir("The line is nested too deeply."))
    if not isinstance(body, dict) or not isinstance(body.get("resourceType"), str):
        return Resource(number, {}, fault=NotFhir("The line has no resourceType."))
    return _sound(Resource(number, body, recoded=recoded), line)


def _sound(resource: Resource, text: str) -> Resource:
    """A resource, unless its text has half of a character: an escaped surrogate alone, which is no text (RFC 8259, 8.2)."""
    try:
        halved = ("\\ud" in text or "\\uD" in text) and _is_odd(
            json.dumps([resource.url, resource.body], ensure_ascii=False)
        )
    except RecursionError:
        return Resource(resource.number, {}, fault=NotFhir("It is nested too deeply."))
    if halved:
        return Resource(resource.number, {}, fault=NotFhir("It has half of a character, such as \\ud83d alone."))
    return resource


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
                yield _sound(_entry(number, entry, recoded=text.recoded), text.last)
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
    yield _sound(Resource(1, own, recoded=text.recoded), _ANY)


def _entry(number: int, entry: object, *, recoded: bool) -> Resource:
    body = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(body, dict) or not isinstance(body.get("resourceType"), str):
        return Resource(number, {}, fault=NotFhir("The entry has no resource with a resourceType."))
    return Resource(number, body, str(entry.get("fullUrl", "")), recoded=recoded)


@dataclass
class _Text:
    """JSON read in pieces.

    Attributes:
        file: The file; bytes that are not UTF-8 are escaped.
        name: What it is called.
        recoded: Whether some of what was read was not UTF-8; of a list, of its last item.
        last: The text of the last value.
    """

    file: TextIO
    name: str
    recoded: bool = False
    last: str = ""
    _held: str = ""
    _at: int = 0
    _passed: int = 0
    _odd: bool = False
    _ended: bool = False

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
            raise NotFhir(f"{self.name} is not JSON of FHIR: {what} was expected{self._place(self._at)}.")
        self._at += 1

    def value(self) -> Any:
        """The next value, whole."""
        self.next()
        while True:
            try:
                found, end = _DECODER.raw_decode(self._held, self._at)
            except JSONDecodeError as fault:
                place = self._place(fault.pos)
                if not self._more():
                    raise NotFhir(f"{self.name} is not JSON: {fault.msg}{place}.") from fault
            except RecursionError as fault:
                raise NotFhir(f"{self.name} is nested too deeply.") from fault
            else:
                if self._held[end : end + 1] in _AFTER or not self._more():  # a number may go on in the next piece
                    return self._over(end, found)

    def items(self) -> Iterator[Any]:
        """The items of the next list, one at a time."""
        self.expect("[", "a list of entries")
        while self.next() != "]":
            self.recoded = False
            yield self.value()
            if self.next() == ",":
                self._at += 1
            elif self.next() != "]":
                raise NotFhir(f"{self.name} is not JSON: a list does not go on{self._place(self._at)}.")
        self._at += 1

    def _place(self, at: int) -> str:
        return f" (character {self._passed + at + 1:,})"

    def _over(self, end: int, found: Any) -> Any:
        """Step over a value; where some of it was not UTF-8, it is read as Windows-1252."""
        self.last = self._held[self._at : end]
        self._at = end
        if not self._odd or not _is_odd(self.last):
            return found
        self.recoded = True
        return _DECODER.decode(self.last.translate(_WINDOWS))

    def _more(self) -> bool:
        """Read on; whether there was anything, and no more than a resource may have."""
        if self._ended:
            return False
        rest = self._held[self._at :]
        if len(rest) > _MOST:
            raise NotFhir(f"{self.name} has a value of more than {_MOST:,} characters.")
        piece = self.file.read(max(_CHUNK, len(rest)))
        self._odd = self._odd or _is_odd(piece)
        self._passed += self._at
        self._held, self._at, self._ended = rest + piece, 0, not piece
        return bool(piece)
