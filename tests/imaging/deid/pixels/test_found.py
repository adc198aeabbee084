"""Boxes know their sides, and end where a picture ends."""

import pickle

import pytest

from oncommons.imaging.deid.pixels.found import Box, Found


def test_a_line_is_as_high_as_the_shorter_side_of_its_box():
    lying, standing = Box(2, 3, 42, 13), Box(3, 2, 13, 42)
    assert (lying.width, lying.height, lying.line) == (40, 10, 10)
    assert (standing.width, standing.height, standing.line) == (10, 40, 10)


def test_a_box_moves_as_a_whole():
    assert Box(1, 2, 3, 4).moved(10, -2) == Box(11, 0, 13, 2)


@pytest.mark.parametrize(
    ("box", "inside"),
    [
        (Box(2, 3, 4, 5), Box(2, 3, 4, 5)),
        (Box(-5, -5, 4, 5), Box(0, 0, 4, 5)),
        (Box(5, 5, 99, 99), Box(5, 5, 20, 10)),
        (Box(30, 3, 40, 5), Box(20, 3, 20, 5)),
        (Box(-9, -9, -2, -2), Box(0, 0, 0, 0)),
    ],
)
def test_a_box_is_cut_off_where_the_picture_ends(box, inside):
    assert box.within(20, 10) == inside


def test_what_was_found_can_be_sent_to_another_process():
    found = Found(Box(1, 2, 3, 4), "text", 0.9)
    assert pickle.loads(pickle.dumps(found)) == found


@pytest.mark.parametrize(
    ("other", "touches"),
    [(Box(3, 3, 9, 9), True), (Box(4, 3, 9, 9), False), (Box(3, 5, 9, 9), False), (Box(0, 0, 9, 9), True)],
)
def test_boxes_touch_where_they_have_a_place_in_common(other, touches):
    assert Box(2, 2, 4, 5).touches(other) is touches
    assert other.touches(Box(2, 2, 4, 5)) is touches


@pytest.mark.parametrize(
    ("other", "holds"),
    [(Box(2, 2, 4, 5), True), (Box(3, 3, 4, 4), True), (Box(3, 3, 5, 4), False), (Box(0, 0, 9, 9), False)],
)
def test_a_box_holds_what_lies_in_it(other, holds):
    assert Box(2, 2, 4, 5).holds(other) is holds
