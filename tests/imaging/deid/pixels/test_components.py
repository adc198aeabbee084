"""Boxes around what hangs together, beside a plain flood fill."""

import numpy as np
import pytest

from oncommons.imaging.deid.pixels.components import boxes_of
from oncommons.imaging.deid.pixels.found import Box


def flooded(mask):
    """The same by filling from each place in turn."""
    left, found = {tuple(p) for p in np.argwhere(mask).tolist()}, []
    while left:
        group, edge = set(), {left.pop()}
        while edge:
            group |= edge
            around = {(y + dy, x + dx) for y, x in edge for dy in (-1, 0, 1) for dx in (-1, 0, 1)}
            edge = around & left
            left -= edge
        rows, columns = [y for y, _ in group], [x for _, x in group]
        found.append(Box(min(columns), min(rows), max(columns) + 1, max(rows) + 1))
    return found


@pytest.mark.parametrize("density", [0.1, 0.35, 0.6])
def test_groups_are_those_of_a_flood_fill(density):
    rng = np.random.default_rng(int(density * 100))
    for _ in range(20):
        mask = rng.random((17, 23)) < density
        assert sorted(boxes_of(mask)) == sorted(flooded(mask))


def test_arms_that_meet_below_are_one_group():
    mask = np.array([[1, 0, 1, 0, 1], [1, 0, 1, 0, 1], [1, 1, 1, 1, 1]], bool)
    assert boxes_of(mask) == [Box(0, 0, 5, 3)]


def test_what_touches_across_the_edge_of_a_row_is_two_groups():
    mask = np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0]], bool)
    assert sorted(boxes_of(mask)) == [Box(0, 2, 1, 3), Box(2, 0, 3, 1)]


@pytest.mark.parametrize("shape", [(1, 1), (3, 4)])
def test_nothing_has_no_box_and_everything_has_one(shape):
    assert boxes_of(np.zeros(shape, bool)) == []
    assert boxes_of(np.ones(shape, bool)) == [Box(0, 0, shape[1], shape[0])]
