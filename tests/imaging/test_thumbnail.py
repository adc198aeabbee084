"""Small pictures: their size, their light, and lines where they belong."""

import numpy as np
import pytest
from PIL import Image

from oncommons.imaging.contours import Area, Outline
from oncommons.imaging.thumbnail import fitted, resized, thumbnail

RED = (255, 0, 0)
BLACK = np.zeros((40, 60), np.uint8)


def square(low, high):
    return Outline(np.asarray([[low, low], [high, low], [high, high], [low, high]], float), RED)


@pytest.mark.parametrize(("aspect", "shape"), [(1.0, (171, 256)), (2.0, (256, 192)), (0.5, (85, 256))])
def test_a_picture_keeps_its_proportions(aspect, shape):
    assert fitted(BLACK, (256, 256), aspect).shape == shape


def test_a_picture_is_made_smaller_as_pillow_does():
    picture = np.random.default_rng(1).integers(0, 256, (97, 61), dtype=np.uint8)
    expected = np.asarray(Image.fromarray(picture).resize((20, 30), Image.Resampling.BILINEAR)).astype(int)
    assert np.abs(resized(picture, (30, 20)).astype(int) - expected).max() <= 2


def test_colours_are_resized_one_by_one():
    picture = np.random.default_rng(2).integers(0, 256, (9, 8, 3), dtype=np.uint8)
    small = resized(picture, (4, 5))
    assert np.array_equal(small[..., 1], resized(picture[..., 1], (4, 5)))


def test_a_picture_that_has_its_size_stays_as_it_is():
    assert resized(BLACK, (40, 60)) is BLACK


def test_without_marks_a_grey_picture_stays_grey():
    assert thumbnail(BLACK, []).ndim == 2


def test_a_line_goes_through_the_corners_and_along_the_sides():
    shown = thumbnail(BLACK, [square(10, 30)], size=60)
    red = shown[..., 0] > 200
    assert shown.shape == (40, 60, 3)
    assert red[10, 10:31].all()
    assert red[10:31, 30].all()
    assert red[30, 10:31].all()
    assert not red[12:29, 12:29].any()
    assert not red[:, 33:].any()


def test_a_line_moves_with_the_picture():
    rows, columns = np.nonzero(thumbnail(BLACK, [square(10, 30)], size=240)[..., 0] > 127)
    middle = (10 + 30 + 1) / 2 * 4 - 0.5
    assert (rows.mean(), columns.mean()) == pytest.approx((middle, middle), abs=0.5)


def test_a_line_that_leaves_the_picture_is_cut():
    shown = thumbnail(BLACK, [square(-20, 200)], size=60)
    assert not shown.any()


def test_a_region_has_a_border_and_keeps_its_inside():
    mask = np.zeros(BLACK.shape, bool)
    mask[10:20, 10:20] = True
    shown = thumbnail(BLACK, [Area(mask, RED)], size=60)[..., 0] == 255
    border = mask.copy()
    border[11:19, 11:19] = False
    assert np.array_equal(shown, border)


def test_a_region_at_the_edge_of_the_picture_is_closed_there():
    shown = thumbnail(BLACK, [Area(np.ones(BLACK.shape, bool), RED)], size=60)[..., 0] == 255
    assert shown[0].all()
    assert shown[:, -1].all()
    assert not shown[1:-1, 1:-1].any()
