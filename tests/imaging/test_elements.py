"""Data sets taken apart; pydicom, which shares no code with the product, is asked the same."""

import math

import pydicom
import pytest
from tests.imaging.files import SYNTAXES, UNDEFINED, Writer, file, image, read, sample

from oncommons.imaging.elements import DEEPEST, read_elements, turned
from oncommons.imaging.pieces import Joined, Span
from oncommons.imaging.syntax import EXPLICIT_LITTLE, open_file
from oncommons.schema.errors import DamagedImage

ROWS, PIXELS, NESTED, CODES = 0x00280010, 0x7FE00010, 0x00081140, 0x0040A168
SAMPLES = ("CT_small.dcm", "MR_small_bigendian.dcm", "rtstruct.dcm", "rtplan.dcm", "reportsi.dcm", "JPEG2000.dcm")


def elements(raw, **options):
    return read_elements(open_file(raw), **options)


def count(dataset):
    """Elements at every depth."""
    inner = (item for element in dataset.elements.values() for item in dataset.items_of(element))
    return len([tag for tag in dataset.elements if tag & 0xFFFF]) + sum(map(count, inner))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_element_of_a_real_file_is_found_at_every_depth(name):
    theirs = pydicom.dcmread(pydicom.data.get_testdata_file(name), force=True)
    assert count(elements(sample(name))) == sum(1 for element in theirs.iterall() if element.tag.element)


@pytest.mark.parametrize("open_ended", [False, True])
@pytest.mark.parametrize("name", SYNTAXES)
def test_values_are_read_in_every_transfer_syntax(name, open_ended):
    item = [(0x00080100, "SH", "113100"), (0x00280010, "US", 7)]
    raw = file(image((NESTED, "SQ", [item, item])), SYNTAXES[name], open_ended=open_ended)
    found = elements(raw)
    assert (found.whole(ROWS), found.texts(0x00080008)) == (4, ("ORIGINAL", "PRIMARY", "AXIAL"))
    assert [(one.text(0x00080100), one.whole(ROWS)) for one in found.items(NESTED)] == [("113100", 7)] * 2
    assert found.raw(PIXELS) == bytes(range(32))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_in_pieces_is_read_as_one_in_memory(name):
    raw = sample(name)
    pieces = Joined([raw[:150], Span(raw, 150, len(raw) - 9), raw[-9:]])
    assert elements(pieces).elements == elements(raw).elements


def test_what_is_missing_or_empty_has_no_values():
    found = elements(file(image((0x00081030, "LO", ""), (0x00101020, "DS", "tall"))))
    assert (found.text(0x00081030), found.texts(0x00189999), found.items(NESTED)) == ("", (), ())
    assert (found.numbers(0x00101020), found.number(0x00101030, 2.5), found.raw(0x00189999)) == ((), 2.5, b"")


def test_a_backslash_parts_values_but_not_those_of_long_texts():
    found = elements(file(image((0x00081030, "LO", "a\\b"), (0x00104000, "LT", "a\\b"))))
    assert (found.texts(0x00081030), found.texts(0x00104000)) == (("a", "b"), ("a\\b",))


def test_text_is_read_in_the_character_set_of_its_own_data_set():
    item = [(0x00080005, "CS", "ISO_IR 144"), (0x00081030, "LO", "грудь".encode("iso8859_5"))]
    outer = ((0x00080005, "CS", "ISO_IR 192"), (0x00081030, "LO", "Brustkorb für".encode()), (NESTED, "SQ", [item]))
    found = elements(file(image(*outer)))
    assert (found.text(0x00081030), found.items(NESTED)[0].text(0x00081030)) == ("Brustkorb für", "грудь")


def test_what_is_called_unknown_is_read_as_the_dictionary_knows_it():
    found = elements(file(image((0x00181041, "UN", b"2.5 "), (0x00280002, "UN", b"\3\0"), (0x00091001, "UN", b"x"))))
    assert (found.number(0x00181041), found.whole(0x00280002), found.elements[0x00091001].vr) == (2.5, 3, "UN")


def test_an_unknown_sequence_of_undefined_length_is_entered():
    inner = Writer(SYNTAXES["implicit"], open_ended=True).sequence(NESTED, [[(0x00080100, "SH", "1")]])
    head = Writer().head(NESTED, "UN", UNDEFINED)
    found = elements(file([e for e in image() if e[0] < NESTED], tail=head + inner[8:]))
    assert [item.text(0x00080100) for item in found.items(NESTED)] == ["1"]


@pytest.mark.parametrize("signed", [0, 1])
def test_numbers_that_may_have_a_sign_have_that_of_the_pixels(signed):
    more = ((0x00280103, "US", signed), (0x00280106, "SS", b"\xff\xff"))
    found = elements(file(image(*more), SYNTAXES["implicit"]))
    assert found.whole(0x00280106) == (-1 if signed else 65535)


def test_fragments_of_compressed_pixels_are_found():
    found = elements(sample("JPEG2000.dcm"))
    table, first = found.elements[PIXELS].fragments
    assert (table[1] - table[0], found.data[first[0] : first[0] + 2]) == (0, b"\xff\x4f")


def test_what_comes_after_the_last_wanted_element_is_not_read():
    raw = file(image())
    assert max(elements(raw[:-20], last=0x0020000E).elements) == 0x0020000E


@pytest.mark.parametrize("cut", [1, 20, 33, 200])
def test_a_file_that_is_cut_short_is_damaged(cut):
    with pytest.raises(DamagedImage):
        elements(file(image())[:-cut])


def test_a_sequence_that_does_not_end_is_damaged():
    head = Writer().head(0x0040A730, "SQ", UNDEFINED) + Writer().head(0xFFFEE000, "", UNDEFINED)
    for tail in (head, head + Writer().head(0xFFFEE00D, "", 0), Writer().head(0x0040A730, "SQ", 8) + bytes(8)):
        with pytest.raises(DamagedImage):
            elements(file(image(without={PIXELS}), tail=tail))


def test_sequences_in_one_another_are_entered_to_a_depth_and_no_further():
    def nested(depth):
        return (CODES, "SQ", [[nested(depth - 1)]]) if depth else (0x00080100, "SH", "1")

    elements(file(image(nested(DEEPEST), without={PIXELS})))
    with pytest.raises(DamagedImage, match="deeper"):
        elements(file(image(nested(DEEPEST + 2), without={PIXELS})))


def test_compressed_pixels_that_are_cut_short_are_damaged():
    with pytest.raises(DamagedImage):
        elements(sample("JPEG2000.dcm")[:-100])


def test_words_are_turned_round_where_they_are_whole():
    assert (turned(b"abcd", 2), turned(b"abcd", 4), turned(b"abc", 2), turned(b"ab", 1)) == (
        b"badc",
        b"dcba",
        b"abc",
        b"ab",
    )


def test_numbers_are_those_that_pydicom_reads():
    raw = sample("MR_small_bigendian.dcm")
    found, theirs = elements(raw), read(raw)
    for tag in (0x00280010, 0x00280030, 0x00200032, 0x00181314, 0x00280106):
        value = theirs[tag].value
        assert list(found.numbers(tag)) == pytest.approx(
            list(map(float, value)) if hasattr(value, "__len__") else [value]
        )
    assert not any(map(math.isnan, found.numbers(0x00280030)))
    assert open_file(file(image())).syntax == EXPLICIT_LITTLE
