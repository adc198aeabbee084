"""What is looked at: projections of films, contrast, size and pieces; Pillow and plain loops are the oracle."""

import numpy as np
import pytest
from PIL import Image, ImageFilter
from tests.imaging.deid.pixels.pictures import FILM, anatomy, capture, opened, saved, seen_by, with_text

from oncommons.imaging.deid.pixels import views
from oncommons.imaging.deid.pixels.components import boxes_of
from oncommons.imaging.deid.pixels.found import Box
from oncommons.imaging.deid.pixels.views import (
    MOST_PAGES,
    Scene,
    back,
    beside_neighbours,
    lifted_darks,
    piece_of,
    scale_of,
    scaled,
    scenes_of,
    size_of,
    thin_strokes,
    tiles,
    turned_back,
    whole_range,
    worth_a_look,
)
from oncommons.schema.errors_of_pixels import TooMuchToLook

SC, MULTI_SC = "1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.5.1.4.1.1.7.2"


VIEWS = (whole_range, beside_neighbours, thin_strokes, lifted_darks)


def scenes(pixels, sop_class):
    _, dataset, stack = opened(saved(capture(pixels, sop_class)))
    assert dataset.text(0x00080016) == sop_class
    return list(scenes_of(stack, sop_class))


def test_one_frame_is_one_scene():
    pixels = anatomy()
    (scene,) = scenes(pixels, SC)
    assert scene.frames == range(1)
    assert np.array_equal(scene.seen, pixels)


def test_each_page_of_a_capture_is_a_scene_of_its_own():
    pages = np.stack([anatomy(seed=n) for n in range(3)])
    found = scenes(pages, MULTI_SC)
    assert [scene.frames for scene in found] == [range(n, n + 1) for n in range(3)]
    assert all(np.array_equal(scene.seen, page) for scene, page in zip(found, pages, strict=True))


def test_too_many_pages_are_not_looked_through():
    with pytest.raises(TooMuchToLook, match=f"{MOST_PAGES} are looked through"):
        scenes(np.zeros((MOST_PAGES + 1, 4, 4), np.uint8), MULTI_SC)


def test_a_film_is_seen_in_its_darkest_brightest_and_mean_projection_and_in_a_few_frames():
    film = np.stack([anatomy(seed=n) for n in range(9)])
    found = scenes(film, FILM)
    assert all(scene.frames == range(9) for scene in found)
    darkest, brightest, mean, *sampled = [scene.seen for scene in found]
    assert np.array_equal(darkest, film.min(axis=0))
    assert np.array_equal(brightest, film.max(axis=0))
    assert np.allclose(mean, film.mean(axis=0))
    assert all(np.array_equal(one, film[n]) for one, n in zip(sampled, (0, 4, 8), strict=True))


def test_colours_of_a_film_stay_colours():
    film = np.stack([np.stack([anatomy(seed=n)] * 3, axis=-1) for n in range(2)])
    assert {scene.seen.shape for scene in scenes(film, FILM)} == {(120, 320, 3)}


def test_the_whole_range_goes_from_black_to_white():
    pixels = np.linspace(-1000, 3000, 10_000).reshape(100, 100)
    shown = seen_by(whole_range, pixels)
    expected = np.interp(pixels, np.percentile(pixels, (0.5, 99.5)), (0, 255))
    assert np.abs(shown - expected).max() <= 1
    assert shown.dtype == np.uint8


def test_dark_greys_are_lifted_apart_and_keep_their_order():
    pixels = np.linspace(0, 1000, 10_000).reshape(100, 100)
    shown, plain = seen_by(lifted_darks, pixels), seen_by(whole_range, pixels).astype(float)
    expected = 255 * np.sqrt(np.interp(pixels, np.percentile(pixels, (0.5, 99.5)), (0, 1)))
    assert np.abs(shown - expected).max() <= 1
    assert shown[10].mean() - shown[1].mean() > 2 * (plain[10].mean() - plain[1].mean())


@pytest.mark.parametrize(
    ("greys", "plain", "lifted"),
    [((9, 9), False, False), ((9, 12), False, False), ((9, 200), True, False), ((9, 90), True, True)],
)
def test_an_empty_piece_is_not_looked_at_nor_a_bright_one_for_dark_text(greys, plain, lifted):
    piece = np.repeat(np.array(greys, np.uint8), 50).reshape(10, 10)
    colours = np.stack([piece, piece // 2, piece // 2], axis=-1)
    for one in (piece, colours):
        assert (worth_a_look(whole_range, one), worth_a_look(lifted_darks, one)) == (plain, lifted)


def test_an_image_of_one_grey_is_shown_without_a_fault():
    flat = np.full((40, 40), 7, np.int16)
    for view in VIEWS:
        assert len(np.unique(seen_by(view, flat))) == 1


def test_faint_text_stands_out_beside_its_neighbours():
    pixels = np.tile(np.linspace(0, 1000, 320), (120, 1))
    faint = pixels.copy()
    faint[50:52, 100:200] += 40

    def change(view):
        there = np.s_[50:52, 100:200]
        return abs(seen_by(view, faint)[there].mean() - seen_by(view, pixels)[there].mean())

    assert change(beside_neighbours) > 20
    assert change(whole_range) < 15


def test_thin_strokes_are_those_of_the_filters_of_pillow():
    pixels = with_text(anatomy())
    grey = Image.fromarray(pixels)

    def opened_by(first, second):
        return np.asarray(grey.filter(first(9)).filter(second(9)), float)

    lighter = pixels - opened_by(ImageFilter.MinFilter, ImageFilter.MaxFilter)
    darker = opened_by(ImageFilter.MaxFilter, ImageFilter.MinFilter) - pixels
    low, high = np.percentile(pixels, (0.5, 99.5))
    expected = np.clip(128 + 300 * (lighter - darker) / (high - low), 0, 255)
    inner = np.s_[10:-10, 10:-10]
    assert np.abs(seen_by(thin_strokes, pixels)[inner] - expected[inner]).max() <= 1


@pytest.mark.parametrize("scale", [1.5, 2.0, 3.0])
def test_a_picture_is_enlarged_as_pillow_does_it(scale):
    pixels = with_text(anatomy())
    size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
    expected = np.asarray(Image.fromarray(pixels).resize(size, Image.BILINEAR), int)
    assert np.abs(scaled(pixels, scale).astype(int) - expected).max() <= 1
    colours = np.stack([pixels] * 3, axis=-1)
    assert np.array_equal(scaled(colours, scale)[..., 1], scaled(pixels, scale))


def test_small_pictures_are_enlarged_more_and_none_without_end():
    assert scale_of(480, 640, 1.0) == 2.0
    assert scale_of(1024, 1024, 1.0) == 2.0
    assert scale_of(2000, 2000, 1.0) == 1.0
    assert scale_of(480, 640, 1.5) == 3.0
    assert scale_of(4000, 4000, 1.5) ** 2 * 4000 * 4000 == pytest.approx(9_500_000)


@pytest.mark.parametrize("shape", [(50, 60), (512, 513), (700, 1900)])
def test_pieces_cover_a_picture_and_overlap(shape):
    covered = np.zeros(shape, int)
    for tile in tiles(*shape):
        assert max(tile.width, tile.height) <= 512
        assert tile == tile.within(shape[1], shape[0])
        covered[tile.top : tile.bottom, tile.left : tile.right] += 1
    assert covered.min() >= 1
    if max(shape) > 512:
        assert (covered > 1).any()


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("colours", [False, True])
@pytest.mark.parametrize("scale", [0.7, 1.0, 1.5, 3.0])
def test_pieces_of_a_view_are_those_of_the_whole_of_it(monkeypatch, view, scale, colours):
    monkeypatch.setattr(views, "_TILE", 150)
    pixels = with_text(anatomy(110, 250))
    pixels = np.stack([pixels, pixels // 2, pixels // 3], axis=-1) if colours else pixels.astype(np.int16) * 7
    whole = scaled(seen_by(view, pixels), scale)
    rows, columns = size_of(110, scale), size_of(250, scale)
    assert whole.shape[:2] == (rows, columns)
    for tile in tiles(rows, columns):
        piece = piece_of(Scene(range(1), pixels), view, scale, tile)
        assert np.array_equal(piece, whole[tile.top : tile.bottom, tile.left : tile.right])


def test_a_box_comes_back_to_where_it_was():
    scale = 2.5
    there = Box(10, 20, 110, 70)
    seen = Box(*(round(n * scale) for n in (10, 20, 110, 70)))
    assert back(seen, scale) == there


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_box_of_a_turned_picture_comes_back_to_where_it_was(turns):
    picture = np.zeros((30, 50), np.uint8)
    there = Box(4, 7, 20, 11)
    picture[there.top : there.bottom, there.left : there.right] = 1
    (seen,) = boxes_of(np.rot90(picture, turns) > 0)
    assert turned_back(seen, turns, 30, 50) == there


def test_a_scene_can_be_compared_only_by_what_it_holds():
    assert Scene(range(1), None) == Scene(range(1), None)
