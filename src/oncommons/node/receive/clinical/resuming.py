"""What was read of the source of an import that did not end, so that the next one goes on where it was.

A source is read in units: a line of a table, a resource, or a row of a database.  What was made of each is a line of JSON
in a file that is named by all that it depends on: the bytes of the source, the mapping, how the node calls people, and so
on.  Whatever stops an import, the lines that are whole count; what follows them is read from the source.

The file holds what the node's tables would hold; it can be read by its owner only, and is gone when an import ends.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import duckdb
import orjson

from oncommons.schema.errors import StorageFailed
from oncommons.storage.files import plain_file_errors

T = TypeVar("T")
Unit = list[Any]
"""What was made of a unit, as JSON has it."""
_FORM = "2"
"""Changes with what the lines of a file mean."""
_AGAIN, _END = b"null\n", b'"end"\n'
"""The line of a unit that is to be read again, and the one behind the last."""
_HELD = 1 << 18
"""So many bytes are written at a time."""
_STEP = 32 << 20
"""So many bytes are made durable at a time."""


def _always(_unit: Unit) -> bool:
    return True


@dataclass(frozen=True)
class Readings:
    """A folder of what was read.

    Attributes:
        folder: The folder, made when something is kept; nothing is kept where it is ``None``.
    """

    folder: Path | None = None

    def of(
        self,
        key: str,
        units: Callable[[], Iterable[T]],
        convert: Callable[[T], Unit],
        is_lasting: Callable[[Unit], bool] = _always,
    ) -> Iterator[Unit]:
        """What was made of each unit of a source, from the folder, and of the rest from the source.

        Args:
            key: Stands for all that it depends on; nothing is kept where it is empty, as for a file that cannot be read.
            units: The units of the source in their order, which is the same each time; it is read when a unit is needed.
            convert: What is made of one, whatever came before it.
            is_lasting: Whether the same will be made of it tomorrow; what may not is made again.

        Raises:
            MachineError: what was kept cannot be read or written.
        """
        source = enumerate(units())
        if self.folder is None or not key:
            yield from (convert(unit) for _, unit in source)
            return
        with _opened(self.folder, key) as kept:
            for made in kept.units():
                yield made if made is not None else convert(_unit_at(kept.number, source))
            if kept.ended:
                return
            for number, unit in source:
                if number >= kept.number:
                    made = convert(unit)
                    kept.add(made if is_lasting(made) else None)
                    yield made
            kept.end()

    def forget(self, but: Collection[str] = ()) -> None:
        """Remove what was kept.

        Args:
            but: Keys of what stays.
        """
        if self.folder is None or not self.folder.is_dir():
            return
        with plain_file_errors():
            for path in self.folder.iterdir():
                if path.name not in but and (path.is_symlink() or not path.is_dir()):
                    path.unlink()
            if not but:
                with suppress(OSError):  # somebody put something there
                    self.folder.rmdir()


NOTHING_KEPT = Readings()


def key_of(*parts: str) -> str:
    """A name for what depends on these."""
    return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()


def made_by(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """What reads a source, as far as the same bytes may be read otherwise by another: parts of a key.

    Args:
        connection: Any, for the time zone in which times are written.
    """
    ((zone,),) = connection.execute("SELECT current_setting('TimeZone')").fetchall()
    return _FORM, version("oncommons"), platform.python_version(), duckdb.__version__, str(zone)


@dataclass
class _Kept:
    """A file of what was made.

    Attributes:
        file: The file, open for reading and writing.
        number: How many units it holds; while they are read, how many came before the last.
        ended: Whether these are all.
    """

    file: BinaryIO
    number: int = 0
    ended: bool = False
    _held: list[bytes] = field(default_factory=list)
    _size: int = 0
    _unsafe: int = 0

    def units(self) -> Iterator[Unit | None]:
        """What is there, ``None`` for a unit that is to be read again; what is damaged is dropped, with all behind it."""
        whole = 0
        with plain_file_errors():
            for line in self.file:
                if line == _END:
                    self.ended = True
                    return
                try:
                    made = _of_line(line)
                except ValueError:
                    break
                yield made
                self.number += 1
                whole += len(line)
            self.file.seek(whole)
            self.file.truncate()

    def add(self, made: Unit | None) -> None:
        """Keep what was made of the next unit."""
        line = _line(made)
        self._held.append(line)
        self._size += len(line)
        if self._size >= _HELD:
            self.write()

    def end(self) -> None:
        """Say that there are no more."""
        self._held.append(_END)
        self._unsafe += _STEP
        self.write()

    def write(self) -> None:
        """Write what is held, and see to it now and then that it stays if the machine fails."""
        lines, size = b"".join(self._held), self._size
        self._held, self._size = [], 0
        with plain_file_errors():
            self.file.write(lines)
            self.file.flush()
            self._unsafe += size
            if self._unsafe >= _STEP:
                os.fsync(self.file.fileno())
                self._unsafe = 0


@contextmanager
def _opened(folder: Path, key: str) -> Iterator[_Kept]:
    with plain_file_errors():
        folder.mkdir(mode=0o700, exist_ok=True)
        file = os.fdopen(os.open(folder / key, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    kept = _Kept(file)
    try:
        yield kept
    finally:
        with plain_file_errors(), file:
            kept.write()


def _unit_at(number: int, source: Iterator[tuple[int, T]]) -> T:
    for at, unit in source:
        if at == number:
            return unit
    raise StorageFailed("The source was changed while it was read. Import again.")


def _line(made: Unit | None) -> bytes:
    try:
        return orjson.dumps(made, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:  # half of a character, as JSON may have it and UTF-8 may not
        return json.dumps(made).encode("ascii") + b"\n"


def _of_line(line: bytes) -> Unit | None:
    """What a line says.

    Raises:
        ValueError: it is not whole.
    """
    if line == _AGAIN:
        return None
    if not line.startswith(b"[") or not line.endswith(b"]\n"):
        raise ValueError
    found: Unit
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        found = json.loads(line)
    return found
