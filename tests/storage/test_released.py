"""The ledger of what was told keeps it, in order, once, for each project."""

import sqlite3
from dataclasses import replace

import pytest

from oncommons.schema.errors import StorageFailed
from oncommons.storage.released import Asking, Released, Telling

FIRST = Telling("d", "person", b"1", b"crowd", 36, 58, "noisy")
SECOND = Telling("d", "series", b"2", None, 0, None, "suppressed")


@pytest.fixture
def ledger(tmp_path):
    found = Released(tmp_path / "told.sqlite")
    yield found
    found.close()


def test_what_was_told_is_there_after_a_restart_in_its_order(ledger, tmp_path):
    ledger.record("p", Asking(b"q", 3, 100.0), [FIRST, SECOND])
    again = Released(tmp_path / "told.sqlite")
    assert again.told() == [FIRST, SECOND]
    again.close()


def test_what_was_told_once_stays_as_it_is(ledger):
    ledger.record("p", Asking(b"q", 3, 100.0), [FIRST])
    ledger.record("p", Asking(b"q", 9, 200.0), [Telling("d", "person", b"1", None, 1, 2, "noisy")])
    assert (ledger.told(), ledger.spent("p", 0)) == ([FIRST], 3)


def test_a_ledger_of_before_made_numbers_were_told_apart_goes_on(ledger, tmp_path):
    ledger.record("p", Asking(b"q", 3, 100.0), [FIRST])
    ledger.close()
    older = sqlite3.connect(tmp_path / "told.sqlite")
    older.execute("ALTER TABLE told DROP COLUMN own")
    older.close()
    again = Released(tmp_path / "told.sqlite")
    again.record("p", Asking(b"r", 3, 100.0), [replace(SECOND, own=0)])
    assert again.told() == [FIRST, replace(SECOND, own=0)]
    again.close()


def test_what_was_spent_is_counted_by_project_and_time(ledger):
    for i, (project, cost) in enumerate([("p", 1), ("p", 10), ("r", 100)]):
        ledger.record(project, Asking(bytes([i]), cost, 100.0 * i), [])
    assert [ledger.spent("p", since) for since in (-1, 0, 100)] == [11, 10, 0]


def test_a_question_is_known_to_the_project_that_asked_it(ledger):
    ledger.record("p", Asking(b"q", 1, 1.0), [])
    assert (ledger.has_answered("p", b"q"), ledger.has_answered("r", b"q")) == (True, False)


def test_a_question_and_what_was_told_are_entered_together_or_not_at_all(ledger):
    with pytest.raises(StorageFailed):
        ledger.record("p", Asking(b"q", 1, 1.0), [FIRST, Telling("d", "person", b"3", None, "many", 2, "noisy")])
    assert (ledger.told(), ledger.has_answered("p", b"q")) == ([], False)


def test_the_file_is_for_its_owner_only(ledger, tmp_path):
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}


def test_something_else_is_no_ledger(tmp_path):
    (tmp_path / "x").write_bytes(b"not a database at all" * 100)
    with pytest.raises(StorageFailed):
        Released(tmp_path / "x")


def test_a_full_disk_is_told(ledger):
    ledger._connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(Exception, match="disk is full"):
        ledger.record(
            "p", Asking(b"q", 1, 1.0), [Telling("d", "p", bytes([i]), bytes(9_000), 1, 2, "x") for i in range(9)]
        )
