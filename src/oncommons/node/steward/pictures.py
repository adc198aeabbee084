"""Pixels as a picture, so that a person can look for what was burned in; needs the extra ``[viewer]``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from oncommons.imaging.elements import Dataset, read_elements
from oncommons.imaging.frames import NATIVE, frame, layout_of, pixel_element
from oncommons.imaging.picture import Picture, picture_of, stored_values
from oncommons.imaging.png import to_png
from oncommons.imaging.syntax import Opened
from oncommons.imaging.thumbnail import fitted
from oncommons.node.share.dicomweb.objects import decoding
from oncommons.schema.errors import BadRequest
from oncommons.schema.errors_of_protocols import NoPicture

MOST_SAMPLES = 32 * 1024 * 1024
"""Samples of the largest frame that is shown."""
LOOKS = ("usual", "all", "even")
"""``usual``: the values that the header names; ``all``: from the darkest to the brightest; ``even``: each value that
occurs as far from the next as it is frequent, which shows text that hardly differs from what lies round it.
Of colours, the last two show how bright they are."""
_PIXELS = 0x7FE00010
_GREYS = 255
_LIGHT = np.array([0.299, 0.587, 0.114])
"""How bright red, green and blue are (ITU-R BT.601)."""
_alone = Lock()
"""Frames are drawn one after another: each may take hundreds of megabytes."""


def draw(opened: Opened[bytes], number: int = 1, look: str = "usual", side: int = 0) -> bytes:
    """A frame as a PNG file.

    Args:
        opened: The file.
        number: Which frame, from 1 on.
        look: One of :data:`LOOKS`.
        side: Most rows and columns; 0 for as many as there are.

    Raises:
        BadRequest: there is no such look.
        NoPicture: there is no such frame, or it cannot be shown.
        DamagedImage: the pixel data end before it.
        MissingPackage: the extra is not installed.
    """
    if look not in LOOKS:
        raise BadRequest(f"A picture can be looked at in these ways: {', '.join(LOOKS)}.", at="look")
    dataset = read_elements(opened, _PIXELS)
    pixel_element(dataset)
    layout = layout_of(dataset)
    if layout.rows * layout.columns * layout.samples > MOST_SAMPLES:
        raise NoPicture("A frame is too large to be shown here.")
    with _alone:
        picture = _picture(dataset, opened.syntax.decode("ascii"), number, look)
        if side and max(picture.shape[:2]) > side:
            picture = fitted(picture, (side, side))
        return to_png(picture)


def _picture(dataset: Dataset, syntax: str, number: int, look: str) -> Picture:
    layout = layout_of(dataset)
    if syntax in NATIVE:
        pixels = frame(dataset, number)
    else:
        pixels, layout = decoding().decode_frame(dataset, syntax, number)
    if look == "usual":
        return picture_of(dataset, pixels, layout, number)
    if layout.samples == 1 and layout.photometric.startswith("MONOCHROME"):
        grey = _LEVELS[look](stored_values(pixels, layout))
        return _GREYS - grey if layout.photometric == "MONOCHROME1" else grey
    return _LEVELS[look](picture_of(dataset, pixels, layout, number) @ _LIGHT)


def _all(values: npt.NDArray[np.generic]) -> Picture:
    plain = values.astype(np.float64)
    low, high = float(plain.min()), float(plain.max())
    return np.rint((plain - low) * (_GREYS / max(high - low, 1e-9))).astype(np.uint8)


def _even(values: npt.NDArray[np.generic]) -> Picture:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    below = np.cumsum(counts) - counts
    levels = np.rint(below * (_GREYS / max(int(below[-1]), 1))).astype(np.uint8)
    spread: Picture = levels[places].reshape(values.shape)
    return spread


_LEVELS: Mapping[str, Callable[[npt.NDArray[np.generic]], Picture]] = MappingProxyType({"all": _all, "even": _even})
