"""The book of runs, on both databases: one run by its identifier, one process that drives it, one end."""

from dataclasses import replace

import pytest
from tests.schema.test_run import RUN as RUN_JSON
from tests.storage.test_worklist import a_job

from oncommons.hub.dispatch.book import HELD_SECONDS, MOST_OF_ALL, MOST_OF_ONE, Asked, Ended, RunBook
from oncommons.hub.people.register import Register, new_person
from oncommons.hub.search.permitted import Under
from oncommons.schema.errors import BadRequest, NotFound
from oncommons.schema.errors_of_analyses import TooManyRuns
from oncommons.schema.errors_of_permits import NoSuchPermit
from oncommons.schema.run import parse_run
from oncommons.storage.worklist import SqlWorkList

ANA, BEN = Under("P-7", "ana"), Under("P-7", "ben")
RUN = Asked("mine", parse_run(RUN_JSON), "Proportional hazards", 1)
DONE = Ended("done", 9.0, '{"round": 2, "nodes": []}', '{"id": "mine"}')


@pytest.fixture
def book(database):
    return RunBook(database, "one")


def begun(book, under=ANA, now=1.0, **parts):
    return book.begin(under, replace(RUN, **parts), now)[0]


def test_a_run_that_begins_goes_on_and_is_read_as_it_was_asked(book):
    kept, new = book.begin(ANA, RUN, 1.0)
    assert (new, kept.state, kept.asked, kept.ended, kept.record) == (True, "running", 1.0, None, "")
    assert book.one(ANA, "mine") == kept
    assert (kept.read(), kept.under, kept.title) == (RUN.run, ANA, RUN.title)


def test_the_same_run_under_the_same_identifier_is_the_same_and_another_is_refused(book):
    kept, _ = book.begin(ANA, RUN, 1.0)
    assert book.begin(ANA, RUN, 5.0) == (kept, False)
    with pytest.raises(BadRequest, match="Another run"):
        book.begin(ANA, replace(RUN, run=parse_run(RUN_JSON | {"analysis": "glm"})), 5.0)


@pytest.mark.parametrize("other", [BEN, Under("P-8", "ana"), Under()])
def test_nobody_else_sees_it_and_an_identifier_is_ones_own(book, other):
    kept = begun(book)
    with pytest.raises(NotFound):
        book.one(other, "mine")
    assert book.of(other) == []
    assert begun(book, other).key != kept.key


def test_ones_runs_are_told_the_newest_first_without_their_records(book):
    for i in range(3):
        kept = begun(book, now=float(i), id=f"run{i}")
        book.end(kept.key, DONE)
    begun(book, BEN)
    assert [(one.id, one.record) for one in book.of(ANA)] == [("run2", ""), ("run1", ""), ("run0", "")]


def test_as_many_go_on_as_may_at_once(book):
    going = [begun(book, id=f"run{i}") for i in range(MOST_OF_ONE)]
    with pytest.raises(TooManyRuns, match="of yours"):
        begun(book, id="more")
    assert book.begin(ANA, replace(RUN, id="run0"), 1.0) == (going[0], False)
    book.end(going[0].key, DONE)
    begun(book, id="more")
    for i in range(MOST_OF_ALL - MOST_OF_ONE):
        begun(book, Under("P-7", f"person{i}"))
    with pytest.raises(TooManyRuns, match="at this hub"):
        begun(book, BEN)


def test_nothing_is_kept_for_somebody_who_has_left(book):
    with book.database.write() as connection:
        person = new_person(connection, "ana@x", "Ana", "-", 0.0)
    Register(book.database).erase(person, 2.0)
    with pytest.raises(NoSuchPermit):
        begun(book, Under("P-7", person))


def test_where_a_run_stands_is_kept_by_who_drives_it(book):
    kept = begun(book)
    assert book.keep(kept.key, '{"number": 1}', 2.0)
    assert not RunBook(book.database, "two").keep(kept.key, '{"number": 9}', 2.0)
    assert book.one(ANA, "mine").standing == book.now(kept).standing == '{"number": 1}'


def test_an_end_is_kept_once_and_what_was_answered_goes(book):
    kept, work = begun(book), SqlWorkList(book.database)
    for name in (f"{kept.key}-0-0", "another"):
        work.add(a_job(name), ["athens"])
    book.keep(kept.key, "{}", 2.0)
    assert book.end(kept.key, DONE)
    found = book.one(ANA, "mine")
    assert found.standing == ""
    assert (found.state, found.ended, found.record, found.progress) == ("done", 9.0, DONE.record, DONE.progress)
    assert not book.end(kept.key, replace(DONE, state="failed"))
    assert not book.cancel(kept.key, replace(DONE, state="cancelled"))
    assert not book.keep(kept.key, "", 10.0)
    assert (work.job(f"{kept.key}-0-0"), work.job("another") is not None) == (None, True)


def test_a_run_is_cancelled_by_any_process_and_then_nobody_ends_it(book):
    kept = begun(book)
    assert RunBook(book.database, "two").cancel(kept.key, Ended("cancelled", 5.0, "{}"))
    assert not book.end(kept.key, DONE)
    assert book.one(ANA, "mine").state == "cancelled"


def test_what_was_answered_is_kept_while_a_run_goes_on_elsewhere(book):
    kept, work = begun(book), SqlWorkList(book.database)
    work.add(a_job(f"{kept.key}-0-0"), ["athens"])
    book.keep(kept.key, "{}", 2.0)
    book.drop_over(kept.key)
    assert (work.job(f"{kept.key}-0-0") is not None, book.now(kept).standing) == (True, "{}")
    book.cancel(kept.key, Ended("cancelled", 5.0, "{}"))
    book.drop_over(kept.key)
    assert (work.job(f"{kept.key}-0-0"), book.now(kept).standing) == (None, "")


def test_a_run_is_taken_over_when_its_process_has_not_said_for_a_while_that_it_drives_it(book):
    kept, other = begun(book), RunBook(book.database, "two")
    assert other.take(1.0 + HELD_SECONDS - 1, ()) == []
    assert book.take(5.0, [kept.key]) == []
    assert other.take(1.0 + HELD_SECONDS, ()) == []
    assert [one.key for one in other.take(5.0 + HELD_SECONDS, ())] == [kept.key]
    assert book.take(6.0 + HELD_SECONDS, ()) == []
    assert not book.keep(kept.key, "", 7.0 + HELD_SECONDS)


def test_a_process_that_ends_leaves_its_runs_to_others_at_once(book):
    kept = begun(book)
    book.end(begun(book, id="done").key, DONE)
    book.leave()
    assert [one.key for one in RunBook(book.database, "two").take(2.0, ())] == [kept.key]


def test_runs_are_forgotten_some_time_after_they_ended(book):
    book.end(begun(book, id="old").key, DONE)
    book.end(begun(book, id="new").key, replace(DONE, at=20.0))
    begun(book, id="going")
    assert book.forget(10.0) == 1
    assert {one.id for one in book.of(ANA)} == {"new", "going"}
