"""Axes of figures over days."""

from oncommons.web.axes import BOTTOM, TOP, Axes, Mark, short_day


def test_a_figure_is_as_high_as_its_plot_and_what_is_above_and_below():
    axes = Axes("a", "A", "Nothing.", 100, (Mark(114.0, "0"),), ())
    assert (axes.ground, axes.height) == (TOP + 100, TOP + 100 + BOTTOM)


def test_a_day_in_words():
    assert (short_day("2026-01-09"), short_day("2026-12-31")) == ("9 Jan", "31 Dec")
