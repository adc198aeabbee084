"""Kept images from the ledger; what every holder must do is in test_kept."""

from contextlib import closing
from dataclasses import replace
from threading import Thread

import pytest

from oncommons.node.share.dicomweb.store import LedgerImages, Part
from oncommons.schema.errors import NotFound
from oncommons.storage.ledger import Entry, Ledger


def entry(n, **more):
    return Entry(f"{n:064}", "kept", "lung", patient="P", study="1", series="2", sop=f"3.{n}", modality="CT", **more)


def nothing(_):
    raise AssertionError("no file is opened by asking")


@pytest.fixture
def ledgers(tmp_path):
    with closing(Ledger(tmp_path / "ledger.sqlite")) as mine, closing(Ledger(tmp_path / "ledger.sqlite")) as theirs:
        yield mine, theirs


def test_what_another_process_adds_is_seen(ledgers):
    mine, theirs = ledgers
    images = LedgerImages(mine, nothing)
    assert images.series() == []
    theirs.write([entry(1)])
    assert [row.instances for row in images.series()] == [1]
    theirs.write([entry(2), entry(3)])
    assert [row.instances for row in images.series()] == [3]


def test_what_has_not_changed_is_not_read_again(ledgers):
    mine, theirs = ledgers
    theirs.write([entry(1)])
    images = LedgerImages(mine, nothing)
    assert images.series() is images.series()


def test_files_that_are_not_kept_are_not_told(ledgers):
    mine, theirs = ledgers
    theirs.write(
        [Entry("d", "quarantined", "lung", "E604", "may show text"), Entry("e", "refused", "lung", "E601", "no")]
    )
    images = LedgerImages(mine, nothing)
    assert (images.series(), list(images.instances())) == ([], [])


def test_an_object_of_an_older_ledger_still_tells_its_modality(ledgers):
    mine, theirs = ledgers
    theirs.write([entry(1)])
    (row,) = LedgerImages(mine, nothing).instances()
    assert row.attributes == {"00080060": "CT"}


def test_many_threads_may_ask_at_once(ledgers):
    mine, theirs = ledgers
    theirs.write([entry(n) for n in range(50)])
    images = LedgerImages(mine, nothing)
    found = []
    threads = [Thread(target=lambda: found.append(len(list(images.instances("1"))))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [50] * 8


def test_images_of_those_who_are_gone_are_not_told_nor_opened(ledgers):
    mine, theirs = ledgers
    theirs.write([entry(1), replace(entry(2), patient="Q", study="7", series="8")])
    gone = frozenset()
    images = LedgerImages(mine, lambda entry: entry.sop, lambda: gone)
    assert [row.patient for row in images.series()] == ["P", "Q"]
    one, two = images.instances()
    gone = frozenset({"Q"})
    assert [row.patient for row in images.series()] == ["P"]
    assert [row.patient for row in images.instances()] == ["P"]
    assert list(images.instances(study="7")) == []
    assert one.open() == one.sop
    with pytest.raises(NotFound):
        two.open()


def test_a_part_has_the_objects_of_its_datasets_but_for_the_series_that_are_hidden(ledgers):
    mine, theirs = ledgers
    theirs.write([entry(1), replace(entry(2), dataset="other"), replace(entry(3), series="8")])
    hidden = frozenset()
    images = LedgerImages(mine, nothing, part=Part({"lung"}, lambda: hidden))
    assert [(row.series, row.instances) for row in images.series()] == [("2", 1), ("8", 1)]
    assert [one.sop for one in images.instances("1")] == ["3.1", "3.3"]
    hidden = frozenset({"2"})
    assert [(row.series, row.instances) for row in images.series()] == [("8", 1)]
    assert [one.sop for one in images.instances("1")] == ["3.3"]


class Watched(Ledger):
    """Tells what was looked for."""

    looked = ()

    def objects(self, *words):
        self.looked = (*self.looked, words)
        return super().objects(*words)


def test_what_is_in_no_series_of_a_part_is_not_looked_for(ledgers, tmp_path):
    """So it takes no longer than what does not exist."""
    ledgers[1].write(
        [entry(1), replace(entry(2), dataset="other", study="7", series="8"), replace(entry(3), patient="Q")]
    )
    with closing(Watched(tmp_path / "ledger.sqlite")) as watched:
        images = LedgerImages(watched, nothing, part=Part({"lung"}))
        for place in (("7",), ("7", "8"), ("", "8"), ("1", "8"), ("9", "9", "3.1")):
            assert list(images.instances(*place)) == []
        assert watched.looked == ()
        for place in ((), ("1",), ("1", "2"), ("", "2"), ("1", "2", "3.1"), ("", "", "3.1")):
            assert next(images.instances(*place)).sop == "3.1"
        assert len(watched.looked) == 6
