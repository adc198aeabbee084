"""Pictures show the pixels that are there, and what hides among them; Pillow reads them again."""

import io
from functools import partial

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.data import get_testdata_file
from tests.imaging.files import sample
from tests.node.images import dicom

from oncommons.imaging.syntax import open_file
from oncommons.node.steward import pictures
from oncommons.schema.errors import BadRequest, DamagedImage
from oncommons.schema.errors_of_protocols import NoPicture


def drawn(raw, *options):
    return np.asarray(Image.open(io.BytesIO(pictures.draw(open_file(raw), *options))))


def with_pixels(values, **more):
    stored = np.asarray(values, "<u2")
    rows, columns = stored.shape
    return dicom(PixelData=stored.tobytes(), Rows=rows, Columns=columns, PixelRepresentation=0, **more)


def test_a_picture_has_the_pixels_of_the_frame():
    theirs = pydicom.dcmread(get_testdata_file("examples_rgb_color.dcm")).pixel_array
    assert np.array_equal(drawn(sample("examples_rgb_color.dcm")), theirs)


def test_the_frames_of_a_film_are_told_apart():
    raw = sample("SC_rgb_rle_2frame.dcm")
    theirs = pydicom.dcmread(get_testdata_file("SC_rgb_rle_2frame.dcm")).pixel_array
    for number in (1, 2):
        assert np.array_equal(drawn(raw, number), theirs[number - 1])
    for number in (0, 3):
        with pytest.raises(NoPicture):
            pictures.draw(open_file(raw), number)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_text_that_hardly_differs_is_seen_when_every_shade_is_apart(photometric):
    values = np.full((32, 32), 1000)
    values[0, 0], values[31, 31] = 0, 4095
    values[10:20, 10:20] = 1001
    raw = with_pixels(values, PhotometricInterpretation=photometric, WindowCenter=1000, WindowWidth=4000)
    usual, even = (drawn(raw, 1, look).astype(int) for look in ("usual", "even"))
    assert abs(usual[15, 15] - usual[5, 5]) <= 1
    assert abs(even[15, 15] - even[5, 5]) > 100


def test_values_beyond_the_window_are_seen_from_darkest_to_brightest():
    raw = with_pixels([[0, 100, 3000, 4000]], WindowCenter=50, WindowWidth=100, RescaleIntercept=0)
    assert drawn(raw)[0].tolist()[1:] == [255, 255, 255]
    assert drawn(raw, 1, "all")[0].tolist() == [0, 6, 191, 255]


@pytest.mark.parametrize("look", pictures.LOOKS)
@pytest.mark.parametrize("name", ["examples_palette.dcm", "examples_ybr_color.dcm", "CT_small.dcm", "MR_small_RLE.dcm"])
def test_every_look_shows_every_kind_of_picture(name, look):
    theirs = pydicom.dcmread(get_testdata_file(name))
    assert drawn(sample(name), 1, look).shape[:2] == (theirs.Rows, theirs.Columns)


@pytest.mark.parametrize("look", ["all", "even"])
def test_a_picture_of_one_shade_is_black(look):
    assert drawn(with_pixels(np.full((4, 4), 7)), 1, look).max() == 0


def test_a_picture_is_no_larger_than_asked_for():
    assert drawn(sample("examples_palette.dcm"), 1, "usual", 100).shape[:2] == (44, 100)
    assert drawn(sample("CT_small.dcm"), 1, "usual", 4096).shape == (128, 128)


def test_a_look_that_is_none_is_told():
    with pytest.raises(BadRequest):
        pictures.draw(open_file(dicom()), 1, "x-ray")


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (partial(dicom, PixelData=None), NoPicture),
        (partial(dicom, Rows=60_000, Columns=60_000), NoPicture),
        (partial(dicom, PixelData=b"\0\0"), DamagedImage),
        (partial(sample, "rtplan.dcm"), NoPicture),
    ],
)
def test_what_cannot_be_shown_is_told(raw, fault):
    with pytest.raises(fault):
        pictures.draw(open_file(raw()))
