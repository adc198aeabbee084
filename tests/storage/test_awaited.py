"""Questions that wait for a data manager: bounded in number and age, one for each question and permit."""

from contextlib import closing
from dataclasses import replace

import pytest

from oncommons.schema.errors import StorageFailed
from oncommons.storage.awaited import MOST_OF_PERMIT, MOST_WAITING, Run
from oncommons.storage.permitted import PERMITS, Permitted

NOW = 1_000.0
ONE = Run("P-7", "lung", b"q", '{"count": "person"}', "ana", NOW, until=NOW + 10)


@pytest.fixture
def runs(tmp_path):
    with closing(Permitted(tmp_path / PERMITS)) as ledger:
        yield ledger.runs


def of(number, permit="P-7", **parts):
    return replace(ONE, permit=permit, question=str(number).encode(), **parts)


def test_a_question_waits_once_and_is_found_by_its_digest_and_its_name(runs):
    assert runs.wait(ONE)
    assert runs.wait(replace(ONE, person="ben", asked=NOW + 1))
    assert runs.of("P-7", b"q", NOW) == runs.named(ONE.id, NOW) == ONE
    assert (runs.of("P-8", b"q", NOW), runs.of("P-7", b"r", NOW), runs.named("nobody", NOW)) == (None, None, None)


def test_the_same_question_under_another_permit_is_another(runs):
    other = replace(ONE, permit="P-8")
    assert runs.wait(ONE)
    assert runs.wait(other)
    assert runs.all(NOW) == sorted([ONE, other], key=lambda run: run.id)


def test_what_was_declined_or_used_waits_anew_where_it_is_asked_again(runs):
    runs.put(replace(ONE, state="declined", reason="No."))
    assert runs.wait(ONE)
    assert runs.of("P-7", b"q", NOW) == ONE


def test_from_its_last_second_on_nobody_knows_of_it(runs):
    runs.wait(ONE)
    assert runs.of("P-7", b"q", ONE.until - 0.001) == ONE
    assert (runs.of("P-7", b"q", ONE.until), runs.all(ONE.until), runs.named(ONE.id, ONE.until)) == (None, [], None)


def test_one_permit_cannot_take_all_the_room(runs):
    assert [runs.wait(of(n)) for n in range(MOST_OF_PERMIT + 1)] == [True] * MOST_OF_PERMIT + [False]
    assert runs.wait(of(0)), "what waits already goes on waiting"
    assert runs.wait(of(0, "P-8"))


def test_there_is_room_for_so_many_and_again_when_they_are_decided_or_old(runs):
    for number in range(MOST_WAITING):
        assert runs.wait(of(number, f"P-{number // MOST_OF_PERMIT}"))
    new = of("new", "P-new")
    assert not runs.wait(new)
    runs.put(of(0, "P-0", state="agreed"))
    assert runs.wait(new)
    later = replace(new, permit="P-later", asked=ONE.until, until=ONE.until + 1)
    assert runs.wait(later)
    assert runs.all(NOW) == [later], "what is old is not kept"


@pytest.mark.parametrize(
    ("state", "job", "runs_for"),
    [
        ("waiting", "", []),
        ("declined", "", []),
        ("agreed", "", ["a", "b"]),
        ("agreed", "a", ["a"]),
    ],
)
def test_a_consent_is_for_one_run(state, job, runs_for):
    run = replace(ONE, state=state, job=job)
    assert [name for name in ("a", "b") if run.agreed_for(name)] == runs_for


def test_a_file_that_breaks_is_told_as_such(tmp_path):
    ledger = Permitted(tmp_path / PERMITS)
    ledger.close()
    with pytest.raises(StorageFailed):
        ledger.runs.all(NOW)
