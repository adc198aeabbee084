"""Small pictures of a series, with what was drawn on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from oncommons.imaging.contours import Area, Outline
from oncommons.imaging.picture import Picture

SIZE = 256
"""Pixels of the longer side of a thumbnail."""
_STEP = 0.25
_REACH = 1.25
"""How far, in pixels, a line is seen from its middle; it fades over the last one."""
_FLAT = 2


def fitted(picture: Picture, size: tuple[int, int], aspect: float = 1.0) -> Picture:
    """A picture made as large as fits, by a filter that neither leaves out nor invents anything.

    Args:
        picture: The picture.
        size: Most rows and columns of the result.
        aspect: Height of a pixel in widths of a pixel.
    """
    rows, columns = picture.shape[0] * aspect, picture.shape[1]
    scale = min(size[0] / rows, size[1] / columns)
    return resized(picture, (max(round(rows * scale), 1), max(round(columns * scale), 1)))


def resized(picture: Picture, shape: tuple[int, int]) -> Picture:
    """A picture with other numbers of rows and columns."""
    if picture.shape[:2] == shape:
        return picture
    down, across = _weights(picture.shape[0], shape[0]), _weights(picture.shape[1], shape[1])
    channels = picture[..., None] if picture.ndim == _FLAT else picture
    made = np.stack([down @ channels[..., n] @ across.T for n in range(channels.shape[-1])], axis=-1)
    shown = np.rint(np.clip(made, 0, 255)).astype(np.uint8)
    return shown[..., 0] if picture.ndim == _FLAT else shown


def thumbnail(picture: Picture, marks: Sequence[Outline | Area], size: int = SIZE, aspect: float = 1.0) -> Picture:
    """A small picture with lines round the regions that were drawn.

    Args:
        picture: The frame as a picture.
        marks: What was drawn on it.
        size: Pixels of the longer side.
        aspect: Height of a pixel in widths of a pixel.
    """
    small = fitted(picture, (size, size), aspect)
    if not marks:
        return small
    shown = (np.repeat(small[..., None], 3, axis=-1) if small.ndim == _FLAT else small).astype(np.float64)
    for mark in marks:
        line = _seen(mark, picture.shape[:2], small.shape[:2])[..., None]
        shown = shown * (1 - line) + np.asarray(mark.colour, np.float64) * line
    return np.rint(shown).astype(np.uint8)


def _weights(before: int, after: int) -> npt.NDArray[np.float64]:
    """How much each old line gives to each new one: a triangle as wide as the coarser of the two grids."""
    scale = before / after
    reach = max(scale, 1.0)
    centres = (np.arange(after) + 0.5) * scale - 0.5
    weights = np.clip(1 - np.abs(centres[:, None] - np.arange(before)) / reach, 0, None)
    shares: npt.NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return shares


def _seen(mark: Outline | Area, before: tuple[int, ...], after: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """How much of the line is seen in each pixel of the small picture, from 0 to 1."""
    if isinstance(mark, Area):
        return _border(mark, before, after)
    scale = np.asarray([after[1] / before[1], after[0] / before[0]])
    corners = (mark.points + 0.5) * scale - 0.5
    line = np.zeros(after[:2])
    dots = _dots(corners)
    nearest = np.rint(dots).astype(np.int64)
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            columns, rows = (nearest + np.asarray((across, down))).T
            apart = np.hypot(columns - dots[:, 0], rows - dots[:, 1])
            inside = (columns >= 0) & (columns < after[1]) & (rows >= 0) & (rows < after[0])
            np.maximum.at(line, (rows[inside], columns[inside]), np.clip(_REACH - apart[inside], 0, 1))
    return line


def _dots(corners: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Points along a closed line, dense enough to be drawn as one."""
    following = np.roll(corners, -1, axis=0)
    lengths = np.hypot(*(following - corners).T)
    counts = np.maximum(np.ceil(lengths / _STEP).astype(np.int64), 1)
    which = np.repeat(np.arange(len(corners)), counts)
    share = (np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)) / np.repeat(counts, counts)
    dots: npt.NDArray[np.float64] = corners[which] + (following - corners)[which] * share[:, None]
    return dots


def _border(area: Area, before: tuple[int, ...], after: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Pixels of a region that touch one outside it."""
    rows = np.minimum((np.arange(after[0]) + 0.5) * before[0] / after[0], before[0] - 1).astype(np.int64)
    columns = np.minimum((np.arange(after[1]) + 0.5) * before[1] / after[1], before[1] - 1).astype(np.int64)
    mask = np.pad(area.mask[np.ix_(rows, columns)], 1)
    within = mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    border: npt.NDArray[np.float64] = (mask[1:-1, 1:-1] & ~within).astype(np.float64)
    return border
