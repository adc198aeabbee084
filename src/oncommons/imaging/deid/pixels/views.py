"""Views of an object in which text stands out: projections over its frames, contrast, size.

A frame is seen with its whole range of greys, large, for small print; as its thin strokes only, where faint text over
anatomy comes out; with its dark greys spread, for dark text on dark; and, when it is looked at again, with each place
compared with its surroundings.  Only the piece that
is looked at is made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np
import numpy.typing as npt

from oncommons.imaging.deid.pixels.found import Box
from oncommons.imaging.deid.pixels.frames import Frame, Stack
from oncommons.schema.errors_of_pixels import TooMuchToLook

Picture8 = npt.NDArray[np.uint8]
MOST_PAGES = 60
"""Frames of an object whose frames are pages of their own; each is looked at."""
SAMPLED = 3
"""Frames of a film that are looked at beside its projections."""
_PAGES = "1.2.840.10008.5.1.4.1.1.7"
"""Secondary captures: one frame has nothing to do with the next."""
_LOW, _HIGH = 0.5, 99.5
_MIDDLE = 1200
_MOST_PIXELS = 9_500_000
_STROKE = 9
"""Pixels; the strokes of letters are thinner."""
_TILE, _OVERLAP = 480, 96
"""Pixels of the side of a piece, and of what two have in common; memory and, beyond the caches, time grow with it."""
_GREYS = 255
_NOTHING = 4
"""Of 256 greys; a piece in which all are nearer to one another is empty."""
_LIFTED, _SOME = (39, 128), 0.1
"""What dark greys that are not black are lifted to, and how much of a piece they must be for dark text to be seen there."""
_FLAT = 2


@dataclass(frozen=True)
class Scene:
    """Something to look at.

    Attributes:
        frames: Numbers of the frames that it stands for.
        seen: Grey numbers of shape (rows, columns), or 8-bit colours of shape (rows, columns, 3).
    """

    frames: range
    seen: Frame

    @cached_property
    def whole(self) -> Box:
        """All of it."""
        return Box(0, 0, self.seen.shape[1], self.seen.shape[0])

    @cached_property
    def spread(self) -> tuple[float, float]:
        """Nearly the least and the most of its numbers, those of all colours together."""
        return _spread(self.seen, self.seen.size, np.asarray)

    @cached_property
    def grey_spread(self) -> tuple[float, float]:
        """Nearly the least and the most of its grey numbers."""
        return _spread(self.seen, self.whole.width * self.whole.height, _grey)

    def part(self, here: Box, margin: int = 0) -> Frame:
        """Its numbers in a box, and as far around it as it goes."""
        top, left = max(here.top - margin, 0), max(here.left - margin, 0)
        return self.seen[top : here.bottom + margin, left : here.right + margin]


def scenes_of(stack: Stack, sop_class: str) -> Iterator[Scene]:
    """What there is to look at in an object.

    Of a film, text that stands still is in its darkest, brightest and mean projection whatever moves beneath it; text
    that comes and goes is found where it is bright or dark enough in them, or in one of the frames that are sampled.

    Args:
        stack: Its frames.
        sop_class: UID of what it is.

    Raises:
        TooMuchToLook: it has too many pages.
    """
    count = stack.layout.frames
    if count == 1 or f"{sop_class}.".startswith(_PAGES + "."):
        if count > MOST_PAGES:
            raise TooMuchToLook(
                f"It has {count:,} frames that are pages of their own; {MOST_PAGES} are looked through."
            )
        for number in range(count):
            yield Scene(range(number, number + 1), stack.shown(number))
        return
    whole = range(count)
    for projection in _projections(stack):
        yield Scene(whole, projection)
    for number in sorted({round(step * (count - 1) / (SAMPLED - 1)) for step in range(SAMPLED)}):
        yield Scene(whole, stack.shown(number))


def _projections(stack: Stack) -> tuple[Frame, Frame, Frame]:
    """The darkest, the brightest and the mean over all frames; one frame is in memory at a time."""
    first = stack.shown(0)
    darkest, brightest, total = first.copy(), first.copy(), first.astype(np.float32)
    for number in range(1, stack.layout.frames):
        one = stack.shown(number)
        np.minimum(darkest, one, out=darkest)
        np.maximum(brightest, one, out=brightest)
        total += one
    mean = total / stack.layout.frames
    return darkest, brightest, mean.astype(np.uint8) if first.ndim > _FLAT else mean


def whole_range(scene: Scene, here: Box) -> Picture8:
    """All but the darkest and brightest few spread from black to white; colours keep their proportions."""
    low, high = scene.spread
    return _to_grey((scene.part(here).astype(np.float32) - low) * (_GREYS / (high - low)))


def lifted_darks(scene: Scene, here: Box) -> Picture8:
    """The same with the dark greys spread farther apart, by a square root, for dark text on what is nearly as dark."""
    low, high = scene.spread
    share = np.clip((scene.part(here).astype(np.float32) - low) / (high - low), 0, 1)
    return _to_grey(_GREYS * np.sqrt(share))


def beside_neighbours(scene: Scene, here: Box) -> Picture8:
    """Each place compared with what surrounds it: its distance from their mean in their standard deviations."""
    low, high = scene.grey_spread
    reach = max(8, min(scene.whole.width, scene.whole.height) // 24)
    grey = _grey(scene.part(here, reach)).astype(np.float64)
    mean = _box_mean(grey, reach)
    deviation = np.sqrt(np.maximum(_box_mean(grey * grey, reach) - mean * mean, 0))
    return _inner(_to_grey(128 + 50 * (grey - mean) / (deviation + 0.02 * (high - low))), here, reach)


def thin_strokes(scene: Scene, here: Box) -> Picture8:
    """What is thin and lighter or darker than what lies around it, on grey: top-hat minus bottom-hat (Serra 1982)."""
    low, high = scene.grey_spread
    side = _STROKE if min(scene.whole.width, scene.whole.height) <= _MIDDLE else 2 * _STROKE - 1
    grey = _grey(scene.part(here, side)).astype(np.float32)
    lighter = grey - _widest(_narrowest(grey, side), side)
    darker = _narrowest(_widest(grey, side), side) - grey
    return _inner(_to_grey(128 + 300 * (lighter - darker) / (high - low)), here, side)


def worth_a_look(view: View, piece: Picture8) -> bool:
    """Whether there can be anything in a piece: different greys, and where the dark ones are lifted, some that are."""
    if int(np.max(piece.max(axis=(0, 1)) - piece.min(axis=(0, 1)))) < _NOTHING:
        return False
    if view is not lifted_darks:
        return True
    grey = _grey(piece)
    return bool(((grey >= _LIFTED[0]) & (grey < _LIFTED[1])).mean() >= _SOME)


def _grey(part: Frame) -> Frame:
    return part if part.ndim == _FLAT else part.max(axis=-1)


def _inner(made: Picture8, here: Box, margin: int) -> Picture8:
    """What was made of a part with a margin, without it."""
    top, left = min(here.top, margin), min(here.left, margin)
    return made[top : top + here.height, left : left + here.width]


View = Callable[[Scene, Box], Picture8]
"""What a box of a scene looks like."""
Look = tuple[View, float, int]
Looks = tuple[Look, ...]
FIRST: Looks = ((whole_range, 1.5, 0), (thin_strokes, 1.5, 0), (lifted_darks, 1.0, 0), (thin_strokes, 1.0, 1))
"""How an object is looked at first: views, how much larger than usual, and turned by how many right angles."""
AGAIN: Looks = ((beside_neighbours, 1.5, 0),)
"""How it is looked at again after text was made black: not in the same way, so as not to overlook the same."""
NEAR: Looks = ((whole_range, 1.0, 0), (lifted_darks, 1.5, 0))
"""How the places near to what was made black are looked at again: each view in another size than at first."""
TURNED: Looks = ((thin_strokes, 1.5, 1), (thin_strokes, 1.5, 3))
"""The same above and below text that stands: turned, so that it lies, since of standing lines often only a part is found.
"""


def scale_of(rows: int, columns: int, factor: float) -> float:
    """By how much a picture is enlarged, so that small print of a screen is as large as the recogniser likes it."""
    side = min(rows, columns)
    usual = 2.0 if side <= _MIDDLE else 1.0
    return min(usual * factor, math.sqrt(_MOST_PIXELS / (rows * columns)))


def size_of(length: int, scale: float) -> int:
    """How many pixels a side has in another size."""
    return max(1, round(length * scale))


def scaled(picture: Picture8, scale: float) -> Picture8:
    """A picture of another size, its pixels mixed from the nearest four."""
    if scale == 1:
        return picture
    down, across = (_Places(side, scale, 0, size_of(side, scale)) for side in picture.shape[:2])
    return _mixed(picture, down, across)


def piece_of(scene: Scene, view: View, scale: float, there: Box) -> Picture8:
    """A piece of a view in another size.

    Args:
        scene: What is seen.
        view: How.
        scale: By how much it is enlarged.
        there: The piece, in enlarged pixels.
    """
    down = _Places(scene.whole.height, scale, there.top, there.bottom)
    across = _Places(scene.whole.width, scale, there.left, there.right)
    return _mixed(view(scene, Box(across.start, down.start, across.stop, down.stop)), down, across)


class _Places:
    """Where the pixels of a stretch of an enlarged side come from.

    Attributes:
        start: The first pixel of the side that is needed.
        stop: The one after the last.
        first: For each pixel of the stretch, the one before it, counted from the first.
        after: The next one.
        share: How much of the next one there is in it.
    """

    def __init__(self, side: int, scale: float, start: int, stop: int) -> None:
        places = np.clip((np.arange(start, stop) + 0.5) / scale - 0.5, 0, side - 1)
        first = places.astype(np.int64)
        after = np.minimum(first + 1, side - 1)
        self.start, self.stop = int(first[0]), int(after[-1]) + 1
        self.first, self.after = first - self.start, after - self.start
        self.share = (places - first).astype(np.float32)


def _mixed(picture: Picture8, down: _Places, across: _Places) -> Picture8:
    flat = picture.ndim == _FLAT
    channels = (picture[..., None] if flat else picture).astype(np.float32)
    for axis, places in enumerate((down, across)):
        share = places.share.reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        near, far = channels.take(places.first, axis), channels.take(places.after, axis)
        channels = near + (far - near) * share
    made = _to_grey(channels)
    return made[..., 0] if flat else made


def tiles(rows: int, columns: int) -> Iterator[Box]:
    """A picture in overlapping pieces of a bearable size."""
    for top, bottom in _stretches(rows):
        for left, right in _stretches(columns):
            yield Box(left, top, min(right, columns), min(bottom, rows))


def _stretches(length: int) -> list[tuple[int, int]]:
    """A length in overlapping stretches, as few as possible and of one size."""
    count = max(1, -(-(length - _OVERLAP) // (_TILE - _OVERLAP)))
    size = -(-(length + (count - 1) * _OVERLAP) // count)
    starts = [min(n * (size - _OVERLAP), max(0, length - size)) for n in range(count)]
    return [(start, start + size) for start in starts]


def back(box: Box, scale: float) -> Box:
    """A box of an enlarged picture in pixels of the object."""
    far = int(-(-box.right // scale)), int(-(-box.bottom // scale))
    return Box(int(box.left / scale), int(box.top / scale), *far)


def turned_back(box: Box, turns: int, rows: int, columns: int) -> Box:
    """A box of a picture that was turned by right angles against the clock, in the picture before that.

    Args:
        box: Where, in the turned picture.
        turns: How many right angles.
        rows: Rows of the picture before.
        columns: Columns of the picture before.
    """
    for turn in reversed(range(turns)):
        wide = rows if turn % 2 else columns
        box = Box(wide - box.bottom, box.left, wide - box.top, box.right)
    return box


def _spread(seen: Frame, size: int, of: Callable[[Frame], Frame]) -> tuple[float, float]:
    step = max(1, math.isqrt(size // 1_000_000))
    low, high = np.percentile(of(seen[::step, ::step]), (_LOW, _HIGH))
    if high <= low:
        every = of(seen)
        low, high = float(every.min()), float(every.max())
    return float(low), float(max(high, low + 1e-6))


def _to_grey(values: Frame) -> Picture8:
    made: Picture8 = np.rint(np.clip(values, 0, _GREYS)).astype(np.uint8)
    return made


def _box_mean(values: Frame, reach: int) -> Frame:
    """The mean of the square around each place, cut off at the borders by repeating them."""
    side = 2 * reach + 1
    padded = np.pad(values, ((reach + 1, reach), (reach + 1, reach)), mode="edge")
    sums = padded.cumsum(axis=0).cumsum(axis=1)
    squares: Frame = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return squares / side**2


def _narrowest(values: Frame, side: int) -> Frame:
    """The least of the square around each place."""
    for axis in (0, 1):
        values = reduce(np.minimum, _shifted(values, side, axis))
    return values


def _widest(values: Frame, side: int) -> Frame:
    """The most of the square around each place."""
    for axis in (0, 1):
        values = reduce(np.maximum, _shifted(values, side, axis))
    return values


def _shifted(values: Frame, side: int, axis: int) -> list[Frame]:
    """An array moved by each step of a window along an axis, its borders repeated."""
    reach = side // 2
    padded = np.pad(values, [(reach, reach) if axis == a else (0, 0) for a in (0, 1)], mode="edge")
    length = values.shape[axis]
    return [padded[n : n + length] if axis == 0 else padded[:, n : n + length] for n in range(side)]
