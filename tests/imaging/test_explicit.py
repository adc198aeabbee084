"""Objects made Explicit VR Little Endian; pydicom finds the same in both files."""

import io
import warnings

import numpy as np
import pydicom
import pytest
from pydicom.pixels import pixel_array
from tests.imaging.files import SYNTAXES, file, image, read, sample

from oncommons.imaging.decoding import decode_all
from oncommons.imaging.elements import read_elements
from oncommons.imaging.explicit import to_explicit
from oncommons.imaging.syntax import open_file

NATIVE = (
    "CT_small.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_implicit.dcm",
    "rtplan.dcm",
    "image_dfl.dcm",
    "test-SR.dcm",
    "SC_rgb_small_odd_big_endian.dcm",
    "liver_1frame.dcm",
    "emri_small_big_endian.dcm",
    "reportsi.dcm",
)
COMPRESSED = (
    "JPEG2000.dcm",
    "MR_small_RLE.dcm",
    "emri_small_jpeg_2k_lossless.dcm",
    "SC_rgb_rle_2frame.dcm",
    "SC_rgb_dcmtk_+eb+cy+s2.dcm",
    "JPEG-LL.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
)


def converted(raw):
    opened = open_file(raw)
    dataset = read_elements(opened)
    return to_explicit(dataset, lambda: decode_all(dataset, opened.syntax.decode()))


def words(dataset):
    """Everything but the pixels, as pydicom tells it; binary words of big endian are not turned by it."""
    return {
        element.tag: str(element.value)
        for element in dataset
        if element.tag.element and element.VR not in {"OW", "SQ"} and element.keyword != "PixelData"
    }


@pytest.mark.parametrize("name", NATIVE)
def test_nothing_but_the_encoding_changes(name):
    before, after = read(sample(name)), read(converted(sample(name)))
    assert after.file_meta.TransferSyntaxUID == pydicom.uid.ExplicitVRLittleEndian
    assert words(after) == words(before)
    if "PixelData" in before:
        assert np.array_equal(pixel_array(after, raw=True), pixel_array(before, raw=True))


@pytest.mark.parametrize("name", COMPRESSED)
def test_compressed_pixels_are_made_native(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before, after = read(sample(name)), read(converted(sample(name)))
        assert not after.file_meta.TransferSyntaxUID.is_compressed
        assert np.array_equal(pixel_array(after, raw=True), pixel_array(before, raw=True))


def test_sequences_keep_their_items():
    before, after = (
        pydicom.dcmread(io.BytesIO(raw)) for raw in (sample("rtplan.dcm"), converted(sample("rtplan.dcm")))
    )
    assert before == after


def test_an_object_that_is_explicit_already_keeps_its_values_to_the_byte():
    raw = file(image((0x00091001, "UN", b"abc"), (0x00282000, "OB", b"abc")))
    assert converted(raw) == converted(converted(raw))


def test_a_value_that_is_too_long_for_its_representation_is_called_unknown():
    raw = file(image((0x30060050, "DS", "1\\" * 40_000 + "1")), SYNTAXES["implicit"])
    after = read_elements(open_file(converted(raw)))
    assert after.elements[0x30060050].end - after.elements[0x30060050].start == 80_002
    assert len(after.numbers(0x30060050)) == 40_001


def test_the_extended_offset_table_goes_with_the_compression():
    dataset = read_elements(open_file(sample("JPEG2000.dcm")))
    told = to_explicit(dataset, lambda: (b"ab", {0x00280004: b"RGB"}))
    after = read_elements(open_file(told))
    assert (after.raw(0x7FE00010), after.text(0x00280004)) == (b"ab", "RGB")
