"""Stretches of a reply, compared with slices of its bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.node.share.dicomweb.ranges import read_range, stretch


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=3-", (3, 10)),
        ("bytes=3-99", (3, 10)),
        ("bytes=-4", (6, 10)),
        ("bytes=-99", (0, 10)),
        ("bytes = 2 - 4 ", (2, 5)),
        ("", None),
        ("bytes=-", None),
        ("bytes=5-3", None),
        ("bytes=0-1,4-5", None),
        ("items=0-1", None),
        ("bytes=a-b", None),
    ],
)
def test_a_range_is_read_as_the_standard_says(header, found):
    assert read_range(header, 10) == found


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_bytes_that_are_not_there_cannot_be_asked_for(header):
    with pytest.raises(ValueError, match=r"bytes \*/10"):
        read_range(header, 10)


@given(st.lists(st.binary(max_size=9), max_size=9), st.integers(0, 90), st.integers(0, 90))
def test_a_stretch_is_the_slice_of_the_whole(pieces, start, length):
    whole = b"".join(pieces)
    assert b"".join(stretch(pieces, start, start + length)) == whole[start : start + length]
