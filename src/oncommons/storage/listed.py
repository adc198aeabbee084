"""A list of names in a file, each with the time since when; several processes read it, and each notices a change.

The first line is ``change N, M names``, the N-th change; M others are a name, a tab and a time, in order of name.  The file
is replaced as a whole, and readable by its owner only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from oncommons.schema.errors import StorageFailed
from oncommons.storage.files import plain_file_errors, replace_file, sync

_HEAD = re.compile(rb"change ([0-9]{1,18}), ([0-9]{1,18}) names\n")
_LINE = re.compile(r"([^\s\t]+)\t([0-9T:+-]{10,40})\n")
_LONGEST = 64


class Listed:
    """The list.

    Args:
        path: Its file; it need not be there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def state(self) -> str:
        """Stands for what is listed; empty where there is no file.

        A number comes again where the file was restored from a backup, so the file's time is in it.

        Raises:
            StorageFailed: the file is damaged or cannot be read.
        """
        with plain_file_errors():
            try:
                with self.path.open("rb") as file:
                    return f"{_read(self.path, file.readline(_LONGEST))[0]} {os.fstat(file.fileno()).st_mtime_ns}"
            except FileNotFoundError:
                return ""

    def names(self) -> dict[str, str]:
        """Name to since when; nobody where there is no file.

        Raises:
            StorageFailed: the file is damaged or cannot be read.
        """
        with plain_file_errors():
            try:
                raw = self.path.read_bytes()
            except FileNotFoundError:
                return {}
        head, *lines = raw.decode("utf-8", "replace").splitlines(keepends=True) or [""]
        found = [_LINE.fullmatch(line) for line in lines]
        if _read(self.path, head.encode())[1] != len(lines) or None in found:  # half a list would let somebody in
            raise _damaged(self.path)
        return {one[1]: one[2] for one in found if one}

    def put(self, names: Mapping[str, str]) -> None:
        """Replace the list; whoever writes must be alone.

        Args:
            names: Name to since when.

        Raises:
            StorageFull: the disk is full; the list is as before.
            StorageFailed: the file cannot be written; the list is as before.
        """
        number = int(self.state().partition(" ")[0] or 0) + 1
        lines = "".join(f"{name}\t{since}\n" for name, since in sorted(names.items()))
        with plain_file_errors():
            replace_file(self.path, f"change {number}, {len(names)} names\n{lines}".encode(), 0o600)
            sync(self.path.parent)


def _read(path: Path, head: bytes) -> tuple[int, int]:
    """The number of the change, and of names."""
    found = _HEAD.fullmatch(head)
    if found is None:
        raise _damaged(path)
    return int(found[1]), int(found[2])


def _damaged(path: Path) -> StorageFailed:
    return StorageFailed(f"{path.name} is damaged; restore it from a backup.", detail=str(path))
