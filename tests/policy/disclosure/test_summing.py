"""When a hospital adds its numbers to a sum: how many take part, and what all sums so far would tell."""

from dataclasses import replace

import pytest

from oncommons.policy.disclosure.summing import SUM_RULES, Summed, apart, differing, kept_apart

ALL = (1 << 100) - 1
NOW = Summed({"bergen": 60, "cork": 40}, frozenset({("lung", ALL)}), 100, 4)


def rule(now, *earlier):
    found = kept_apart(now, earlier)
    return found.rule if found else None


@pytest.mark.parametrize(
    ("company", "kept"),
    [({}, True), ({"bergen": 500}, True), ({"bergen": 500, "cork": 0}, True), ({"bergen": 50, "cork": 1}, False)],
)
def test_of_two_either_would_know_the_others_part(company, kept):
    assert rule(replace(NOW, company=company)) == ("company" if kept else None)


@pytest.mark.parametrize(("told", "kept"), [(400, False), (401, True)])
def test_half_of_what_all_people_have_is_the_most_that_is_told(told, kept):
    """200 people with 4 numbers each: 800 unknowns."""
    assert rule(replace(NOW, told=told)) == ("unknowns" if kept else None)


@pytest.mark.parametrize(
    ("change", "people"),
    [
        ({}, 0),
        ({"crowd": frozenset({("lung", ALL ^ 0b111)})}, 3),
        ({"crowd": frozenset({("lung", ALL), ("skin", 0b11)})}, 2),
        ({"company": {"bergen": 60}}, 40),
        ({"company": {"bergen": 60, "cork": 40, "delft": 7}}, 7),
        ({"company": {"bergen": 50, "cork": 45}}, 5),
        ({"company": {"bergen": 10**9}, "crowd": frozenset({("lung", ALL ^ 0b111)})}, 43),
        ({"company": {"bergen": 10**9, "cork": 40}}, 10**9 - 60),
    ],
)
def test_two_sums_differ_by_own_people_and_by_those_of_others(change, people):
    assert apart(NOW, replace(NOW, **change)) == apart(replace(NOW, **change), NOW) == people


@pytest.mark.parametrize(("both", "kept"), [(20, False), (21, True)])
def test_what_two_sums_tell_of_their_difference_is_bounded(both, kept):
    """Without cork: 10 people with 4 numbers each are 40 unknowns."""
    now = replace(NOW, company={"bergen": 60, "cork": 10, "delft": 50}, told=100)
    before = replace(NOW, company={"bergen": 60, "delft": 50}, told=both)
    assert rule(now, before) == ("sums" if kept else None)
    assert rule(replace(now, told=both), replace(before, told=100)) == ("sums" if kept else None)


@pytest.mark.parametrize("claimed", [70, 10**9])
def test_a_hospital_that_says_it_has_many_people_counts_as_the_others_do(claimed):
    """The other two have 140 people, 70 each on average: with 4 numbers, 840 unknowns."""
    now = replace(NOW, company={"bergen": claimed, "cork": 40}, told=421)
    assert rule(now) == "unknowns"
    assert rule(replace(now, told=420)) is None
    assert 420 <= 0.75 * 140 * 4  # if bergen tells all that it knows


def test_a_hospital_that_says_another_number_each_time_does_not_make_others_begin_anew():
    """What is told of the same people counts, in whatever company."""
    before = [replace(NOW, company={"bergen": 1000 + one, "cork": 40}, told=100) for one in (0, 50_000, 900_000)]
    assert rule(NOW, *before) is None
    assert rule(replace(NOW, told=101), *before) == "unknowns"


def test_each_rule_explains_itself():
    assert [one.rule for one in SUM_RULES] == ["company", "unknowns", "sums"]
    assert all(one.why.endswith(".") and one.instead.endswith(".") for one in SUM_RULES)


def test_one_person_who_is_left_out_is_told_of_by_nothing():
    assert rule(NOW, replace(NOW, crowd=frozenset({("lung", ALL ^ 1)}), told=3)) == "sums"
    assert rule(NOW, replace(NOW, told=100)) is None


def test_who_is_in_one_of_two_crowds_only_is_counted_over_datasets():
    one = frozenset({("lung", 0b1100), ("skin", 0b1)})
    assert differing(one, frozenset({("lung", 0b0110), ("breast", 0b111)})) == 2 + 1 + 3
    assert (differing(one, one), differing(frozenset(), one)) == (0, 3)
