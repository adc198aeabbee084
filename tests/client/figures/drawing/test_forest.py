"""Where things stand in a forest plot."""

import pytest
from tests.client.figures.sheets import collisions, drawn

from oncommons.client.figures.drawing.forest import draw_forest, limits, log_ticks, plain_ticks
from oncommons.client.figures.shapes import Forest, Row

HEADS = ("", "Hazard ratio (95% CI)", "p")


def forest(*rows, log=True):
    return Forest(rows, HEADS, "Hazard ratio (log scale)" if log else "Coefficient", 1.0 if log else 0.0, log)


WILD = forest(
    Row("A rather long name…of a covariate", 1.0, 0.2, 5.0, ("1.00 (0.20 to 5.00)", "> 0.99")),
    Row("Tiny", 1e-7, 1e-12, 3e-4, ("1.0 × 10⁻⁷ (1.0 × 10⁻¹² to 3.0 × 10⁻⁴)", "< 0.001")),
    Row("Huge", 4e6, 1.0, 1e15, ("4,000,000 (1.00 to 1.0 × 10¹⁵)", "0.04")),
    Row("Stage"),
    Row("I", None, None, None, ("1 (reference)",), within=True),
    Row("None", None, None, None, ("– (– to –)", "not known")),
    Row("All", 1.3, 1.1, 1.6, ("1.30 (1.10 to 1.60)",), whole=True),
)
SHAPES = {
    "one": forest(Row("Age", 1.02, 1.01, 1.03, ("1.02 (1.01 to 1.03)", "0.002"))), "wild": WILD,
    "nobody": forest(Row("Age", None, None, None, ("–", ""))),
    "same": forest(Row("Age", 0.0, 0.0, 0.0, ("0", "1")), log=False), "linear": forest(Row("Age", -3e5, -4e5, 2e5, ("x", "y")), log=False),
}  # fmt: skip


@pytest.mark.parametrize("width", ["page", "column"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_no_text_lies_upon_another_or_outside(shape, width):
    assert collisions(*drawn(draw_forest, shape, width)) == []


def test_numbers_that_have_no_room_are_left_out_from_the_right():
    texts = [text for text, _ in drawn(draw_forest, WILD, "column")[1]]
    assert "p" not in texts
    assert "Tiny" in texts


def test_squares_stand_at_their_estimates():
    canvas, texts = drawn(draw_forest, SHAPES["one"])
    ticks = {text: (box.x0 + box.x1) / 2 for text, box in texts}
    axes = canvas.figure.axes[0]
    at = axes.transData.transform([(1.02, 0)])[0, 0]
    assert ticks["1.02"] == pytest.approx(at, abs=0.5)


def test_intervals_that_go_far_do_not_press_all_others_together():
    low, high = limits(forest(Row("a", 1.5, 1.1, 2.0), Row("b", 1.2, 1e-9, 1e9)))
    assert 1 / 50 < low < 1
    assert 2 < high < 75


@pytest.mark.parametrize(("low", "high"), [(0.5, 2), (0.01, 100), (0.9, 1.1), (1e-9, 1e9), (0.3, 30)])
def test_ticks_are_few_and_within(low, high):
    for found in (log_ticks(low, high), plain_ticks(low, high)):
        assert 2 <= len(found) <= 8
        assert all(low <= place <= high * (1 + 1e-9) for place in found)
