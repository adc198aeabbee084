"""Where things stand in a drawing of curves."""

import matplotlib as mpl
import pytest

from oncommons.client.figures.drawing.canvas import RULES
from oncommons.client.figures.drawing.curves import draw_curves
from oncommons.client.figures.shapes import Curve, Curves


def curves(*names, **more):
    drawn = tuple(
        Curve(name, (1.0, 2.0), (0.8, 0.4), (0.7, 0.2), (0.9, 0.5), ((1.5, 0.8),), 2.0, (1200, 700, 3))
        for name in names
    )
    return Curves(drawn, 1.0, "Time (years)", "Survival", (0.0, 1.0, 2.0), ("0", "1", "2"), **more)


def boxes(canvas):
    """Where each text stands."""
    with mpl.rc_context(RULES):
        texts = [one for one in canvas.figure.texts if one.get_text()]
        return {(one.get_text(), i): one.get_window_extent() for i, one in enumerate(texts)}


@pytest.mark.parametrize("width", ["page", "column"])
@pytest.mark.parametrize(
    "names", [("a",), ("control", "miR-137"), tuple(f"A rather long name of a group {i}" for i in range(8))]
)
def test_no_text_lies_upon_another_or_outside(width, names):
    with mpl.rc_context(RULES):
        canvas = draw_curves(curves(*names), width)
    found, sheet = list(boxes(canvas).values()), canvas.figure.bbox
    assert all(box.x0 >= 0 and box.x1 <= sheet.x1 and box.y0 >= 0 for box in found)
    for i, one in enumerate(found):
        for other in found[i + 1 :]:
            across = min(one.x1, other.x1) - max(one.x0, other.x0)
            assert across <= 0 or min(one.y1, other.y1) - max(one.y0, other.y0) <= 2


def test_numbers_at_risk_stand_below_their_ticks():
    with mpl.rc_context(RULES):
        canvas = draw_curves(curves("a"), "page")
        (axes,) = canvas.figure.axes
        places = axes.transData.transform([(tick, 0) for tick in (0, 1, 2)])[:, 0]
    middles = {text: (box.x0 + box.x1) / 2 for (text, _), box in boxes(canvas).items()}
    assert [middles[text] for text in ("1,200", "700", "3")] == pytest.approx(places.tolist(), abs=1)


def test_curves_that_share_who_is_at_risk_have_a_key_of_their_own():
    with mpl.rc_context(RULES):
        canvas = draw_curves(curves("cancer", "other", at_risk={"Everybody": (9, 5, 1)}), "column")
    assert [text for text, _ in boxes(canvas)] == ["cancer", "other", "People at risk", "Everybody", "9", "5", "1"]
