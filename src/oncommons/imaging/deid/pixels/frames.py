"""The frames of an object, as they are shown to the eye and as they are stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from oncommons.imaging.deid.pixels.apart import decode
from oncommons.imaging.deid.pixels.found import LARGEST_FRAME, MOST_BYTES
from oncommons.imaging.elements import Dataset
from oncommons.imaging.frames import LOSSY, Layout, frame, layout_of, pixel_element
from oncommons.imaging.picture import picture_of, stored_values
from oncommons.schema.errors import DamagedImage
from oncommons.schema.errors_of_pixels import TooMuchToLook, UnreadablePixels
from oncommons.schema.errors_of_protocols import NoPicture

Frame = npt.NDArray[Any]
PIXELS, PHOTOMETRIC, PLANAR = 0x7FE00010, 0x00280004, 0x00280006
_HIGH_BIT = 0x00280102
_PALETTE = "PALETTE COLOR"
_SHARED_COLOURS = "YBR_FULL_422"
_GREY = frozenset({"MONOCHROME1", "MONOCHROME2"})
_READ = _GREY | {_PALETTE, "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT"}
_WIDTHS = frozenset({1, 8, 16, 32})
_BYTE = 8


@dataclass(frozen=True)
class Stack:
    """The frames of one object, decoded one at a time.

    Attributes:
        dataset: The data set.
        syntax: UID of its transfer syntax.
        layout: How it describes its pixels.
    """

    dataset: Dataset
    syntax: str
    layout: Layout

    @property
    def compressed(self) -> bool:
        """Whether the frames are (PS3.5 annex A.4)."""
        return self.dataset.elements[PIXELS].fragments is not None

    def native(self, number: int) -> tuple[bytes, Layout]:
        """One frame in little endian, and how it is described now.

        Args:
            number: Which one, from 0 on.

        Raises:
            UnreadablePixels: it cannot be decoded here.
            DamagedImage: the pixel data end before it.
        """
        if not self.compressed:
            return frame(self.dataset, number + 1, self.layout), self.layout
        try:
            codestream = frame(self.dataset, number + 1)
        except NoPicture as fault:
            raise UnreadablePixels(fault.message, detail=fault.detail) from fault
        return decode(codestream, self.layout, self.syntax)

    def stored(self, number: int) -> tuple[Frame, Layout]:
        """The samples of a frame as numbers, of shape (rows, columns) or (rows, columns, samples).

        What lies in bits of grey pixels that are not stored, such as overlays of old, is not in it.  Colours of a
        lossy codec become RGB, since native YBR_FULL is not allowed everywhere (PS3.3 section C.8.5.6.1.2).
        """
        raw, layout = self.native(number)
        if self.syntax in LOSSY and layout.photometric == "YBR_FULL" and layout.stored == _BYTE:
            rgb = replace(layout, planar=False, photometric="RGB")
            return picture_of(self.dataset, raw, layout, number + 1), rgb
        return stored_values(raw, layout), replace(layout, planar=False, photometric=_whole(layout.photometric))

    def shown(self, number: int) -> Frame:
        """A frame for the eye: grey numbers of shape (rows, columns), or 8-bit colours of shape (rows, columns, 3)."""
        raw, layout = self.native(number)
        if layout.photometric in _GREY:
            return stored_values(raw, layout)
        try:
            return picture_of(self.dataset, raw, layout, number + 1)
        except NoPicture as fault:
            raise UnreadablePixels(fault.message, detail=fault.detail) from fault

    def black(self, stored: Frame, layout: Layout) -> Frame:
        """The numbers that are black in a frame; in grey images its own darkest, so that no window shifts."""
        if layout.photometric == _PALETTE:
            return self._darkest(stored, layout)
        if layout.photometric in _GREY:
            return np.asarray(stored.max() if layout.photometric == "MONOCHROME1" else stored.min())
        half = 1 << (layout.stored - 1)
        return np.asarray([0, 0, 0] if layout.photometric == "RGB" else [0, half, half])

    def _darkest(self, stored: Frame, layout: Layout) -> Frame:
        """The number of the darkest colour of a palette among those that a frame uses."""
        used = np.unique(stored)
        row = replace(layout, rows=1, columns=used.size)
        kind = f"<{'i' if layout.signed else 'u'}{layout.allocated // _BYTE}"
        colours = picture_of(self.dataset, used.astype(kind).tobytes(), row)
        return np.asarray(used[colours.astype(np.int64).sum(axis=-1).argmin()])


def open_stack(dataset: Dataset, syntax: str) -> Stack:
    """The frames of an object.

    Raises:
        UnreadablePixels: they are of a kind that is not read here.
        TooMuchToLook: there are more of them than are looked through.
    """
    layout = layout_of(dataset)
    try:
        element = pixel_element(dataset)
    except NoPicture as fault:
        raise UnreadablePixels(fault.message) from fault
    samples = 1 if layout.photometric in _GREY or layout.photometric == _PALETTE else 3
    known = layout.photometric in _READ and layout.samples == samples and layout.allocated in _WIDTHS
    if element.tag != PIXELS or not known or dataset.whole(_HIGH_BIT, layout.stored - 1) != layout.stored - 1:
        kind = f"{layout.allocated} bits, {layout.samples} samples, {layout.photometric or 'no interpretation'}"
        raise UnreadablePixels(f"Pixels such as these are not read here: {kind}.")
    if not layout.rows or not layout.columns:
        raise DamagedImage("Its pixels have no rows or no columns.")
    if decoded_bytes(layout) > MOST_BYTES:
        raise TooMuchToLook(f"Decoded, its {layout.frames:,} frames are more than {MOST_BYTES // 1024**2:,} MiB.")
    if decoded_bytes(layout) > LARGEST_FRAME * layout.frames:
        raise TooMuchToLook(f"Decoded, one of its frames is more than {LARGEST_FRAME // 1024**2} MiB.")
    return Stack(dataset, syntax, layout)


def decoded_bytes(layout: Layout) -> int:
    """Bytes of all frames once they are decoded."""
    bits = layout.rows * layout.columns * layout.samples * layout.allocated * layout.frames
    return bits // _BYTE


def _whole(photometric: str) -> str:
    """How colours are called once every pixel has its own."""
    return "YBR_FULL" if photometric == _SHARED_COLOURS else photometric
