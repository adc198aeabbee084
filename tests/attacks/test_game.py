"""What games show is told with how far it may be from the truth."""

import pytest
from tests.attacks.game import Advantage


def test_the_interval_is_the_published_one():
    """9 of 10 less 3 of 10 (Newcombe 1998, Interval estimation for the difference between independent proportions)."""
    low, high = Advantage(3, 9, 10).interval
    assert (low, high) == pytest.approx((0.1705, 0.8090), abs=5e-4)


@pytest.mark.parametrize(("yes", "above"), [(100, True), (60, True), (40, False), (36, False), (0, False)])
def test_only_what_chance_does_not_explain_is_above_a_bound(yes, above):
    assert Advantage(20, yes, 100).is_above(0.2) is above


def test_more_games_make_the_interval_narrower():
    few, many = (Advantage(n // 2, 3 * n // 4, n).interval for n in (40, 4_000))
    assert many[1] - many[0] < (few[1] - few[0]) / 8


def test_nobody_who_always_guesses_alike_has_an_advantage():
    found = Advantage(50, 50, 50)
    assert found.value == 0
    assert found.interval[0] < 0 < found.interval[1]
