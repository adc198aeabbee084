"""How often one person could be looked for by questions and analyses that differ by few."""

from hypothesis import given
from hypothesis import strategies as st

from oncommons.policy.disclosure.crowd import Crowd
from oncommons.policy.disclosure.noise import Noise, Shape
from oncommons.policy.disclosure.telling import Place, Shelf, Teller, Told
from oncommons.policy.disclosure.tracing import Used, most_traced
from oncommons.schema.answer import Count

K = 4
MANY = 2**64 - 1
planes = st.integers(0, 2**24 - 1)
EVERYBODY = Place("d", "person", Crowd.of([2**24 - 1]))


def traced(shelf, earlier, now, everybody=2**24 - 1):
    return most_traced(shelf, Used(earlier, now, everybody), K)


def by_hand(numbers, earlier, now):
    """Of each person each number that some analysis, or its complement, differs from by them and fewer than K in all."""

    def of(who, analysed):
        known = [one for used in analysed for one in (used, 2**24 - 1 & ~used)]
        return {
            told
            for told in {kept.crowd.who for kept in numbers}
            if any((told ^ one) >> who & 1 and (told ^ one).bit_count() < K for one in known)
        }

    every = [(of(who, earlier), of(who, now)) for who in range(24)]
    return max((len(before | after) for before, after in every if after - before), default=0)


@given(st.lists(planes, max_size=8), st.lists(planes, max_size=6), st.lists(st.integers(0, 2), max_size=8))
def test_it_is_what_is_counted_person_by_person(asked, used, bits):
    teller = Teller(Noise(b"n" * 32, Shape(K)))
    for one in asked:
        teller.tell(EVERYBODY, Crowd.of([one]))
    near = [one ^ (1 << 3 * place | 1 << bit) for place, (one, bit) in enumerate(zip(asked, bits, strict=False))]
    shelf, analysed = teller.shelf(EVERYBODY), [*used, *near]
    for first in (0, len(analysed) // 2):
        earlier, now = analysed[:first], analysed[first:]
        assert traced(shelf, earlier, now) == by_hand(shelf.own, earlier, now)


def test_a_number_that_is_that_of_others_traces_nobody():
    teller = Teller(Noise(b"n" * 32, Shape(K)))
    whole = 2**12 - 1
    teller.tell(EVERYBODY, Crowd.of([whole]))
    teller.tell(EVERYBODY, Crowd.of([whole ^ 1]))
    assert traced(teller.shelf(EVERYBODY), [], [whole]) == 0
    assert traced(teller.shelf(EVERYBODY), [], [whole ^ 1]) == 1
    assert traced(teller.shelf(EVERYBODY), [], [whole ^ 0b11111]) == 0


def test_nothing_told_traces_nobody():
    teller = Teller(Noise(b"n" * 32, Shape(K)))
    assert traced(teller.shelf(EVERYBODY), [], []) == 0
    assert traced(teller.shelf(EVERYBODY), [], [7]) == 0


def shelf_of(*crowds):
    """As an earlier version of this program may have left it: each has a number of its own."""
    shelf = Shelf()
    for one in crowds:
        shelf.put(Told(one.to_bytes(9, "big"), Count(4, 9, "noisy"), Crowd.of([one])))
    return shelf


def test_who_was_traced_before_does_not_count_where_nothing_is_added():
    """What was told before an analysis was counted beside questions keeps back no analysis of other people."""
    first, second, third = (2**12 - 1, 2**11 - 1 << 16 | 1, 2**10 - 1 << 32 | 1)
    shelf, known = shelf_of(first, second, third), [first ^ 1, second ^ 1]
    assert traced(shelf, [], known, MANY) == 2
    assert traced(shelf, known, [third ^ 1 << 50], MANY) == 1
    assert traced(shelf, known, [third ^ 1], MANY) == 3
    assert traced(shelf, known, known, MANY) == 0


def test_all_but_those_of_an_analysis_are_known_as_well():
    shelf = shelf_of(2**12 - 1)
    assert traced(shelf, [], [2**12 - 1 << 12]) == 0
    assert traced(shelf, [], [2**12 - 1 << 12 | 1]) == 1
    assert traced(shelf, [], [2**12 - 1 << 12 | 1], everybody=2**13 - 1) == 1
    assert traced(shelf, [], [2**12 - 1 << 12 | 1], everybody=2**20 - 1 << 4) == 0
