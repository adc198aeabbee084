"""Words of imaging with their measures stay; names, dates, numbers and what cannot be read go."""

from dataclasses import replace

import pytest

from oncommons.imaging.deid.pixels.found import Box, Found
from oncommons.imaging.deid.pixels.lines import harmless, lines_of, to_hide, widened

HERE = Box(100, 50, 200, 60)


def read(text, sure=0.99, box=HERE):
    return Found(box, text, sure)


@pytest.mark.parametrize(
    "text", ["CHEST", "Abdomen", "120 kV", "5.0 mm", "CT", "AXIAL 5 mm", "CHEST5mm", "120kV5.0mm", "25 cm"]
)
def test_words_of_imaging_and_measures_stay(text):
    assert harmless([read(text)])


@pytest.mark.parametrize(
    "text",
    [
        "Quackenbush",
        "CHEST Quackenbush",
        "12.03.1951",
        "4711",
        "1951",
        "Pat. No 12345",
        "27 5",
        "07:23",
        "Παπαδόπουλος",
        "CHEST é",
        "120 kV 4711",
        "",
        "-- //",
        "M 62 Y",
        "1951mm",
        "12.03.51 mm",
        "Quackenbush5mm",
    ],
)
def test_everything_else_goes(text):
    assert not harmless([read(text)])


def test_a_word_that_is_read_with_doubt_goes():
    assert not harmless([read("CHEST", 0.89)])


def test_a_word_that_is_this_patients_name_goes():
    assert harmless([read("HEAD")])
    assert not harmless([read("HEAD")], [b"head"])


def test_a_value_of_the_patient_is_found_across_pieces_of_a_line():
    pieces = [read("CHEST", box=Box(0, 0, 40, 10)), read("AXIAL", box=Box(45, 0, 90, 10))]
    assert harmless(pieces)
    assert not harmless(pieces, [b"chest axial"])


def test_a_harmless_word_goes_with_the_name_that_stands_beside_it():
    name, word = read("Quackenbush", box=Box(0, 0, 80, 10)), read("CHEST", box=Box(90, 0, 130, 10))
    far = read("CHEST", box=Box(300, 0, 340, 10))
    assert sorted(to_hide([name, word, far])) == [widened(one.box, beyond=True) for one in (name, word)]


def test_a_line_that_stands_is_one_line_too():
    lower, upper = Box(0, 50, 10, 100), Box(0, 0, 10, 45)
    assert len(lines_of([read("A", box=lower), read("B", box=upper)])) == 1
    assert len(lines_of([read("A", box=Box(0, 50, 50, 60)), read("B", box=Box(0, 30, 50, 40))])) == 2


def test_lines_that_a_third_piece_joins_become_one():
    left, right, middle = Box(0, 0, 30, 10), Box(70, 0, 100, 10), Box(40, 0, 60, 10)
    assert len(lines_of([read("A", box=left), read("B", box=right)])) == 2
    assert len(lines_of([read("A", box=left), read("B", box=right), read("C", box=middle)])) == 1


def test_the_same_word_found_twice_is_one_word():
    twice = [read("CHEST"), read("CHEST", box=Box(101, 51, 201, 61))]
    assert harmless(twice)
    assert not harmless([*twice, read("CHE5T", box=Box(99, 50, 199, 60))])


def test_the_margin_is_wider_along_the_line_than_across_it():
    assert widened(Box(100, 50, 200, 60)) == Box(91, 47, 209, 63)
    assert widened(Box(50, 100, 60, 200)) == Box(47, 91, 63, 209)


def test_what_goes_goes_farther_along_its_line_since_the_ends_of_a_string_may_fade():
    (hidden,) = to_hide([read("Quackenbush")])
    plain = widened(HERE)
    assert (hidden.top, hidden.bottom) == (plain.top, plain.bottom)
    assert (plain.left - hidden.left, hidden.right - plain.right) == (32, 32)
    (large,) = to_hide([read("Quackenbush", box=Box(0, 0, 400, 60))])
    assert large.right - widened(Box(0, 0, 400, 60)).right == 48


def test_nothing_found_hides_nothing():
    assert to_hide([]) == []


def test_what_is_cut_off_is_judged_by_the_whole_of_it():
    whole, part = Found(Box(40, 20, 128, 38), "ABDOMEN", 0.99), Found(Box(96, 19, 133, 39), "MEN", 0.99, cut=True)
    assert to_hide([whole, part]) == []
    assert to_hide([whole, replace(part, cut=False)]) != []
    assert to_hide([part]) == [widened(part.box, beyond=True)]
    assert to_hide([whole, replace(part, box=Box(96, 19, 180, 39))]) != []


def faint(left, right, sure=0.7, line=10):
    """What may be text, on the line of the others."""
    return Found(Box(left, 50, right, 50 + line), "", sure, faint=True)


def test_what_may_be_text_goes_with_the_name_that_it_continues_step_by_step():
    name, near, after, far = read("Quackenbush"), faint(210, 222), faint(235, 240), faint(300, 310)
    assert to_hide([far, after, near, name]) == [widened(one.box, beyond=True) for one in (name, near, after)]


def test_what_may_be_text_and_is_much_higher_is_not_part_of_the_name_beside_it():
    assert to_hide([read("Quackenbush"), faint(210, 250, line=40)]) == [widened(HERE, beyond=True)]


def test_what_may_be_text_takes_no_word_of_imaging_with_it():
    assert to_hide([read("ABDOMEN"), faint(205, 215)]) == []


@pytest.mark.parametrize(("count", "sure", "hidden"), [(4, 0.7, 4), (3, 0.7, 0), (4, 0.55, 0)])
def test_a_row_of_what_may_be_text_goes_if_it_is_as_long_as_a_line_and_one_part_is_sure(count, sure, hidden):
    row = [faint(left, left + 11, sure) for left in range(0, 15 * count, 15)]
    assert len(to_hide(row)) == hidden


def test_a_heap_of_what_may_be_text_is_no_row():
    heap = [replace(faint(0, 12), box=Box(x, y, x + 12, y + 10)) for x in (0, 30, 60) for y in (0, 6, 12, 18, 24)]
    assert to_hide(heap) == []


def test_letters_read_with_doubt_go_where_no_other_text_is_or_was():
    two, spot = replace(faint(300, 310), text="JD"), faint(400, 410)
    assert to_hide([two, spot], first=True) == [widened(two.box, beyond=True)]
    assert to_hide([two, spot]) == to_hide([spot], first=True) == []
    assert to_hide([two, read("ABDOMEN")], first=True) == []
    assert to_hide([two, read("Quackenbush")], first=True) == [widened(HERE, beyond=True)]
