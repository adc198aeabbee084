"""Where things stand in drawings of lines."""

import pytest
from tests.client.figures.sheets import collisions, drawn

from oncommons.client.figures.drawing.lines import draw_lines
from oncommons.client.figures.shapes import Line, Lines

ROC = Lines(
    (Line("", (0, 0.2, 1), (0, 0.7, 1)),),
    "False positive rate",
    "True positive rate",
    (0, 1),
    (0, 1),
    True,
    "Area under the curve 0.75",
)
SCREE = Lines(
    tuple(Line(name, tuple(range(1, 25)), (0.1,) * 24, dots=True) for name in ("each", "together")),
    "Principal component", "Share", (0.7, 24.3), (0, 1), whole=True,
)  # fmt: skip
POINTS = Lines(
    (Line("", (0.1,), (0.2,), (0.1,), (0.3,), dots=True, joined=False),),
    "Predicted",
    "Observed",
    (0, 1),
    (0, 1),
    diagonal=True,
)


@pytest.mark.parametrize("width", ["page", "column"])
@pytest.mark.parametrize("shape", [ROC, SCREE, POINTS])
def test_no_text_lies_upon_another_or_outside(shape, width):
    assert collisions(*drawn(draw_lines, shape, width)) == []


def test_a_diagonal_is_that_of_a_square():
    axes = drawn(draw_lines, ROC)[0].figure.axes[0]
    assert axes.bbox.width == pytest.approx(axes.bbox.height)


def test_of_many_components_some_are_numbered():
    texts = [text for text, _ in drawn(draw_lines, SCREE)[1]]
    assert {"1", "4", "22"} <= set(texts)
    assert "2" not in texts
