"""Parts of a reply by their bytes, so that a download that broke goes on where it was (RFC 9110 section 14)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_ONE = re.compile(r"bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*")


def read_range(header: str, length: int) -> tuple[int, int] | None:
    """The bytes that are asked for, from the first to behind the last; nothing where all are to be sent.

    A header that cannot be read, and one that asks for several stretches, is passed over, as RFC 9110 lets a server do.

    Args:
        header: The Range header.
        length: How many bytes there are.

    Raises:
        ValueError: none of the bytes that are asked for are there.
    """
    found = _ONE.fullmatch(header)
    if found is None or found[1] == found[2] == "":
        return None
    if not found[1]:
        start, stop = max(length - int(found[2]), 0), length
    else:
        start, stop = int(found[1]), min(int(found[2]) + 1, length) if found[2] else length
        if found[2] and int(found[2]) < start:
            return None
    if start >= stop:
        raise ValueError(f"bytes */{length}")
    return start, stop


def stretch(pieces: Iterable[bytes], start: int, stop: int) -> Iterator[bytes]:
    """The bytes of a reply from one place to another.

    Args:
        pieces: The bytes of the whole.
        start: The first.
        stop: Behind the last.
    """
    at = 0
    for piece in pieces:
        end = at + len(piece)
        if end > start:
            yield piece[max(start - at, 0) : stop - at]
        at = end
        if at >= stop:
            return
