"""The ledger: every file has one entry, and entries come together or not at all."""

import os
import sqlite3
from contextlib import closing
from dataclasses import fields, replace

import pytest

from oncommons.schema.errors import StorageFailed, StorageFull
from oncommons.storage.ledger import Entry, Ledger

KEPT = Entry("a" * 64, "kept", "lung", patient="P1", study="2.1", series="2.2", sop="2.3", modality="CT", size=9)
LAID_ASIDE = Entry("b" * 64, "quarantined", "lung", "E604", "It may show text.", size=7)
REFUSED = Entry("c" * 64, "refused", "lung", "E601", "This is not DICOM.")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(path):
    with closing(Ledger(path)) as found:
        yield found


def kept(number, **more):
    return replace(KEPT, digest=f"{number:064}", sop=f"2.3.{number}", **more)


def test_a_new_ledger_knows_no_file(ledger):
    assert (ledger.entry(KEPT.digest), ledger.holder(KEPT.sop)) == (None, None)
    assert (ledger.waiting(), ledger.series("lung")) == ([], [])


def test_entries_survive_reopening(path):
    entries = [KEPT, LAID_ASIDE, REFUSED]
    with closing(Ledger(path)) as ledger:
        ledger.write(entries)
    with closing(Ledger(path)) as ledger:
        assert [ledger.entry(e.digest) for e in entries] == entries


def test_entries_are_there_without_closing(ledger, path):
    ledger.write([KEPT])
    with closing(Ledger(path)) as other:
        assert other.entry(KEPT.digest) == KEPT


def test_a_later_entry_of_the_same_file_replaces_the_former(ledger):
    ledger.write([replace(KEPT, outcome="quarantined", code="E605")])
    ledger.write([KEPT])
    assert (ledger.entry(KEPT.digest), ledger.waiting()) == (KEPT, [])


def test_writing_nothing_changes_nothing(ledger):
    ledger.write([KEPT])
    ledger.write([])
    assert ledger.entry(KEPT.digest) == KEPT


def test_the_holder_of_a_sop_instance_uid_is_the_kept_file(ledger):
    ledger.write([KEPT, replace(LAID_ASIDE, sop="2.9")])
    assert (ledger.holder(KEPT.sop), ledger.holder("2.9"), ledger.holder("")) == (KEPT.digest, None, None)


def test_what_became_of_many_files_is_told_at_once(ledger):
    ledger.write([KEPT, replace(LAID_ASIDE, sop="2.9")])
    digests = [KEPT.digest, LAID_ASIDE.digest, "f" * 64]
    assert ledger.outcomes_of(digests) == {KEPT.digest: "kept", LAID_ASIDE.digest: "quarantined"}
    assert ledger.held([KEPT.sop, "2.9", "2.7"]) == {KEPT.sop}
    assert (ledger.outcomes_of([]), ledger.held([])) == ({}, set())


def test_one_sop_instance_uid_is_kept_once_and_the_first_stays(ledger):
    ledger.write([KEPT])
    with pytest.raises(StorageFailed):
        ledger.write([replace(KEPT, digest="d" * 64)])
    assert ledger.holder(KEPT.sop) == KEPT.digest
    assert ledger.entry(KEPT.digest) == KEPT


def test_files_that_are_not_kept_may_share_what_they_lack(ledger):
    ledger.write([LAID_ASIDE, replace(LAID_ASIDE, digest="d" * 64), REFUSED])
    assert len(ledger.waiting()) == 2


def test_entries_come_all_or_none(ledger):
    with pytest.raises(StorageFailed):
        ledger.write([kept(1), kept(2), replace(kept(3), size="many")])
    assert ledger.series("lung") == []
    ledger.write([kept(1)])
    assert ledger.entry(kept(1).digest) == kept(1)


def test_files_that_wait_are_told_by_reason(ledger):
    waiting = [Entry(d * 64, "quarantined", "x", code) for d, code in (("3", "E602"), ("1", "E604"), ("2", "E604"))]
    ledger.write([*reversed(waiting), KEPT, REFUSED])
    assert ledger.waiting() == waiting


def test_series_are_those_of_the_dataset_with_their_number_of_images(ledger):
    ledger.write([kept(1), kept(2), kept(3, series="2.4"), kept(4, dataset="liver", series="2.5"), LAID_ASIDE])
    assert [(row.series, row.instances) for row in ledger.series("lung")] == [("2.2", 2), ("2.4", 1)]
    assert [(row.series, row.instances) for row in ledger.series("liver")] == [("2.5", 1)]
    assert [ledger.number_of_series(name) for name in ("lung", "liver", "skin")] == [2, 1, 0]


def test_a_series_is_one_row_where_its_images_differ(ledger):
    ledger.write([kept(1, body_part="CHEST"), kept(2, body_part=""), kept(3, modality="")])
    (row,) = ledger.series("lung")
    assert (row.patient, row.study, row.modality, row.body_part, row.instances) == ("P1", "2.1", "CT", "CHEST", 3)


@pytest.mark.parametrize("text", ["ünïcode", "'; DROP TABLE file; --", "a\nb", "a\0b"])
def test_values_come_back_as_they_went_in(ledger, text):
    entry = replace(KEPT, dataset=text, manufacturer=text)
    ledger.write([entry])
    assert ledger.entry(KEPT.digest) == entry
    assert [row.manufacturer for row in ledger.series(text)] == [text]


def test_a_file_that_is_no_ledger_is_told(path):
    path.write_bytes(b"dear sir or madam, " * 500)
    with pytest.raises(StorageFailed) as told:
        Ledger(path)
    assert str(path) not in told.value.message


def test_a_damaged_ledger_is_told(path):
    with closing(Ledger(path)) as ledger:
        ledger.write([kept(n) for n in range(500)])
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))
    with pytest.raises(StorageFailed), closing(Ledger(path)) as ledger:
        ledger.series("lung")


def test_a_ledger_in_no_folder_is_told(tmp_path):
    with pytest.raises(StorageFailed):
        Ledger(tmp_path / "none" / "ledger.sqlite")


def test_a_ledger_that_another_writes_to_can_be_read(ledger, path):
    ledger.write([KEPT])
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert ledger.entry(KEPT.digest) == KEPT
        other.execute("ROLLBACK")


def test_a_full_disk_is_told_and_nothing_is_entered(small_disk):
    with closing(Ledger(small_disk / "ledger.sqlite")) as ledger:
        ledger.write([KEPT])
        with pytest.raises(StorageFull):
            ledger.write([kept(n, body_part="B" * 2_000) for n in range(5_000)])
        assert [row.instances for row in ledger.series("lung")] == [1]
        ledger.write([kept(1)])
        assert ledger.holder("2.3.1") == kept(1).digest


def test_only_the_owner_may_read_it(tmp_path):
    before = os.umask(0)
    try:
        ledger = Ledger(tmp_path / "ledger.sqlite")
        ledger.write([Entry("d", "refused", "x")])
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
        ledger.close()
    finally:
        os.umask(before)
    assert set(modes.values()) == {0o600}


def test_kept_files_of_a_dataset_come_series_by_series(ledger):
    rows = [kept(4, series="b"), kept(2, series="a"), kept(3, series="b"), kept(1, series="a")]
    ledger.write([*rows, LAID_ASIDE, kept(5, series="a", dataset="other")])
    assert [(e.series, e.sop) for e in ledger.kept("lung")] == [
        ("a", "2.3.1"),
        ("a", "2.3.2"),
        ("b", "2.3.3"),
        ("b", "2.3.4"),
    ]
    assert [e.sop for e in ledger.in_series("a")] == ["2.3.1", "2.3.2", "2.3.5"]


def test_objects_and_series_are_found_by_their_names(ledger):
    ledger.write([KEPT, replace(LAID_ASIDE, sop="9", series="8")])
    assert ledger.places([KEPT.sop, "9"]) == {KEPT.sop: KEPT.series}
    assert (ledger.has_series(KEPT.series), ledger.has_series("8")) == (True, False)


def test_objects_and_series_of_some_datasets_are_as_if_there_were_no_others(ledger):
    mixed = [kept(1), kept(2), replace(kept(3), dataset="other"), replace(kept(4), dataset="other", series="9")]
    ledger.write(mixed)
    (whole,) = {one.series for one in mixed[:3]}
    assert [(n, e.series) for n, e in ledger.one_of_each_series()] == sorted([(3, whole), (1, "9")], key=lambda x: x[1])
    assert [(n, e.sop) for n, e in ledger.one_of_each_series([mixed[0].dataset])] == [(2, mixed[0].sop)]
    assert [e.sop for e in ledger.objects(series=whole, datasets=["other"])] == [mixed[2].sop]
    assert ledger.objects(series="9", datasets=[mixed[0].dataset]) == []
    assert (ledger.objects(datasets=[]), ledger.one_of_each_series([])) == ([], [])


def test_outcomes_are_counted_by_dataset(ledger):
    ledger.write([KEPT, kept(2), LAID_ASIDE, replace(REFUSED, dataset="other")])
    assert ledger.outcomes() == {"lung": {"kept": 2, "quarantined": 1}, "other": {"refused": 1}}


def test_series_are_told_from_an_index_alone(ledger, path):
    """Attributes make rows large; telling the series of a dataset must not read them."""
    ledger.write([KEPT])
    seen = []
    ledger._connection.set_trace_callback(seen.append)
    assert [row.series for row in ledger.series("lung")] == [KEPT.series]
    with closing(sqlite3.connect(path)) as other:
        plan = [row[3] for row in other.execute(f"EXPLAIN QUERY PLAN {seen[0]}")]
    assert plan == ["SCAN file USING COVERING INDEX file_of_series"]


def test_a_ledger_of_an_earlier_version_is_taken_on(path):
    with closing(sqlite3.connect(path)) as old:
        columns = ", ".join(f"{f.name} {'INTEGER' if f.name == 'size' else 'TEXT'} NOT NULL" for f in fields(Entry))
        old.execute(f"CREATE TABLE file ({columns}, PRIMARY KEY (digest)) STRICT, WITHOUT ROWID")
        old.execute("CREATE INDEX file_by_series ON file (series) WHERE outcome = 'kept'")
        old.commit()
    with closing(Ledger(path)) as ledger:
        ledger.write([KEPT])
        assert (ledger.entry(KEPT.digest), ledger.series("lung")[0].series) == (KEPT, KEPT.series)
