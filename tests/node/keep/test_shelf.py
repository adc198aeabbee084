"""The shelf: what the ledger names lies whole on disk, whatever stopped the import."""

import os
import threading
from contextlib import closing
from dataclasses import replace

import pytest
from tests import disks

from oncommons.node.keep.shelf import Finished, Shelf
from oncommons.schema.errors import StorageFailed, StorageFull
from oncommons.storage.blobs import Folder
from oncommons.storage.drafts import write_draft
from oncommons.storage.ledger import Entry, Ledger

LAID_ASIDE = Entry("b" * 64, "quarantined", "lung", "E604", "It may show text.", size=3)
REFUSED = Entry("c" * 64, "refused", "lung", "E601", "It is something else.")


class Watched(Ledger):
    """A ledger that looks at the disk when it is written to."""

    def __init__(self, path, look):
        super().__init__(path)
        self.look, self.seen = look, []

    def write(self, entries, decisions=()):
        self.seen.append(self.look(entries))
        super().write(entries, decisions)


class Broken(Ledger):
    """A ledger that cannot be written to."""

    def write(self, entries, decisions=()):
        raise StorageFailed("The node's ledger cannot be used.")


@pytest.fixture
def ledger(tmp_path):
    with closing(Ledger(tmp_path / "ledger.sqlite")) as found:
        yield found


@pytest.fixture
def shelf(tmp_path, ledger):
    return shelf_of(tmp_path, ledger)


@pytest.fixture
def drafts(tmp_path):
    folder = tmp_path / "drafts"
    folder.mkdir()
    return folder


def shelf_of(folder, ledger):
    return Shelf(Folder(folder / "images"), folder / "quarantine", ledger)


def kept(number, series="2.2"):
    return Entry(f"{number:064}", "kept", "lung", patient="P1", study="2.1", series=series, sop=f"2.3.{number}", size=3)


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def read(shelf, entry):
    with shelf.open(entry) as file:
        return file.read()


def put(shelf, drafts, *entries, content=b"one", origin="/in/one.dcm"):
    """Draft and settle entries in one batch; what is refused has no draft."""
    return shelf.settle(
        [Finished(e, None if e.outcome == "refused" else write_draft(drafts, [content]), origin) for e in entries]
    )


def test_images_lie_by_series_under_their_new_names(shelf, ledger, drafts):
    assert put(shelf, drafts, kept(1)) == ["kept"]
    assert put(shelf, drafts, kept(2, "2.9"), content=b"two") == ["kept"]
    assert names(shelf.images.path) == ["2.2/2.3.1.dcm", "2.9/2.3.2.dcm"]
    assert read(shelf, kept(2, "2.9")) == b"two"
    assert [ledger.entry(e.digest) for e in (kept(1), kept(2, "2.9"))] == [kept(1), kept(2, "2.9")]
    assert names(drafts) == []


def test_when_the_ledger_is_written_the_files_are_in_their_places(tmp_path, drafts):
    def look(entries):
        return names(tmp_path / "images"), names(tmp_path / "quarantine"), len(entries)

    with closing(Watched(tmp_path / "ledger.sqlite", look)) as ledger:
        put(shelf_of(tmp_path, ledger), drafts, kept(1), LAID_ASIDE)
        laid = [LAID_ASIDE.digest, f"{LAID_ASIDE.digest}.from"]
        assert ledger.seen == [(["2.2/2.3.1.dcm"], laid, 2)]


def test_the_same_file_again_is_a_duplicate_also_within_one_batch(shelf, drafts):
    assert put(shelf, drafts, kept(1), kept(1)) == ["kept", "duplicate"]
    assert put(shelf, drafts, kept(1), kept(2)) == ["duplicate", "kept"]
    assert names(shelf.images.path) == ["2.2/2.3.1.dcm", "2.2/2.3.2.dcm"]


def test_the_same_identifier_with_other_content_is_a_conflict_and_the_first_stays(shelf, ledger, drafts):
    other, third = replace(kept(1), digest="d" * 64), replace(kept(1), digest="e" * 64)
    assert put(shelf, drafts, kept(1), other) == ["kept", "conflict"]
    assert put(shelf, drafts, third, content=b"two") == ["conflict"]
    assert read(shelf, kept(1)) == b"one"
    assert (ledger.entry(other.digest), ledger.entry(third.digest)) == (None, None)


@pytest.mark.parametrize(
    ("series", "content", "what"),
    [
        ("2.2", b"one", "duplicate"),
        ("2.2", b"one and more", "conflict"),
        ("2.2", b"on", "conflict"),
        ("2.9", b"one", "conflict"),
    ],
)
def test_what_would_be_kept_as_the_same_bytes_is_a_duplicate(shelf, ledger, drafts, series, content, what):
    put(shelf, drafts, kept(1))
    other = replace(kept(1, series), digest="d" * 64)
    assert put(shelf, drafts, other, content=content) == [what]
    assert read(shelf, kept(1)) == b"one"
    assert ledger.entry(other.digest) is None


def test_files_that_the_ledger_could_not_name_are_written_again(tmp_path, ledger, drafts):
    with closing(Broken(tmp_path / "ledger.sqlite")) as broken, pytest.raises(StorageFailed):
        put(shelf_of(tmp_path, broken), drafts, kept(1))
    assert ledger.entry(kept(1).digest) is None
    assert put(shelf_of(tmp_path, ledger), drafts, kept(1), content=b"new") == ["kept"]
    assert (tmp_path / "images" / "2.2" / "2.3.1.dcm").read_bytes() == b"new"


def test_a_file_that_a_person_must_look_at_lies_as_it_came_for_its_owner_only(shelf, ledger, drafts):
    before = os.umask(0)
    try:
        put(shelf, drafts, LAID_ASIDE, kept(1))
    finally:
        os.umask(before)
    path, origin = shelf.laid_aside(LAID_ASIDE)
    assert (path.read_bytes(), origin, path.stat().st_mode & 0o777) == (b"one", "/in/one.dcm", 0o600)
    assert shelf.quarantine.stat().st_mode & 0o077 == shelf.images.path.stat().st_mode & 0o077 == 0
    assert (shelf.images.path / "2.2" / "2.3.1.dcm").stat().st_mode & 0o777 == 0o600
    assert ledger.waiting() == [LAID_ASIDE]


def test_a_name_that_is_not_text_is_told_all_the_same(shelf, drafts):
    put(shelf, drafts, LAID_ASIDE, origin="/in/\udcff.dcm")
    assert shelf.laid_aside(LAID_ASIDE)[1] == "/in/\\udcff.dcm"


def test_files_that_are_refused_or_could_not_be_read_are_only_noted(shelf, ledger):
    unread = replace(LAID_ASIDE, digest="d" * 64)
    assert shelf.settle([Finished(REFUSED), Finished(unread)]) == ["refused", "quarantined"]
    assert (ledger.entry(REFUSED.digest), ledger.waiting()) == (REFUSED, [unread])
    assert names(shelf.quarantine) == []
    assert shelf.laid_aside(unread)[1] == ""


def test_a_file_leaves_quarantine_when_it_is_kept_or_refused_later(shelf, ledger, drafts):
    other = replace(LAID_ASIDE, digest="d" * 64)
    put(shelf, drafts, LAID_ASIDE, other)
    put(shelf, drafts, replace(kept(1), digest=LAID_ASIDE.digest), replace(other, outcome="refused", code="E608"))
    assert (ledger.waiting(), names(shelf.quarantine), names(shelf.images.path)) == ([], [], ["2.2/2.3.1.dcm"])


def test_a_file_stays_in_quarantine_when_it_is_laid_aside_again(shelf, ledger, drafts):
    for _ in range(2):
        put(shelf, drafts, LAID_ASIDE)
    assert ledger.waiting() == [LAID_ASIDE]
    assert names(shelf.quarantine) == [LAID_ASIDE.digest, f"{LAID_ASIDE.digest}.from"]


def test_of_many_that_settle_the_same_files_at_once_one_keeps_each(tmp_path, drafts):
    told = []

    def settle():
        with closing(Ledger(tmp_path / "ledger.sqlite")) as mine:
            shelf = shelf_of(tmp_path, mine)
            for number in range(20):
                told.extend(put(shelf, drafts, kept(number)))

    threads = [threading.Thread(target=settle) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (told.count("kept"), told.count("duplicate")) == (20, 60)
    assert len(names(tmp_path / "images")) == 20


def test_a_full_disk_is_told_and_what_the_ledger_names_is_whole(tmp_path, ledger):
    with disks.small_disk(2) as disk:
        drafts = disk / "drafts"
        drafts.mkdir()
        shelf = shelf_of(disk, ledger)
        put(shelf, drafts, kept(1))
        with pytest.raises(StorageFull) as told:
            put(shelf, drafts, *map(kept, range(2, 100)), content=b"x" * 100_000)
        assert str(disk) not in told.value.message
        assert [row.instances for row in ledger.series("lung")] == [1]
        assert read(shelf, kept(1)) == b"one"
