"""Files that are looked at here and there, such as their heads, without being read as a whole.

The beginning is mapped into memory, as far as somebody looks at it.  What lies further back and what is long is read
from the file each time, so that it takes no memory once it is done with.
"""

from __future__ import annotations

import io
import mmap
import os
import shutil
import tempfile
import weakref
from typing import BinaryIO, Self, cast

_NEAR, _LONG = 4 * 1024 * 1024, 64 * 1024
_CHUNK = 1024 * 1024


class Mapped(mmap.mmap):
    """The bytes of a file, to be cut like bytes.

    Args:
        handle: The open file; it may be closed afterwards.
    """

    _own: int

    def __new__(cls, handle: int) -> Self:
        """Map a file.

        Raises:
            ValueError: it is empty.
            OSError: it cannot be mapped.
        """
        made = super().__new__(cls, handle, 0, access=mmap.ACCESS_READ)
        made._own = os.dup(handle)
        weakref.finalize(made, os.close, made._own)
        return made

    def __getitem__(self, where: int | slice) -> int | bytes:  # type: ignore[override]
        """One byte, or a stretch; a stretch is shorter where the file has been cut meanwhile."""
        if not isinstance(where, slice):
            return super().__getitem__(where)
        start, stop, step = where.indices(len(self))
        if step != 1 or (stop <= _NEAR and stop - start <= _LONG):
            return super().__getitem__(where)
        return b"".join(self._read(start, stop))

    def _read(self, start: int, stop: int) -> list[bytes]:
        found: list[bytes] = []
        while start < stop and (more := os.pread(self._own, stop - start, start)):
            found.append(more)
            start += len(more)
        return found


def mapped(file: BinaryIO) -> bytes:
    """What can be cut like the bytes of a file, which may be closed afterwards.

    Args:
        file: An open file, of this machine or of an object store; what lies in a store is copied to a file without a
            name first.

    Raises:
        OSError: it cannot be read.
    """
    try:
        return cast("bytes", Mapped(file.fileno()))
    except (AttributeError, io.UnsupportedOperation):
        return _copied(file)
    except ValueError:  # an empty one cannot be mapped
        return b""


def _copied(file: BinaryIO) -> bytes:
    content = file.read(_CHUNK)
    if len(content) < _CHUNK:
        return content
    with tempfile.TemporaryFile() as copy:
        copy.write(content)
        shutil.copyfileobj(file, copy, _CHUNK)
        copy.flush()
        return cast("bytes", Mapped(copy.fileno()))
