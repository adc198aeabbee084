"""Numbers that can be, and those that no table gives."""

import pytest

from oncommons.algorithms.possible import impossible

KINDS = {
    "people": "people",
    "cells": "people",
    "numbers": "moments",
    "squares": "squares",
    "of": "products",
    "at": "times",
    "left": "counts",
}
CAN_BE = {
    "people": 5,
    "cells": [[1, 2], {"a": [0, 5.0]}],
    "numbers": {"x": [4.0, 3.2], "none": [0.0, 0.0]},
    "inside": {"squares": [0.0, -1e-9, 3.0]},
    "of": [[4.0, -2.0], [-2.0, 1.0]],
    "at": {"a": [[1.0, 9.0], [2, 3]], "b": [[[0.5], [5]], [[], []]]},
    "left": [9, 0],
    "other": ["anything"],
}


def changed(**parts):
    return CAN_BE | parts


def test_what_can_be_passes_and_what_is_not_named_is_not_judged():
    assert impossible(KINDS, CAN_BE, 5) == ""
    assert impossible({}, {"people": -1}, 0) == ""
    assert impossible(KINDS, {"people": [], "of": [], "at": {}, "numbers": {}}, 0) == "numbers"  # of how many people?
    assert impossible(KINDS, {"people": 0, "of": [], "at": {}, "numbers": {}}, 0) == ""


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("people", 6), ("people", -1), ("people", 2.5), ("people", "5"), ("people", None), ("cells", [1, [7]]),
        ("cells", {"a": "x"}), ("people", float("inf")),
        ("numbers", {"x": [4.1, 3.2]}), ("numbers", {"x": [0.0, -1.0]}), ("numbers", {"x": 1}), ("numbers", [1]),
        ("squares", -0.1), ("squares", ["x"]),
        ("of", [[4.0, 2.1], [2.1, 1.0]]), ("of", [[-1.0]]), ("of", [[1.0, 0.0]]), ("of", [4.0, 2.1, 1.0]),
        ("of", [[[1.0]], [[-1.0]]]), ("of", [1.0, 2.0]), ("of", "x"),
        ("at", {"a": [[1.0], [1, 2]]}), ("at", {"a": [[-1.0], [1]]}), ("at", {"a": [[1.0], [6]]}), ("at", [1]), ("left", -1), ("left", 0.5), ("left", 1e300),
    ],
)  # fmt: skip
def test_what_no_table_gives_is_named(name, told):
    assert impossible(KINDS, changed(**{name: told}), 5) == name


@pytest.mark.parametrize("told", [[4.0, 2.0, 1.0], [4.0, -2.0, 0.5, 1.0, 0.0, 3.0], [[[4.0]], [[0.0]]], [[], []]])
def test_a_matrix_may_be_its_upper_part_or_several(told):
    assert impossible(KINDS, {"of": told}, 5) == ""
