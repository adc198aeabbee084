"""The recogniser finds text of several sizes and directions, and leaves empty pictures alone."""

import numpy as np
import pytest
from tests.imaging.deid.pixels.pictures import anatomy, letters, with_text

from oncommons.imaging.deid.pixels import networks
from oncommons.imaging.deid.pixels.networks import make_recogniser, open_recogniser
from oncommons.imaging.deid.pixels.views import scaled
from oncommons.schema.errors import MissingPackage

LETTERS = ["", *"ABCDEFGH", " "]


def ink_in(*boxes):
    """A first network that marks boxes as ink."""

    def detect(given):
        made = np.zeros((1, 1, *given.shape[2:]), np.float32)
        for top, bottom, left, right in boxes:
            made[0, 0, top:bottom, left:right] = 0.9
        return made

    return detect


def reading(*steps, sure=0.95):
    """A second network that reads the same letters in every line."""

    def read(given):
        made = np.zeros((len(given), len(steps), len(LETTERS)), np.float32)
        for n, letter in enumerate(steps):
            made[:, n, letter] = sure
        return made

    return read


def read_by(recogniser, pixels):
    return " ".join(one.text for one in recogniser(scaled(pixels, 2.0)))


@pytest.mark.parametrize("size", [10, 14, 24])
def test_a_name_is_read_in_several_sizes(recogniser, size):
    assert "uackenbush" in read_by(recogniser, with_text(anatomy(80, 320), size=size))


@pytest.mark.parametrize("turns", [1, 3])
def test_a_name_that_stands_is_read_too(recogniser, turns):
    lying = with_text(anatomy(80, 320))
    assert "uackenbush" in read_by(recogniser, np.ascontiguousarray(np.rot90(lying, turns)))


def test_a_date_is_found_where_it_stands(recogniser):
    pixels = with_text(anatomy(80, 320), "12.03.1951", at=(30, 100))
    height, width = letters("12.03.1951", 18).shape
    (found,) = recogniser(pixels)
    assert found.text == "12.03.1951"
    assert abs(found.box.left - 100) < 8
    assert abs(found.box.top - 30) < 8
    assert abs(found.box.width - width) < 16
    assert abs(found.box.height - height) < 12


def test_tissue_is_no_text(recogniser):
    assert recogniser(scaled(anatomy(160, 320), 2.0)) == []


def test_colours_are_looked_at_as_greys_are(recogniser):
    grey = with_text(anatomy(80, 320))
    colours = np.stack([grey] * 3, axis=-1)
    assert [one.text for one in recogniser(colours)] == [one.text for one in recogniser(grey)]


def test_letters_that_repeat_from_step_to_step_are_told_once():
    recognise = make_recogniser(ink_in((10, 20, 10, 60)), reading(1, 1, 0, 1, 2, 2, 0), LETTERS)
    (found,) = recognise(np.zeros((64, 96), np.uint8))
    assert found.text == "AAB"
    assert found.sure == pytest.approx(0.95)
    assert (found.box.left < 10, found.box.right > 60) == (True, True)


def test_a_long_line_that_cannot_be_read_is_still_text():
    recognise = make_recogniser(ink_in((10, 20, 10, 180)), reading(0, 0), LETTERS)
    (found,) = recognise(np.zeros((320, 192), np.uint8))
    assert found.text == ""


@pytest.mark.parametrize("box", [(10, 40, 10, 50), (10, 12, 10, 60)])
def test_spots_and_hairlines_that_cannot_be_read_are_no_text(box):
    recognise = make_recogniser(ink_in(box), reading(0, 0), LETTERS)
    assert recognise(np.zeros((160, 96), np.uint8)) == []


@pytest.mark.parametrize(
    ("letters_read", "sure", "faint"), [((1, 2), 0.8, True), ((1, 2, 3), 0.8, False), ((1,), 1, True)]
)
def test_what_is_read_in_part_or_not_at_all_may_be_text(letters_read, sure, faint):
    recognise = make_recogniser(ink_in((10, 30, 10, 40)), reading(*letters_read, sure=sure), LETTERS)
    (found,) = recognise(np.zeros((320, 96), np.uint8))
    assert found.faint == faint


@pytest.mark.parametrize(("sure", "text"), [(0.8, "AB"), (0.5, "AB"), (0.45, "")])
def test_two_letters_that_are_read_with_doubt_are_told_though_they_may_be_none(sure, text):
    recognise = make_recogniser(ink_in((10, 30, 10, 40)), reading(1, 2, sure=sure), LETTERS)
    (found,) = recognise(np.zeros((320, 96), np.uint8))
    assert (found.text, found.faint) == (text, True)


def test_one_letter_alone_is_no_text():
    recognise = make_recogniser(ink_in((10, 30, 10, 30)), reading(1, 0), LETTERS)
    assert recognise(np.zeros((160, 96), np.uint8)) == []


def test_of_the_two_ways_to_read_a_standing_line_the_surer_one_counts():
    def read(given):
        made = reading(1, 2)(given)
        made[0] /= 1.5
        made[1, :, :] = np.roll(made[1], 2, axis=1)
        return made

    recognise = make_recogniser(ink_in((10, 80, 10, 20)), read, LETTERS)
    (found,) = recognise(np.zeros((96, 64), np.uint8))
    assert found.text == "CD"


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(networks, "_PACKAGE", "not_there_at_all")
    with pytest.raises(MissingPackage, match=r"pip install 'oncommons\[ocr\]'"):
        open_recogniser()


def test_a_line_that_is_askew_fills_little_of_its_box_and_is_found():
    def detect(given):
        made = np.zeros((1, 1, *given.shape[2:]), np.float32)
        for column in range(20, 120):
            middle = 20 + column // 5
            made[0, 0, middle - 2 : middle + 2, column] = 0.9
        return made

    recognise = make_recogniser(detect, reading(1, 2), LETTERS)
    assert [found.text for found in recognise(np.zeros((64, 160), np.uint8))] == ["AB"]
