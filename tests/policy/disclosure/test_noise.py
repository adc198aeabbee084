"""Noise is as likely as it is said to be, and the same for the same people."""

from collections import Counter
from fractions import Fraction
from itertools import product
from math import comb, exp, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.policy.disclosure.crowd import Crowd
from oncommons.policy.disclosure.noise import Noise, Shape

TEN = Shape(10)
NOISE = Noise(b"secret" * 6, TEN)


def draws(number, noise=NOISE, dataset="d", entity="person"):
    return [noise.draw(dataset, entity, Crowd((n + 1,))) for n in range(number)]


def test_with_k_ten_noise_goes_to_nine_and_61_people_are_always_told():
    assert (TEN.epsilon, TEN.most, TEN.reach, TEN.step) == (0.25, 9, 61, 5)


@given(st.integers(2, 1_000))
def test_k_people_may_be_too_few_and_the_chances_add_up(k):
    shape = Shape(k)
    assert k < shape.reach
    assert sum(shape.chances) == pytest.approx(1)


@pytest.mark.parametrize("k", [1, 2, 5, 7, 10, 20, 50])
def test_so_many_are_always_told_that_the_sample_would_hide_one_case_of_a_thousand(k):
    """Against sums of the binomial distribution, in fractions."""
    shape, share = Shape(k), Fraction(85, 256)

    def hidden(people):
        return sum(comb(people, n) * share**n * (1 - share) ** (people - n) for n in range(k))

    assert hidden(shape.reach) <= Fraction(1, 1_000) < hidden(shape.reach - 1)


def test_a_third_of_the_people_are_of_the_sample_and_nobody_can_tell_who():
    sample = NOISE.sample("d", 30_000) & ((1 << 30_000) - 1)
    others = [Noise(b"secreT" * 6, TEN).sample("d", 30_000), NOISE.sample("e", 30_000), sample >> 1]
    assert sample.bit_count() / 30_000 == pytest.approx(TEN.share, abs=0.01)
    for other in others:
        assert (sample & other).bit_count() / 30_000 == pytest.approx(TEN.share**2, abs=0.01)


def test_who_is_of_the_sample_does_not_change_when_more_people_come():
    again = Noise(b"secret" * 6, TEN)
    few = again.sample("d", 10)
    many = again.sample("d", 5_000)
    assert many != few
    assert all((many ^ few) & ((1 << n) - 1) == 0 for n in (10, 500, 1_024))
    assert NOISE.sample("d", 5_000) & ((1 << 5_000) - 1) == many & ((1 << 5_000) - 1)


@pytest.mark.parametrize("people", [9, 10, 25, 60, 61])
def test_people_are_told_of_where_enough_are_of_the_sample(people):
    found = 0
    for start in range(0, 4_000, people):
        crowd = Crowd((((1 << people) - 1) << start,))
        chosen = sum(NOISE.sample("d", 5_000) >> n & 1 for n in range(start, start + people))
        assert NOISE.is_small("d", crowd) is (people < 61 and chosen < 10)
        found += not NOISE.is_small("d", crowd)
    assert (found > 0) is (people > 10)


@pytest.mark.parametrize("z", range(-8, 9))
def test_each_step_away_from_zero_is_less_likely_by_the_same_factor(z):
    nearer, farther = sorted((abs(z), abs(z + 1)))
    ratio = TEN.chances[farther + 9] / TEN.chances[nearer + 9]
    assert ratio == pytest.approx(exp(-0.25))


def test_draws_are_as_frequent_as_their_chances():
    found = Counter(draws(20_000))
    chi_squared = sum(
        (found[z] - 20_000 * TEN.chances[z + 9]) ** 2 / (20_000 * TEN.chances[z + 9]) for z in range(-9, 10)
    )
    assert chi_squared < 42.3  # 99.9 % point of chi squared with 18 degrees of freedom


def test_the_ends_of_the_distribution_are_its_ends():
    assert (TEN.at(0.0), TEN.at(1 - 2**-53)) == (-9, 9)


def test_noise_depends_on_the_people_the_dataset_what_is_counted_and_the_secret_alone():
    again = Noise(b"secret" * 6, TEN)
    assert draws(200) == draws(200, again)
    others = [draws(200, Noise(b"other" * 7, TEN)), draws(200, dataset="e"), draws(200, entity="series")]
    assert all(draws(200) != other for other in others)


def test_a_name_cannot_run_into_the_next():
    assert draws(200, dataset="ab", entity="c") != draws(200, dataset="a", entity="bc")


@pytest.mark.parametrize("answers", [1, 2, 3])
def test_the_best_advantage_is_the_distance_between_with_and_without(answers):
    """Against all outcomes, one by one; an outcome is the noise that would explain it were the person not counted."""
    chance = {z: TEN.chances[z + 9] for z in range(-9, 10)}
    distance = 0.0
    for outcome in product(range(-9, 11), repeat=answers):
        counted = prod(chance.get(z - 1, 0) for z in outcome)
        distance += max(0, counted - prod(chance.get(z, 0) for z in outcome))
    assert TEN.advantage(answers) == pytest.approx(distance)


def test_the_advantage_grows_with_answers_and_shrinks_with_k():
    assert TEN.advantage(0) == 0
    assert TEN.advantage(1) < TEN.advantage(10) < TEN.advantage(100) < 1
    assert Shape(20).advantage(10) < TEN.advantage(10) < Shape(5).advantage(10)
