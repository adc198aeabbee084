"""Where things stand in a drawing of curves."""

import pytest
from tests.client.figures.sheets import collisions, drawn

from oncommons.client.figures.drawing.curves import draw_curves
from oncommons.client.figures.shapes import Curve, Curves


def curves(*names, ticks=3, **more):
    at, risk = tuple(float(i) for i in range(ticks)), (1200, 700, 3, 2, 1, 1, 1, 1, 0)[:ticks]
    drawn = (Curve(n, (1.0, 2.0), (0.8, 0.4), (0.7, 0.2), (0.9, 0.5), ((1.5, 0.8),), 2.0, risk) for n in names)
    return Curves(tuple(drawn), 1.0, "Time (years)", "Survival", at, tuple(map(str, range(ticks))), **more)


NAMES = {
    "one": ("a",),
    "two": ("control", "miR-137"),
    "eight": tuple(f"A rather long name of a group {i}" for i in range(8)),
}


@pytest.mark.parametrize("width", ["page", "column"])
@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_no_text_lies_upon_another_or_outside(width, names):
    assert collisions(*drawn(draw_curves, curves(*names, ticks=9, note="Log-rank test: p < 0.001"), width)) == []


def test_numbers_at_risk_stand_below_their_ticks():
    canvas, texts = drawn(draw_curves, curves("a"))
    (axes,) = canvas.figure.axes
    places = axes.transData.transform([(tick, 0) for tick in (0, 1, 2)])[:, 0]
    middles = {text: (box.x0 + box.x1) / 2 for text, box in texts if box.y1 < axes.bbox.y0}
    assert [middles[text] for text in ("1,200", "700", "3")] == pytest.approx(places.tolist(), abs=1)


def test_where_there_is_no_room_each_second_number_is_told():
    shown = {text for text, _ in drawn(draw_curves, curves("a", ticks=9), "column")[1]}
    assert "700" not in shown or len(shown) >= 9
    many = Curves(
        tuple(Curve("a", (1.0,), (0.5,), at_risk=(1_200_000,) * 9) for _ in "a"),
        1.0,
        "T",
        "S",
        tuple(map(float, range(9))),
        tuple("012345678"),
    )
    assert sum(text == "1,200,000" for text, _ in drawn(draw_curves, many, "column")[1]) < 9


def test_curves_that_share_who_is_at_risk_have_a_key_of_their_own():
    texts = drawn(draw_curves, curves("cancer", "other", at_risk={"Everybody": (9, 5, 1)}), "column")[1]
    below = [text for text, _ in texts][:7]
    assert below == ["cancer", "other", "People at risk", "Everybody", "9", "5", "1"]


def test_one_point_and_nothing_but_the_beginning_can_be_drawn():
    for x, y in (((0.0,), (1.0,)), ((0.0,), (0.0,)), ((1e-9,), (0.5,)), ((1e9,), (0.5,))):
        shape = Curves((Curve("a", x, y, at_risk=(1,)),), 1.0, "Time", "Survival", (0.0,), ("0",))
        assert collisions(*drawn(draw_curves, shape)) == []
