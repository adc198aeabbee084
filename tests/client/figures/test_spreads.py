"""Histograms."""

import numpy as np
import pytest
from lifelines.datasets import load_gbsg2
from tests.client.figures.records import made, record

from oncommons.client.figures.spreads import histogram_figures

HEAD = ["variable", "group", "from", "to", "people"]


def test_bars_are_those_of_numpy_where_nodes_tell_all():
    first, second = histogram_figures(made("describe", variables=("age", "size"), by="grade"))
    assert (first.name, second.name) == ("histogram-age", "histogram-size")
    ages = load_gbsg2()
    for name, heights in first.shape.panels.items():
        some = ages[ages["tgrade"] == name]["age"]
        wanted, _ = np.histogram(some, first.shape.edges)
        assert list(heights) == wanted.tolist()
        assert sum(heights) == pytest.approx(len(some), abs=1)
    assert "The numbers are approximate." in first.caption
    assert first.shape.across == "Age (years)"


def test_bars_without_an_end_are_told_apart_and_empty_ones_left_out():
    rows = [["x", "", None, 0.0, 4], ["x", "", 0.0, 1.0, 9], ["x", "", 1.0, 2.0, 0.01], ["x", "", 2.0, None, 0.0]]
    figure = histogram_figures(record(tables={"histogram": [HEAD, *rows]}))[0]
    assert dict(figure.shape.panels) == {"Everybody": (4.0, 9.0)}
    assert (figure.shape.edges, figure.shape.open_ends) == ((-1.0, 0.0, 1.0), (True, False))
    assert "no extreme is told" in figure.caption
    assert len(figure.table) == 3


@pytest.mark.parametrize(
    "rows",
    [
        [], [["x", "", None, None, 4]], [["x", "", 0.0, 1.0, None]] * 3,
        [["x", str(i), a, a + 1.0, 4] for i in range(9) for a in (0.0, 1.0, 2.0)],
        [["x", "a", 0.0, 1.0, 4], ["x", "b", 5.0, 6.0, 4]],
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_no_figure(rows):
    assert histogram_figures(record(tables={"histogram": [HEAD, *rows]})) == []
