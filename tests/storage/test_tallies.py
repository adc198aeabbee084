"""The ledger's own numbers: always those that counting every row would give, whatever was written in what order."""

import random
import sqlite3
from contextlib import closing

import pytest

from oncommons.storage.ledger import Entry
from oncommons.storage.ledger_pages import LedgerPages

FACTS = ("modality", "manufacturer", "sex", "age", "body_part")
COUNTED = (
    "SELECT substr(entered, 1, 10), dataset, outcome, code, count(*), sum(size) FROM file "
    "GROUP BY 1, 2, 3, 4 ORDER BY 1 DESC, 2, 3, 4"
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.sqlite"


def some(rng, number):
    """An entry with anything in it; the same number is the same file."""
    kept = rng.random() < 0.6
    return Entry(
        f"{number:064x}",
        "kept" if kept else rng.choice(["quarantined", "refused"]),
        rng.choice(["lung", "liver"]),
        "" if kept else rng.choice(["E602", "E604"]),
        sop=f"2.{number}" if kept else "",
        modality=rng.choice(["CT", "MR"]) if kept else "",
        manufacturer=rng.choice(["GE", "Acme"]) if kept else "",
        size=rng.randrange(100),
        entered=f"2026-11-{rng.randrange(1, 4):02}T10:0{rng.randrange(9)}:{rng.randrange(60):02}+00:00",
    )


def counted(path, query):
    with closing(sqlite3.connect(path)) as other:
        return other.execute(query).fetchall()


@pytest.mark.parametrize("seed", range(5))
def test_tallies_are_what_counting_gives_after_any_changes(path, seed):
    rng = random.Random(seed)
    with closing(LedgerPages(path)) as ledger:
        for _ in range(20):
            ledger.write([some(rng, rng.randrange(60)) for _ in range(rng.randrange(9))])
        assert [tuple(row) for row in ledger.tallies()] == counted(path, COUNTED)
        for fact in FACTS:
            theirs = (
                f"SELECT dataset, {fact}, count(*) FROM file WHERE outcome = 'kept' GROUP BY 1, 2 ORDER BY 3 DESC, 2, 1"
            )
            assert ledger.words(fact) == counted(path, theirs)


def test_what_is_deleted_is_no_longer_counted(path):
    with closing(LedgerPages(path)) as ledger:
        ledger.write([some(random.Random(1), number) for number in range(9)])
        counted(path, "SELECT 1")
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("DELETE FROM file")
        assert (ledger.tallies(), ledger.words("modality")) == ([], [])


def test_a_ledger_that_is_older_than_its_tallies_is_counted_when_it_is_opened(path):
    with closing(LedgerPages(path)) as ledger:
        ledger.write([some(random.Random(2), number) for number in range(50)])
        before = ledger.tallies(), ledger.words("manufacturer")
    with closing(sqlite3.connect(path)) as old:
        old.executescript("DROP TABLE tally; DROP TABLE pace; DROP TABLE words; DROP TRIGGER file_came;")
    with closing(LedgerPages(path)) as ledger:
        assert (ledger.tallies(), ledger.words("manufacturer")) == before
        assert sum(row.files for row in ledger.pace()) == 50


def test_what_is_not_entered_is_not_counted(path):
    with closing(LedgerPages(path)) as ledger:
        good = Entry("a" * 64, "kept", "lung", sop="2.1", size=5, entered="2026-11-22T10:00:00+00:00")
        with pytest.raises(Exception, match="ledger"):
            ledger.write([good, Entry("b" * 64, "kept", "lung", sop="2.1")])
        assert ledger.tallies() == []
