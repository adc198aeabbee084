"""Frames as pictures; pydicom's pipeline gives the same values before they are cut to eight bits."""

import numpy as np
import pydicom
import pytest
from pydicom.pixels import apply_modality_lut, apply_voi_lut, apply_windowing, convert_color_space, pixel_array
from tests.imaging.files import file, image, sample

from oncommons.imaging.elements import read_elements
from oncommons.imaging.frames import frame, layout_of
from oncommons.imaging.picture import Window, groups_of, picture_of, stored_values
from oncommons.imaging.syntax import open_file
from oncommons.schema.errors import DamagedImage
from oncommons.schema.errors_of_protocols import NoPicture


def shown(raw, number=1, window=None):
    dataset = read_elements(open_file(raw))
    return picture_of(dataset, frame(dataset, number), layout_of(dataset), number, window)


def greys(*values, more=(), without=()):
    """The picture of one row of 16-bit values."""
    pixels = np.asarray(values, "<i2").tobytes()
    layout = (
        (0x00280002, "US", 1),
        (0x00280004, "CS", "MONOCHROME2"),
        (0x00280010, "US", 1),
        (0x00280011, "US", len(values)),
        (0x00280100, "US", 16),
        (0x00280101, "US", 16),
        (0x00280103, "US", 1),
        (0x7FE00010, "OW", pixels),
    )
    return shown(file(image(*layout, *more, without=without)))[0].tolist()


def theirs(name):
    return pydicom.dcmread(pydicom.data.get_testdata_file(name, download=False))


@pytest.mark.parametrize("name", ["MR_small.dcm", "vlut_04.dcm", "mlut_18.dcm", "emri_small.dcm"])
def test_a_real_image_is_shown_as_pydicom_shows_it(name):
    dataset = theirs(name)
    values = apply_modality_lut(pixel_array(dataset, index=0), dataset).astype(float)
    if "VOILUTSequence" in dataset or "WindowWidth" in dataset:
        values = apply_voi_lut(values.astype(np.int32), dataset)
        low, high = (0, values.max()) if "VOILUTSequence" in dataset else (values.min(), values.max())
    else:
        low, high = np.percentile(values, (0.5, 99.5))
    expected = np.clip((values - low) / (high - low), 0, 1) * 255
    found = shown(sample(name)).astype(float)
    if "WindowWidth" in dataset:  # pydicom cuts the window to the range of the type, we to black and white
        assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.999
    else:
        assert np.abs(found - expected).max() <= 1


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_a_window_is_that_of_pydicom(function):
    values = np.arange(-200, 300, 7, dtype=np.int16)
    window = ((0x00281050, "DS", "40"), (0x00281051, "DS", "300"), (0x00281056, "CS", function))
    dataset = pydicom.Dataset()
    dataset.WindowCenter, dataset.WindowWidth, dataset.VOILUTFunction = 40, 300, function
    dataset.PhotometricInterpretation, dataset.BitsStored, dataset.PixelRepresentation = "MONOCHROME2", 16, 1
    expected = (apply_windowing(values.copy(), dataset) + 32768) / 65535 * 255
    assert np.abs(np.asarray(greys(*values, more=window), float) - expected).max() <= 0.51


def test_a_window_that_is_asked_for_goes_before_that_of_the_header():
    raw = sample("CT_small.dcm")
    dataset = theirs("CT_small.dcm")
    values = apply_modality_lut(dataset.pixel_array, dataset)
    found = shown(raw, window=Window(100, 2, "LINEAR_EXACT"))
    assert np.array_equal(found > 127, values >= 100)


def test_a_window_of_no_width_is_a_threshold():
    window = ((0x00281050, "DS", "3"), (0x00281051, "DS", "1"))
    assert greys(1, 2, 3, 4, more=window) == [0, 0, 255, 255]


def test_a_ct_without_a_window_is_shown_as_soft_tissue():
    assert greys(-160, 40, 240, 3000)[::3] == [0, 255]


def test_another_image_without_a_window_is_shown_by_its_values():
    assert greys(0, 50, 100, more=((0x00080060, "CS", "MR"),)) == [0, 128, 255]
    assert len(set(greys(7, 7, 7, more=((0x00080060, "CS", "MR"),)))) == 1


def test_monochrome1_is_shown_the_other_way_round():
    more = ((0x00080060, "CS", "MR"), (0x00280004, "CS", "MONOCHROME1"))
    assert greys(0, 50, 100, more=more) == [255, 127, 0]


def test_bits_above_those_that_are_stored_do_not_count():
    more = ((0x00280101, "US", 12), (0x00280103, "US", 0), (0x00080060, "CS", "MR"))
    assert greys(0xF, 0x1FFF, 0x700F, more=more)[::2] == [0, 0]


def test_the_groups_of_a_frame_go_before_those_of_all():
    shared = [(0x00289145, "SQ", [[(0x00281053, "DS", "2")]]), (0x00289132, "SQ", [[(0x00281050, "DS", "1")]])]
    own = [(0x00289145, "SQ", [[(0x00281053, "DS", "3")]])]
    dataset = read_elements(open_file(file(image((0x52009229, "SQ", [shared]), (0x52009230, "SQ", [own, []])))))
    assert groups_of(dataset, 0x00289145, 1).number(0x00281053) == 3
    assert groups_of(dataset, 0x00289145, 2).number(0x00281053) == 2
    assert groups_of(dataset, 0x00289132, 1).number(0x00281050) == 1
    assert groups_of(dataset, 0x00209113, 1) is None


@pytest.mark.parametrize(
    "name",
    [
        "SC_rgb_small_odd.dcm",
        "SC_rgb.dcm",
        "SC_ybr_full_uncompressed.dcm",
        "SC_ybr_full_422_uncompressed.dcm",
        "examples_palette.dcm",
    ],
)
def test_colours_are_those_of_pydicom(name):
    dataset = theirs(name)
    values = pixel_array(dataset, raw=True, index=0)
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        expected = pydicom.pixels.apply_color_lut(values, dataset)
        expected = expected >> 8 if expected.max() > 255 else expected
    else:
        expected = convert_color_space(values, dataset.PhotometricInterpretation, "RGB")
    assert np.abs(shown(sample(name)).astype(int) - expected.astype(int)).max() <= 1


def test_colours_that_lie_plane_by_plane_are_put_together():
    pixels = bytes(range(1, 13))
    more = (
        (0x00280002, "US", 3),
        (0x00280004, "CS", "RGB"),
        (0x00280006, "US", 1),
        (0x00280010, "US", 2),
        (0x00280011, "US", 2),
        (0x00280100, "US", 8),
        (0x00280101, "US", 8),
        (0x7FE00010, "OW", pixels),
    )
    assert shown(file(image(*more))).tolist() == [[[1, 5, 9], [2, 6, 10]], [[3, 7, 11], [4, 8, 12]]]


@pytest.mark.parametrize("photometric", ["", "YBR_RCT", "PALETTE COLOR"])
def test_what_cannot_be_shown_is_told(photometric):
    more = (
        (0x00280002, "US", 3 if "YBR" in photometric else 1),
        (0x00280004, "CS", photometric),
        (0x00280010, "US", 1),
        (0x00280011, "US", 4),
        (0x00280100, "US", 8),
        (0x00280101, "US", 8),
    )
    with pytest.raises(NoPicture):
        shown(file(image(*more)))


def test_too_few_pixels_are_damaged():
    dataset = read_elements(open_file(sample("CT_small.dcm")))
    with pytest.raises(DamagedImage):
        stored_values(b"ab", layout_of(dataset))
