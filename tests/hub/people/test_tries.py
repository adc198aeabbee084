"""Wrong tries, on each kind of database: counted before they are looked at, and never forgotten by a restart."""

from concurrent.futures import ThreadPoolExecutor

from oncommons.hub.people.rules import Pace
from oncommons.hub.people.tries import Tries

PACE = Pace(free=3, first=10, longest=40, forget=100)
FREE = Pace(free=10_000, first=1, longest=1, forget=0.5)


def test_some_are_free_and_then_each_waits_longer(database):
    tries, now, waits = Tries(database), 1_000.0, []
    for _ in range(8):
        waits.append(tries.take({"x": PACE}, now))
        now += waits[-1]
    assert waits == [0, 0, 0, 10, 0, 20, 0, 40]


def test_a_try_that_has_to_wait_is_not_counted(database):
    tries = Tries(database)
    for _ in range(3):
        tries.take({"x": PACE}, 0)
    assert [tries.take({"x": PACE}, 5) for _ in range(5)] == [5] * 5
    assert tries.take({"x": PACE}, 10) == 0
    assert tries.take({"x": PACE}, 10) == 20


def test_a_restart_forgets_nothing(database):
    for _ in range(3):
        assert Tries(database).take({"x": PACE}, 0) == 0
    assert Tries(database).take({"x": PACE}, 0) == 10


def test_what_has_to_wait_under_one_name_is_counted_under_none(database):
    tries = Tries(database)
    for _ in range(3):
        tries.take({"a": PACE}, 0)
    assert tries.take({"a": PACE, "b": PACE}, 0) == 10
    assert [tries.take({"b": PACE}, 0) for _ in range(4)] == [0, 0, 0, 10]


def test_the_right_one_forgets_all_and_others_go_on(database):
    tries = Tries(database)
    for name in ("a", "b"):
        for _ in range(3):
            tries.take({name: PACE}, 0)
    tries.forget("a")
    assert (tries.take({"a": PACE}, 0), tries.take({"b": PACE}, 0)) == (0, 10)


def test_one_is_given_back(database):
    tries = Tries(database)
    for _ in range(20):
        assert tries.take({"a": PACE}, 0) == 0
        tries.give_back({"a": PACE}, 0)


def test_a_right_one_makes_nobody_wait_who_looked_at_the_clock_a_moment_before(database):
    tries = Tries(database)
    tries.take({"place": PACE}, 10.0)
    tries.give_back({"place": PACE}, 10.0)
    assert tries.take({"place": PACE}, 9.99) == 0


def test_all_is_forgotten_long_after_the_last_wait(database):
    tries = Tries(database)
    for _ in range(3):
        tries.take({"a": PACE}, 0)
    assert tries.take({"a": PACE}, 109) == 0
    assert tries.take({"a": PACE}, 109) == 20
    assert [tries.take({"a": PACE}, 1_000) for _ in range(3)] == [0, 0, 0]


def test_tries_that_come_together_count_like_tries_one_after_the_other(database):
    tries = Tries(database)
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: tries.take({"a": PACE, "b": PACE}, 0), range(40)))
    assert sorted(waits) == [0] * 3 + [10] * 37


def test_a_name_that_is_forgotten_in_the_midst_of_a_try_is_counted_anew(database):
    tries, now = Tries(database), (0.0, 10.0)  # at the second one all of the first is forgotten

    def take(i):
        return tries.take({"a": FREE, "b": FREE, f"old{i}": FREE}, now[i % 2])

    def forget(i):
        tries.forget("a")
        tries.give_back({"b": FREE}, now[i % 2])
        return 0

    with ThreadPoolExecutor(4) as pool:
        assert all(wait <= 10 for wait in pool.map(lambda i: forget(i) if i % 4 == 3 else take(i), range(200)))
