"""Whether the compressed pixels of kept objects can be decoded: every frame is, with the decoders of ``[viewer]``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from oncommons.imaging.checks.findings import Finding
from oncommons.imaging.elements import read_elements
from oncommons.imaging.frames import NATIVE, layout_of
from oncommons.imaging.syntax import open_file
from oncommons.imaging.tags import Tag
from oncommons.node.share.dicomweb.objects import can_convert, decoding
from oncommons.schema.errors import ImageError, NotFound
from oncommons.storage.blobs import Blobs
from oncommons.storage.ledger import Entry
from oncommons.storage.mapped import mapped

LARGEST_FRAME = 64 * 1024 * 1024
"""Bytes of the largest frame, decoded; larger ones are not tried."""


def check_decoding(images: Blobs, entries: Iterable[Entry]) -> list[Finding]:
    """What of a series cannot be decoded; objects that are not compressed, or have no pixels, are passed over.

    Args:
        images: Where they are kept.
        entries: The objects of the series.

    Raises:
        MissingPackage: the extra is not installed.
        MachineError: a file cannot be read.
    """
    decoding()
    spoilt: Counter[str] = Counter()
    unread: Counter[str] = Counter()
    every = 0
    for entry in entries:
        every += 1
        if entry.syntax in NATIVE or not _has_pixels(entry):
            continue
        if not can_convert(entry.syntax):
            unread[entry.syntax] += 1
        elif why := _fault(images, entry):
            (unread if why == _TOO_LARGE else spoilt)[why] += 1
    found = []
    if spoilt:
        why = "; ".join(f"{number:,}: {words}" for words, number in spoilt.most_common(3))
        found.append(
            Finding("pixels-undecodable", f"{spoilt.total():,} of {every:,} files. {why}", {"files": spoilt.total()})
        )
    if unread:
        which = ", ".join(sorted(unread))
        found.append(
            Finding("pixels-untried", f"{unread.total():,} of {every:,} files ({which}).", {"files": unread.total()})
        )
    return found


_TOO_LARGE = "frames too large"


def _has_pixels(entry: Entry) -> bool:
    return f'"{Tag.ROWS}":"' in entry.attributes


def _fault(images: Blobs, entry: Entry) -> str:
    """Why an object cannot be decoded; empty where it can, and where its file is gone or damaged, which is told elsewhere."""
    try:
        with images.open(f"{entry.series}/{entry.sop}.dcm") as file:
            dataset = read_elements(open_file(mapped(file)))
        layout = layout_of(dataset)
    except (NotFound, ImageError, ValueError):
        return ""
    if layout.frame_bits > 8 * LARGEST_FRAME:
        return _TOO_LARGE
    for number in range(1, layout.frames + 1):
        try:
            pixels, _ = decoding().decode_frame(dataset, entry.syntax, number)
        except (ImageError, NotFound) as fault:
            return f"frame {number:,} of {layout.frames:,}: {fault.message}"
        if 8 * len(pixels) < layout.frame_bits:
            return f"frame {number:,} of {layout.frames:,} has fewer pixels than the header says."
    return ""
