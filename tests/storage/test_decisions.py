"""What people decided stands in the ledger beside the file, or neither does."""

import sqlite3
from contextlib import closing

import pytest
from tests.storage.test_ledger import KEPT, LAID_ASIDE

from oncommons.schema.errors import StorageFailed
from oncommons.storage.decisions import Decision
from oncommons.storage.ledger import Ledger

TRIED = Decision(LAID_ASIDE.digest, "release", "anna", "console", "2026-11-22T09:00:00+00:00", "quarantined")
REJECTED = Decision(LAID_ASIDE.digest, "reject", "root", "command line", "2026-11-22T09:01:00+00:00", "refused")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.sqlite"


def test_decisions_are_told_newest_first_of_one_file_or_of_all(path):
    other = Decision(KEPT.digest, "release", "ben", "console", "2026-11-22T09:02:00+00:00", "kept")
    with closing(Ledger(path)) as ledger:
        assert ledger.decisions() == []
        ledger.write([LAID_ASIDE], [TRIED])
        ledger.write([], [REJECTED])
        ledger.write([KEPT], [other])
    with closing(Ledger(path)) as ledger:
        assert ledger.decisions() == [other, REJECTED, TRIED]
        assert ledger.decisions(LAID_ASIDE.digest) == [REJECTED, TRIED]
        assert ledger.decisions("f" * 64) == []


def test_a_decision_is_told_without_the_file():
    assert REJECTED.to_json() == {
        "decision": "reject",
        "by": "root",
        "way": "command line",
        "at": "2026-11-22T09:01:00+00:00",
        "became": "refused",
    }


def test_nothing_is_decided_about_what_cannot_be_entered(path):
    twin = Decision("f" * 64, "release", "anna", "console", "", "kept")
    with closing(Ledger(path)) as ledger:
        ledger.write([KEPT])
        with pytest.raises(StorageFailed):
            ledger.write([KEPT.__class__(**{**vars(KEPT), "digest": "f" * 64})], [twin])
        assert ledger.decisions() == []


def test_a_ledger_of_an_earlier_version_gets_the_table(path):
    with closing(Ledger(path)) as ledger:
        ledger.write([KEPT])
    with closing(sqlite3.connect(path)) as base:
        base.execute("DROP TABLE decision")
    with closing(Ledger(path)) as ledger:
        assert (ledger.decisions(), ledger.entry(KEPT.digest)) == ([], KEPT)
