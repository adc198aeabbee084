"""Shapes are values: the same numbers make the same shape."""

from oncommons.client.figures.shapes import Curve


def test_a_curve_without_a_band_has_none():
    assert Curve("a", (1.0,), (0.5,)) == Curve("a", (1.0,), (0.5,), low=(), high=(), middle=None)
