"""Compressed frames made native by pydicom's decoders; of the extra ``[viewer]``, so loaded only when one is needed."""

from __future__ import annotations

from collections.abc import Mapping
from struct import pack
from typing import Any

from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID

from oncommons.imaging.elements import Dataset
from oncommons.imaging.frames import Layout, frame, layout_of
from oncommons.schema.errors_of_protocols import NoPicture

_PHOTOMETRIC, _PLANAR = 0x00280004, 0x00280006
_COLOURS = 3
_WHOLE_COLOURS: Mapping[str, str] = {"YBR_FULL_422": "YBR_FULL", "YBR_PARTIAL_420": "YBR_FULL"}
"""Decoders give every pixel its colours, also where the codestream had fewer of them."""


def can_decode(syntax: str) -> bool:
    """Whether there is a decoder for a transfer syntax here."""
    try:
        return bool(get_decoder(UID(syntax)).is_available)
    except NotImplementedError:
        return False


def decode_frame(dataset: Dataset, syntax: str, number: int) -> tuple[bytes, Layout]:
    """One frame, native in little endian and colour by pixel, and how it is described now.

    Args:
        dataset: The data set.
        syntax: UID of the transfer syntax.
        number: Which frame, from 1 on.

    Raises:
        NoPicture: there is no such frame, no decoder, or the frame is damaged.
    """
    return decoded(frame(dataset, number), layout_of(dataset), syntax)


def decoded(codestream: bytes, layout: Layout, syntax: str) -> tuple[bytes, Layout]:
    """A compressed frame, native in little endian and colour by pixel, and how it is described now.

    Args:
        codestream: The frame.
        layout: How it is described.
        syntax: UID of the transfer syntax.

    Raises:
        NoPicture: there is no decoder, or the frame is damaged.
    """
    try:
        decoder = get_decoder(UID(syntax))
        pixels, told = decoder.as_array(encapsulate([codestream], has_bot=False), **_options(layout))
    except Exception as fault:  # decoders raise what they like on damaged data
        raise NoPicture("The compressed pixels cannot be decoded here.", detail=f"{syntax}: {fault!r}") from fault
    little = pixels.astype(pixels.dtype.newbyteorder("<"), copy=False)
    return little.tobytes(), _described(layout, told)


def decode_all(dataset: Dataset, syntax: str) -> tuple[bytes, Mapping[int, bytes]]:
    """All frames, native, and what the header must say of them now: tag to value.

    Raises:
        NoPicture: there is no decoder, or a frame is damaged.
    """
    every = [decode_frame(dataset, syntax, n) for n in range(1, layout_of(dataset).frames + 1)]
    layout = every[0][1]
    changed = {_PHOTOMETRIC: layout.photometric.encode("ascii")}
    if layout.samples == _COLOURS:
        changed[_PLANAR] = pack("<H", layout.planar)
    return b"".join(pixels for pixels, _ in every), changed


def _options(layout: Layout) -> dict[str, Any]:
    """How a single frame is described to a decoder."""
    return {
        "index": 0,
        "raw": True,
        "pixel_keyword": "PixelData",
        "rows": layout.rows,
        "columns": layout.columns,
        "samples_per_pixel": layout.samples,
        "photometric_interpretation": layout.photometric,
        "pixel_representation": int(layout.signed),
        "bits_allocated": layout.allocated,
        "bits_stored": layout.stored,
        "planar_configuration": int(layout.planar),
        "number_of_frames": 1,
    }


def _described(layout: Layout, told: Mapping[str, object]) -> Layout:
    photometric = str(told["photometric_interpretation"])
    return Layout(
        rows=layout.rows,
        columns=layout.columns,
        samples=layout.samples,
        allocated=layout.allocated,
        stored=layout.stored,
        signed=layout.signed,
        photometric=_WHOLE_COLOURS.get(photometric, photometric),
        planar=False,
        frames=1,
    )
