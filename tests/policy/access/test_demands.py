"""What a data manager takes away adds up, and survives being written down."""

import pytest

from oncommons.policy.access.demands import DEMANDS, SHOWINGS, Restriction

SOME = Restriction(frozenset({"d"}), frozenset({"person.age"}), groups=False, until=5)


def test_settings_are_named_as_they_are():
    assert list(DEMANDS) == ["optional", "required", "consent", "run"]
    assert all(name == value for name, value in [*DEMANDS.items(), *SHOWINGS.items()])


def test_a_restriction_is_read_as_it_was_written():
    assert Restriction.from_json(SOME.to_json()) == SOME
    assert Restriction.of("") == Restriction()


@pytest.mark.parametrize(
    ("first", "second", "until"), [(5, 7, 5), (7, 5, 5), (None, 5, 5), (5, None, 5), (None, None, None)]
)
def test_of_two_ends_the_earlier_one_counts(first, second, until):
    assert Restriction(until=first).with_more(Restriction(until=second)).until == until


def test_what_both_take_away_is_taken_away():
    more = Restriction(frozenset({"e"}), frozenset({"series"}))
    both = Restriction(frozenset("de"), frozenset({"person.age", "series"}), groups=False, until=5)
    assert SOME.with_more(more) == more.with_more(SOME) == both
