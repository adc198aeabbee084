"""Boxes are black and nothing beside them, the file stays valid, and it says what was done."""

import io
from struct import pack

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.pixels import pixel_array
from tests.imaging.deid.pixels.pictures import FILM, anatomy, capture, opened, saved, seen
from tests.imaging.files import SYNTAXES, file, image, sample

from oncommons.imaging.deid.pixels.found import Box, Mark
from oncommons.imaging.deid.pixels.writing import blackened, holds_more, saying_so
from oncommons.imaging.elements import read_elements
from oncommons.imaging.pieces import Span, chunks_of
from oncommons.imaging.syntax import open_file

BOX = Box(1, 2, 3, 4)


def taken_apart(raw):
    """A file and its data set; its pixels need not be readable."""
    one = open_file(raw)
    return one, read_elements(one)


def black(content, *marks):
    return b"".join(chunks_of(blackened(*opened(content), marks)))


def said(raw):
    """What is kept of a file in which no text is found."""
    return b"".join(chunks_of(saying_so(*taken_apart(raw))))


def raw_pixels(content, number=0):
    return pixel_array(seen(content), index=number, raw=True)


@pytest.mark.parametrize(
    "name",
    ["CT_small.dcm", "MR_small_bigendian.dcm", "MR_small_implicit.dcm", "image_dfl.dcm", "SC_rgb_small_odd.dcm"],
)
def test_only_the_pixels_of_a_box_are_black_and_the_syntax_stays(name):
    before = pydicom.dcmread(get_testdata_file(name, download=False))
    after = seen(black(sample(name), Mark(range(1), BOX)))
    assert after.file_meta.TransferSyntaxUID == before.file_meta.TransferSyntaxUID
    expected = pixel_array(before, raw=True).copy()
    expected[2:4, 1:3] = 0 if expected.ndim > 2 else expected.min()
    assert np.array_equal(pixel_array(after, raw=True), expected)
    assert [e.tag for e in after] == [e.tag for e in before if e.tag != 0xFFFCFFFC or e.tag in after]
    for element in after:
        if element.tag != 0x7FE00010:
            assert element == before[element.tag]


@pytest.mark.parametrize("name", ["MR_small_RLE.dcm", "JPEG-LL.dcm", "SC_rgb_rle_2frame.dcm"])
def test_compressed_pixels_become_native(name):
    before = pydicom.dcmread(get_testdata_file(name, download=False))
    content = black(sample(name), Mark(range(99), BOX))
    after = seen(content)
    assert after.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    number = int(before.get("NumberOfFrames") or 1) - 1
    expected = pixel_array(before, index=number, raw=True).copy()
    expected[2:4, 1:3] = expected.min() if expected.ndim == 2 else 0
    assert np.array_equal(raw_pixels(content, number), expected)
    assert after.get("PlanarConfiguration") == (0 if expected.ndim > 2 else None)
    assert not {0x7FE00001, 0x7FE00002} & {int(e.tag) for e in after}


def test_colours_of_a_lossy_codec_become_rgb():
    before = pydicom.dcmread(get_testdata_file("SC_rgb_jpeg_dcmtk.dcm", download=False))
    after = seen(black(sample("SC_rgb_jpeg_dcmtk.dcm"), Mark(range(1), BOX)))
    assert (before.PhotometricInterpretation[:3], after.PhotometricInterpretation) == ("YBR", "RGB")
    expected = pixel_array(before).astype(int)
    expected[2:4, 1:3] = 0
    assert np.abs(after.pixel_array - expected).max() <= 1


def test_what_a_lossy_codec_lost_is_still_said():
    assert seen(black(sample("SC_rgb_jpeg_dcmtk.dcm"))).LossyImageCompression == "01"
    assert "LossyImageCompression" not in seen(black(sample("MR_small_RLE.dcm")))


def test_only_the_frames_of_a_mark_are_changed():
    film = np.full((4, 6, 6), 9, np.uint8)
    film[:, 0, 0] = 1
    found = pixel_array(seen(black(saved(capture(film, FILM)), Mark(range(1, 3), BOX))))
    assert [bool((frame[2:4, 1:3] == 1).all()) for frame in found] == [False, True, True, False]
    found[1:3, 2:4, 1:3] = 9
    assert np.array_equal(found, film)


def test_planes_of_colours_are_written_by_pixel():
    colours = np.stack([anatomy(6, 6, seed=n) for n in range(3)])
    one = capture(np.moveaxis(colours, 0, -1))
    one.PlanarConfiguration, one.PixelData = 1, colours.tobytes()
    after = seen(black(saved(one), Mark(range(1), BOX)))
    assert after.PlanarConfiguration == 0
    assert np.array_equal(after.pixel_array[4:], np.moveaxis(colours, 0, -1)[4:])


def test_bytes_after_the_last_frame_and_bits_that_are_not_stored_go():
    values = np.arange(16, dtype="<u2") | 0xA000
    more = [(0x00280002, "US", 1), (0x00280004, "CS", "MONOCHROME2"), (0x00280100, "US", 16), (0x00280101, "US", 12)]
    more += [(0x00280102, "US", 11), (0x00280103, "US", 0)]
    hidden = file(image(*more, (0x7FE00010, "OW", values.tobytes())))
    trailing = file(image(*more, (0x7FE00010, "OW", (values & 0xFFF).tobytes() + b"Quackenbush^Zebediah")))
    plain = file(image(*more, (0x7FE00010, "OW", (values & 0xFFF).tobytes())))
    assert [holds_more(*opened(raw)[1:]) for raw in (hidden, trailing, plain)] == [True, True, False]
    assert seen(black(hidden)).PixelData == seen(black(trailing)).PixelData == seen(plain).PixelData
    assert not holds_more(*opened(sample("MR_small_RLE.dcm"))[1:])


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_it_says_that_pixels_were_cleaned_beside_what_it_said_before(syntax):
    codes = [[(0x00080100, "SH", "113100"), (0x00080102, "SH", "DCM"), (0x00080104, "LO", "Basic ")]]
    raw = file(image((0x00120064, "SQ", codes)), syntax, open_ended=True)
    found = seen(said(raw))
    assert [item.CodeValue for item in found.DeidentificationMethodCodeSequence] == ["113100", "113101"]
    assert found.DeidentificationMethodCodeSequence[1].CodeMeaning == "Clean Pixel Data Option"
    assert found.BurnedInAnnotation == "NO"
    assert found.PixelData == seen(raw).PixelData


def test_what_said_that_text_is_burned_in_says_no_now():
    raw = file(image((0x00280301, "CS", "YES")))
    found = seen(said(raw))
    assert found.BurnedInAnnotation == "NO"
    assert "DeidentificationMethodCodeSequence" not in found


@pytest.mark.parametrize("syntax", ["explicit", "implicit", "big"])
def test_native_pixels_are_a_piece_of_their_own(syntax):
    raw = file(image(), SYNTAXES[syntax])
    pieces = saying_so(*taken_apart(raw))
    (pixels,) = [piece for piece in pieces if isinstance(piece, Span) and len(piece) == 32]
    assert b"".join(pixels.chunks()) == bytes(range(32))
    assert seen(said(raw)).PixelData == seen(raw).PixelData


def test_elements_come_in_ascending_order():
    found = seen(black(sample("SC_rgb_jpeg_dcmtk.dcm"), Mark(range(1), BOX)))
    tags = [e.tag for e in found]
    assert tags == sorted(tags)


def test_odd_numbers_of_bytes_are_made_even():
    found = black(saved(capture(np.zeros((3, 3), np.uint8))), Mark(range(1), BOX))
    assert found.endswith(pack("<HHI", 0x7FE0, 0x0010, 10)[4:] + bytes(10))
    assert pydicom.dcmread(io.BytesIO(found)).pixel_array.shape == (3, 3)
