"""Frames of pixel data, native and compressed; pydicom gives the same bytes."""

from struct import pack

import pydicom
import pytest
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames
from tests.imaging.files import Writer, file, image, sample

from oncommons.imaging.elements import read_elements
from oncommons.imaging.frames import frame, layout_of, native, pixel_element
from oncommons.imaging.syntax import open_file, write_file
from oncommons.schema.errors import DamagedImage
from oncommons.schema.errors_of_protocols import NoPicture

J2K = b"1.2.840.10008.1.2.4.90"
PIECES = [b"\xff\x4f\xff\x51" + bytes([n]) * (10 + 2 * n) for n in range(3)]


def elements(raw):
    return read_elements(open_file(raw))


def compressed(value, frames, more=()):
    """A file whose pixel data are this."""
    body = Writer().dataset(image((0x00280008, "IS", str(frames)), *more, without={0x7FE00010}))
    body += Writer().head(0x7FE00010, "OB", 0xFFFFFFFF) + value + Writer().head(0xFFFEE0DD, "", 0)
    return elements(write_file(J2K, b"1.2.3", b"1.2.3", [body]))


def pixels(value, rows, columns, frames=1, allocated=8):
    return elements(
        file(
            image(
                (0x00280002, "US", 1),
                (0x00280008, "IS", str(frames)),
                (0x00280010, "US", rows),
                (0x00280011, "US", columns),
                (0x00280100, "US", allocated),
                (0x7FE00010, "OW", value),
            ),
        )
    )


@pytest.mark.parametrize("name", ["emri_small.dcm", "SC_rgb_small_odd.dcm", "MR_small.dcm", "liver_1frame.dcm"])
def test_native_frames_are_the_bytes_of_the_file(name):
    theirs = pydicom.dcmread(pydicom.data.get_testdata_file(name))
    dataset = elements(sample(name))
    frames = [frame(dataset, n) for n in range(1, layout_of(dataset).frames + 1)]
    assert b"".join(frames) == theirs.PixelData[: sum(map(len, frames))]


@pytest.mark.parametrize(
    "pair",
    [
        ("MR_small.dcm", "MR_small_bigendian.dcm"),
        ("emri_small.dcm", "emri_small_big_endian.dcm"),
        ("SC_rgb_small_odd.dcm", "SC_rgb_small_odd_big_endian.dcm"),
    ],
)
def test_frames_of_big_endian_are_given_in_little(pair):
    little, big = (elements(sample(name)) for name in pair)
    for n in range(1, layout_of(little).frames + 1):
        assert frame(big, n) == frame(little, n)
    assert native(big, pixel_element(big)) == native(little, pixel_element(little))


def test_single_bits_begin_at_a_byte_in_every_frame():
    """Three frames of 3 by 3 bits: 27 bits in a row, the least significant of a byte first."""
    bits = [1, 0, 1, 1, 0, 0, 1, 0, 1] + [1] * 9 + [0, 1] * 4 + [1]
    packed = bytes(sum(bit << i for i, bit in enumerate(bits[at : at + 8])) for at in range(0, 27, 8))
    dataset = pixels(packed, 3, 3, frames=3, allocated=1)
    given = [int.from_bytes(frame(dataset, n), "little") for n in (1, 2, 3)]
    assert given == [sum(bit << i for i, bit in enumerate(bits[at : at + 9])) for at in (0, 9, 18)]


@pytest.mark.parametrize(
    "make",
    [
        lambda: encapsulate(PIECES, has_bot=True),
        lambda: encapsulate(PIECES, has_bot=False),
        lambda: encapsulate(PIECES, fragments_per_frame=2, has_bot=True),
        lambda: encapsulate(PIECES, fragments_per_frame=2, has_bot=False),
    ],
)
def test_compressed_frames_are_put_together_from_their_fragments(make):
    dataset = compressed(make(), 3)
    assert [frame(dataset, n).rstrip(b"\0") for n in (1, 2, 3)] == [piece.rstrip(b"\0") for piece in PIECES]


def test_the_extended_offset_table_is_used():
    value, offsets, _ = encapsulate_extended(PIECES)
    split = encapsulate(PIECES, fragments_per_frame=2, has_bot=False)
    starts = list(pydicom.encaps.parse_basic_offsets(encapsulate(PIECES, fragments_per_frame=2)))
    table = b"".join(pack("<Q", n) for n in starts)
    assert len(offsets) == len(table)
    dataset = compressed(split, 3, [(0x7FE00001, "OV", table)])
    assert [frame(dataset, n).rstrip(b"\0") for n in (1, 2, 3)] == [piece.rstrip(b"\0") for piece in PIECES]
    assert value.startswith(b"\xfe\xff\x00\xe0")


def test_frames_that_cannot_be_told_apart_are_damaged():
    odd = [b"\x01" * 8] * 5
    for value in (encapsulate(odd, has_bot=False), encapsulate(odd, has_bot=True)):
        with pytest.raises(DamagedImage):
            frame(compressed(value, 3), 1)


def test_compressed_frames_of_a_real_file_are_those_of_pydicom():
    theirs = pydicom.dcmread(pydicom.data.get_testdata_file("emri_small_RLE.dcm"))
    dataset = elements(sample("emri_small_RLE.dcm"))
    given = [frame(dataset, n) for n in range(1, layout_of(dataset).frames + 1)]
    assert given == list(generate_frames(theirs.PixelData, number_of_frames=theirs.NumberOfFrames))


@pytest.mark.parametrize("number", [0, 2, -1])
def test_a_frame_that_is_not_there_is_told(number):
    with pytest.raises(NoPicture, match="has 1"):
        frame(elements(sample("CT_small.dcm")), number)


def test_an_object_without_pixels_is_told():
    with pytest.raises(NoPicture):
        pixel_element(elements(sample("rtplan.dcm")))


def test_pixels_that_are_too_few_are_damaged():
    with pytest.raises(DamagedImage):
        frame(pixels(bytes(10), 4, 4), 1)
    with pytest.raises(DamagedImage):
        frame(pixels(bytes(10), 0, 4), 1)
