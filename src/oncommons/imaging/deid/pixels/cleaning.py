"""Look through the pixels of a cleaned file, make text black, and look again (PS3.15 section E.3.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from oncommons.imaging.deid.pixels.found import Box, Found, Looked, Mark, Recogniser
from oncommons.imaging.deid.pixels.frames import PHOTOMETRIC, Stack, open_stack
from oncommons.imaging.deid.pixels.lines import to_hide
from oncommons.imaging.deid.pixels.views import (
    AGAIN,
    FIRST,
    NEAR,
    TURNED,
    Look,
    Scene,
    back,
    piece_of,
    scale_of,
    scenes_of,
    size_of,
    tiles,
    turned_back,
    worth_a_look,
)
from oncommons.imaging.deid.pixels.writing import BURNED_IN, blackened, holds_more, saying_so
from oncommons.imaging.elements import Dataset, read_elements
from oncommons.imaging.frames import Layout
from oncommons.imaging.pieces import Data, Joined
from oncommons.imaging.syntax import Opened, open_file
from oncommons.schema.errors import MayShowText

_SOP_CLASS, _REGIONS, _REGION_TOP = 0x00080016, 0x00186011, 0x0018601A
_HIGHEST_BANNER = 4
"""A banner above the regions of an ultrasound image is no higher than this part of it."""
_ROUNDS = 4
_SEEN_STILL = 0.1
_BESIDE = 2
"""Beside text that stands, more of it is looked for in so many of its widths."""


def clean_file(content: Data, recogniser: Recogniser, tokens: Collection[bytes] = ()) -> Looked:
    """Look through a file, make text black until none is found, and say so in it.

    Each look is at the bytes that would be kept, of which one frame is in memory at a time.  What the last one finds is
    not made black any more: the object is not kept.

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
    fresh: Sequence[Mark] = ()
    came = opened, dataset, stack = _opened(content)
    if holds_more(dataset, stack):
        opened, dataset, stack = _opened(Joined(blackened(*came, ())))
    for number in range(_ROUNDS):
        found = [] if number else _banner(dataset, stack.layout)
        glances = _glances(number, fresh, stack.layout)
        looked = _look(dataset, stack, glances, recogniser, tokens, first=not number)
        found += [mark for mark in looked if not _is_black(marks, mark)]
        if not found:
            told = {BURNED_IN: "NO", PHOTOMETRIC: stack.layout.photometric}
            boxes = tuple(sorted({mark.box for mark in marks}))
            return Looked(saying_so(opened, dataset), boxes, opened.syntax.decode("ascii"), told)
        marks, fresh = [*marks, *found], found
        opened, dataset, stack = _opened(Joined(blackened(*came, marks)))
    raise MayShowText("Text is found in its pixels even after all that was found before was made black.")


@dataclass(frozen=True)
class _Glance:
    """One way to look at an object.

    Attributes:
        look: A view, how much larger than usual, and turned by how many right angles.
        near: Which places are looked at; all where there are none.
    """

    look: Look
    near: Sequence[Mark] | None = None


def _glances(number: int, fresh: Sequence[Mark], layout: Layout) -> Iterator[_Glance]:
    """How to look: at all of an object at first and in another view again after that, then at what has changed since.

    Args:
        number: How many times it was looked at before.
        fresh: What was made black since the last time.
        layout: How its pixels are described.
    """
    if not number:
        yield from map(_Glance, FIRST)
        return
    for look in AGAIN:
        yield _Glance(look, None if number == 1 else fresh)
    for look in NEAR:
        yield _Glance(look, fresh)
    standing = [mark for mark in fresh if mark.box.height > mark.box.width]
    for look in TURNED if standing else ():
        yield _Glance(look, [_column(mark, layout) for mark in standing])


def _column(mark: Mark, layout: Layout) -> Mark:
    """All that is above and below a mark."""
    more = _BESIDE * mark.box.width
    return Mark(mark.frames, Box(mark.box.left - more, 0, mark.box.right + more, layout.rows))


def _opened(content: Data) -> tuple[Opened[Data] | Opened[bytes], Dataset, Stack]:
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
    dataset: Dataset,
    stack: Stack,
    glances: Iterable[_Glance],
    recogniser: Recogniser,
    tokens: Collection[bytes],
    *,
    first: bool,
) -> Iterator[Mark]:
    """Where text stands that must go, in each scene of an object."""
    every = list(glances)
    for scene in scenes_of(stack, dataset.text(_SOP_CLASS)):
        found = [one for glance in every for one in _found(scene, glance, recogniser)]
        for box in to_hide(found, tokens, first=first):
            yield Mark(scene.frames, box.within(stack.layout.columns, stack.layout.rows))


def _found(scene: Scene, glance: _Glance, recogniser: Recogniser) -> Iterator[Found]:
    """What is found in a view of a scene, in pixels of the object."""
    view, factor, turns = glance.look
    near = None if glance.near is None else [mark.box for mark in glance.near if _meet(mark.frames, scene.frames)]
    scale = scale_of(scene.whole.height, scene.whole.width, factor)
    rows, columns = size_of(scene.whole.height, scale), size_of(scene.whole.width, scale)
    for tile in tiles(*((columns, rows) if turns % 2 else (rows, columns))):
        lying = turned_back(tile, turns, rows, columns)
        if near is not None and not any(box.touches(back(lying, scale)) for box in near):
            continue
        piece = piece_of(scene, view, scale, lying)
        if not worth_a_look(view, piece):
            continue
        for one in recogniser(np.ascontiguousarray(np.rot90(piece, turns))):
            there = one.box.moved(tile.left, tile.top)
            box = turned_back(there, turns, rows, columns)
            yield replace(one, box=back(box, scale), cut=_is_cut(box, lying, rows, columns))


def _is_cut(box: Box, tile: Box, rows: int, columns: int) -> bool:
    """Whether a box ends where a piece of a picture does and the picture goes on."""
    before = (box.left <= tile.left > 0) or (box.top <= tile.top > 0)
    return before or (box.right >= tile.right < columns) or (box.bottom >= tile.bottom < rows)


def _meet(one: range, other: range) -> bool:
    return one.start < other.stop and other.start < one.stop


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
