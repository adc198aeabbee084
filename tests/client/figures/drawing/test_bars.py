"""Where things stand in histograms."""

import pytest
from tests.client.figures.sheets import collisions, drawn

from oncommons.client.figures.drawing.bars import draw_bars
from oncommons.client.figures.shapes import Bars


def bars(groups, most=30.0):
    return Bars(
        {f"Group {i}": (3.0, most, 9.0) for i in range(groups)},
        (0.0, 10.0, 20.0, 30.0),
        (True, False),
        "Age (years)",
        "People",
    )


@pytest.mark.parametrize("width", ["page", "column"])
@pytest.mark.parametrize("shape", [bars(1), bars(3), bars(8), bars(1, 3e6), bars(2, 0.2), bars(1, 1e9)])
def test_no_text_lies_upon_another_or_outside(shape, width):
    assert collisions(*drawn(draw_bars, shape, width)) == []


def test_bars_are_as_tall_as_there_are_people_and_hatched_where_they_have_no_end():
    axes = drawn(draw_bars, bars(1))[0].figure.axes[0]
    assert [bar.get_height() for bar in axes.patches] == [3, 30, 9]
    assert [bar.get_facecolor()[:3] == (1.0, 1.0, 1.0) for bar in axes.patches] == [True, False, False]


def test_panels_have_one_scale():
    axes = drawn(draw_bars, bars(3))[0].figure.axes
    assert len({one.get_ylim() for one in axes}) == 1
