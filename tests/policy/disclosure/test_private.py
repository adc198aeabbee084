"""Numbers under the rule private, with noise that is given, and tails worked out by brute force."""

from itertools import product
from math import ceil, exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.policy.disclosure.counts import Cell
from oncommons.policy.disclosure.crowd import NOBODY, Crowd
from oncommons.policy.disclosure.private import DOUBT, check, groups_of, is_sure, reach, tell
from oncommons.schema.errors_of_analyses import BeyondPrivacy
from oncommons.schema.parsing import parse_question

ALL = parse_question({"count": "person"})
WOMEN = parse_question({"count": "person", "where": {"field": "sex", "in": ["F"]}})
BY_SEX = parse_question({"count": "person", "where": {"field": "age", "between": [1, 50]}, "by": ["sex"]})
SERIES = parse_question({"count": "series", "where": {"field": "modality", "in": ["MR"]}})


class Given:
    """Noise that is given, again and again; remembers what it was added to."""

    def __init__(self, *noise, scale=2.0):
        self.noise, self.scale, self.asked = noise or (0,), scale, []

    def add(self, numbers):
        self.asked.append(tuple(numbers))
        return [n + self.noise[i % len(self.noise)] for i, n in enumerate(numbers)]


def pmf(scale, numbers, wide=2_000):
    """The noise of a sum of numbers, summed up by brute force."""
    alpha = np.exp(-1 / scale)
    one = (1 - alpha) / (1 + alpha) * alpha ** abs(np.arange(-wide, wide + 1.0))
    found = one
    for _ in range(numbers - 1):
        found = np.convolve(found, one, "same")
    return found


@pytest.mark.parametrize(("numbers", "scale"), list(product([1, 2], [0.5, 1, 2, 7.3, 40])))
def test_an_interval_is_the_shortest_that_holds_so_often(numbers, scale):
    found, far, middle = pmf(scale, numbers), reach(numbers, scale), 2_000
    assert 1 - found[middle - far : middle + far + 1].sum() <= DOUBT
    assert 1 - found[middle - far + 1 : middle + far].sum() > DOUBT


@pytest.mark.parametrize(("numbers", "scale"), [(1, 1e3), (2, 1e3), (1, 1e6), (2, 1e6)])
def test_an_interval_of_much_noise_is_found_as_well(numbers, scale):
    """For one number, in closed form; for two, between that of one and twice as far."""
    alone = ceil(log(2 / (1 + exp(-1 / scale)) / DOUBT) * scale) - 1
    far = reach(numbers, scale)
    assert far == pytest.approx(alone, abs=1) if numbers == 1 else alone < far < 2 * alone


@pytest.mark.parametrize(("numbers", "scale"), [(3, 0.5), (3, 2), (8, 2), (30, 4)])
def test_an_interval_of_a_sum_holds_so_often_and_is_not_much_too_wide(numbers, scale):
    found, far, middle = pmf(scale, numbers), reach(numbers, scale), 2_000
    assert 1 - found[middle - far : middle + far + 1].sum() <= DOUBT
    assert 1 - found[middle - int(far / 1.5) : middle + int(far / 1.5) + 1].sum() > DOUBT


def test_all_numbers_of_a_dataset_are_one_release():
    mechanism = Given()
    tell(BY_SEX, [Cell(("F",), 3, 5), Cell((None,), 1, 1)], mechanism)
    assert mechanism.asked == [(3, 0, 0, 1, 2, 0, 0, 0)]


@given(st.lists(st.tuples(st.sampled_from(["F", "M", "O", None]), st.booleans()), min_size=1, max_size=12))
def test_one_person_changes_a_release_by_one(people):
    def asked(those):
        mechanism = Given()
        cells = []
        for sex in {sex for sex, _ in those}:
            sure = [certain for which, certain in those if which == sex]
            cells.append(Cell((sex,), sum(sure), len(sure)))
        tell(BY_SEX, cells, mechanism)
        return np.array(mechanism.asked[0])

    assert abs(asked(people) - asked(people[1:])).sum() == 1


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=8))
def test_one_person_changes_a_release_of_rows_by_no_more_than_so_many(people):
    def asked(those):
        mechanism = Given(scale=32)
        certain = Crowd.of_rows(range(len(those)), [c for c, _ in those])
        possible = Crowd.of_rows(range(len(those)), [c + more for c, more in those])
        tell(SERIES, [Cell((), certain.rows, possible.rows, certain, possible)], mechanism, rows=8)
        return np.array(mechanism.asked[0])

    most = min(sum(people[-1]), 8)
    assert abs(asked(people) - asked(people[:-1])).sum() == most


def test_a_question_in_which_nothing_can_be_missing_releases_one_number():
    mechanism = Given(5)
    told = tell(ALL, [Cell((), 40, 40)], mechanism)
    far = reach(1, 2)
    assert mechanism.asked == [(40,)]
    assert told.certain == told.possible
    assert (told.certain.at_least, told.certain.at_most, told.certain.precision) == (45 - far, 45 + far, "probable")


@pytest.mark.parametrize(
    ("where", "sure"),
    [
        (None, True),
        ({"field": "sex", "missing": True}, True),
        ({"not": {"any": [{"field": "sex", "missing": False}, {"field": "age", "missing": True}]}}, True),
        ({"field": "sex", "in": ["F"]}, False),
        ({"all": [{"field": "sex", "missing": True}, {"field": "age", "between": [1, 2]}]}, False),
        ({"some": "series"}, False),
        ({"some": "series", "where": {"field": "modality", "missing": True}}, False),
    ],
)
def test_whether_nothing_can_be_missing_follows_from_the_words(where, sure):
    body = {"count": "person"} | ({} if where is None else {"where": where})
    assert is_sure(parse_question(body)) is sure


@pytest.mark.parametrize("noise", [(-30, -30), (0, 0), (3, -4), (0, 9), (-16, 16)])
def test_possible_is_never_less_than_certain_and_nothing_is_below_zero(noise):
    for cells in ([], [Cell((), 2, 4)]):
        told = tell(WOMEN, cells, Given(*noise))
        assert 0 <= told.certain.at_least <= told.possible.at_least
        assert told.certain.at_most <= told.possible.at_most


def test_every_group_is_told_whether_it_occurs_or_not():
    told = tell(BY_SEX, [Cell(("F",), 300, 500)], Given())
    assert [g.key["sex"] for g in told.groups] == [key for (key,) in groups_of(BY_SEX.by)]
    assert str(told.unlisted) == "0"
    women = next(g for g in told.groups if g.key["sex"] == "F")
    assert women.certain.at_least <= 300 <= women.certain.at_most
    assert women.possible.at_least <= 500 <= women.possible.at_most
    assert told.certain.at_least <= 300 <= told.certain.at_most


def test_rows_have_no_upper_end_since_those_beyond_the_bound_are_not_counted():
    crowd = Crowd.of_rows([1, 2], [100, 3])
    told = tell(SERIES, [Cell((), 103, 103, crowd, crowd)], Given(scale=0.5), rows=4)
    assert told.certain.at_least == 7 - reach(1, 0.5)
    assert (told.certain.at_most, told.possible.at_most) == (None, None)


def test_rows_without_their_people_are_not_told():
    with pytest.raises(ValueError, match="people"):
        tell(SERIES, [Cell((), 1, 1)], Given(), rows=4)


@pytest.mark.parametrize(
    "body",
    [{"count": "series", "by": ["modality"]}, {"count": "series", "by": ["sex"]}],
)
def test_what_cannot_be_bounded_is_refused(body):
    with pytest.raises(BeyondPrivacy):
        check(parse_question(body))


def test_nobody_at_all_is_told_like_others():
    told = tell(SERIES, [Cell((), 0, 0, NOBODY, NOBODY)], Given(), rows=4)
    assert told.certain.at_least == 0
