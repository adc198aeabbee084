"""What a node knows of permits outlasts the process, and is seen by others at once."""

import sqlite3

import pytest

from oncommons.schema.errors import StorageFailed
from oncommons.storage.permitted import PERMITS, Permitted, Seen, Standing


@pytest.fixture
def path(tmp_path):
    return tmp_path / PERMITS


@pytest.fixture
def ledger(path):
    made = Permitted(path)
    yield made
    made.close()


@pytest.fixture
def other(path, ledger):
    """The same file, opened by somebody else."""
    made = Permitted(path)
    yield made
    made.close()


def test_a_permit_that_was_shown_is_listed_with_when(ledger):
    ledger.note("P-7", "lung", "one", 5)
    ledger.note("P-7", "lung", "two", 6)
    assert ledger.permits() == [Seen("P-7", "lung", "two", 6, None)]


def test_a_permit_is_taken_back_before_it_was_seen_and_stays_so(ledger, other):
    ledger.revoke("P-7", 5)
    ledger.note("P-7", "lung", "text", 6)
    ledger.revoke("P-7", 9)
    assert other.permits() == [Seen("P-7", "lung", "text", 6, 5)]
    assert (other.is_revoked("P-7"), other.is_revoked("P-8")) == (True, False)


def test_consent_and_restriction_stand_side_by_side(ledger, other):
    ledger.consent("lung", 5)
    ledger.restrict("lung", "{}")
    assert other.standing("lung") == Standing(5, "{}")
    ledger.consent("lung", None)
    assert other.projects() == {"lung": Standing(None, "{}")}
    assert other.standing("liver") == Standing()


def test_a_question_is_paid_once_under_each_permit(ledger):
    ledger.charge("P-7", b"q", 3, 5)
    ledger.charge("P-7", b"q", 3, 6)
    ledger.charge("P-7", b"r", 4, 6)
    ledger.charge("P-8", b"q", 5, 6)
    assert (ledger.spent("P-7"), ledger.spent("P-8"), ledger.spent("P-9")) == (7, 5, 0)
    assert (ledger.has_asked("P-7", b"q"), ledger.has_asked("P-8", b"r")) == (True, False)


def test_what_is_written_alone_is_there_whole_or_not_at_all(ledger):
    def break_off():
        with ledger.alone():
            ledger.charge("P-7", b"q", 3, 5)
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    assert ledger.spent("P-7") == 0


def test_only_the_owner_reads_it(ledger, path):
    assert path.stat().st_mode & 0o077 == 0


def test_what_is_no_ledger_is_told_as_such(path):
    path.write_bytes(b"something else" * 100)
    with pytest.raises(StorageFailed):
        Permitted(path)


def test_a_file_that_breaks_while_it_is_used_is_told_as_such(ledger, path):
    with sqlite3.connect(path) as base:
        base.execute("DROP TABLE asked")
    base.close()
    with pytest.raises(StorageFailed):
        ledger.spent("P-7")
