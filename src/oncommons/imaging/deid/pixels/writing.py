"""A file with other pixels: boxes in black, nothing beside them, and the statement that this was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from oncommons.imaging.deid.elements import UNDEFINED, Coding, coding_of
from oncommons.imaging.deid.pixels.blackening import Blackened
from oncommons.imaging.deid.pixels.found import Mark
from oncommons.imaging.deid.pixels.frames import PHOTOMETRIC, PIXELS, PLANAR, Stack
from oncommons.imaging.deid.statement import pixels_cleaned
from oncommons.imaging.elements import Dataset
from oncommons.imaging.frames import LOSSY
from oncommons.imaging.pieces import Data, Piece, Span
from oncommons.imaging.syntax import EXPLICIT_LITTLE, Opened, file_pieces

BURNED_IN = 0x00280301
_SOP_CLASS, _SOP, _STATEMENT, _LOSSY = 0x00080016, 0x00080018, 0x00120064, 0x00282110
_OFFSETS = (0x7FE00001, 0x7FE00002)
_PLAIN = frozenset({"OB", "OW"})
_BYTE = 8


def blackened(
    opened: Opened[Data] | Opened[bytes], dataset: Dataset, stack: Stack, marks: Sequence[Mark]
) -> list[Piece]:
    """The file with boxes in black, its pixels native; what was compressed becomes Explicit VR Little Endian.

    Bytes after the last frame and bits that are not stored go too.

    Args:
        opened: The file.
        dataset: The same, taken apart.
        stack: Its frames.
        marks: What must be black.
    """
    syntax = EXPLICIT_LITTLE if stack.compressed else opened.syntax
    coding = coding_of(syntax)
    deep = stack.layout.allocated > _BYTE
    vr = dataset.elements[PIXELS].vr if not stack.compressed else "OW" if deep else "OB"
    pixels = Blackened(stack, marks, vr, big=coding.big)
    layout = pixels.layout
    changes: dict[int, Sequence[Piece]] = {
        PIXELS: _pixels(coding, vr, Span(pixels, 0, len(pixels))),
        PHOTOMETRIC: _element(coding, PHOTOMETRIC, "CS", layout.photometric.encode("ascii")),
        **dict.fromkeys((tag for tag in _OFFSETS if tag in dataset), ()),
    }
    if layout.samples > 1:
        changes[PLANAR] = _element(coding, PLANAR, "US", coding.short.pack(0))
    if stack.syntax in LOSSY:
        changes[_LOSSY] = _element(coding, _LOSSY, "CS", b"01")
    return _with(opened, dataset, syntax, changes)


def saying_so(opened: Opened[Data] | Opened[bytes], dataset: Dataset) -> list[Piece]:
    """The file, saying that its pixels were cleaned and show no text (PS3.16 CID 7050, PS3.3 section C.7.6.1).

    Native pixel data are a piece of their own, for who compresses them.
    """
    coding = coding_of(opened.syntax)
    changes: dict[int, Sequence[Piece]] = {BURNED_IN: _element(coding, BURNED_IN, "CS", b"NO")}
    held = dataset.elements.get(PIXELS)
    if held is not None and held.fragments is None and held.vr in _PLAIN:
        changes[PIXELS] = _pixels(coding, held.vr, Span(opened.data, held.start, held.end))
    said = dataset.elements.get(_STATEMENT)
    if said is not None:
        items = opened.data[said.start : said.end].removesuffix(coding.sequence_end) + pixels_cleaned(coding)
        changes[_STATEMENT] = (coding.header(_STATEMENT, b"SQ", UNDEFINED), items, coding.sequence_end)
    return _with(opened, dataset, opened.syntax, changes)


def holds_more(dataset: Dataset, stack: Stack) -> bool:
    """Whether native pixel data hold bytes after the last frame, or grey pixels anything in bits that are not stored."""
    if stack.compressed:
        return False
    layout, element = stack.layout, dataset.elements[PIXELS]
    size = -(-layout.frame_bits * layout.frames // _BYTE)
    if element.end - element.start > size + size % 2:
        return True
    if layout.samples > 1 or layout.stored >= layout.allocated:
        return False
    every = replace(stack, layout=replace(layout, stored=layout.allocated))
    return any(not np.array_equal(every.stored(n)[0], stack.stored(n)[0]) for n in range(layout.frames))


def _element(coding: Coding, tag: int, vr: str, value: bytes) -> tuple[bytes]:
    padded = value + b" " * (len(value) % 2) if vr == "CS" else value
    return (coding.header(tag, vr.encode("ascii"), len(padded)) + padded,)


def _pixels(coding: Coding, vr: str, value: Span) -> tuple[bytes, Span]:
    return coding.header(PIXELS, vr.encode("ascii"), len(value)), value


def _with(
    opened: Opened[Data] | Opened[bytes], dataset: Dataset, syntax: bytes, changes: Mapping[int, Sequence[Piece]]
) -> list[Piece]:
    """The file with whole elements, in pieces, in the place of those of the same tag; one without pieces goes."""
    parts: list[Piece] = []
    at, waiting = opened.start, sorted(changes.items())
    run = at
    for tag, element in dataset.elements.items():
        while waiting and waiting[0][0] < tag:
            parts += [Span(opened.data, run, at), *waiting.pop(0)[1]]
            run = at
        if waiting and waiting[0][0] == tag:
            parts += [Span(opened.data, run, at), *waiting.pop(0)[1]]
            run = element.end
        at = element.end
    parts += [Span(opened.data, run, at), *(piece for _, element in waiting for piece in element)]
    sop_class, sop = (dataset.raw(tag).strip(b"\0 ") for tag in (_SOP_CLASS, _SOP))
    return file_pieces(syntax, sop_class, sop, parts)
