"""Answers of several parts (RFC 2046 section 5.1, as PS3.18 section 8.6.1.2 uses them), read as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from email.message import Message
from pathlib import Path

from oncommons.imaging.pieces import Data
from oncommons.node.receive.spool import Spool
from oncommons.schema.errors import PacsRefused, PacsUnreachable

_LONGEST_HEAD = 64 * 1024


def boundary_of(content_type: str) -> bytes:
    """What parts the parts of an answer.

    Raises:
        PacsRefused: the answer does not have several parts.
    """
    message = Message()
    message["content-type"] = content_type
    boundary = message.get_boundary()
    if message.get_content_maintype() != "multipart" or not boundary:
        raise PacsRefused(f"The archive answered with {message.get_content_type()} where objects were asked for.")
    return boundary.encode("ascii", "replace")


def parts_of(chunks: Iterable[bytes], boundary: bytes, largest: int, room: Path | None = None) -> Iterator[Data | None]:
    """The bodies of the parts; none for one that is larger than allowed, which is read and let go.

    Args:
        chunks: The body of the answer in pieces of any length.
        boundary: What parts the parts, without its hyphens.
        largest: Bytes of the largest part.
        room: Directory in which large parts lie, see :class:`~oncommons.node.receive.spool.Spool`.

    Raises:
        PacsUnreachable: the answer ends in the middle.
        PacsRefused: it does not have the form of parts.
    """
    reader = _Reader(iter(chunks), b"\r\n--" + boundary)
    reader.skip_preamble()
    while reader.another():
        reader.skip_head()
        yield reader.body(Spool(room), largest)


class _Reader:
    """A place in an answer that is still coming."""

    def __init__(self, chunks: Iterator[bytes], delimiter: bytes) -> None:
        self._chunks, self._delimiter = chunks, delimiter
        self._held = bytearray(b"\r\n")  # so that a delimiter may be the first that comes

    def skip_preamble(self) -> None:
        self._until(self._delimiter, _LONGEST_HEAD)

    def another(self) -> bool:
        """Whether a part follows the delimiter that was just read."""
        while len(self._held) < 2:  # noqa: PLR2004  two hyphens end the last part
            self._more()
        return not self._held.startswith(b"--")

    def skip_head(self) -> None:
        """Skip the rest of the delimiter's line and the headers of a part."""
        if self._until(b"\r\n\r\n", _LONGEST_HEAD) is None:
            raise PacsRefused("The archive's answer has a part whose headers do not end.")

    def body(self, spool: Spool, largest: int) -> Data | None:
        """What comes before a delimiter, which is skipped; none where it is more than allowed."""
        size = 0
        found = -1
        while found < 0:
            found = self._held.find(self._delimiter)
            ready = found if found >= 0 else max(0, len(self._held) - len(self._delimiter) + 1)
            size += ready
            if size <= largest:
                spool.write(self._held[:ready])
            del self._held[:ready]
            if found < 0:
                self._more()
        del self._held[: len(self._delimiter)]
        return spool.data() if size <= largest else None

    def _until(self, mark: bytes, most: int) -> bytes | None:
        """What comes before a mark, which is skipped; none where it is more than allowed."""
        searched, too_much = 0, False
        while (found := self._held.find(mark, searched)) < 0:
            if len(self._held) > most + len(mark):
                too_much = True
                del self._held[: -len(mark)]
            searched = max(0, len(self._held) - len(mark) + 1)
            self._more()
        with memoryview(self._held) as view:
            before = None if too_much or found > most else bytes(view[:found])
        del self._held[: found + len(mark)]
        return before

    def _more(self) -> None:
        more = next(self._chunks, None)
        if more is None:
            raise PacsUnreachable("The archive's answer ended in the middle.")
        self._held += more
