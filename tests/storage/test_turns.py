"""Of several holders one has the turn, on SQLite and on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from oncommons.storage.turns import Turns


@pytest.fixture
def turns(database):
    return Turns(database)


def test_one_has_the_turn_until_it_ends(turns):
    assert turns.take("x", "a", 0.0, 10)
    assert not turns.take("x", "b", 9.9, 10)
    assert turns.take("x", "b", 10.0, 10)
    assert not turns.take("x", "a", 19.0, 10)


def test_whoever_has_it_goes_on(turns):
    assert turns.take("x", "a", 0.0, 10)
    assert turns.take("x", "a", 9.0, 10)
    assert not turns.take("x", "b", 18.0, 10)


def test_whoever_leaves_lets_another_in_and_takes_nothing_from_others(turns):
    turns.take("x", "a", 0.0, 10)
    turns.leave("x", "b")
    assert not turns.take("x", "b", 1.0, 10)
    turns.leave("x", "a")
    assert turns.take("x", "b", 1.0, 10)


def test_turns_of_other_names_are_others(turns):
    assert turns.take("x", "a", 0.0, 10)
    assert turns.take("y", "b", 0.0, 10)


def test_of_many_at_once_one_gets_it(turns):
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda i: turns.take("x", str(i), 0.0, 10), range(16)))
    assert sum(got) == 1
