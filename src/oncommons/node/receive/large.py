"""A file that is too large for memory, read where it is cut.

It is read by its open handle and not mapped into memory: a mapped file that is cut short by whoever writes it ends the
process (SIGBUS), a read of it comes back short and is told.
"""

from __future__ import annotations

import os
import weakref

from oncommons.schema.errors import DamagedImage

_WINDOW = 256 * 1024


class LargeFile:
    """The bytes of an open file; they must not change as long as they are read.

    Args:
        handle: The file; it is taken over, and closed when nobody needs this any more.
        before: How many bytes at its beginning do not belong to them.
    """

    def __init__(self, handle: int, before: int = 0) -> None:
        self._handle, self._before = handle, before
        self._about = os.fstat(handle)
        self._start, self._end, self._window = 0, 0, b""
        weakref.finalize(self, os.close, handle)

    def __len__(self) -> int:
        return self._about.st_size - self._before

    def __getitem__(self, where: slice, /) -> bytes:
        """A stretch of the file.

        Raises:
            DamagedImage: the file cannot be read any more, or has changed.
        """
        start, stop = where.start, where.stop
        if start is not None and stop is not None and self._start <= start <= stop <= self._end:  # most are so
            return self._window[start - self._start : stop - self._start : where.step]
        start, stop, step = where.indices(len(self))
        if stop - start > _WINDOW:
            return self._read(start, stop)[::step]
        end = min(start + _WINDOW, len(self))
        self._window = self._read(start, end)
        self._start, self._end = start, end
        return self._window[: max(stop - start, 0) : step]

    def _read(self, start: int, stop: int) -> bytes:
        found: list[bytes] = []
        at = start
        try:
            while at < stop and (more := os.pread(self._handle, stop - at, self._before + at)):
                found.append(more)
                at += len(more)
            about = os.fstat(self._handle)
        except OSError as fault:
            raise DamagedImage("The file cannot be read any more.", detail=str(fault)) from fault
        unchanged = (about.st_size, about.st_mtime_ns) == (self._about.st_size, self._about.st_mtime_ns)
        if at < stop or not unchanged:
            raise DamagedImage("The file changed while it was read; import it again when it is whole.")
        return b"".join(found)
