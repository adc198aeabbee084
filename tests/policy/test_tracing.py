"""How often one person could be looked for by questions and analyses that differ by few."""

from hypothesis import given
from hypothesis import strategies as st

from oncommons.policy.crowd import Crowd
from oncommons.policy.noise import Noise, Shape
from oncommons.policy.telling import Place, Teller
from oncommons.policy.tracing import most_traced

K = 4
planes = st.integers(0, 2**24 - 1)
EVERYBODY = Place("d", "person", Crowd.of([2**24 - 1]))


def by_hand(numbers, analysed):
    """Of each person each number that some analysis differs from by them and fewer than K in all."""
    counts = [
        sum(
            any((told ^ used) >> who & 1 and (told ^ used).bit_count() < K for used in analysed)
            for told in {kept.crowd.who for kept in numbers}
        )
        for who in range(24)
    ]
    return max(counts)


@given(st.lists(planes, max_size=8), st.lists(planes, max_size=6), st.lists(st.integers(0, 2), max_size=8))
def test_it_is_what_is_counted_person_by_person(asked, used, bits):
    teller = Teller(Noise(b"n" * 32, Shape(K)))
    for one in asked:
        teller.tell(EVERYBODY, Crowd.of([one]))
    near = [one ^ (1 << 3 * place | 1 << bit) for place, (one, bit) in enumerate(zip(asked, bits, strict=False))]
    shelf, analysed = teller.shelf(EVERYBODY), [*used, *near]
    assert most_traced(shelf, analysed, K) == by_hand(shelf.own, analysed)


def test_a_number_that_is_that_of_others_traces_nobody():
    teller = Teller(Noise(b"n" * 32, Shape(K)))
    whole = 2**12 - 1
    teller.tell(EVERYBODY, Crowd.of([whole]))
    teller.tell(EVERYBODY, Crowd.of([whole ^ 1]))
    assert most_traced(teller.shelf(EVERYBODY), [whole], K) == 0
    assert most_traced(teller.shelf(EVERYBODY), [whole ^ 1], K) == 1
    assert most_traced(teller.shelf(EVERYBODY), [whole ^ 0b11111], K) == 0


def test_nothing_told_traces_nobody():
    teller = Teller(Noise(b"n" * 32, Shape(K)))
    assert most_traced(teller.shelf(EVERYBODY), [], K) == 0
    assert most_traced(teller.shelf(EVERYBODY), [7], K) == 0
