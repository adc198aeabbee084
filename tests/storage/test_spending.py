"""The ledger of the rule private: one answer for one question, paid for once by each project, never more than allowed."""

import threading
from dataclasses import replace
from functools import partial

import pytest

from oncommons.schema.errors import BudgetSpent, StorageFailed
from oncommons.storage.released import Released
from oncommons.storage.spending import Spending, Wish

WISH = Wish("p", b"q", "000001", 5, 100.0, 0.0)


def at_most(limit, together):
    def allow(cost, spent, altogether):
        if spent + cost > limit or altogether > together:
            raise BudgetSpent("no")

    return allow


ENOUGH = at_most(1_000, 1_000)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "told.sqlite"


@pytest.fixture
def ledger(path):
    made = Spending(path)
    yield made
    made.close()


def never():
    pytest.fail("an answer was made again")


def test_the_same_question_gets_the_same_answer_and_is_paid_for_once(ledger):
    assert ledger.settle(WISH, ENOUGH, lambda: "one") == "one"
    assert ledger.settle(replace(WISH, made=200.0), at_most(0, 0), never) == "one"
    assert (ledger.spent("p", 0), ledger.altogether(0), ledger.projects(0)) == (5, 5, {"p": 5})


def test_another_project_pays_for_the_answer_that_is_there_and_nothing_more_is_lost(ledger):
    ledger.settle(WISH, ENOUGH, lambda: "one")
    other = replace(WISH, project="r", cost=7)
    with pytest.raises(BudgetSpent):
        ledger.settle(other, at_most(4, 1_000), never)
    assert ledger.settle(other, at_most(5, 5), never) == "one"
    assert (ledger.projects(0), ledger.altogether(0)) == ({"p": 5, "r": 5}, 5)


def test_other_tables_and_other_questions_are_paid_for(ledger):
    for wish in (WISH, replace(WISH, tables="000002"), replace(WISH, question=b"r")):
        ledger.settle(wish, ENOUGH, lambda: "x")
    assert ledger.altogether(0) == ledger.spent("p", 0) == 15


def test_what_was_spent_before_the_period_is_free_again_and_its_answers_stay(ledger):
    ledger.settle(WISH, ENOUGH, lambda: "one")
    assert (ledger.spent("p", 100.0), ledger.altogether(100.0)) == (0, 0)
    assert ledger.settle(replace(WISH, since=150.0, made=200.0), at_most(0, 0), never) == "one"


def test_nothing_is_asked_of_the_data_where_the_budget_is_spent(ledger):
    with pytest.raises(BudgetSpent):
        ledger.settle(WISH, at_most(4, 1_000), never)
    assert ledger.altogether(0) == 0


def test_an_answer_that_fails_is_neither_told_nor_paid_for(ledger):
    def broken():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ledger.settle(WISH, ENOUGH, broken)
    assert ledger.projects(0) == {}
    assert ledger.settle(WISH, ENOUGH, lambda: "two") == "two"


def test_those_who_ask_at_once_cannot_overspend(path):
    """Eight connections, as eight processes would have, ask ten questions each; there is enough for twelve."""
    told, start = [], threading.Barrier(8)

    def ask(project):
        ledger = Spending(path)
        start.wait()
        for n in range(10):
            try:
                wish = replace(WISH, project=project, question=f"{project}{n}".encode())
                told.append(ledger.settle(wish, at_most(1_000, 60), partial(str, n)))
            except BudgetSpent:
                continue
        ledger.close()

    Spending(path).close()
    threads = [threading.Thread(target=ask, args=(f"p{n % 2}-{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger = Spending(path)
    assert (len(told), ledger.altogether(0), sum(ledger.projects(0).values())) == (12, 60, 60)
    ledger.close()


def test_those_who_ask_the_same_at_once_get_one_answer(path):
    told, start, numbers = [], threading.Barrier(6), iter(range(100))

    def ask():
        ledger = Spending(path)
        start.wait()
        told.append(ledger.settle(WISH, ENOUGH, lambda: str(next(numbers))))
        ledger.close()

    Spending(path).close()
    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == ["0"] * 6


def test_it_lies_beside_what_else_was_told(path, ledger):
    other = Released(path)
    ledger.settle(WISH, ENOUGH, lambda: "one")
    assert (other.told(), other.spent("p", 0)) == ([], 0)
    other.close()


def test_a_file_that_is_no_ledger_is_said_to_be_none(tmp_path):
    (tmp_path / "told.sqlite").write_bytes(b"not a database, but long enough to be looked at" * 30)
    with pytest.raises(StorageFailed):
        Spending(tmp_path / "told.sqlite")
