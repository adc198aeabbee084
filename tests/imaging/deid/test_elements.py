"""Headers of elements, in each way of writing them."""

import pytest
from tests.imaging.files import SYNTAXES, UNDEFINED, Writer

from oncommons.imaging.deid.elements import DEEPEST, ITEM, ITEM_END, SEQUENCE_END, coding_of
from oncommons.imaging.syntax import EXPLICIT_LITTLE, IMPLICIT_LITTLE
from oncommons.schema.errors import DamagedImage

HEADERS = [(0x00100020, "LO", 8), (0x7FE00010, "OW", 300_000), (0x00081140, "SQ", UNDEFINED), (ITEM, "", 12)]


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
@pytest.mark.parametrize(("tag", "vr", "length"), HEADERS)
def test_a_header_is_written_as_the_standard_says_and_read_again(syntax, tag, vr, length):
    coding, head = coding_of(syntax), Writer(syntax).head(tag, vr, length)
    assert coding.header(tag, vr.encode(), length) == head
    seen = vr.encode() if coding.explicit else b""
    assert coding.element(b"xx" + head, 2) == (tag, seen, length, 2 + len(head))


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_an_element_that_is_cut_short_is_damaged(syntax):
    for tag, vr, length in HEADERS:
        head = Writer(syntax).head(tag, vr, length)
        for end in range(len(head)):
            with pytest.raises(DamagedImage):
                coding_of(syntax).element(head[:end], 0)


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
@pytest.mark.parametrize("zeros", range(2, 8))
def test_a_few_zeros_at_the_end_are_padding(syntax, zeros):
    assert coding_of(syntax).element(b"xx" + bytes(zeros), 2) == (0, b"", 0, 2 + zeros)


def test_one_zero_is_padding_where_no_group_can_begin_so():
    assert coding_of(EXPLICIT_LITTLE).element(b"\0", 0) == (0, b"", 0, 1)


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_where_a_sequence_of_undefined_length_ends(syntax):
    coding, writer = coding_of(syntax), Writer(syntax, open_ended=True)
    inner = [[(0x00080100, "SH", "A"), (0x00081140, "SQ", [[(0x00080100, "SH", "B")], []])]]
    whole = writer.sequence(0x00081199, inner)
    assert coding.after(whole + b"tail", coding.element(whole, 0)) == len(whole)
    for end in range(len(writer.head(0x00081199, "SQ", 0)), len(whole)):
        with pytest.raises(DamagedImage):
            coding.after(whole[:end], coding.element(whole, 0))


def test_inside_an_unknown_element_everything_is_implicit():
    inner = Writer(IMPLICIT_LITTLE, open_ended=True).sequence(0x00081199, [[(0x00080100, "SH", "A")]])
    whole = Writer().head(0x00291010, "UN", UNDEFINED) + inner[8:]
    coding = coding_of(EXPLICIT_LITTLE)
    assert coding.after(whole, coding.element(whole, 0)) == len(whole)


def test_nothing_ends_beyond_the_data_nor_deeper_than_is_followed():
    coding = coding_of(EXPLICIT_LITTLE)
    with pytest.raises(DamagedImage):
        coding.after(bytes(20), (0x00100020, b"LO", 13, 8))
    deep = (Writer().head(0x00081199, "SQ", UNDEFINED) + coding.item) * (DEEPEST + 1)
    with pytest.raises(DamagedImage):
        coding.after(deep, coding.element(deep, 0))


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_delimiters_are_those_of_the_standard(syntax):
    coding, writer = coding_of(syntax), Writer(syntax)
    assert coding.item == writer.head(ITEM, "", UNDEFINED)
    assert (coding.item_end, coding.sequence_end) == (writer.head(ITEM_END, "", 0), writer.head(SEQUENCE_END, "", 0))
