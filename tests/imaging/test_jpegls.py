"""Frames compressed without loss; gdcm, which shares no code with the codec's package, decodes the same."""

import random
from dataclasses import replace

import numpy as np
import pytest
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders import JPEGLSLosslessDecoder

from oncommons.imaging.frames import Layout
from oncommons.imaging.jpegls import can_encode, encode

GREY = Layout(24, 31, 1, 16, 12, signed=False, photometric="MONOCHROME2", planar=False, frames=1)
COLOUR = replace(GREY, samples=3, allocated=8, stored=8, photometric="RGB")
DESCRIBED = {
    "12 bits": GREY,
    "16 bits": replace(GREY, stored=16),
    "16 bits signed": replace(GREY, stored=16, signed=True),
    "8 bits": replace(GREY, allocated=8, stored=8),
    "5 of 8 bits": replace(GREY, allocated=8, stored=5),
    "inverted": replace(GREY, photometric="MONOCHROME1"),
    "palette": replace(GREY, allocated=8, stored=8, photometric="PALETTE COLOR"),
    "colour": COLOUR,
    "one row": replace(GREY, rows=1, columns=700),
    "one column": replace(GREY, rows=700, columns=1),
}


def slope(layout):
    """A frame that rises from the lowest to the highest value, with a ripple, in little endian."""
    number = layout.rows * layout.columns * layout.samples
    top = (1 << layout.stored) - 1
    lowest = -(top // 2) - 1 if layout.signed else 0
    values = [lowest + (n * top // (number - 1) ^ (n % 7 == 3)) for n in range(number)]
    kind = f"<{'i' if layout.signed else 'u'}{layout.allocated // 8}"
    return np.array(values).astype(kind).tobytes()


def flat(layout):
    return bytes(len(slope(layout)))


def decoded(packed, layout):
    pixels, _ = JPEGLSLosslessDecoder.as_array(
        encapsulate([packed], has_bot=False),
        index=0,
        raw=True,
        decoding_plugin="gdcm",
        pixel_keyword="PixelData",
        rows=layout.rows,
        columns=layout.columns,
        samples_per_pixel=layout.samples,
        photometric_interpretation=layout.photometric,
        pixel_representation=int(layout.signed),
        bits_allocated=layout.allocated,
        bits_stored=layout.stored,
        planar_configuration=0,
        number_of_frames=1,
    )
    return pixels.tobytes()


@pytest.mark.parametrize("name", DESCRIBED)
@pytest.mark.parametrize("frame_of", [slope, flat])
def test_what_is_decoded_is_what_went_in(name, frame_of):
    layout = DESCRIBED[name]
    frame = frame_of(layout)
    packed = encode(frame, layout)
    assert can_encode(layout, layout.stored - 1)
    assert 0 < len(packed) < len(frame)
    assert decoded(packed, layout) == frame


@pytest.mark.parametrize(
    "layout",
    [
        replace(GREY, allocated=32, stored=32),
        replace(GREY, allocated=1, stored=1),
        replace(GREY, allocated=8, stored=1),
        replace(GREY, stored=8),
        replace(GREY, signed=True),
        replace(GREY, samples=3),
        replace(COLOUR, planar=True),
        replace(COLOUR, photometric="YBR_FULL_422"),
    ],
)
def test_what_would_be_read_in_another_way_is_not_compressed(layout):
    assert not can_encode(layout, layout.stored - 1)


def test_samples_whose_bits_lie_higher_are_not_compressed():
    assert not can_encode(GREY, 15)


def test_bits_above_those_that_are_used_are_not_lost():
    assert encode(b"\0\xf0" * (24 * 31), GREY) == b""


def test_what_does_not_get_smaller_stays():
    noise = random.Random(4711).randbytes(24 * 31 * 2)
    assert encode(noise, replace(GREY, stored=16)) == b""


def test_a_frame_of_another_length_is_not_compressed():
    assert encode(bytes(7), GREY) == b""
