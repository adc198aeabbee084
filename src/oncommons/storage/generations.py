"""A table file that is replaced as a whole: readers see the old one or the new one, never a half.

A writer fills a fresh DuckDB file beside the current one and then moves a small pointer file.
Whatever stops it before that, a full disk or a kill, leaves the current file as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import duckdb

from oncommons.schema.errors import StorageFailed, StorageFull
from oncommons.storage.files import alone_in, plain_file_errors, replace_file

_INTERRUPTED = "Query interrupted"
"""What DuckDB makes of Ctrl-C while it works."""
_POINTER = "current"
_NAME = re.compile(rb"[0-9]{6,}\.duckdb")
_FRUGAL: Mapping[str, str | int] = MappingProxyType({"threads": 1, "memory_limit": "512MB"})
_NEEDED = frozenset({"build_side_probe_side", "deliminator", "filter_pushdown", "unused_columns"})
"""Optimisers of DuckDB that writing gains from: with the others a million rows take as long and one takes longer."""


class Generations:
    """Numbered files ``000001.duckdb`` … in one directory, and the pointer to the current one.

    Args:
        folder: The directory; it is made when first written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def current(self) -> Path | None:
        """The file that the pointer names, or ``None`` before anything was written."""
        with _plain_errors():
            try:
                name = (self.folder / _POINTER).read_bytes().strip()
            except FileNotFoundError:
                return None
        if not _NAME.fullmatch(name):
            raise StorageFailed("The pointer to the node's tables is damaged.", detail=f"{self.folder}: {name[:60]!r}")
        return self.folder / name.decode("ascii")

    def state(self) -> str:
        """Stands for the content of the current file; empty before anything was written.

        A number comes again where the directory was made anew, so the file's time is in it.
        """
        path = self.current()
        while path is not None:
            try:
                return f"{path.stem} {path.stat().st_mtime_ns}"
            except FileNotFoundError as fault:
                before, path = path, self.current()
                if path == before:
                    raise StorageFailed("The file of the node's tables is missing.", detail=str(fault)) from fault
        return ""

    def open(self) -> duckdb.DuckDBPyConnection | None:
        """Open the current file for reading, frugally: one thread, no more memory than it needs."""
        return self._opened(lambda path: duckdb.connect(str(path), read_only=True, config=dict(_FRUGAL)))

    def open_beside(self) -> duckdb.DuckDBPyConnection | None:
        """Open an empty database in memory, with the current file as the attached database ``kept``, likewise frugally."""

        def opened(path: Path) -> duckdb.DuckDBPyConnection:
            connection = duckdb.connect(config={**_FRUGAL, "temp_directory": str(self.folder / "spilled")})
            try:
                connection.execute(f"ATTACH {quoted(path)} AS kept (READ_ONLY)")
            except BaseException:
                connection.close()
                raise
            return connection

        return self._opened(opened)

    def _opened(self, connect: Callable[[Path], duckdb.DuckDBPyConnection]) -> duckdb.DuckDBPyConnection | None:
        path = self.current()
        while path is not None:
            try:
                with _plain_errors():
                    return connect(path)
            except StorageFailed:
                before, path = path, self.current()
                if path == before:
                    raise
        return None

    @contextmanager
    def fresh(self, *, little: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """Write the next generation; it becomes the current one when the block ends without an error.

        The current file, if any, can be read inside the block as the attached database ``old``.

        Args:
            little: Whether little is written, which several threads together do no sooner.

        Raises:
            StorageFull: the disk is full; nothing has changed.
            StorageFailed: the file cannot be written or read; nothing has changed.
        """
        with alone_in(self.folder):
            yield from self._write({"threads": 1} if little else {})

    def settle(self) -> None:
        """Wait until nobody writes a generation.

        Raises:
            StorageFailed: the directory cannot be used.
        """
        with alone_in(self.folder):
            return

    def _write(self, config: dict[str, str | bool | int | float | list[str]]) -> Iterator[duckdb.DuckDBPyConnection]:
        before = self.current()
        number = 1 if before is None else int(before.stem) + 1
        target = self.folder / f"{number:06d}.duckdb"
        try:
            with _plain_errors():
                self.folder.mkdir(parents=True, exist_ok=True)
                _remove(target)
                with duckdb.connect(str(target), config=config) as connection:
                    connection.execute("SET preserve_insertion_order = true")
                    plan_lightly(connection, _NEEDED)
                    if before is not None:
                        connection.execute(f"ATTACH {quoted(before)} AS old (READ_ONLY)")
                    yield connection
                    if before is not None:
                        connection.execute("DETACH old")
                    connection.execute("CHECKPOINT")
                replace_file(self.folder / _POINTER, target.name.encode("ascii"))
        except BaseException:
            _remove(target)
            raise
        if before is not None:
            _remove(before)


def quoted(text: object, mark: str = "'") -> str:
    """A text as SQL takes it: between marks, which stand twice in it.

    Args:
        text: The text.
        mark: That of texts, or of names.
    """
    return f"{mark}{str(text).replace(mark, 2 * mark)}{mark}"


def plan_lightly(connection: duckdb.DuckDBPyConnection, needed: Collection[str]) -> None:
    """Turn off the optimisers of DuckDB that our SQL does not need; planning takes most of a small statement.

    Args:
        connection: An open database.
        needed: Those that stay on.
    """
    found = {name for (name,) in connection.execute("SELECT name FROM duckdb_optimizers()").fetchall()}
    connection.execute("SET disabled_optimizers = $names", {"names": ",".join(sorted(found - {*needed}))})


def _remove(path: Path) -> None:
    for name in (path, path.with_name(path.name + ".wal")):
        name.unlink(missing_ok=True)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Tell what DuckDB and the file system report in our own words; an interrupted query is an interruption."""
    try:
        with plain_file_errors():
            yield
    except RuntimeError as fault:
        if str(fault) != _INTERRUPTED:
            raise
        raise KeyboardInterrupt from fault
    except duckdb.Error as fault:
        text = str(fault)
        if "No space left" in text or "File too large" in text or "disk quota" in text.lower():
            raise StorageFull("The disk is full. Nothing was changed; make room and try again.", detail=text) from fault
        if not isinstance(fault, duckdb.IOException | duckdb.OutOfMemoryException | duckdb.FatalException):
            raise
        raise StorageFailed("The node's tables cannot be read or written.", detail=text) from fault
