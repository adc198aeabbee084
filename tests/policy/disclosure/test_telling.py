"""What is told of crowds, remembering what was told before."""

import random
import zlib
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncommons.policy.disclosure.crowd import NOBODY, Crowd
from oncommons.policy.disclosure.noise import Noise, Shape
from oncommons.policy.disclosure.telling import Place, Teller

SHAPE = Shape(10)
SIZE = 200


def crowd(*ranges):
    return Crowd.of_rows([n for r in ranges for n in r], [1 for r in ranges for _ in r])


def some_rows(weight, people):
    return Crowd.of_rows(people, [weight] * len(people))


EVERYBODY = crowd(range(SIZE))
PLACE = Place("d", "person", EVERYBODY)
LARGE = Place("d", "person", crowd(range(1_000)))


def teller(seed=0):
    return Teller(Noise(bytes([seed]) * 32, SHAPE))


crowds = st.builds(
    lambda start, length: crowd(range(start, min(start + length, SIZE))), st.integers(0, 150), st.integers(0, 120)
)


@pytest.mark.parametrize("people", [0, 1, 4, 5, 9])
@pytest.mark.parametrize("seed", range(20))
def test_of_fewer_than_k_nothing_is_told_and_zero_looks_like_nine(people, seed):
    told = teller(seed).tell(PLACE, crowd(range(people)))
    assert told == teller(seed).tell(PLACE, NOBODY)
    assert (told.at_least, told.at_most, told.precision) == (0, 60, "suppressed")


@given(crowds, st.integers(0, 255))
def test_the_first_number_of_a_crowd_is_an_interval_around_the_truth(asked, seed):
    told = teller(seed).tell(LARGE, asked)
    assert told.at_least <= asked.rows <= told.at_most
    assert told.precision == "suppressed" or told.at_least >= 10


@given(st.lists(crowds, max_size=12), crowds, st.integers(0, 255))
@settings(max_examples=60)
def test_the_same_people_get_the_same_number_whatever_was_asked_between(others, asked, seed):
    told = teller(seed)
    first = told.tell(PLACE, asked)
    for other in others:
        told.tell(PLACE, other)
    assert told.tell(PLACE, asked) == first


@given(st.lists(crowds, min_size=1, max_size=12), st.integers(0, 255))
@settings(max_examples=60)
def test_after_any_questions_the_truth_is_off_by_no_more_than_merging_explains(asked, seed):
    told, slack = teller(seed), SHAPE.reach - 1
    for found in asked:
        count = told.tell(PLACE, found)
        assert count.at_least - 4 * slack <= found.rows <= count.at_most + 4 * slack


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("more", [1, 4, 9])
def test_fewer_than_k_more_people_get_the_number_of_the_earlier_crowd(seed, more):
    told = teller(seed)
    first = told.tell(PLACE, crowd(range(80)))
    assert told.tell(PLACE, crowd(range(80 + more))) == first
    assert told.tell(PLACE, crowd(range(more, 80))) == first
    assert told.tell(PLACE, crowd(range(80), range(100, 100 + more))) == first


@pytest.mark.parametrize("seed", range(30))
def test_numbers_of_their_own_are_of_k_people_apart_or_more_whatever_is_asked(seed):
    """Against all pairs of crowds that have a number of their own, by sets of numbers."""
    told, chance = teller(seed), random.Random(seed)
    for _ in range(60):
        start, length = chance.randrange(SIZE), chance.randrange(SIZE)
        told.tell(PLACE, crowd(range(start, min(start + length, SIZE))))
    sets = [{n for n in range(SIZE) if kept.crowd.who >> n & 1} for kept in told.shelf(PLACE).own]
    assert len(sets) > 4
    assert all(len(one ^ two) >= 10 for one, two in combinations(sets, 2))
    assert all(len(one) >= 10 for one in sets)


@pytest.mark.parametrize("seed", range(30))
def test_whether_two_crowds_are_merged_is_whether_those_between_are_suppressed(seed):
    """Thirty people more or less are sometimes told apart: just when a question for the thirty would be answered."""
    told = teller(seed)
    told.tell(PLACE, crowd(range(70)))
    told.tell(PLACE, crowd(range(100)))
    apart = len(told.shelf(PLACE).crowds) == 3
    assert apart is (teller(seed).tell(PLACE, crowd(range(70, 100))).precision != "suppressed")


class Endless(Shape):
    """No number of people is told of without looking at the sample."""

    reach = 1_000_000


class Blind(Noise):
    """A number is drawn for everybody but one person, so that nothing but judgements can differ by them."""

    def draw(self, dataset, entity, crowd):
        others = Crowd.of([crowd.who & ~(1 << PERSON[0])])
        return 700 + zlib.crc32(others.to_bytes()) % 9_000 - crowd.rows


PERSON = [0]
"""The one whom a blind noise does not see."""


def asked_for(seed, questions, person, *, there):
    """What is told of crowds of one dataset, some of which ask for a person as well, who is there or not."""
    PERSON[0] = person
    told = Teller(Blind(bytes([seed]) * 32, Endless(10)))
    everybody = Place("d", "person", crowd(range(SIZE), [person] * there))
    found = []
    for asked, with_person, pair in questions:
        people = Crowd.of([asked.who | (1 << person if with_person and there else 0)])
        found.append(told.tell_pair(everybody, asked, people) if pair else told.tell(everybody, people))
    return found


@given(st.lists(st.tuples(crowds, st.booleans(), st.booleans()), min_size=1, max_size=25), st.integers(0, 255))
@settings(max_examples=150)
def test_who_is_not_of_the_sample_changes_no_judgement_whatever_is_asked(questions, seed):
    sample = Noise(bytes([seed]) * 32, SHAPE).sample("d", 1_024)
    person = next(n for n in range(SIZE, 1_024) if not sample >> n & 1)
    assert asked_for(seed, questions, person, there=True) == asked_for(seed, questions, person, there=False)


@pytest.mark.parametrize("seed", range(20))
def test_nearly_the_same_people_get_the_same_number_also_where_it_was_made_of_others(seed):
    """Unions of six groups of fifty, asked for in any order, and again with a person who is not of the sample."""
    told, chance, place = teller(seed), random.Random(seed), Place("d", "person", crowd(range(300), [500]))
    person = next(n for n in range(300, 600) if not told.noise.sample("d", 600) >> n & 1)
    unions = [crowd(*(range(50 * b, 50 * b + 50) for b in range(6) if mask >> b & 1)) for mask in range(1, 64)]
    asked = chance.sample(unions, 25)
    first = [told.tell(place, found) for found in asked]
    assert len(told.shelf(place).own) < len(told.shelf(place).crowds)
    assert [told.tell(place, Crowd.of([found.who | 1 << person])) for found in asked] == first


def test_who_is_of_the_sample_can_be_found():
    """What is not protected from is known, and said; were it protected from one day, this test would tell."""
    found = 0
    for seed in range(20):
        sample = Noise(bytes([seed]) * 32, SHAPE).sample("d", 1_024)
        person = next(n for n in range(SIZE, 1_024) if sample >> n & 1)
        walk = [(crowd(range(n)), False, False) for n in range(10, 90)]
        told = asked_for(seed, walk, person, there=True)
        last = next(n for n, count in enumerate(told) if count.precision != "suppressed") - 1
        with_person = [*walk[: last + 1], (walk[last][0], True, False)]
        found += asked_for(seed, with_person, person, there=True) != asked_for(seed, with_person, person, there=False)
    assert found == 20


@pytest.mark.parametrize("seed", range(20))
def test_the_rest_without_an_earlier_crowd_is_the_whole_less_that(seed):
    told = teller(seed)
    whole, part = told.tell(PLACE, EVERYBODY), told.tell(PLACE, crowd(range(60)))
    for start in (59, 60, 62):
        rest = told.tell(PLACE, crowd(range(start, SIZE)))
        assert (rest.at_least, rest.at_most) == (whole.at_least - part.at_most, whole.at_most - part.at_least)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("more", [0, 1, 3])
def test_two_earlier_crowds_together_are_told_as_their_sum(seed, more):
    told = teller(seed)
    one, two = told.tell(LARGE, crowd(range(50))), told.tell(LARGE, crowd(range(50, 120)))
    both = told.tell(LARGE, crowd(range(120 + more)))
    assert (both.at_least, both.at_most) == (one.at_least + two.at_least, one.at_most + two.at_most)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("more", [0, 1, 3])
def test_an_earlier_crowd_less_another_is_told_as_their_difference(seed, more):
    told = teller(seed)
    one, two = told.tell(LARGE, crowd(range(120))), told.tell(LARGE, crowd(range(50)))
    rest = told.tell(LARGE, crowd(range(50 + more, 120)))
    assert (rest.at_least, rest.at_most) == (one.at_least - two.at_most, one.at_most - two.at_least)


@pytest.mark.parametrize("seed", range(20))
def test_a_whole_gets_the_sum_of_the_groups_that_were_told(seed):
    told, groups = teller(seed), [crowd(range(70)), crowd(range(70, 140)), crowd(range(140, 210))]
    counts = [told.tell(LARGE, group) for group in groups]
    told.tell_whole(LARGE, zip(groups, counts, strict=True))
    whole = told.tell(LARGE, crowd(range(212)))
    assert (whole.at_least, whole.at_most) == (sum(c.at_least for c in counts), sum(c.at_most for c in counts))


@pytest.mark.parametrize("seed", range(20))
def test_a_pair_with_few_between_looks_like_one_with_nobody_between(seed):
    few = teller(seed).tell_pair(PLACE, crowd(range(80)), crowd(range(89)))
    assert few == teller(seed).tell_pair(PLACE, crowd(range(80)), crowd(range(80)))
    assert few[0].at_least == few[1].at_least
    assert few[1].at_most == few[0].at_most + 60


@given(crowds, crowds, st.integers(0, 255))
def test_possible_is_never_told_to_be_less_than_certain(one, two, seed):
    possible = Crowd.of([one.who | two.who])
    low, high = teller(seed).tell_pair(LARGE, one, possible)
    assert low.at_least <= high.at_least
    assert low.at_most <= high.at_most
    assert low.at_least <= one.rows <= low.at_most
    assert high.at_least <= possible.rows <= high.at_most


def test_rows_carry_as_much_noise_as_the_rows_of_a_person_need():
    place = Place("d", "series", some_rows(8, range(SIZE)), unit=8)
    told = [teller(seed).tell(place, some_rows(3, range(100))) for seed in range(30)]
    assert all(300 - (2 * 9 * 8 + 5 * 8) < c.at_least <= 300 for c in told)
    assert len({c.at_least for c in told}) > 1


def test_of_rows_no_upper_end_is_told_since_those_of_one_person_are_bounded():
    place = Place("d", "series", some_rows(8, range(SIZE)), unit=8)
    told = [teller(seed).tell(place, some_rows(3, range(n))) for seed in range(10) for n in (0, 3, 30, 100)]
    assert {count.at_most for count in told} == {None}


@pytest.mark.parametrize("seed", range(20))
def test_rows_of_few_people_are_not_told_however_many_they_are(seed):
    place = Place("d", "series", some_rows(1_000, range(SIZE)), unit=1_024)
    assert teller(seed).tell(place, some_rows(1_000, range(9))).precision == "suppressed"


@pytest.mark.parametrize("seed", range(30))
def test_of_a_dataset_that_is_too_small_nothing_is_told_of_any_part(seed):
    place = Place("d", "person", crowd(range(28)))
    told = [teller(seed).tell(place, crowd(range(n))).precision for n in range(29)]
    if told[-1] == "suppressed":
        assert set(told) == {"suppressed"}


def test_news_are_told_once():
    told = teller()
    told.tell(PLACE, crowd(range(60)))
    ((name, news),) = told.news().items()
    assert (name, len(news), told.news()) == (("d", "person"), 2, {})


def test_crowds_of_other_datasets_are_not_compared():
    told, elsewhere = teller(1), Place("e", "person", EVERYBODY)
    told.tell(PLACE, crowd(range(60)))
    told.tell(elsewhere, crowd(range(61)))
    assert len(told.shelf(elsewhere).crowds) == 2


@pytest.mark.parametrize("seed", range(20))
def test_people_who_are_told_exactly_elsewhere_have_the_number_of_those_who_are_nearly_the_same(seed):
    told, analysed = teller(seed), crowd(range(80))
    told.remember(PLACE, analysed)
    numbers = {str(told.tell(PLACE, crowd(range(80 + more)))) for more in range(9)}
    assert numbers == {str(told.tell(PLACE, analysed))}
    assert [kept.crowd for kept in told.shelf(PLACE).own if kept.crowd != EVERYBODY] == [analysed]


def test_nor_is_there_a_noise_of_its_own_between_an_earlier_number_and_people_who_are_told_exactly():
    """Of somebody who is near the analysed people, and no more near those of the earlier number."""
    told, place = teller(), Place("d", "person", crowd(range(1_000)))
    told.tell(place, crowd(range(100)))
    told.remember(place, crowd(range(109)))
    own = list(told.shelf(place).own)
    told.tell(place, crowd(range(118)))
    assert told.shelf(place).own == own
