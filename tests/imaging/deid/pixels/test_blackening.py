"""Pixel data whose frames are made when they are cut are those of pydicom and NumPy, wherever they are cut."""

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from tests.imaging.deid.pixels.pictures import FILM, capture, opened, saved
from tests.imaging.files import sample

from oncommons.imaging.deid.pixels.blackening import Blackened, to_bytes
from oncommons.imaging.deid.pixels.found import Box, Mark
from oncommons.imaging.frames import layout_of

NATIVE = [
    "CT_small.dcm",
    "MR_small_bigendian.dcm",
    "SC_rgb_small_odd.dcm",
    "liver_1frame.dcm",
    "emri_small.dcm",
    "image_dfl.dcm",
]
MARKS = (Mark(range(1, 3), Box(1, 2, 3, 4)), Mark(range(2, 3), Box(0, 0, 2, 1)))


class Counted:
    """Frames that count how often they are read."""

    def __init__(self, stack):
        self.stack, self.layout, self.read = stack, stack.layout, []

    def stored(self, number):
        self.read.append(number)
        return self.stack.stored(number)

    def black(self, stored, layout):
        return self.stack.black(stored, layout)


def film(bits, frames=4, rows=5, columns=7):
    """Numbers of a film, and its frames."""
    rng = np.random.default_rng(bits)
    if bits == 1:
        pixels = rng.integers(0, 2, (frames, rows, columns), np.uint8)
        one = capture(np.zeros((frames, rows, columns), np.uint8), FILM)
        one.BitsAllocated = one.BitsStored = 1
        one.HighBit = 0
        raw = np.packbits(pixels.ravel(), bitorder="little").tobytes()
        one.PixelData = raw + bytes(len(raw) % 2)
    else:
        pixels = rng.integers(1, 2**bits - 1, (frames, rows, columns)).astype(f"u{bits // 8}")
        one = capture(pixels, FILM)
    return pixels, opened(saved(one))[2]


def expected(pixels, bits):
    """The same with its boxes in black, as bytes, by NumPy."""
    made = pixels.copy()
    for mark in MARKS:
        for number in mark.frames:
            box = mark.box
            made[number, box.top : box.bottom, box.left : box.right] = pixels[number].min()
    raw = np.packbits(made.ravel(), bitorder="little").tobytes() if bits == 1 else made.tobytes()
    return raw + bytes(len(raw) % 2)


@pytest.mark.parametrize("name", NATIVE)
def test_what_has_no_boxes_is_as_it_was_stored(name):
    stack = opened(sample(name))[2]
    dataset = pydicom.dcmread(get_testdata_file(name, download=False))
    big = dataset.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.2"
    made = Blackened(stack, (), dataset["PixelData"].VR, big=big)
    assert made[:] == dataset.PixelData + bytes(len(dataset.PixelData) % 2)


@pytest.mark.parametrize("bits", [1, 8, 16])
def test_boxes_are_black_in_their_frames(bits):
    pixels, stack = film(bits)
    assert Blackened(stack, MARKS, "OW", big=False)[:] == expected(pixels, bits)


@pytest.mark.parametrize(("bits", "vr", "width"), [(8, "OB", 1), (8, "OW", 2), (16, "OW", 2)])
def test_words_are_turned_in_big_endian(bits, vr, width):
    pixels, stack = film(bits)
    turned = np.frombuffer(expected(pixels, bits), f"<u{width}").byteswap().tobytes()
    assert Blackened(stack, MARKS, vr, big=True)[:] == turned


@given(st.sampled_from([1, 8, 16]), st.booleans(), st.integers(0, 300), st.integers(0, 300))
def test_a_cut_is_that_of_the_whole(bits, big, start, stop):
    made = Blackened(film(bits)[1], MARKS, "OW", big=big)
    assert made[start:stop] == made[:][start:stop]


def test_a_frame_that_is_cut_in_many_pieces_is_made_once():
    pixels, stack = film(8)
    counted = Counted(stack)
    made = Blackened(counted, MARKS, "OB", big=False)
    assert b"".join(made[at : at + 3] for at in range(0, len(made), 3)) == expected(pixels, 8)
    assert counted.read == [0, *range(4)]  # the first one tells how they are described


def test_a_frame_as_bytes_is_in_little_endian():
    layout = layout_of(opened(saved(capture(np.zeros((2, 2), np.uint16))))[1])
    assert to_bytes(np.array([[1, 2], [3, 4]], ">u2"), layout) == bytes([1, 0, 2, 0, 3, 0, 4, 0])
