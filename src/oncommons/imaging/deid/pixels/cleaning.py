"""Look through the pixels of a cleaned file, make text black, and look again (PS3.15 section E.3.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np

from oncommons.imaging.deid.pixels.found import Box, Found, Looked, Mark, Recogniser
from oncommons.imaging.deid.pixels.frames import PHOTOMETRIC, Stack, open_stack
from oncommons.imaging.deid.pixels.lines import to_hide
from oncommons.imaging.deid.pixels.views import (
    AGAIN,
    FIRST,
    TURNED,
    Looks,
    Scene,
    back,
    scale_of,
    scaled,
    scenes_of,
    tiles,
    turned_back,
)
from oncommons.imaging.deid.pixels.writing import BURNED_IN, blackened, holds_more, saying_so
from oncommons.imaging.elements import Dataset, read_elements
from oncommons.imaging.frames import Layout
from oncommons.imaging.syntax import Opened, open_file
from oncommons.schema.errors import MayShowText

_SOP_CLASS, _REGIONS, _REGION_TOP = 0x00080016, 0x00186011, 0x0018601A
_HIGHEST_BANNER = 4
"""A banner above the regions of an ultrasound image is no higher than this part of it."""
_ROUNDS = 4
_SEEN_STILL = 0.1


def clean_file(content: bytes, recogniser: Recogniser, tokens: Collection[bytes] = ()) -> Looked:
    """Look through a file, make text black until none is found, and say so in it.

    Each look is at the bytes that would be kept.  What the last one finds is not made black any more: the object is not
    kept.

    Args:
        content: A file whose attributes were cleaned.
        recogniser: Finds text in a picture.
        tokens: Values of this patient, in small letters; text that holds one goes even if all of its words are plain.

    Raises:
        MayShowText: text is found still.
        UnreadablePixels: its pixels cannot be decoded here.
        TooMuchToLook: it has more pixels than are looked through.
        DamagedImage: its pixels cannot be read to their end.
    """
    marks: list[Mark] = []
    opened, dataset, stack = _opened(content)
    del content  # it may be large
    if holds_more(dataset, stack):
        opened, dataset, stack = _opened(blackened(opened, dataset, stack, ()))
    for number in range(_ROUNDS):
        found = [] if number else _banner(dataset, stack.layout)
        for mark in _look(dataset, stack, _looks(marks) if number else FIRST, recogniser, tokens):
            if not _is_black(marks, mark):
                found.append(mark)
        if not found:
            told = {BURNED_IN: "NO", PHOTOMETRIC: stack.layout.photometric}
            boxes = tuple(sorted({mark.box for mark in marks}))
            return Looked(saying_so(opened, dataset), boxes, opened.syntax.decode("ascii"), told)
        marks += found
        opened, dataset, stack = _opened(blackened(opened, dataset, stack, marks))
    raise MayShowText("Text is found in its pixels even after all that was found before was made black.")


def _looks(marks: Sequence[Mark]) -> Looks:
    """How to look again after some text was made black."""
    return TURNED if any(mark.box.height > mark.box.width for mark in marks) else AGAIN


def _opened(content: bytes) -> tuple[Opened[bytes], Dataset, Stack]:
    opened = open_file(content)
    dataset = read_elements(opened)
    return opened, dataset, open_stack(dataset, opened.syntax.decode("ascii"))


def _banner(dataset: Dataset, layout: Layout) -> list[Mark]:
    """The strip above all regions of an ultrasound image (PS3.3 section C.8.5.5): scanners write the name there."""
    top = min((region.whole(_REGION_TOP) for region in dataset.items(_REGIONS)), default=0)
    if not 0 < top <= layout.rows // _HIGHEST_BANNER:
        return []
    return [Mark(range(layout.frames), Box(0, 0, layout.columns, top))]


def _look(
    dataset: Dataset, stack: Stack, looks: Looks, recogniser: Recogniser, tokens: Collection[bytes]
) -> Iterator[Mark]:
    """Where text stands that must go, in each scene of an object."""
    for scene in scenes_of(stack, dataset.text(_SOP_CLASS)):
        for box in to_hide(list(_found(scene, looks, recogniser)), tokens):
            yield Mark(scene.frames, box.within(stack.layout.columns, stack.layout.rows))


def _found(scene: Scene, looks: Looks, recogniser: Recogniser) -> Iterator[Found]:
    """What is found in the views of a scene, in pixels of the object."""
    for view, factor, turns in looks:
        scale = scale_of(scene.seen.shape[0], scene.seen.shape[1], factor)
        large = scaled(view(scene.seen), scale)
        for left, top, piece in tiles(np.rot90(large, turns)):
            for one in recogniser(np.ascontiguousarray(piece)):
                there = one.box.moved(left, top)
                yield replace(one, box=back(turned_back(there, turns, large.shape[0], large.shape[1]), scale))


def _is_black(marks: Sequence[Mark], mark: Mark) -> bool:
    """Whether nearly all of a box was made black in all of its frames; the rim of a black box is no text."""
    box = mark.box
    if not box.width or not box.height:
        return True
    open_yet = np.ones((box.height, box.width), np.bool_)
    for old in marks:
        if old.frames.start <= mark.frames.start and mark.frames.stop <= old.frames.stop:
            there = old.box
            here = Box(there.left - box.left, there.top - box.top, there.right - box.left, there.bottom - box.top)
            over = here.within(box.width, box.height)
            open_yet[over.top : over.bottom, over.left : over.right] = False
    return bool(open_yet.mean() < _SEEN_STILL)
