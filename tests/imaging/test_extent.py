"""Whether as many pixels are there as the header says; pydicom tells how many there should be."""

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom._uid_dict import UID_dictionary
from pydicom.dataset import Dataset
from pydicom.pixels.utils import get_expected_length

from oncommons.imaging.extent import IMAGES, Held, fragments, shortage
from oncommons.imaging.pieces import Span

STORAGE = "1.2.840.10008.5.1.4.1.1."
CT, RTDOSE, RTSTRUCT = (f"{STORAGE}{end}" for end in ("2", "481.2", "481.3"))
EXPLICIT, JPEG, VIDEO = (f"1.2.840.10008.1.2{end}" for end in (".1", ".4.70", ".4.103.1"))
SMALL = {"rows": "4", "columns": "5", "samples": "1", "bits": "16", "frames": "", "photometric": "MONOCHROME2"}
BEYOND = ("DICOS", "Eddy")
"""Images of luggage and of welds."""


def lacks(held, syntax=EXPLICIT, sop_class=CT, **more):
    return bool(shortage(sop_class, syntax, SMALL | more, held))


def item(content):
    return pack("<HHI", 0xFFFE, 0xE000, len(content)) + content


@pytest.mark.parametrize(("size", "short"), [(0, True), (39, True), (40, False), (41, False), (4000, False)])
def test_pixels_must_be_as_long_as_rows_and_columns_ask_for(size, short):
    assert lacks(Held(size)) is short


@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.integers(0, 9),
    st.sampled_from([1, 8, 16, 32]),
    st.sampled_from(["MONOCHROME2", "RGB", "YBR_FULL", "YBR_FULL_422"]),
)
def test_the_length_is_the_one_that_pydicom_expects(rows, columns, frames, bits, photometric):
    columns += columns % 2 * (photometric == "YBR_FULL_422")  # which has pairs of columns
    bits = 8 if photometric == "YBR_FULL_422" else bits
    one = Dataset()
    one.Rows, one.Columns, one.BitsAllocated, one.PhotometricInterpretation = rows, columns, bits, photometric
    one.SamplesPerPixel = 1 if photometric == "MONOCHROME2" else 3
    if frames:
        one.NumberOfFrames = frames
    wanted = get_expected_length(one)
    told = {"rows": rows, "columns": columns, "bits": bits, "samples": one.SamplesPerPixel, "frames": frames or ""}
    texts = {name: str(value) for name, value in told.items()} | {"photometric": photometric}
    assert not lacks(Held(wanted), **texts)
    assert lacks(Held(wanted - 1), **texts)


def test_every_frame_has_a_fragment_unless_it_is_a_video():
    assert lacks(Held(2, encapsulated=True), JPEG, frames="3")
    assert not lacks(Held(3, encapsulated=True), JPEG, frames="3")
    assert not lacks(Held(1, encapsulated=True), VIDEO, frames="300")
    assert lacks(Held(0, encapsulated=True), VIDEO, frames="300")


def test_an_image_without_pixels_lacks_them_and_contours_do_not():
    assert lacks(None)
    assert shortage(CT, EXPLICIT, {}, None)
    assert not shortage(RTSTRUCT, EXPLICIT, {}, None)
    assert not shortage(RTDOSE, EXPLICIT, {}, None)
    assert lacks(None, sop_class=RTDOSE)


@pytest.mark.parametrize("rows", ["", "0", "x", "-4", "4.0", "²"])
def test_pixels_of_no_size_are_not_believed(rows):
    assert lacks(Held(4000), rows=rows)


def test_what_the_header_does_not_say_is_not_asked_for():
    assert not lacks(Held(1), bits="")
    assert not lacks(Held(40), samples="", frames="0")


def counted(items):
    return fragments(Span(b"before" + items, 6, 6 + len(items)))


def test_fragments_are_counted_without_the_offset_table_and_the_empty_ones():
    end = pack("<HHI", 0xFFFE, 0xE0DD, 0)
    assert counted(item(b"") + end) == 0
    assert counted(item(bytes(4)) + item(b"ab") + item(b"") + item(b"cd") + end) == 2
    assert counted(b"") == 0
    assert counted(item(b"") + item(b"ab") + pack("<HHI", 0xFFFE, 0xE000, 1 << 31)) == 2


@given(st.binary(max_size=60))
def test_any_bytes_have_a_number_of_fragments(junk):
    assert counted(junk) >= 0


def test_the_kinds_that_are_nothing_without_pixels_are_those_that_the_standard_calls_images():
    named = {
        uid
        for uid, (name, kind, *_) in UID_dictionary.items()
        if kind == "SOP Class" and STORAGE in uid and "Image Storage" in name and not name.startswith(BEYOND)
    }
    more = {f"{STORAGE}{end}" for end in ("6.2", "30", "66.4")}
    assert named | more == IMAGES
