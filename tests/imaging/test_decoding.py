"""Compressed frames made native, as pydicom's own reading of the whole file gives them."""

import warnings

import numpy as np
import pydicom
import pytest
from pydicom.pixels import pixel_array
from tests.imaging.files import sample

from oncommons.imaging.decoding import can_decode, decode_all, decode_frame
from oncommons.imaging.elements import read_elements
from oncommons.imaging.syntax import open_file
from oncommons.schema.errors_of_protocols import NoPicture

NAMES = (
    "JPEG2000.dcm",
    "JPEG-LL.dcm",
    "emri_small_RLE.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",
    "examples_jpeg2k.dcm",
    "emri_small_jpeg_ls_lossless.dcm",
    "SC_rgb_rle_16bit.dcm",
    "US1_J2KI.dcm",
)


def opened(name):
    found = open_file(sample(name))
    return read_elements(found), found.syntax.decode()


@pytest.mark.parametrize("name", NAMES)
def test_every_frame_is_that_of_pydicom(name):
    dataset, syntax = opened(name)
    theirs = pydicom.dcmread(pydicom.data.get_testdata_file(name, download=False))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = pixel_array(theirs, raw=True)
        found = np.frombuffer(decode_all(dataset, syntax)[0], expected.dtype)
    assert np.array_equal(found[: expected.size], expected.ravel())


def test_colours_that_were_shared_by_pixels_are_no_longer():
    dataset, syntax = opened("SC_rgb_dcmtk_+eb+cy+s2.dcm")
    pixels, layout = decode_frame(dataset, syntax, 1)
    assert (layout.photometric, len(pixels)) == ("YBR_FULL", layout.rows * layout.columns * 3)


def test_a_damaged_frame_is_told():
    dataset, syntax = opened("JPEG2000.dcm")
    start, end = dataset.elements[0x7FE00010].fragments[1]
    raw = bytearray(dataset.data)
    raw[start:end] = bytes(end - start)
    with pytest.raises(NoPicture, match="cannot be decoded"):
        decode_frame(read_elements(open_file(bytes(raw))), syntax, 1)


def test_what_has_a_decoder_is_known():
    assert can_decode("1.2.840.10008.1.2.4.90")
    assert can_decode("1.2.840.10008.1.2.4.70")
    assert not can_decode("1.2.840.10008.1.2.4.102")
    assert not can_decode("1.2.3")
