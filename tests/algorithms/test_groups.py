"""Groups of people, and what one of them makes up of a sum."""

import numpy as np
import pytest

from oncommons.algorithms.groups import EVERYBODY, levels_of, places, share_in_groups, summed, told_apart, two_values
from oncommons.algorithms.pair import Table

TABLE = Table({"g": np.array([1.0, np.nan, 0.0]), "s": np.array([0.0, 1.0, np.nan])}, {"g": ("a", "b", "c")})


def test_levels_are_those_of_the_code_or_no_and_yes_or_everybody():
    settings = {"levels": TABLE.levels}
    assert levels_of(settings, "g") == ("a", "b", "c")
    assert levels_of(settings, "s") == ("no", "yes")
    assert levels_of({}, None) == (EVERYBODY,)


def test_who_is_of_no_known_level_has_no_place():
    assert places(TABLE, "g").tolist() == [1, -1, 0]
    assert places(TABLE, "s").tolist() == [0, 1, -1]
    assert places(TABLE, None).tolist() == [0, 0, 0]


def test_sums_stand_by_group_and_those_of_nobody_are_zero():
    assert summed(np.array([1.0, 2.0, 4.0]), np.array([0, 2, 2]), 3).tolist() == [1.0, 0.0, 6.0]


@pytest.mark.parametrize(
    ("values", "share"),
    [
        ([1.0, 1, 1, 97], 0.97),  # of the sum
        ([1000.0, 1000, 1000, 1000, 1010], 0.8),  # of the squares about the mean
        ([1.0, 2, 3, 4], 0.45),
        ([7.0, 7, 7], 1.0),  # their mean is the value of each
        ([], 0.0),
    ],
)
def test_the_share_is_the_largest_of_a_sum_or_of_squares_about_the_mean(values, share):
    assert share_in_groups(np.array(values), np.zeros(len(values), dtype=int), 1) == pytest.approx(share)


def test_the_group_in_which_somebody_makes_up_most_counts():
    values, at = np.array([1.0, 2, 3, 4, 1, 1, 1, 97]), np.array([0] * 4 + [1] * 4)
    assert share_in_groups(values, at, 2) == pytest.approx(1.0, abs=0.04)
    assert share_in_groups(values, at, 2) > share_in_groups(values[:4], at[:4], 1)


def test_codes_and_numbers_of_two_values_make_groups():
    rows = Table(
        {"g": np.array([2.0, 0.0, 2.0]), "s": np.array([7.0, 1.0, 7.0]), "x": np.arange(3.0)}, {"g": ("a", "b", "c")}
    )
    assert [told_apart(rows, name) for name in ("g", "s", "x")] == [[0.0, 2.0], [1.0, 7.0], []]


@pytest.mark.parametrize(
    "column", [[], [3.0], [3.0, 3.0], [1.0, 0.0, 1.0], [2.0, -1.0, 0.0], [0.0, np.inf, 0.0], [5.0, 4.0]]
)
def test_a_number_has_two_values_where_sorting_finds_two(column):
    values = np.unique(column).tolist()
    assert list(two_values(np.array(column))) == (values if len(values) == 2 else [])
