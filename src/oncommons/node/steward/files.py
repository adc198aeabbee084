"""Files of a node, opened to be looked at: kept ones in their series, waiting ones as they came; nothing is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, BinaryIO

from oncommons.imaging.elements import read_elements
from oncommons.imaging.frames import NATIVE, layout_of, pixel_element
from oncommons.imaging.syntax import Opened, open_file
from oncommons.node.home import Home
from oncommons.node.keep.shelf import Shelf
from oncommons.node.share.dicomweb.objects import can_convert
from oncommons.schema.errors import ImageError, ImageTooLarge, NotFound, NotWaiting
from oncommons.storage.blobs import Folder
from oncommons.storage.decisions import Decision
from oncommons.storage.files import plain_file_errors
from oncommons.storage.ledger import Entry, Ledger
from oncommons.storage.ledger_pages import LedgerPages
from oncommons.storage.mapped import mapped

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PIXELS = 0x7FE00010


@dataclass(frozen=True)
class Held:
    """A file that the ledger speaks of.

    Attributes:
        entry: What the ledger says.
        open: Opens the file; none where the node has no copy.
        origin: Where it came from; known of files in quarantine only.
        decisions: What people decided about it, the newest first.
    """

    entry: Entry
    open: Callable[[], BinaryIO] | None
    origin: str = ""
    decisions: Sequence[Decision] = ()


def find_file(home: Home, digest: str) -> Held:
    """A file by its digest.

    Raises:
        NotFound: the ledger knows no such file.
    """
    if not _DIGEST.fullmatch(digest):
        raise NotFound("Files are named by the 64 hexadecimal digits of their SHA-256.")
    with closing(LedgerPages(home.ledger_file)) as ledger:
        entry = ledger.entry(digest)
        if entry is None:
            raise NotFound("No file with this digest has come in.")
        return replace(placed(home, ledger, entry), decisions=ledger.decisions(digest))


def find_waiting(home: Home, digests: list[str]) -> list[Entry]:
    """Files that wait in quarantine, by their digests; all are found, or none is given.

    Raises:
        NotFound: the ledger does not know one of them.
        NotWaiting: one is not in quarantine.
    """
    found = [find_file(home, digest).entry for digest in dict.fromkeys(digests)]
    for entry in found:
        if entry.outcome != "quarantined":
            raise NotWaiting(f"The file {entry.digest[:16]} does not wait in quarantine; it is {entry.outcome}.")
    return found


def placed(home: Home, ledger: Ledger, entry: Entry) -> Held:
    """An entry of the ledger and where its file lies."""
    shelf = Shelf(home.blobs, home.quarantine, ledger)
    if entry.outcome == "kept":
        return Held(entry, partial(shelf.open, entry))
    if entry.outcome == "quarantined":
        path, origin = shelf.laid_aside(entry)
        return Held(entry, partial(Folder(home.quarantine).open, entry.digest) if path.is_file() else None, origin)
    return Held(entry, None)


def open_held(held: Held) -> Opened[bytes]:
    """The file, opened without being read as a whole.

    Raises:
        NotFound: the node has no copy of it.
        ImageError: it cannot be opened.
    """
    return open_file(_content(held))


def read_held(held: Held, most: int) -> bytes:
    """The file, read.

    Args:
        held: The file.
        most: Bytes that it may have.

    Raises:
        NotFound: the node has no copy of it.
        ImageTooLarge: it has more bytes.
    """
    content = _content(held)
    if len(content) > most:
        raise ImageTooLarge(f"The file is larger than {most // 1024**2} MiB; it is shown as it came only.")
    return content[:]


def _content(held: Held) -> bytes:
    """What can be cut like the bytes of the file."""
    if held.open is None:
        raise NotFound("The node has no copy of this file.")
    with plain_file_errors(), held.open() as file:
        return mapped(file)


def picture_state(held: Held) -> dict[str, Any]:
    """How many frames a file can show, or why none: ``frames`` and ``why``."""
    try:
        opened = open_held(held)
        dataset = read_elements(opened, _PIXELS)
        pixel_element(dataset)
    except (ImageError, NotFound) as fault:
        return {"frames": 0, "why": fault.message}
    layout, syntax = layout_of(dataset), opened.syntax.decode("ascii")
    if not layout.frame_bits:
        return {"frames": 0, "why": "The object has no pixels."}
    if syntax not in NATIVE and not can_convert(syntax):
        return {"frames": 0, "why": "The pixels are compressed in a way that cannot be shown here."}
    return {"frames": layout.frames, "why": "", "rows": layout.rows, "columns": layout.columns}
