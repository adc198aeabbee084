"""Pens for everybody."""

from itertools import combinations

import numpy as np
import pytest

from oncommons.client.figures.drawing.canvas import DASHES, PALETTE, WIDTHS, colour, dashes, marker, wide

# Machado, Oliveira and Fernandes 2009, IEEE Trans Vis Comput Graph 15:1291, severity 1.
BLIND = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}


def linear(hexadecimal):
    value = np.array([int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb
    f = np.cbrt(np.maximum(xyz / [0.9505, 1.0, 1.089], 1e-6))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("one", PALETTE)
def test_every_colour_stands_out_from_white(one):
    assert 1.05 / (linear(one) @ [0.2126, 0.7152, 0.0722] + 0.05) >= 3


@pytest.mark.parametrize("kind", BLIND)
def test_the_first_four_colours_are_told_apart_by_who_sees_no_red_or_no_green(kind):
    seen = [lab(np.clip(np.array(BLIND[kind]) @ linear(one), 0, 1)) for one in PALETTE[:4]]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 10


def test_lines_are_told_apart_without_colours_and_no_pair_comes_twice():
    assert len({str(dashes(i)) for i in range(len(DASHES))}) == len(DASHES)
    assert len({(colour(i), str(dashes(i))) for i in range(24)}) == 24
    assert len({marker(i) for i in range(8)}) == 8


def test_text_is_measured_in_millimetres():
    assert WIDTHS["column"] == 85
    assert wide("MMMM") == pytest.approx(2 * wide("MM"), rel=0.1)
    assert wide("M", 14) == pytest.approx(2 * wide("M", 7), rel=0.05)
    assert wide("M", weight="bold") > wide("M")
