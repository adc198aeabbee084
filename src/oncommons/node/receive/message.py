"""Messages of many parts as they arrive (RFC 2046 section 5.1, RFC 2387): one part at a time, a large one not in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from oncommons.imaging.pieces import Data
from oncommons.node.receive.spool import Spool
from oncommons.schema.errors import BadRequest

_LONGEST_HEAD = 16 * 1024
_BOUNDARY = re.compile(r"""boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;,"]{1,70})(?![^\s;,]))""", re.IGNORECASE)
_END = b"--"


@dataclass(frozen=True)
class Received:
    """A part that has arrived.

    Attributes:
        media: Its Content-Type, in small letters and without parameters; empty where it has none.
        content: Its bytes; none where there were more than allowed.
        size: How many bytes it had.
    """

    media: str
    content: Data
    size: int


def boundary_of(content_type: str) -> bytes:
    """The boundary that a Content-Type names.

    Raises:
        BadRequest: it names none.
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise BadRequest("The message does not say what stands between its parts (boundary).")
    return (found[1] or found[2]).encode("latin-1")


class Parts:
    """Takes a message apart, piece by piece.

    Args:
        boundary: What stands between the parts.
        most: Bytes of the largest part that is kept; of a larger one only the size is told.
        room: Directory in which large parts lie, see :class:`~oncommons.node.receive.spool.Spool`.
    """

    def __init__(self, boundary: bytes, most: int, room: Path | None = None) -> None:
        self.delimiter = b"\r\n--" + boundary
        self.most, self.room = most, room
        self.waiting = bytearray(b"\r\n")  # the first boundary may stand at the very beginning
        self.content = Spool(room)
        self.size = 0
        self.media: str | None = None
        self.state = self._preamble

    @property
    def ended(self) -> bool:
        """Whether the last boundary has come."""
        return self.state == self._epilogue

    def feed(self, piece: bytes) -> Iterator[Received]:
        """The parts that a piece completes.

        Raises:
            BadRequest: what comes is not a message of many parts.
        """
        self.waiting += piece
        going = True
        while going:
            going = self.state()
            if self.state == self._boundary and self.media is not None:
                yield self._received(self.media)  # named nowhere here: whoever takes it is the only one who holds it

    def _received(self, media: str) -> Received:
        """The part that is complete; it is let go here."""
        part = Received(media, self.content.data(), self.size)
        self.content, self.size, self.media = Spool(self.room), 0, None
        return part

    def _preamble(self) -> bool:
        """What stands before the first boundary is passed over."""
        found = self.waiting.find(self.delimiter)
        if found < 0:
            del self.waiting[: -len(self.delimiter)]
            return False
        del self.waiting[: found + len(self.delimiter)]
        self.state = self._boundary
        return True

    def _boundary(self) -> bool:
        """What stands behind a boundary: the end of the message, or of the line."""
        if self.waiting.startswith(_END):
            self.state = self._epilogue
            return True
        line = self.waiting.find(b"\r\n")
        if line < 0:
            self._limit()
            return False
        if self.waiting[:line].strip(b" \t"):
            raise BadRequest("Something stands behind a boundary of the message.")
        del self.waiting[:line]
        self.state = self._head
        return True

    def _head(self) -> bool:
        """The header lines of a part; there may be none."""
        end = self.waiting.find(b"\r\n\r\n")
        if end < 0:
            self._limit()
            return False
        lines = bytes(self.waiting[:end]).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(":", 1) for line in lines if ":" in line)
        self.media = headers.get("content-type", "").partition(";")[0].strip()
        del self.waiting[: end + 4]
        self.state = self._body
        return True

    def _body(self) -> bool:
        """The bytes of a part, up to the next boundary."""
        found = self.waiting.find(self.delimiter)
        ready = found if found >= 0 else max(len(self.waiting) - len(self.delimiter), 0)
        if ready:
            self._take(ready)
        if found < 0:
            return False
        del self.waiting[: len(self.delimiter)]
        self.state = self._boundary
        return True

    def _take(self, length: int) -> None:
        """Put bytes to the part, as long as it is not too large."""
        if self.size + length <= self.most:
            self.content.write(self.waiting[:length])
        else:
            self.content = Spool(self.room)
        self.size += length
        del self.waiting[:length]

    def _epilogue(self) -> bool:
        """What stands after the last boundary is passed over."""
        self.waiting.clear()
        return False

    def _limit(self) -> None:
        if len(self.waiting) > _LONGEST_HEAD:
            raise BadRequest("The head of a part of the message is too long.")
