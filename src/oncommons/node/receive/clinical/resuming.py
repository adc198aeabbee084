"""What was read of the files of an import that did not end, so that the next one need not read them again.

Of each file that was read to its end there is one of lines of JSON, named by all that what was read depends on: the bytes
of the file, its name, how the node calls people, and so on.  It is moved to its name when it is whole and on the disk.
It holds what the node's tables would hold; it can be read by its owner only, and is gone when an import ends.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from oncommons.schema.errors import StorageFailed
from oncommons.storage.files import plain_file_errors

Item = list[Any]
"""Something that was read, as JSON has it."""
_DRAFT = ".part"
_BATCH = 1_000


@dataclass(frozen=True)
class Readings:
    """A folder of what was read.

    Attributes:
        folder: The folder, made when something is kept; nothing is kept where it is ``None``.
    """

    folder: Path | None = None

    def of(self, key: str, read: Callable[[], Iterable[Item]], is_lasting: Callable[[Item], bool]) -> Iterator[Item]:
        """What was read of a file, from the folder, or else from the file.

        Args:
            key: Stands for all that it depends on.
            read: Reads the file.
            is_lasting: Whether an item will be the same tomorrow; a file with one that may not is not kept.

        Raises:
            MachineError: what was kept cannot be read or written.
        """
        if self.folder is None:
            yield from read()
            return
        path = self.folder / key
        if path.exists():
            yield from _kept(path)
            return
        draft = path.with_name(key + _DRAFT)
        lasting = True
        with plain_file_errors():
            self.folder.mkdir(mode=0o700, exist_ok=True)
            file = os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        try:
            with file:
                waiting: list[Item] = []
                for item in read():
                    lasting = lasting and is_lasting(item)
                    waiting.append(item)
                    if len(waiting) == _BATCH:
                        _write(file, waiting)
                        waiting = []
                    yield item  # at once: what stands before damage is heard too
                _write(file, waiting)
                with plain_file_errors():
                    file.flush()
                    os.fsync(file.fileno())
            if lasting:
                with plain_file_errors():
                    draft.rename(path)
        finally:
            draft.unlink(missing_ok=True)

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


def _write(file: BinaryIO, items: Sequence[Item]) -> None:
    with plain_file_errors():
        file.write(b"".join(map(_line, items)))


def _line(item: Item) -> bytes:
    try:
        return orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:  # half of a character, as JSON may have it and UTF-8 may not
        return json.dumps(item).encode("ascii") + b"\n"


def _item(line: bytes) -> Item:
    found: Item
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        found = json.loads(line)
    return found


def _kept(path: Path) -> Iterator[Item]:
    with plain_file_errors(), path.open("rb") as file:
        for line in file:
            try:
                item = _item(line)
            except ValueError as fault:
                path.unlink()
                raise StorageFailed(
                    "What an import that did not end had read is damaged; it was removed. Import again.",
                    detail=str(path),
                ) from fault
            yield item
