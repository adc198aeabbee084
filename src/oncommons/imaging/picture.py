"""A frame as a picture for the eye: the pipeline of PS3.3 C.7.6.16 and C.11 down to 8 bits.

Stored values, modality transformation, values of interest, photometric interpretation; colours to RGB.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from oncommons.imaging.elements import Dataset
from oncommons.imaging.frames import Layout
from oncommons.schema.errors import DamagedImage
from oncommons.schema.errors_of_protocols import NoPicture

Picture = npt.NDArray[np.uint8]
"""Grey levels (rows, columns) or colours (rows, columns, 3)."""
Values = npt.NDArray[np.float64]
_SHARED, _PER_FRAME = 0x52009229, 0x52009230
_VALUE_TRANSFORMATION, _FRAME_VOI = 0x00289145, 0x00289132
_MODALITY, _CENTER, _WIDTH, _FUNCTION = 0x00080060, 0x00281050, 0x00281051, 0x00281056
_INTERCEPT, _SLOPE = 0x00281052, 0x00281053
_MODALITY_LUT, _VOI_LUT, _LUT_DESCRIPTOR, _LUT_DATA = 0x00283000, 0x00283010, 0x00283002, 0x00283006
_PALETTES = ((0x00281101, 0x00281201), (0x00281102, 0x00281202), (0x00281103, 0x00281203))
_LOW, _HIGH = 0.5, 99.5
_GREYS = 255
_BYTE, _BITS_OF_LARGEST_LUT = 8, 16


@dataclass(frozen=True)
class Window:
    """Which values are shown between black and white (PS3.3 C.11.2.1.2).

    Attributes:
        center: Middle of the values.
        width: Their range.
        function: ``LINEAR``, ``LINEAR_EXACT`` or ``SIGMOID``.
    """

    center: float
    width: float
    function: str = "LINEAR"


USUAL: Mapping[str, Window] = MappingProxyType({"CT": Window(40, 400)})
"""Where a header gives no window: soft tissue for CT; other modalities by the values themselves."""


def picture_of(
    dataset: Dataset, pixels: bytes, layout: Layout, number: int = 1, window: Window | None = None
) -> Picture:
    """One frame as a picture.

    Args:
        dataset: The data set, for what it says of the values.
        pixels: The frame, native in little endian.
        layout: How it is described, as it is now.
        number: Which frame it is, from 1 on.
        window: Values to show; what the header says where it is left out.

    Raises:
        NoPicture: a photometric interpretation or table that cannot be shown.
        DamagedImage: too few pixels.
    """
    stored = stored_values(pixels, layout)
    if layout.samples > 1:
        return _colours(stored, layout)
    if layout.photometric == "PALETTE COLOR":
        return _palette(dataset, stored)
    if not layout.photometric.startswith("MONOCHROME"):
        raise NoPicture(f"Pixels of {layout.photometric or 'no photometric interpretation'} cannot be shown.")
    shown = _of_interest(dataset, _modality(dataset, stored.astype(np.float64), number), number, window)
    grey = np.rint(np.clip(shown, 0, 1) * _GREYS).astype(np.uint8)
    return _GREYS - grey if layout.photometric == "MONOCHROME1" else grey


def stored_values(pixels: bytes, layout: Layout) -> npt.NDArray[np.generic]:
    """The samples of a frame, of shape (rows, columns) or (rows, columns, samples).

    Raises:
        DamagedImage: there are too few.
    """
    if len(pixels) * _BYTE < layout.frame_bits or not layout.frame_bits:
        raise DamagedImage("There are fewer pixels than the header says.")
    rows, columns, samples = layout.rows, layout.columns, layout.samples
    if layout.allocated == 1:
        bits = np.unpackbits(np.frombuffer(pixels, np.uint8), bitorder="little")
        return bits[: rows * columns].reshape(rows, columns)
    kind = np.dtype(f"<{'i' if layout.signed else 'u'}{layout.allocated // _BYTE}")
    values = np.frombuffer(pixels, kind, layout.frame_bits // layout.allocated)
    unused = layout.allocated - layout.stored
    if unused > 0 and samples == 1:  # what lies above the stored bits is not theirs, such as old overlays
        values = (values << unused) >> unused
    if layout.photometric == "YBR_FULL_422":
        return _whole_colours(values.reshape(rows, columns // 2, 4))
    if samples == 1:
        return values.reshape(rows, columns)
    if layout.planar:
        return np.moveaxis(values.reshape(samples, rows, columns), 0, -1)
    return values.reshape(rows, columns, samples)


def _whole_colours(pairs: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """Two pixels that share their colour, each with its own copy of it."""
    rows, half, _ = pairs.shape
    light = pairs[..., :2].reshape(rows, half * 2)
    return np.stack([light, *(np.repeat(pairs[..., n], 2, axis=1) for n in (2, 3))], axis=-1)


def groups_of(dataset: Dataset, sequence: int, number: int) -> Dataset | None:
    """The item of a functional group that holds for a frame (PS3.3 C.7.6.16); ``None`` where there is none."""
    per_frame = dataset.items(_PER_FRAME)[number - 1 : number]
    for group in (*per_frame, *dataset.items(_SHARED)):
        if found := group.items(sequence):
            return found[0]
    return None


def _modality(dataset: Dataset, values: Values, number: int) -> Values:
    tables = dataset.items(_MODALITY_LUT)
    if tables:
        return _looked_up(tables[0], values)
    source = groups_of(dataset, _VALUE_TRANSFORMATION, number) or dataset
    return values * source.number(_SLOPE, 1.0) + source.number(_INTERCEPT)


def _of_interest(dataset: Dataset, values: Values, number: int, window: Window | None) -> Values:
    tables = dataset.items(_VOI_LUT)
    source = groups_of(dataset, _FRAME_VOI, number) or dataset
    widths = source.numbers(_WIDTH)
    if window is None and widths and source.numbers(_CENTER):
        window = Window(source.number(_CENTER), widths[0], source.text(_FUNCTION) or "LINEAR")
    elif window is None and tables:
        shown = _looked_up(tables[0], values)
        return shown / max(float(shown.max()), 1.0)
    window = window or USUAL.get(dataset.text(_MODALITY)) or _by_values(values)
    function = _FUNCTIONS.get(window.function, _linear)
    return function(values, window.center, max(window.width, 1e-9))


def _by_values(values: Values) -> Window:
    """All but the darkest and the brightest few."""
    low, high = np.percentile(values, (_LOW, _HIGH))
    if high <= low:
        low, high = float(values.min()), float(values.max())
    return Window((low + high) / 2, max(high - low, 1e-9), "LINEAR_EXACT")


def _linear(values: Values, center: float, width: float) -> Values:
    if width <= 1:
        return (values > center - 0.5).astype(np.float64)
    return (values - (center - 0.5)) / (width - 1) + 0.5


def _exact(values: Values, center: float, width: float) -> Values:
    return (values - center) / width + 0.5


def _sigmoid(values: Values, center: float, width: float) -> Values:
    return 1 / (1 + np.exp(np.clip(-4 * (values - center) / width, -700, 700)))


_FUNCTIONS: Mapping[str, Callable[[Values, float, float], Values]] = MappingProxyType(
    {"LINEAR": _linear, "LINEAR_EXACT": _exact, "SIGMOID": _sigmoid}
)


def _looked_up(table: Dataset, values: Values) -> Values:
    """Values through a table of the modality or of interest (PS3.3 C.11.1.1)."""
    entries, first, bits = (int(n) for n in (*table.numbers(_LUT_DESCRIPTOR), 0, 0, 0)[:3])
    data = _lut(table, _LUT_DATA, entries, bits)
    return data[np.clip(values.astype(np.int64) - first, 0, len(data) - 1)].astype(np.float64)


def _lut(dataset: Dataset, tag: int, entries: int, bits: int) -> npt.NDArray[np.uint16]:
    raw = dataset.little(dataset.elements[tag]) if tag in dataset else b""
    entries = entries or 1 << _BITS_OF_LARGEST_LUT
    wide = len(raw) >= 2 * entries
    data = np.frombuffer(raw, "<u2" if wide else "u1", min(entries, len(raw) // (1 + wide)))
    if not len(data) or not 0 < bits <= _BITS_OF_LARGEST_LUT:
        raise NoPicture("A look-up table of the object is missing or of a kind that cannot be shown.")
    return data.astype(np.uint16)


def _palette(dataset: Dataset, stored: npt.NDArray[np.generic]) -> Picture:
    """Colours from the three tables of a palette (PS3.3 C.7.9)."""
    shown = []
    for descriptor, tag in _PALETTES:
        entries, first, bits = (int(n) for n in (*dataset.numbers(descriptor), 0, 0, 0)[:3])
        data = _lut(dataset, tag, entries, bits)
        if bits > _BYTE and data.max() > _GREYS:
            data = (data >> bits - _BYTE).astype(np.uint16)
        shown.append(data[np.clip(stored.astype(np.int64) - first, 0, len(data) - 1)])
    return np.stack(shown, axis=-1).astype(np.uint8)


def _colours(stored: npt.NDArray[np.generic], layout: Layout) -> Picture:
    values = stored.astype(np.float64) * (_GREYS / ((1 << layout.stored) - 1))
    if layout.photometric in {"YBR_FULL", "YBR_FULL_422"}:  # PS3.3 C.7.6.3.1.2
        light, blue, red = values[..., 0], values[..., 1] - 128, values[..., 2] - 128
        values = np.stack(
            (light + 1.402 * red, light - 0.344136 * blue - 0.714136 * red, light + 1.772 * blue), axis=-1
        )
    elif layout.photometric != "RGB":
        raise NoPicture(f"Colours of {layout.photometric} cannot be shown.")
    return np.rint(np.clip(values, 0, _GREYS)).astype(np.uint8)
