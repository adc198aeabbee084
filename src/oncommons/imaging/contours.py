"""What was drawn on images: contours of RT Structure Sets (PS3.3 C.8.8.6) and masks of Segmentations (C.8.20)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oncommons.imaging.elements import Dataset
from oncommons.imaging.frames import frame, layout_of
from oncommons.imaging.picture import groups_of, stored_values
from oncommons.imaging.planes import Plane, Points, plane_of

STRUCTURE_SET, SEGMENTATION = "1.2.840.10008.5.1.4.1.1.481.3", "1.2.840.10008.5.1.4.1.1.66.4"
Mask = npt.NDArray[np.bool_]
Colour = tuple[int, int, int]
COLOURS: tuple[Colour, ...] = ((255, 64, 64), (64, 200, 255), (255, 200, 0), (80, 220, 100), (220, 110, 255))
"""For regions that bring none of their own, in turn."""
_SERIES, _SOP_CLASS = 0x0020000E, 0x00080016
_FRAMES_OF_REFERENCE, _STUDIES, _SERIES_OF_STUDY = 0x30060010, 0x30060012, 0x30060014
_REFERENCED_SERIES = 0x00081115
_ROI_CONTOURS, _ROI_COLOUR, _CONTOURS, _KIND, _DATA = 0x30060039, 0x3006002A, 0x30060040, 0x30060042, 0x30060050
_SEGMENT_IDENTIFICATION, _SEGMENT = 0x0062000A, 0x0062000B
_CLOSED = frozenset({"CLOSED_PLANAR", "CLOSEDPLANAR_XOR"})
_CORNERS = 3
_CHANNELS = 3


@dataclass(frozen=True)
class Outline:
    """A closed line on a frame.

    Attributes:
        points: Columns and rows of its corners, of shape (n, 2); the centre of the first pixel is (0, 0).
        colour: Red, green and blue.
    """

    points: Points
    colour: Colour


@dataclass(frozen=True)
class Area:
    """Pixels of a frame that belong to a region.

    Attributes:
        mask: Which, of the shape of the frame.
        colour: Red, green and blue.
    """

    mask: Mask
    colour: Colour


def drawn_series(dataset: Dataset) -> frozenset[str]:
    """Series Instance UIDs of the images that a structure set or segmentation was drawn on."""
    inside = [
        series.text(_SERIES)
        for reference in dataset.items(_FRAMES_OF_REFERENCE)
        for study in reference.items(_STUDIES)
        for series in study.items(_SERIES_OF_STUDY)
    ]
    return frozenset(filter(None, (*inside, *(series.text(_SERIES) for series in dataset.items(_REFERENCED_SERIES)))))


def marks_on(dataset: Dataset, plane: Plane, reach: float) -> list[Outline | Area]:
    """What an object has drawn on a plane.

    Args:
        dataset: A structure set or a segmentation with native pixels; others have drawn nothing.
        plane: Where the frame lies.
        reach: How far from it, in millimetres, a contour or mask still belongs to it: half the distance of slices.
    """
    kind = dataset.text(_SOP_CLASS)
    if kind == STRUCTURE_SET:
        return list(_outlines(dataset, plane, reach))
    return list(_areas(dataset, plane, reach)) if kind == SEGMENTATION else []


def heights(dataset: Dataset, plane: Plane) -> list[float]:
    """How far from a plane, along its normal and in millimetres, each contour or mask of an object lies."""
    if dataset.text(_SOP_CLASS) == SEGMENTATION:
        planes = [plane_of(dataset, n) for n in range(1, layout_of(dataset).frames + 1)]
        return [float((other.origin - plane.origin) @ plane.normal) for other in planes if other is not None]
    return [float(plane.to_pixels(points)[1].mean()) for _, points in _closed(dataset)]


def _closed(dataset: Dataset) -> Iterator[tuple[Colour, Points]]:
    """Closed contours of a structure set, each with its colour and its corners in millimetres, of shape (n, 3)."""
    for number, region in enumerate(dataset.items(_ROI_CONTOURS)):
        colour = _colour(region.numbers(_ROI_COLOUR), number)
        for contour in region.items(_CONTOURS):
            values = contour.numbers(_DATA)
            if contour.text(_KIND) in _CLOSED and len(values) >= 3 * _CORNERS and not len(values) % 3:
                yield colour, np.asarray(values).reshape(-1, 3)


def _outlines(dataset: Dataset, plane: Plane, reach: float) -> Iterator[Outline]:
    for colour, points in _closed(dataset):
        places, apart = plane.to_pixels(points)
        if np.abs(apart).max() <= reach:
            yield Outline(places, colour)


def _areas(dataset: Dataset, plane: Plane, reach: float) -> Iterator[Area]:
    """Masks of the frames that lie nearest to a plane, one a segment, on the pixels of the plane."""
    nearest: dict[int, tuple[float, int, Plane]] = {}
    for number in range(1, layout_of(dataset).frames + 1):
        other = plane_of(dataset, number)
        if other is None:
            continue
        apart = abs(float((other.origin - plane.origin) @ plane.normal))
        named = groups_of(dataset, _SEGMENT_IDENTIFICATION, number)
        segment = 1 if named is None else named.whole(_SEGMENT, 1)
        if apart <= reach and apart < nearest.get(segment, (np.inf,))[0]:
            nearest[segment] = apart, number, other
    for segment, (_, number, other) in sorted(nearest.items()):
        mask = _moved(stored_values(frame(dataset, number), layout_of(dataset)) != 0, other, plane)
        yield Area(mask, _colour((), segment - 1))


def _moved(mask: Mask, source: Plane, target: Plane) -> Mask:
    """A mask on the pixels of another plane, by the nearest pixel; false outside."""
    places, _ = source.to_pixels(target.centres().reshape(-1, 3))
    columns, rows = np.rint(places).astype(np.int64).T
    inside = (columns >= 0) & (columns < mask.shape[1]) & (rows >= 0) & (rows < mask.shape[0])
    moved = np.zeros(columns.shape, np.bool_)
    moved[inside] = mask[rows[inside], columns[inside]]
    return moved.reshape(target.shape)


def _colour(said: Sequence[float], number: int) -> Colour:
    if len(said) != _CHANNELS:
        return COLOURS[number % len(COLOURS)]
    red, green, blue = (min(max(int(channel), 0), 255) for channel in said)
    return red, green, blue
