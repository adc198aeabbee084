"""Frames as they are shown and stored are those of pydicom, in every layout."""

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate
from pydicom.pixels import pixel_array
from tests.imaging.deid.pixels.pictures import FILM, anatomy, capture, opened, saved
from tests.imaging.files import sample

from oncommons.imaging.deid.pixels import frames
from oncommons.imaging.deid.pixels.frames import decoded_bytes, open_stack
from oncommons.schema.errors import DamagedImage
from oncommons.schema.errors_of_pixels import TooMuchToLook, UnreadablePixels

NATIVE = [
    "CT_small.dcm",
    "MR_small_bigendian.dcm",
    "SC_rgb_small_odd.dcm",
    "SC_rgb_small_odd_big_endian.dcm",
    "liver_1frame.dcm",
    "emri_small.dcm",
    "SC_ybr_full_422_uncompressed.dcm",
    "image_dfl.dcm",
]
COMPRESSED = ["MR_small_RLE.dcm", "SC_rgb_rle_2frame.dcm", "JPEG-LL.dcm", "emri_small_RLE.dcm"]


def theirs(name, number):
    return pixel_array(pydicom.dcmread(get_testdata_file(name, download=False)), index=number, raw=True)


def stack_of(name):
    return opened(sample(name))[2]


@pytest.mark.parametrize("name", NATIVE + COMPRESSED)
def test_stored_values_are_those_of_pydicom(name):
    stack = stack_of(name)
    for number in {0, stack.layout.frames - 1}:
        stored, _ = stack.stored(number)
        assert np.array_equal(stored, theirs(name, number))


def test_colours_are_shown_as_red_green_and_blue_of_eight_bits():
    shown = stack_of("SC_ybr_full_422_uncompressed.dcm").shown(0)
    expected = pixel_array(get_testdata_file("SC_ybr_full_422_uncompressed.dcm", download=False))
    assert (shown.dtype, shown.shape) == (np.uint8, expected.shape)
    assert np.abs(shown.astype(int) - expected).max() <= 1


def test_greys_are_shown_with_all_their_numbers():
    assert np.array_equal(stack_of("CT_small.dcm").shown(0), theirs("CT_small.dcm", 0))


@pytest.mark.parametrize(("photometric", "number"), [("MONOCHROME2", 3), ("MONOCHROME1", 250)])
def test_black_is_the_darkest_grey_that_a_frame_has(photometric, number):
    pixels = np.array([[3, 250], [9, 9]], np.uint8)
    stack = opened(saved(capture(pixels, photometric=photometric)))[2]
    assert stack.black(*stack.stored(0)) == number


@pytest.mark.parametrize(("photometric", "black"), [("RGB", [0, 0, 0]), ("YBR_FULL", [0, 128, 128])])
def test_black_is_black_in_colours(photometric, black):
    stack = opened(saved(capture(np.zeros((2, 2, 3), np.uint8), photometric=photometric)))[2]
    assert stack.black(*stack.stored(0)).tolist() == black


def test_black_of_a_palette_is_the_darkest_colour_that_a_frame_uses():
    palette = np.array([255, 10, 0, 200], "<u2") * 256
    tables = {f"{c}PaletteColorLookupTableDescriptor": [4, 0, 16] for c in ("Red", "Green", "Blue")}
    tables |= {f"{c}PaletteColorLookupTableData": palette.tobytes() for c in ("Red", "Green", "Blue")}
    used = np.array([[0, 1], [3, 3]], np.uint8)
    stack = opened(saved(capture(used, photometric="PALETTE COLOR", **tables)))[2]
    assert stack.black(*stack.stored(0)) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"PhotometricInterpretation": "CMYK"},
        {"PhotometricInterpretation": "RGB"},
        {"BitsAllocated": 12},
        {"HighBit": 3},
        {"SamplesPerPixel": 4},
    ],
)
def test_pixels_of_an_odd_form_are_not_read(more):
    with pytest.raises(UnreadablePixels):
        opened(saved(capture(anatomy(4, 4), **more)))


def test_pixels_without_rows_are_damaged():
    with pytest.raises(DamagedImage):
        opened(saved(capture(anatomy(4, 4), Rows=0)))


def test_an_object_without_pixels_cannot_be_looked_at():
    one = capture(anatomy(4, 4))
    del one.PixelData
    with pytest.raises(UnreadablePixels):
        opened(saved(one))


@pytest.mark.parametrize(("limit", "words"), [("MOST_BYTES", "its 3 frames"), ("LARGEST_FRAME", "one of its frames")])
def test_more_pixels_than_are_looked_through_are_told(monkeypatch, limit, words):
    film = saved(capture(np.zeros((3, 4, 4), np.uint8), FILM))
    monkeypatch.setattr(frames, limit, 48 if limit == "MOST_BYTES" else 16)
    assert decoded_bytes(opened(film)[2].layout) == 48
    monkeypatch.setattr(frames, limit, 47 if limit == "MOST_BYTES" else 15)
    with pytest.raises(TooMuchToLook, match=words):
        opened(film)


def test_a_damaged_codestream_is_told():
    one = pydicom.dcmread(get_testdata_file("MR_small_RLE.dcm"))
    one.PixelData = encapsulate([bytes(64)])
    stack = opened(saved(one))[2]
    with pytest.raises(UnreadablePixels):
        stack.stored(0)


def test_a_film_that_ends_early_is_damaged():
    one = capture(np.zeros((3, 4, 4), np.uint8), FILM)
    one.NumberOfFrames = 4
    stack = opened(saved(one))[2]
    with pytest.raises(DamagedImage):
        stack.shown(3)


def test_opening_reads_no_pixels():
    _, dataset, stack = opened(saved(capture(anatomy(4, 4))))
    assert open_stack(dataset, stack.syntax) == stack
