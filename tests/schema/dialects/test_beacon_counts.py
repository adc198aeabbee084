"""Counts with their precision, and sums of them."""

from hypothesis import given
from hypothesis import strategies as st
from tests.schema.dialects.test_beacon_answer import COUNTS

from oncommons.schema.answer import Count, exact, total
from oncommons.schema.dialects.beacon_counts import counted, existence, not_excluded, summed


@given(st.lists(COUNTS, max_size=5))
def test_a_sum_adds_what_is_told_and_its_interval_is_that_of_the_whole(parts):
    whole, told = summed(parts, "n")
    assert whole == total(parts)
    assert told.get("countAdjustedTo") == counted(whole, "n").get("countAdjustedTo")
    assert ("n" in told) is (sum(part.number for part in parts) > 0 or not not_excluded(whole))
    assert told.get("n", 0) == (sum(part.number for part in parts) if "n" in told else 0)


def test_only_a_certain_zero_excludes_that_there_are_any():
    assert not not_excluded(exact(0))
    assert not_excluded(Count(0, 9, "suppressed"))
    assert (existence(exact(0)), existence(exact(3))) == ("none", "certain")
