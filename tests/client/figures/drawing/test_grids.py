"""Where things stand in heat-maps, and whether numbers can be read on their colours."""

import matplotlib as mpl
import pytest
from tests.client.figures.sheets import collisions, drawn

from oncommons.client.figures.drawing.grids import draw_grid, luminance
from oncommons.client.figures.shapes import Grid


def grid(size, name="variable {}", text="0.50", both=True):
    names = tuple(name.format(i) for i in range(size))
    values = tuple(tuple((i - j) / size for j in range(size)) for i in range(size))
    return Grid(
        names, names, values, ((text,) * size,) * size, (-1.0, 1.0) if both else (0.0, 1.0), both, "Correlation"
    )


CROSS = Grid(
    ("I", "All"),
    ("no", "yes", "All"),
    ((0.6, 0.4, None), (None, None, None)),
    (("48 (60%)", "33 (40%)", "81"), ("1,440", "246", "1,686")),
    (0.0, 1.0),
    "Share of row",
    "hormone therapy",
    "grade",
    both=False,
)


def flat(canvas, texts):
    """Texts that are not tilted, whose boxes would cover the corners of others."""
    tilted = {one.get_text() for one in canvas.figure.texts if one.get_rotation() == 45}
    return canvas, [(text, box) for text, box in texts if text not in tilted]


@pytest.mark.parametrize("width", ["page", "column"])
@pytest.mark.parametrize("shape", [grid(2), grid(5, "a long name of variable {}"), grid(20), CROSS])
def test_no_text_lies_upon_another_or_outside(shape, width):
    canvas, texts = drawn(draw_grid, shape, width)
    assert collisions(*flat(canvas, texts)) == []
    assert all(
        box.x0 >= -1 and box.x1 <= canvas.figure.bbox.x1 + 1 and box.y1 <= canvas.figure.bbox.y1 + 1 for _, box in texts
    )


def test_numbers_stand_in_cells_where_there_is_room():
    assert sum(text == "0.50" for text, _ in drawn(draw_grid, grid(5))[1]) == 25
    assert sum(text == "0.50" for text, _ in drawn(draw_grid, grid(16), "column")[1]) == 0


@pytest.mark.parametrize("both", [True, False])
def test_every_number_can_be_read_on_its_colour(both):
    canvas, _ = drawn(draw_grid, grid(9, both=both))
    axes = canvas.figure.axes[0]
    for cell, text in zip(axes.patches, axes.texts, strict=True):
        one, other = sorted([luminance(cell.get_facecolor()[:3]), luminance(mpl.colors.to_rgb(text.get_color()))])
        assert (other + 0.05) / (one + 0.05) >= 4.3
