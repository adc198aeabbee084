"""Objects that come bit by bit: in memory while they are small, else in a file that has no name.

Such a file goes with the process, however that ends, and nobody else can open it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from oncommons.imaging.pieces import Data
from oncommons.node.receive.large import LargeFile
from oncommons.storage.files import plain_file_errors

MOST_IN_MEMORY = 4 * 1024 * 1024
"""Bytes of the largest object that is held in memory while it comes; several may come at the same time."""
_ROOM_FOR_HEAD = 4096


class Spool:
    """The bytes of one object, as they come.

    Args:
        room: Directory of the file that they lie in where they are many; the system's for such files if left out.
    """

    def __init__(self, room: Path | None = None) -> None:
        self._room = room
        self._held: BytesIO | None = BytesIO()
        self._file: BinaryIO | None = None
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def write(self, piece: bytes | bytearray | memoryview) -> None:
        """Add bytes.

        Raises:
            MachineError: the disk is full or broken.
        """
        self._size += len(piece)
        if self._held is not None:
            self._held.write(piece)
            if self._size > MOST_IN_MEMORY:
                self._spill(self._held)
        elif self._file is not None:
            with plain_file_errors():
                self._file.write(piece)

    def data(self, head: bytes = b"") -> Data:
        """The bytes; nothing may be added after that.

        Args:
            head: At most 4,096 bytes that stand before them.

        Raises:
            MachineError: the disk is full or broken.
        """
        if self._file is None:
            held, self._held = self._held or BytesIO(), None
            with held.getbuffer() as view:
                return b"".join((head, view))
        start = _ROOM_FOR_HEAD - len(head)
        with self._file as file, plain_file_errors():
            file.flush()
            os.pwrite(file.fileno(), head, start)
            return LargeFile(os.dup(file.fileno()), start)

    def _spill(self, held: BytesIO) -> None:
        with plain_file_errors(), held.getbuffer() as view:
            self._file = tempfile.TemporaryFile(dir=self._room)  # noqa: SIM115  closed when the bytes are given on
            self._file.write(bytes(_ROOM_FOR_HEAD))
            self._file.write(view)
        self._held = None


def spooled(pieces: Iterable[bytes], room: Path | None = None) -> Data:
    """Bytes that come in pieces, as one.

    Args:
        pieces: The bytes.
        room: As for :class:`Spool`.

    Raises:
        MachineError: the disk is full or broken.
    """
    spool = Spool(room)
    for piece in pieces:
        spool.write(piece)
    return spool.data()
