"""Bars are laid out from the bounds of counts, and the same each time."""

from __future__ import annotations

import pytest

from oncommons.schema.answer import Count, exact
from oncommons.web.charts import LONGEST_LABEL, Datum, bar_chart, scale


@pytest.mark.parametrize(
    ("largest", "expected"),
    [(0, (1, 1)), (1, (1, 1)), (4, (4, 1)), (5, (6, 2)), (9, (10, 5)), (44_325, (60_000, 20_000)), (100, (100, 50))],
)
def test_an_axis_ends_at_a_round_number_with_few_ticks(largest, expected):
    top, step = scale(largest)
    assert (top, step) == expected
    assert top >= largest
    assert top // step <= 4


def test_the_layers_of_a_bar_follow_the_bounds():
    chart = bar_chart(
        "a", "A", "people", [Datum("x", Count(40, 49, "rounded"), Count(60, 79, "rounded")), Datum("y", exact(100))]
    )
    bar = chart.bars[0]
    assert (bar.sure, bar.within, bar.maybe, bar.reach) == (40.0, 49.0, 60.0, 79.0)
    assert bar.text == "40–49 | 60–79"
    assert chart.has_range
    assert chart.has_maybe
    assert chart.bars[1].sure == chart.bars[1].reach == 100.0


def test_layers_never_run_backwards():
    bar = bar_chart("a", "A", "people", [Datum("x", Count(40, 49, "rounded"), Count(40, 59, "rounded"))]).bars[0]
    assert bar.sure <= bar.within <= bar.maybe <= bar.reach


def test_what_nothing_bounds_reaches_the_end():
    bar = bar_chart("a", "A", "people", [Datum("x", exact(3), Count(3, None, "suppressed"))]).bars[0]
    assert bar.reach == 100.0
    assert bar.text == "3 | 3 or more"


def test_suppressed_counts_have_no_sure_part():
    chart = bar_chart("a", "A", "people", [Datum("x", Count(0, 9, "suppressed"))])
    assert chart.bars[0].sure == 0.0
    assert chart.bars[0].within == 90.0
    assert chart.bars[0].text == "<10"


def test_exact_counts_alone_need_no_legend():
    chart = bar_chart("a", "A", "people", [Datum("x", exact(3)), Datum("y", exact(2), exact(2))])
    assert not chart.has_range
    assert not chart.has_maybe


def test_only_the_first_bars_are_drawn_and_the_rest_is_counted():
    chart = bar_chart("a", "A", "people", [Datum(str(i), exact(i)) for i in range(20, 0, -1)], most=5)
    assert len(chart.bars) == 5
    assert chart.left_out == 15
    assert len(chart.data) == 20
    assert "15 more" in chart.summary
    assert [t.anchor for t in chart.ticks] == ["start", *["middle"] * (len(chart.ticks) - 2), "end"]


def test_long_labels_are_cut():
    label = bar_chart("a", "A", "people", [Datum("x" * 99, exact(1))]).bars[0].label
    assert len(label) == LONGEST_LABEL
    assert label.endswith("…")


def test_a_chart_of_nothing_says_so():
    chart = bar_chart("a", "A", "people", [])
    assert chart.bars == ()
    assert chart.summary == "There is nothing to draw."


def test_the_summary_can_be_read_out():
    chart = bar_chart("a", "A", "people", [Datum("x", exact(1), exact(2))])
    assert chart.summary == "Bars of 1. First: x: 1 certain, 2 possible people."
