"""Crowds behave as dictionaries of people and their rows would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.policy.disclosure.crowd import NOBODY, Crowd

plain = st.dictionaries(st.integers(0, 70), st.integers(1, 40), max_size=30)


def crowd(rows):
    return Crowd.of_rows(rows.keys(), rows.values())


@given(plain)
def test_a_crowd_counts_its_people_and_their_rows(rows):
    assert (crowd(rows).people, crowd(rows).rows) == (len(rows), sum(rows.values()))


@given(plain)
def test_the_people_of_a_crowd_are_bits_of_one_plane(rows):
    assert crowd(rows).who == sum(1 << number for number in rows)


@given(plain, plain)
def test_two_crowds_are_apart_by_those_whose_rows_differ(one, two):
    apart = {n: 1 for n in one.keys() | two.keys() if one.get(n) != two.get(n)}
    assert crowd(one).apart(crowd(two)) == crowd(apart)


@given(plain, plain)
def test_joined_crowds_have_the_rows_of_both(one, two):
    both = {n: one.get(n, 0) + two.get(n, 0) for n in one.keys() | two.keys()}
    assert crowd(one).joined(crowd(two)) == crowd(both)


@given(plain, plain)
def test_without_another_crowd_the_rest_is_left(one, two):
    rest = {n: one[n] - two.get(n, 0) for n in one if one[n] > two.get(n, 0)}
    assert crowd(one).without(crowd(two)) == crowd(rest)


@given(plain, plain)
def test_crowds_have_the_same_bytes_only_if_they_are_the_same(one, two):
    assert (crowd(one).to_bytes() == crowd(two).to_bytes()) is (one == two)


@given(plain)
def test_a_packed_crowd_is_read_again(rows):
    assert Crowd.unpacked(crowd(rows).packed()) == crowd(rows)


def test_something_else_is_no_packed_crowd():
    with pytest.raises(ValueError, match="not a packed crowd"):
        Crowd.unpacked(b"people")


def test_people_without_rows_are_nobody():
    assert Crowd.of_rows([3, 4], [0, 0]) == Crowd.of([0, 0]) == NOBODY


@given(st.lists(st.integers(0, 40), max_size=30), st.sampled_from([1, 2, 4, 8, 16]))
def test_clipped_rows_are_at_most_so_many(rows, most):
    clipped = Crowd.of_rows(range(len(rows)), rows).clipped(most)
    assert clipped == Crowd.of_rows(range(len(rows)), [min(w, most) for w in rows])


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(1, 10))
def test_the_most_of_many_is_not_that_of_one(rows, people):
    most = Crowd.of_rows(range(len(rows)), rows).most_of(lambda few: few.people < people)
    assert most == min(p for p in (1, 2, 4, 8, 16, 32, 64) if sum(w > p for w in rows) < people)
