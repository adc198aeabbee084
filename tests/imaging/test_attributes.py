"""Attributes as text: equal to what pydicom reads."""

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.datadict import keyword_for_tag

from oncommons.imaging.attributes import ATTRIBUTES, TAGS, text_of, told


def test_keywords_and_tags_are_those_of_the_standard():
    assert {keyword: tag for keyword, tag in ATTRIBUTES.items() if keyword_for_tag(tag) != keyword} == {}
    assert len(TAGS) == len(ATTRIBUTES)


@pytest.mark.parametrize("name", ["MR_small.dcm", "MR_small_bigendian.dcm", "CT_small.dcm"])
def test_values_are_as_pydicom_reads_them(name):
    one = pydicom.dcmread(get_testdata_file(name))
    big = not one.is_little_endian if hasattr(one, "is_little_endian") else False
    raw = {int(e.tag): e.value for e in (one.get_item(tag) for tag in TAGS if tag in one) if e.value is not None}
    found = told({tag: value for tag, value in raw.items() if isinstance(value, bytes)}, big=big)
    numbers = ("Rows", "Columns", "BitsAllocated")
    assert [found[f"{ATTRIBUTES[k]:08X}"] for k in numbers] == [str(one[k].value) for k in numbers]
    assert found["00080060"] == one.Modality


def test_empty_values_are_left_out():
    assert told({0x00080060: b"", 0x00100010: b"  ", 0x00280010: b"\0\2"}) == {"00280010": "512"}


def test_numbers_are_told_in_full():
    assert text_of(0x00189087, b"\0\0\0\0\0\0\x59\x40") == "100"
    assert text_of(0x00280010, b"\2\0", big=True) == "512"
