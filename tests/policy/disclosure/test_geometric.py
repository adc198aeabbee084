"""The noise of OpenDP is the two-sided geometric distribution that is promised.

OpenDP takes no seed, so each bound is one that right noise misses less than once in a thousand million runs.
"""

from collections import Counter
from fractions import Fraction
from math import exp, log, sqrt, tanh

import pytest

pytest.importorskip("opendp", reason="the extra dp is not installed")

from oncommons.policy.disclosure.geometric import Geometric

DRAWS = 60_000
RARE = log(2e9)
EPSILON = 0.5


@pytest.fixture(scope="module")
def drawn():
    return Counter(Geometric(EPSILON, 1).add([0] * DRAWS))


def chance(noise, scale=1 / EPSILON):
    alpha = exp(-1 / scale)
    return (1 - alpha) / (1 + alpha) * alpha ** abs(noise)


def chi_square(drawn, scale):
    """Pearson's statistic over the values that are expected often, and all others together; and the bound for it.

    The bound is that of Laurent and Massart (2000) for chi-square, lemma 1.
    """
    often = [z for z in range(-60, 61) if DRAWS * chance(z, scale) >= 100]
    pairs = [(drawn[z], DRAWS * chance(z, scale)) for z in often]
    pairs.append((DRAWS - sum(seen for seen, _ in pairs), DRAWS - sum(expected for _, expected in pairs)))
    free = len(pairs) - 1
    return sum((s - e) ** 2 / e for s, e in pairs), free + 2 * sqrt(free * RARE) + 2 * RARE


def test_noise_has_its_distribution(drawn):
    found, most = chi_square(drawn, 1 / EPSILON)
    assert found < most


def test_other_noise_would_be_noticed(drawn):
    found, most = chi_square(drawn, 1.1 / EPSILON)
    assert found > most


def test_no_part_of_the_distribution_is_too_heavy(drawn):
    """The bound of Dvoretzky, Kiefer and Wolfowitz with Massart's constant holds for any number of draws."""
    below = expected = 0.0
    for z in range(-80, 81):
        below, expected = below + drawn[z] / DRAWS, expected + chance(z)
        assert abs(below - expected) < sqrt(RARE / (2 * DRAWS))


def test_who_asks_whether_one_person_is_there_gains_what_differential_privacy_allows_and_no_more(drawn):
    """For the best guess, yes where the number is above zero; the bound of Hoeffding is taken for both worlds."""
    without = sum(n for z, n in drawn.items() if z > 0) / DRAWS
    there = sum(n for z, n in Counter(Geometric(EPSILON, 1).add([1] * DRAWS)).items() if z > 0) / DRAWS
    bound = (exp(EPSILON) - 1) / (exp(EPSILON) + 1)
    assert bound == pytest.approx(tanh(EPSILON / 2))
    assert there - without == pytest.approx(bound, abs=2 * sqrt(RARE / (2 * DRAWS)))


@pytest.mark.parametrize("epsilon", [0.001, 0.0333, 0.1, 1 / 3, 0.5, 1, 7.7])
@pytest.mark.parametrize("sensitivity", [1, 16, 1024])
def test_opendp_itself_says_that_no_more_is_lost(epsilon, sensitivity):
    made = Geometric(epsilon, sensitivity)
    assert made.loss <= epsilon
    assert made.loss == pytest.approx(epsilon)
    assert made.scale == pytest.approx(sensitivity / epsilon)
    assert Fraction(made.scale) * Fraction(epsilon) >= sensitivity * (1 - Fraction(1, 2**50))


def test_nothing_in_nothing_out_and_noise_is_drawn_anew():
    made = Geometric(0.01, 1)
    assert made.add([]) == []
    assert len({tuple(made.add([0, 0, 0])) for _ in range(10)}) == 10
    assert all(isinstance(n, int) for n in made.add([2**40]))
