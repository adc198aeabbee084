"""Native pixel data put back as encapsulated ones; pydicom reads the tables, the fragments and all that is around them."""

from struct import pack

import pydicom.encaps
import pytest
from tests.imaging.files import SYNTAXES, file, image, read

from oncommons.imaging import encapsulating
from oncommons.imaging.encapsulating import encapsulated, fragment, native_of
from oncommons.imaging.pieces import Span, chunks_of

RLE = b"1.2.840.10008.1.2.5"
SHAPE = [(0x00280100, "US", 16), (0x00280101, "US", 12), (0x00280102, "US", 11)]
ICON = (0x00880200, "SQ", [[(0x00280010, "US", 4), (0x7FE00010, "OW", bytes(64))]])


def pieces(raw, pixels=bytes(range(32))):
    """A file in pieces, its pixels as a place in it."""
    at = raw.index(pixels)
    return [raw[:at], Span(raw, at, at + len(pixels)), raw[at + len(pixels) :]]


def taken(*more, syntax="explicit", pixels=bytes(range(32)), tail=b""):
    elements = image(*SHAPE, (0x7FE00010, "OW", pixels), *more)
    return native_of(pieces(file(elements, SYNTAXES[syntax], tail=tail), pixels), SYNTAXES[syntax])


def put_back(native, frames):
    items = [fragment(frame) for frame in frames]
    return encapsulated(native, RLE, [len(item) for item in items], items)


@pytest.mark.parametrize("syntax", ["explicit", "implicit"])
@pytest.mark.parametrize("frames", [(b"one", b"two2"), (b"x" * 5,)])
def test_every_frame_is_a_fragment_and_the_table_says_where(syntax, frames):
    pixels = bytes(range(64)) * 2 * len(frames)
    more = [(0x00280008, "IS", str(len(frames))), (0x00280010, "US", 8), (0x00280011, "US", 8)]
    native = taken(*more, syntax=syntax, pixels=pixels)
    found = read(b"".join(chunks_of(put_back(native, frames))))
    assert found.file_meta.TransferSyntaxUID == RLE.decode()
    assert [f.rstrip(b"\0") for f in pydicom.encaps.generate_frames(found.PixelData, number_of_frames=len(frames))] == [
        *frames
    ]
    offsets = pydicom.encaps.parse_basic_offsets(found.PixelData)
    count, starts = pydicom.encaps.parse_fragments(found.PixelData[8 + 4 * len(frames) :])
    assert (count, offsets) == (len(frames), starts)
    assert len(found.PixelData) % 2 == 0


@pytest.mark.parametrize("syntax", ["explicit", "implicit"])
def test_all_else_stays(syntax):
    nested = (0x00081140, "SQ", [[(0x00081150, "UI", "1.2.840.10008.5.1.4.1.1.2"), (0x00081155, "UI", "1.2.3")]])
    big = bytes(range(128))
    shape = [*SHAPE, (0x00280010, "US", 8), (0x00280011, "US", 8), (0x7FE00010, "OW", big)]
    raw = file(image(*shape, nested, (0x00283000, "SQ", [])), SYNTAXES[syntax])
    native = native_of(pieces(raw, big), SYNTAXES[syntax])
    before, after = read(raw), read(b"".join(chunks_of(put_back(native, [b"short"]))))
    del before.PixelData, after.PixelData
    assert after == before


def test_what_would_not_be_shorter_is_not_put_back():
    pixels = bytes(range(32)) * 4
    native = taken((0x00280010, "US", 8), (0x00280011, "US", 8), pixels=pixels)
    around = 8 + 4 + 8 + 12 + 8
    assert put_back(native, [bytes(len(pixels) - around)]) == []
    assert put_back(native, [bytes(len(pixels) - around - 2)]) != []


def test_what_comes_after_the_pixels_stays():
    tail = pack("<HH2sHI", 0xFFFC, 0xFFFC, b"OB", 0, 2) + b"\0\0"
    native = taken((0x00280010, "US", 8), (0x00280011, "US", 8), pixels=bytes(range(128)), tail=tail)
    assert b"".join(chunks_of(put_back(native, [b"ab"]))).endswith(tail)


@pytest.mark.parametrize("syntax", ["explicit", "implicit"])
def test_a_file_that_is_in_one_is_taken_apart_too(syntax):
    raw = file(image(*SHAPE), SYNTAXES[syntax])
    native = native_of([raw], SYNTAXES[syntax])
    assert list(native.frames()) == [bytes(range(32))]
    assert native_of([file(image(without=[0x7FE00010]))], SYNTAXES["explicit"]) is None


def test_frames_are_cut_where_the_header_says():
    native = taken((0x00280008, "IS", "2"), (0x00280010, "US", 2))
    assert list(native.frames()) == [bytes(range(16)), bytes(range(16, 32))]
    assert (native.high_bit, native.sop) == (11, b"1.2.3.4.5.6")


@pytest.mark.parametrize(
    "more",
    [
        [(0x00280010, "US", 5)],
        [(0x00280010, "US", 3)],
        [(0x00280010, "US", 0)],
        [(0x00280100, "US", 1)],
        [(0x00280008, "IS", "2")],
    ],
)
def test_pixels_that_are_not_what_the_header_says_stay(more):
    assert taken(*more) is None


@pytest.mark.parametrize("syntax", ["big", "deflated"])
def test_other_transfer_syntaxes_stay(syntax):
    raw = file(image(*SHAPE))
    assert native_of(pieces(raw), SYNTAXES[syntax]) is None


@pytest.mark.parametrize("syntax", ["explicit", "implicit"])
def test_the_pixels_of_an_icon_are_not_taken_for_those_of_the_image(syntax):
    raw = file(image(*SHAPE, ICON, without=[0x7FE00010]), SYNTAXES[syntax])
    assert native_of(pieces(raw, bytes(64)), SYNTAXES[syntax]) is None


def test_pixels_that_are_numbers_with_a_fraction_stay():
    raw = file([*image(*SHAPE, without=[0x7FE00010]), (0x7FE00008, "OF", bytes(range(64)))])
    assert native_of(pieces(raw, bytes(range(64))), SYNTAXES["explicit"]) is None


def test_an_object_without_pixels_stays():
    assert native_of([file(image(without=[0x7FE00010]))], SYNTAXES["explicit"]) is None


@pytest.mark.parametrize("limit", ["LARGEST_FRAME", "LARGEST_REST"])
def test_what_would_need_much_memory_stays(monkeypatch, limit):
    assert taken() is not None
    monkeypatch.setattr(encapsulating, limit, 31)
    assert taken() is None
