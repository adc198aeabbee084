"""A share over time, laid out: places are compared with sums done by hand."""

from oncommons.web.axes import TOP
from oncommons.web.trends import PLOT, Reading, trend


def laid_out(*readings):
    return trend("t", "Title", [Reading(*one) for one in readings])


def test_a_dot_stands_as_high_as_its_share_and_as_far_as_its_time():
    found = laid_out(
        ("2026-01-01T00:00:00+00:00", 0, 4), ("2026-01-02T00:00:00+00:00", 2, 4), ("2026-01-05T00:00:00+00:00", 4, 4)
    )
    assert [dot.y for dot in found.dots] == [TOP + PLOT, TOP + PLOT / 2, TOP]
    assert [dot.x for dot in found.dots] == [2.0, 26.0, 98.0]
    assert found.lines == ((2.0, 134.0, 26.0, 74.0), (26.0, 74.0, 98.0, 14.0))
    assert [(mark.text, mark.anchor) for mark in found.labels] == [("1 Jan", "start"), ("5 Jan", "end")]


def test_one_reading_stands_in_the_middle():
    found = laid_out(("2026-01-01T00:00:00+00:00", 3, 4))
    assert [(dot.x, dot.words) for dot in found.dots] == [(50.0, "3 of 4 on 2026-01-01")]
    assert (found.lines, [mark.at for mark in found.labels]) == ((), [50.0])
    assert found.summary == "3 of 4 at the latest check"


def test_nothing_is_drawn_of_nothing():
    found = laid_out()
    assert (found.dots, found.labels, found.summary) == ((), (), "There was no check yet.")
