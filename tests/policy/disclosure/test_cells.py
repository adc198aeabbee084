"""Groups of one dataset: listed, left out, or put together."""

import pytest

from oncommons.policy.disclosure.cells import tell_cells
from oncommons.policy.disclosure.counts import Cell
from oncommons.policy.disclosure.crowd import Crowd
from oncommons.policy.disclosure.noise import Noise, Shape
from oncommons.policy.disclosure.telling import Place, Teller
from oncommons.schema.answer import OTHERS, exact

SIZE = 300


def crowd(start, length):
    return Crowd.of([((1 << length) - 1) << start])


PLACE = Place("d", "person", crowd(0, SIZE))


def released(*groups, fields=None, seed=0, coarsen=False):
    """Groups given as (codes, number of people), one after the other."""
    cells, start = [], 0
    for key, people in groups:
        found = crowd(start, people)
        cells.append(Cell(key, people, people, found, found))
        start += people
    told = Teller(Noise(bytes([seed]) * 32, Shape(10)))
    return tell_cells(told, PLACE, cells, fields or {"sex": 4}, coarsen=coarsen)


@pytest.mark.parametrize("seed", range(20))
def test_small_groups_look_like_groups_that_nobody_is_in(seed):
    few = released((("F",), 60), (("M",), 4), seed=seed)
    assert few == released((("F",), 60), seed=seed)
    assert [g.key for g in few.groups] == [{"sex": "F"}]


@pytest.mark.parametrize("seed", range(20))
def test_a_total_holds_what_its_groups_say(seed):
    told = released((("F",), 60), (("M",), 70), ((None,), 3), seed=seed)
    assert told.certain.at_least == sum(g.certain.at_least for g in told.groups)
    assert told.certain.at_least <= 133 <= told.certain.at_most
    assert told.certain.precision != "exact"


def test_a_total_is_no_larger_than_the_dataset():
    told = released((("A", "F"), 60), fields={"part": 100, "sex": 4})
    assert told.certain.at_most < SIZE + 90


@pytest.mark.parametrize("seed", range(20))
def test_without_groups_there_is_one_pair(seed):
    told = Teller(Noise(bytes([seed]) * 32, Shape(10)))
    both = tell_cells(told, PLACE, [Cell((), 60, 90, crowd(0, 60), crowd(0, 90))], {})
    assert (both.groups, both.unlisted) == ((), None)
    assert both.certain.at_least <= 60 <= both.certain.at_most
    assert both.possible.at_least <= 90 <= both.possible.at_most
    assert tell_cells(told, PLACE, [], {}).possible.precision == "suppressed"


@pytest.mark.parametrize("seed", range(20))
def test_small_groups_are_put_together_where_the_asker_allows_it(seed):
    small = [((code,), 7) for code in "ABCDEGHIJK"]
    told = released((("F",), 60), *small, fields={"part": None}, seed=seed, coarsen=True)
    (others,) = (g for g in told.groups if g.key["part"] == OTHERS)
    assert others.certain.at_least <= 70 <= others.certain.at_most
    assert told.certain.at_least <= 130 <= told.certain.at_most
    assert [g.key["part"] for g in told.groups] == ["F", OTHERS]


@pytest.mark.parametrize("seed", range(20))
def test_of_two_fields_the_second_is_dropped_first(seed):
    small = [((first, code), 7) for first in "AB" for code in "QRSTUVWXYZ"]
    told = released(*small, (("C", "U"), 2), fields={"a": 5, "b": 13}, seed=seed, coarsen=True)
    assert [tuple(g.key.values()) for g in told.groups][:2] == [("A", OTHERS), ("B", OTHERS)]
    assert told.certain.at_least <= 142 <= told.certain.at_most


@pytest.mark.parametrize("seed", range(20))
def test_what_is_too_small_even_together_looks_like_nobody(seed):
    few = released((("F",), 60), (("M",), 2), ((None,), 2), seed=seed, coarsen=True)
    assert few == released((("F",), 60), seed=seed, coarsen=True)


def test_where_every_combination_is_listed_nothing_is_left():
    told = released((("F",), 60), (("M",), 70), fields={"sex": 2})
    assert told.certain.at_least == sum(g.certain.at_least for g in told.groups)
    assert told.certain.at_most == sum(g.certain.at_most for g in told.groups)
    assert told.unlisted != exact(0)
