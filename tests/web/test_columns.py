"""Columns stand on the ground, are as high as their numbers, and lie where their days are."""

from __future__ import annotations

import itertools

import pytest

from oncommons.web.axes import BOTTOM, TOP
from oncommons.web.columns import FEWEST_DAYS, PLOT, day_columns

KINDS = ("kept", "quarantined")


def chart(days, until="2026-11-22"):
    return day_columns("c", "C", days, KINDS, until)


def numbers(kept, quarantined=0):
    return {"kept": kept, "quarantined": quarantined}


def test_pieces_of_a_column_stand_on_one_another():
    (column,) = chart({"2026-11-22": numbers(60, 20)}).columns
    first, second = column.parts
    assert first.y + first.height == TOP + PLOT
    assert second.y + second.height == first.y
    assert first.height == 3 * second.height


def test_heights_are_in_proportion_across_days():
    found = chart({"2026-11-21": numbers(50), "2026-11-22": numbers(100)})
    assert [column.parts[0].height for column in found.columns] == [PLOT / 2, PLOT]


def test_what_is_hardly_anything_is_still_seen_and_nothing_is_not():
    (column,) = chart({"2026-11-22": numbers(1_000_000, 1)}).columns
    assert [(part.kind, part.height >= 2) for part in column.parts] == [("kept", True), ("quarantined", True)]
    (column,) = chart({"2026-11-22": numbers(3, 0)}).columns
    assert [part.kind for part in column.parts] == ["kept"]


@pytest.mark.parametrize("span", [1, 2, 7, 8, 30, 366])
def test_columns_lie_within_the_drawing_and_do_not_overlap(span):
    days = {f"2026-{1 + n // 28:02}-{1 + n % 28:02}": numbers(1) for n in range(min(span, 330))}
    found = chart(days, "2026-12-31").columns
    assert all(column.x >= 0 and column.x + column.width <= 100 for column in found)
    assert all(a.x + a.width <= b.x for a, b in itertools.pairwise(found))


def test_a_single_day_lies_at_the_end_of_a_week():
    found = chart({"2026-11-22": numbers(1)})
    assert found.columns[0].x > 100 * (FEWEST_DAYS - 1) / FEWEST_DAYS
    assert [label.text for label in found.labels] == ["16 Nov", "19 Nov", "22 Nov"]


def test_the_axis_begins_at_the_ground_and_ends_above_the_highest():
    found = chart({"2026-11-22": numbers(2029, 115)})
    assert (found.ticks[0].at, found.ticks[0].text) == (found.ground, "0")
    assert found.ticks[-1].at == TOP
    assert int(found.ticks[-1].text.replace(",", "")) >= 2144
    assert found.height == TOP + PLOT + BOTTOM


def test_what_is_drawn_can_be_read():
    days = {"2026-11-20": numbers(5, 1), "2026-11-22": numbers(2)}
    found = chart(days)
    assert found.rows == (("2026-11-22", numbers(2)), ("2026-11-20", numbers(5, 1)))
    assert found.summary == "2 days with files, the latest 2026-11-22. In all: 7 kept, 1 quarantined."


def test_nothing_can_be_drawn():
    found = chart({})
    assert (found.columns, found.rows, found.summary) == ((), (), "Nothing came in during these days.")
