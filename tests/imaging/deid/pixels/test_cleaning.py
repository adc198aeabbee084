"""Text goes until none is found; what stays, stays as it was."""

import io

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.pixels import pixel_array
from tests.imaging.deid.pixels.pictures import (
    FILM,
    NAME,
    anatomy,
    blocks,
    capture,
    nothing,
    saved,
    seen,
    seen_by,
    with_blocks,
    with_text,
)
from tests.imaging.files import sample

from oncommons.imaging.deid.pixels.cleaning import clean_file
from oncommons.imaging.deid.pixels.found import Box, Found
from oncommons.imaging.deid.pixels.views import scaled, whole_range
from oncommons.schema.errors import MayShowText
from oncommons.schema.errors_of_pixels import TooMuchToLook, UnreadablePixels


def clean(pixels, recogniser=blocks, tokens=(), **more):
    done = clean_file(saved(capture(pixels, **more)), recogniser, tokens)
    return done, seen(done.content)


def legible(recogniser, pixels):
    """What can be read in a picture, twice as large."""
    return " ".join(one.text for one in recogniser(scaled(seen_by(whole_range, pixels), 2.0)))


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int16])
def test_a_name_that_is_burned_in_can_be_read_before_and_not_after(recogniser, kind):
    plain = anatomy()
    factor = np.iinfo(kind).max // 255
    pixels = with_text(plain.astype(kind) * factor)
    assert "uackenbush" in legible(recogniser, pixels)
    done, found = clean(pixels, recogniser)
    assert legible(recogniser, found.pixel_array) == ""
    assert found.BurnedInAnnotation == "NO"
    hidden = np.zeros(plain.shape, bool)
    for box in done.boxes:
        hidden[box.top : box.bottom, box.left : box.right] = True
    assert np.array_equal(found.pixel_array[~hidden], pixels[~hidden])
    assert (found.pixel_array[hidden] == pixels.min()).all()
    assert hidden.mean() < 0.35


def test_words_of_imaging_stay_beside_a_name_that_goes(recogniser):
    pixels = with_text(with_text(anatomy(200, 320), "ABDOMEN", at=(150, 40)), NAME, at=(20, 40))
    _, found = clean(pixels, recogniser)
    assert legible(recogniser, found.pixel_array) == "ABDOMEN"


def test_words_that_are_this_patients_name_go(recogniser):
    pixels = with_text(anatomy(), "HEAD")
    assert clean(pixels, recogniser)[0].boxes == ()
    assert clean(pixels, recogniser, [b"head"])[0].boxes != ()


def test_where_nothing_is_found_pixels_and_syntax_stay_as_they_were():
    raw = sample("MR_small_RLE.dcm")
    done = clean_file(raw, nothing)
    before, after = seen(raw), seen(done.content)
    assert after.PixelData == before.PixelData
    assert done.syntax == after.file_meta.TransferSyntaxUID == before.file_meta.TransferSyntaxUID
    assert (done.boxes, done.told) == ((), {0x00280301: "NO", 0x00280004: "MONOCHROME2"})


def test_what_it_tells_of_an_object_is_what_the_file_says():
    one = pydicom.dcmread(get_testdata_file("SC_rgb_jpeg_dcmtk.dcm"))
    one.PatientID = "1"
    done = clean_file(saved(one), once(Found(Box(3, 3, 60, 20), "Smith", 0.99)))
    found = seen(done.content)
    assert done.syntax == found.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert done.told[0x00280004] == found.PhotometricInterpretation
    assert np.abs(pixel_array(found).astype(int)[60:] - pixel_array(one)[60:]).max() <= 1


def once(*found):
    """Finds these in the first picture, and nothing in the others."""
    left = [list(found)]
    return lambda _: left.pop() if left else []


def test_text_that_comes_out_after_the_first_round_goes_too():
    looks = [[Found(Box(10, 10, 90, 40), "Smith", 0.99)], [], [Found(Box(400, 90, 480, 120), "Jones", 0.99)]]
    done, _ = clean(anatomy(), lambda _: looks.pop(0) if looks else [])
    assert len(done.boxes) == 2


def test_what_is_found_again_and_again_elsewhere_is_not_kept():
    places = iter(range(0, 900, 12))

    def restless(_):
        left = next(places)
        return [Found(Box(left, 5, left + 6, 9), "Smith", 0.99)]

    with pytest.raises(MayShowText, match="after all that was found before"):
        clean(anatomy(), restless)


def test_letters_read_with_doubt_go_if_they_are_found_at_the_first_look_and_not_later():
    doubtful = Found(Box(400, 90, 420, 120), "JD", 0.7, faint=True)
    certain = Found(Box(10, 10, 90, 40), "Smith", 0.99)
    for first, number in ([doubtful], 1), ([certain], 1), ([], 0):
        looks = [first, [], [doubtful]]
        done, _ = clean(anatomy(), lambda _, looks=looks: looks.pop(0) if looks else [])
        assert len(done.boxes) == number


def test_the_rim_of_a_black_box_is_no_text():
    always = Found(Box(100, 100, 200, 130), "Smith", 0.99)
    done, _ = clean(anatomy(120, 160), lambda picture: [always] if picture.shape[0] < picture.shape[1] else [])
    assert len(done.boxes) == 2  # the views of the first look are of two sizes


def test_a_name_in_every_frame_of_a_film_goes_from_every_frame():
    rng = np.random.default_rng(5)
    film = rng.integers(0, 200, (12, 100, 120)).astype(np.uint8)
    done, found = clean(with_blocks(film, (20, 30)), sop_class=FILM)
    pixels = found.pixel_array
    (box, *_) = done.boxes
    for before, after in zip(film, pixels, strict=True):
        assert (after[20:30, 30:90] == before.min()).all()
        assert np.array_equal(after[60:], before[60:])
    assert box.top <= 20


def test_a_name_in_one_page_of_a_capture_goes_from_that_page_alone():
    pages = np.stack([anatomy(seed=n) for n in range(3)])
    named = pages.copy()
    named[1] = with_blocks(pages[1], (20, 30))
    _, found = clean(named, sop_class="1.2.840.10008.5.1.4.1.1.7.2")
    assert np.array_equal(found.pixel_array[[0, 2]], pages[[0, 2]])
    assert not np.array_equal(found.pixel_array[1], named[1])


def test_the_strip_above_the_regions_of_an_ultrasound_image_goes_unread():
    region = Dataset()
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 0, 20
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 319, 119
    pixels = np.stack([anatomy()] * 3, axis=-1)
    done, found = clean(pixels, nothing, SequenceOfUltrasoundRegions=[region])
    assert done.boxes == (Box(0, 0, 320, 20),)
    assert not found.pixel_array[:20].any()
    assert np.array_equal(found.pixel_array[20:], pixels[20:])


def test_a_region_that_begins_low_has_no_strip_above_it():
    region = Dataset()
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 0, 60
    assert clean(anatomy(), nothing, SequenceOfUltrasoundRegions=[region])[0].boxes == ()


def test_bytes_that_nobody_sees_go_even_where_no_text_is_found():
    one = capture(anatomy(4, 4))
    one.PixelData += b"Quackenbush^Zebediah"
    done = clean_file(saved(one), nothing)
    assert b"Quackenbush" not in done.content
    assert seen(done.content).PixelData == anatomy(4, 4).tobytes()


def test_a_video_cannot_be_looked_at():
    one = capture(anatomy(4, 4))
    one.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.103"
    one.PixelData = pydicom.encaps.encapsulate([bytes(32)])
    with pytest.raises(UnreadablePixels):
        clean_file(saved(one), nothing)


def test_a_capture_of_too_many_pages_is_told():
    pages = np.zeros((61, 4, 4), np.uint8)
    with pytest.raises(TooMuchToLook):
        clean(pages, nothing, sop_class="1.2.840.10008.5.1.4.1.1.7.2")


def test_the_same_file_gives_the_same_bytes(recogniser):
    raw = saved(capture(with_text(anatomy(80, 320))))
    assert clean_file(raw, recogniser).content == clean_file(raw, recogniser).content
    assert pydicom.dcmread(io.BytesIO(raw)).pixel_array.shape == (80, 320)
