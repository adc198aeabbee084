"""Every rule of disclosure, on examples and on all numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.policy.disclosure.counts import (
    WITHHELD,
    Cell,
    Policy,
    release_cells,
    release_lack,
    release_number,
    release_pair,
)
from oncommons.schema.answer import Count, exact
from oncommons.schema.errors import BadPolicy

OPEN = Policy.of("open")
TEN = Policy.of("threshold")
SEX = {"sex": 4}
numbers = st.integers(0, 5_000)
thresholds = st.builds(Policy.of, st.just("threshold"), st.integers(2, 1_000))


def by_sex(*cells, policy=TEN, sizes=SEX):
    """Released numbers of cells that are given as (code, certain, possible)."""
    return release_cells([Cell((code,), certain, possible) for code, certain, possible in cells], sizes, policy)


def test_the_threshold_is_ten_unless_the_hospital_says_otherwise():
    assert Policy("threshold") == TEN == Policy("threshold", 10)


@pytest.mark.parametrize("k", [2, 1_000])
def test_a_threshold_may_lie_between_2_and_1000(k):
    assert Policy.of("threshold", k).k == k


@pytest.mark.parametrize("k", [-1, 0, 1, 1_001])
@pytest.mark.parametrize("rule", ["threshold", "private"])
def test_a_threshold_outside_2_to_1000_is_refused_with_its_number(rule, k):
    with pytest.raises(BadPolicy, match=f"k is {k};"):
        Policy.of(rule, k)


def test_an_unknown_rule_is_refused_by_name():
    with pytest.raises(BadPolicy, match="'closed'"):
        Policy.of("closed")


@pytest.mark.parametrize(("policy", "words"), [(OPEN, "exact"), (TEN, "below 10 are suppressed")])
def test_a_policy_says_in_words_what_it_does(policy, words):
    assert words in str(policy)


@given(numbers)
def test_open_releases_a_number_as_it_is(number):
    assert release_number(number, OPEN) == exact(number)


@pytest.mark.parametrize(
    ("number", "released"),
    [
        (0, Count(0, 9, "suppressed")),
        (1, Count(0, 9, "suppressed")),
        (9, Count(0, 9, "suppressed")),
        (10, Count(10, 19, "rounded")),
        (19, Count(10, 19, "rounded")),
        (47, Count(40, 49, "rounded")),
        (1_044_191, Count(1_044_190, 1_044_199, "rounded")),
    ],
)
def test_a_threshold_suppresses_small_numbers_and_rounds_the_others_down(number, released):
    assert release_number(number, TEN) == released


@given(numbers, thresholds)
def test_the_released_interval_holds_k_numbers_and_the_true_one(number, policy):
    count = release_number(number, policy)
    assert count.at_least <= number <= count.at_most
    assert count.at_most - count.at_least + 1 == policy.k


@given(numbers, thresholds)
def test_zero_looks_like_every_other_small_number(number, policy):
    assert release_number(number % policy.k, policy) == release_number(0, policy)


def test_open_releases_a_pair_as_it_is():
    assert release_pair(3, 4, OPEN) == (exact(3), exact(4))


@pytest.mark.parametrize(
    ("pair", "certain", "possible"),
    [
        ((0, 0), "<10", "<20"),
        ((9, 10), "<10", "<20"),
        ((0, 19), "<10", "<20"),
        ((0, 20), "<10", "20–29"),
        ((40, 40), "40–49", "40–59"),
        ((49, 50), "40–49", "40–59"),
        ((49, 60), "40–49", "60–69"),
    ],
)
def test_a_pair_is_told_apart_only_when_the_difference_is_large(pair, certain, possible):
    assert tuple(map(str, release_pair(*pair, TEN))) == (certain, possible)


@given(numbers, numbers, thresholds)
def test_a_pair_contains_both_numbers_and_tells_no_difference_up_to_k(part, rest, policy):
    small, large = release_pair(part, part + rest, policy)
    assert small.at_least <= part <= small.at_most
    assert large.at_least <= part + rest <= large.at_most
    told = large.at_least - small.at_most
    assert told <= 0 or told > policy.k


def test_an_ungrouped_question_gets_one_pair_and_no_groups():
    released = release_cells([Cell((), 47, 80)], {}, TEN)
    assert (str(released.certain), str(released.possible)) == ("40–49", "80–89")
    assert (released.groups, released.unlisted) == ((), None)


def test_no_match_looks_like_few_matches():
    assert release_cells([], {}, TEN) == release_cells([Cell((), 1, 9)], {}, TEN)


def test_no_match_at_an_open_node_is_exactly_zero():
    assert release_cells([], {}, OPEN).possible == exact(0)


def test_an_open_node_lists_every_group_that_occurs_and_adds_them_up():
    released = by_sex(("F", 2, 3), ("M", 0, 0), (None, 1, 1), policy=OPEN)
    assert [g.key["sex"] for g in released.groups] == ["F", None]
    assert (released.certain, released.possible, released.unlisted) == (exact(3), exact(4), exact(0))


def test_a_group_that_would_be_suppressed_is_not_listed():
    released = by_sex(("F", 47, 47), ("M", 9, 19))
    assert [g.key for g in released.groups] == [{"sex": "F"}]
    assert str(released.unlisted) == "<20"


def test_a_code_that_few_have_looks_like_a_code_that_nobody_has():
    assert by_sex(("F", 47, 47), ("M", 3, 3)) == by_sex(("F", 47, 47), ("O", 8, 15)) == by_sex(("F", 47, 47))


def test_a_group_is_listed_for_its_possible_rows_alone():
    (group,) = by_sex(("F", 2, 30)).groups
    assert (str(group.certain), str(group.possible)) == ("<10", "30–39")


def test_a_group_keeps_the_code_of_each_field():
    released = release_cells([Cell(("F", None), 20, 20)], {"sex": 4, "modality": 9}, TEN)
    assert released.groups[0].key == {"sex": "F", "modality": None}


def test_a_total_is_the_sum_of_what_was_listed_and_of_the_bounds_of_the_rest():
    released = by_sex(("F", 47, 47), ("M", 25, 90), ("O", 5, 5))
    assert released.certain == Count(40 + 20, 49 + 29 + 2 * 9, "rounded")
    assert released.possible == Count(40 + 90, 59 + 99 + 2 * 19, "rounded")


def test_a_total_in_which_every_combination_is_listed_has_no_rest():
    released = by_sex(*((code, 20, 20) for code in ("F", "M", "O", None)))
    assert released.certain == Count(80, 116, "rounded")


def test_a_total_over_codes_without_end_has_no_upper_bound():
    released = by_sex(("F", 20, 20), sizes={"code": None})
    assert (released.certain.at_most, released.possible.at_most) == (None, None)


def test_a_total_of_nothing_listed_is_suppressed():
    assert by_sex().certain == Count(0, 36, "suppressed")


def test_the_rule_noise_is_the_usual_one_and_says_what_it_does():
    assert Policy() == Policy.of("noise", 10)
    assert "off by chance by up to 9" in str(Policy())
    with pytest.raises(BadPolicy):
        Policy.of("noise", 1)


def test_under_noise_nothing_is_told_of_a_number_of_which_no_people_are_known():
    assert release_number(47, Policy.of("noise")) == WITHHELD
    assert release_pair(47, 90, Policy.of("noise")) == (WITHHELD, WITHHELD)


def test_the_rule_private_tells_nothing_of_a_number_on_its_own():
    policy = Policy.of("private")
    assert str(policy).startswith("private: ")
    assert [release_number(n, policy) for n in (0, 1, 1_000)] == [WITHHELD] * 3
    assert release_pair(5, 500, policy) == (WITHHELD, WITHHELD)
    assert release_lack(3, 500, exact(5), policy, grouped=False) == (WITHHELD, WITHHELD)


@pytest.mark.parametrize(
    ("policy", "least"),
    [
        (Policy("open"), 1),
        (Policy("private"), 1),
        (Policy("threshold", 10), 1_000),
        (Policy("noise", 10), 10),
        (Policy("noise", 3), 3),
    ],
)
def test_each_rule_keeps_to_what_it_can(policy, least):
    assert policy.keeps == least
