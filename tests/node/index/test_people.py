"""The people behind numbers are those whom the numbers count."""

import pytest
from tests.node.tables import index_of
from tests.oracle import generator

from oncommons.node.index.people import crowd_of, everybody_of, nobody, with_people
from oncommons.policy.disclosure.crowd import NOBODY, Crowd
from oncommons.schema.parsing import parse_question


@pytest.mark.parametrize("seed", range(120))
def test_people_and_numbers_agree_on_random_questions(real, seed):
    question = parse_question(generator.question(seed))
    for plain, whole in zip(real.index.ask(question), real.index.ask(question, few=nobody), strict=True):
        assert [(c.key, c.certain, c.possible) for c in plain.cells] == [
            (c.key, c.certain, c.possible) for c in whole.cells
        ]
        for cell in whole.cells:
            assert (cell.certainly.rows, cell.possibly.rows) == (cell.certain, cell.possible)
            assert cell.possibly.without(cell.certainly).rows == cell.possible - cell.certain
            assert whole.place.everybody.without(cell.possibly).rows == whole.place.everybody.rows - cell.possible


def test_bits_are_people_by_their_numbers_and_lists_are_their_rows():
    index = index_of(
        {"person": "p"}, {"person": "q", "sex": "F"}, {"person": "r", "sex": "F"}, {"person": "r", "sex": "F"}
    )
    where = {"field": "sex", "in": ["F"]}
    (people,) = index.ask(parse_question({"count": "person", "where": where}), few=nobody)
    (series,) = index.ask(parse_question({"count": "series", "where": where}), few=nobody)
    index.close()
    assert (people.cells[0].certainly, people.cells[0].possibly) == (Crowd((0b110,)), Crowd((0b111,)))
    assert series.cells[0].certainly == Crowd.of_rows([1, 2], [1, 2])
    assert (people.place.everybody, people.place.unit) == (Crowd((0b111,)), 1)
    assert (series.place.everybody.rows, series.place.unit) == (4, 2)


@pytest.mark.parametrize(("rows", "unit"), [([1], 1), ([2], 2), ([3], 4), ([4], 4), ([1, 5], 8)])
def test_the_unit_is_the_power_of_two_that_holds_the_most_rows_of_a_person(rows, unit):
    cell = with_people((), (list(range(len(rows))), rows, rows))
    assert everybody_of("d", "series", cell, nobody).unit == unit


def test_nobody_is_an_empty_crowd():
    assert crowd_of(None) == NOBODY
    assert everybody_of("d", "person", None, nobody).everybody == NOBODY


def test_people_by_code_are_those_whom_the_counts_count(real):
    counts = real.index.people_by_code()
    crowds = real.index.crowds_by_code()
    assert {f: {d: {c: x.people for c, x in y.items()} for d, y in z.items()} for f, z in crowds.items()} == counts
