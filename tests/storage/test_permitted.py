"""What a node knows of permits outlasts the process, and is seen by others at once."""

import sqlite3
from contextlib import closing

import pytest

from oncommons.schema.errors import StorageFailed
from oncommons.storage.permitted import PERMITS, Permitted, Seen, Standing, Visit


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


def test_a_consent_to_images_is_one_of_its_own(ledger, other):
    ledger.consent_to_images("lung", 5)
    assert other.standing("lung") == Standing(None, "", 5)
    ledger.consent("lung", 6)
    ledger.restrict("lung", "{}")
    ledger.consent_to_images("lung", None)
    assert other.projects() == {"lung": Standing(6, "{}", None)}
    ledger.consent_to_images("lung", 7)
    ledger.consent("lung", None)
    assert other.standing("lung") == Standing(None, "{}", 7)


def test_what_a_hub_took_back_is_kept_for_good_and_its_lists_by_their_numbers(ledger, other):
    assert (ledger.heard("hub"), ledger.hear("hub", 5, ["P-7"])) == (0, True)
    assert (other.heard("hub"), other.heard("another"), other.gone()) == (5, 0, {"P-7"})
    assert (other.hear("hub", 5, ["P-8"]), other.hear("hub", 4, ["P-8"]), other.gone()) == (False, False, {"P-7"})
    assert other.hear("hub", 6, [])
    assert (ledger.is_revoked("P-7"), ledger.is_revoked("P-8")) == (True, False)
    ledger.note("P-7", "lung", "text", 9)
    assert ledger.is_revoked("P-7")


def test_a_block_inside_another_belongs_to_it(ledger, other):
    def break_off():
        with ledger.alone():
            with ledger.alone():
                ledger.revoke("P-7", 5)
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    assert not other.is_revoked("P-7")


def test_different_questions_are_counted(ledger):
    for question, permit in ((b"q", "P-7"), (b"q", "P-7"), (b"r", "P-7"), (b"q", "P-8")):
        ledger.charge(permit, question, 3, 5)
    assert (ledger.questions("P-7"), ledger.questions("P-9")) == (2, 0)


def test_whose_a_token_is_is_noted_once_with_its_permit(ledger, other):
    ledger.note("P-7", "lung", "signed", 1)
    for seen in (5, 6):
        ledger.open(Visit("t1", "P-7", "ana", seen), "lung")
    ledger.open(Visit("t2", "P-8", "ben", 7), "bone")
    assert other.visits() == [Visit("t1", "P-7", "ana", 5), Visit("t2", "P-8", "ben", 7)]
    assert other.permits() == [Seen("P-7", "lung", "signed", 5, None), Seen("P-8", "bone", "", 7, None)]


def test_a_permit_that_was_taken_back_stays_so_when_a_token_of_it_is_shown(ledger):
    ledger.revoke("P-7", 3)
    ledger.open(Visit("t1", "P-7", "ana", 5), "lung")
    assert ledger.is_revoked("P-7")


def test_a_file_of_before_there_were_images_is_taken_on(path):
    with closing(sqlite3.connect(path)) as older:
        older.execute(
            "CREATE TABLE project (name TEXT PRIMARY KEY, consented REAL, restriction TEXT NOT NULL DEFAULT '')"
        )
        older.execute("INSERT INTO project VALUES ('lung', 5, '')")
        older.commit()
    with closing(Permitted(path)) as ledger:
        assert ledger.projects() == {"lung": Standing(5, "")}
