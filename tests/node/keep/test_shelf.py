"""The shelf: what the ledger names lies whole on disk, whatever stopped the import."""

import os
import subprocess
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from oncommons.node.keep.shelf import _BATCH_FILES, Shelf
from oncommons.schema.errors import StorageFailed, StorageFull
from oncommons.storage.ledger import Entry, Ledger

LAID_ASIDE = Entry("b" * 64, "quarantined", "lung", "E604", "It may show text.", size=3)


class Watched(Ledger):
    """A ledger that looks at the disk when it is written to."""

    def __init__(self, path, look):
        super().__init__(path)
        self.look, self.seen = look, []

    def write(self, entries):
        self.seen.append(self.look(entries))
        super().write(entries)


class Broken(Ledger):
    """A ledger that cannot be written to."""

    def write(self, entries):
        raise StorageFailed("The node's ledger cannot be used.")


@pytest.fixture
def ledger(tmp_path):
    with closing(Ledger(tmp_path / "ledger.sqlite")) as found:
        yield found


@pytest.fixture
def shelf(tmp_path, ledger):
    return shelf_of(tmp_path, ledger)


def shelf_of(folder, ledger):
    return Shelf(folder / "images", folder / "quarantine", ledger)


def kept(number, series="2.2"):
    return Entry(f"{number:064}", "kept", "lung", patient="P1", study="2.1", series=series, sop=f"2.3.{number}", size=3)


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def stopped(shelf, *entries, content=b"one"):
    """An import that stops after some files."""
    with shelf:
        for entry in entries:
            shelf.keep(entry, content)
        raise KeyboardInterrupt


def test_images_lie_by_series_under_their_new_names(shelf, ledger):
    with shelf:
        shelf.keep(kept(1), b"one")
        shelf.keep(kept(2, "2.9"), b"two")
    assert names(shelf.images) == ["2.2/2.3.1.dcm", "2.9/2.3.2.dcm"]
    assert (shelf.images / "2.9" / "2.3.2.dcm").read_bytes() == b"two"
    assert [ledger.entry(e.digest) for e in (kept(1), kept(2, "2.9"))] == [kept(1), kept(2, "2.9")]


def test_before_it_settles_an_image_is_a_draft_that_the_ledger_does_not_name(shelf, ledger):
    with shelf:
        shelf.keep(kept(1), b"one")
        assert names(shelf.images) == ["2.2/2.3.1.dcm.draft"]
        assert ledger.entry(kept(1).digest) is None
        shelf.settle()
        assert names(shelf.images) == ["2.2/2.3.1.dcm"]
        assert ledger.entry(kept(1).digest) == kept(1)


def test_the_shelf_knows_what_is_not_settled_yet(shelf):
    with shelf:
        shelf.keep(kept(1), b"one")
        assert (shelf.entry(kept(1).digest), shelf.holder("2.3.1")) == (kept(1), kept(1).digest)
    assert (shelf.entry(kept(1).digest), shelf.holder("2.3.1")) == (kept(1), kept(1).digest)
    assert (shelf.entry("f" * 64), shelf.holder("2.7")) == (None, None)


def test_when_the_ledger_is_written_the_files_are_in_their_places(tmp_path):
    def look(entries):
        return names(tmp_path / "images"), names(tmp_path / "quarantine"), len(entries)

    with closing(Watched(tmp_path / "ledger.sqlite", look)) as ledger:
        with shelf_of(tmp_path, ledger) as shelf:
            shelf.keep(kept(1), b"one")
            shelf.note(LAID_ASIDE, b"raw")
        assert ledger.seen == [(["2.2/2.3.1.dcm"], [LAID_ASIDE.digest], 2)]


def test_many_files_are_settled_in_batches(tmp_path):
    with closing(Watched(tmp_path / "ledger.sqlite", len)) as ledger:
        with shelf_of(tmp_path, ledger) as shelf:
            for number in range(_BATCH_FILES + 3):
                shelf.keep(kept(number), b"one")
        assert ledger.seen == [_BATCH_FILES, 3]
    assert len(names(tmp_path / "images")) == _BATCH_FILES + 3


def test_an_exception_leaves_the_ledger_without_what_was_not_settled(shelf, ledger):
    with shelf:
        shelf.keep(kept(1), b"one")
    with pytest.raises(KeyboardInterrupt):
        stopped(shelf, kept(2), kept(3))
    assert [ledger.entry(kept(n).digest) for n in (1, 2, 3)] == [kept(1), None, None]
    assert [name for name in names(shelf.images) if not name.endswith(".draft")] == ["2.2/2.3.1.dcm"]


def test_what_was_stopped_is_done_again_over_its_drafts(shelf, tmp_path, ledger):
    with pytest.raises(KeyboardInterrupt):
        stopped(shelf, kept(1), kept(2))
    with shelf_of(tmp_path, ledger) as again:
        again.keep(kept(1), b"1")
        again.keep(kept(2), b"2")
    assert names(again.images) == ["2.2/2.3.1.dcm", "2.2/2.3.2.dcm"]
    assert (again.images / "2.2" / "2.3.1.dcm").read_bytes() == b"1"


def test_files_that_the_ledger_could_not_name_are_written_again(tmp_path, ledger):
    with (
        closing(Broken(tmp_path / "ledger.sqlite")) as broken,
        pytest.raises(StorageFailed),
        shelf_of(tmp_path, broken) as shelf,
    ):
        shelf.keep(kept(1), b"one")
    assert ledger.entry(kept(1).digest) is None
    with shelf_of(tmp_path, ledger) as again:
        again.keep(kept(1), b"one")
    assert names(tmp_path / "images") == ["2.2/2.3.1.dcm"]


def test_a_file_that_a_person_must_look_at_lies_as_it_came_for_its_owner_only(shelf, ledger):
    before = os.umask(0)
    try:
        with shelf:
            shelf.note(LAID_ASIDE, b"raw")
            shelf.keep(kept(1), b"one")
    finally:
        os.umask(before)
    (laid,) = shelf.quarantine.iterdir()
    assert (laid.name, laid.read_bytes(), laid.stat().st_mode & 0o777) == (LAID_ASIDE.digest, b"raw", 0o600)
    assert shelf.quarantine.stat().st_mode & 0o077 == 0
    assert (shelf.images / "2.2" / "2.3.1.dcm").stat().st_mode & 0o777 == 0o600
    assert ledger.waiting() == [LAID_ASIDE]


def test_an_import_of_files_to_look_at_only_needs_no_images(shelf, ledger):
    with shelf:
        shelf.note(LAID_ASIDE, b"raw")
    assert (ledger.waiting(), names(shelf.quarantine)) == ([LAID_ASIDE], [LAID_ASIDE.digest])


def test_files_that_are_refused_or_could_not_be_read_are_only_noted(shelf, ledger):
    refused, unread = replace(LAID_ASIDE, outcome="refused"), replace(LAID_ASIDE, digest="c" * 64)
    with shelf:
        shelf.note(refused, b"raw")
        shelf.note(unread, b"")
    assert (ledger.entry(refused.digest), ledger.waiting()) == (refused, [unread])
    assert not shelf.quarantine.exists()


def test_a_file_leaves_quarantine_when_it_is_kept_later(shelf, ledger):
    with shelf:
        shelf.note(LAID_ASIDE, b"raw")
    now = replace(kept(1), digest=LAID_ASIDE.digest)
    with shelf:
        shelf.keep(now, b"one")
        assert names(shelf.quarantine) == [LAID_ASIDE.digest]
    assert (ledger.waiting(), names(shelf.quarantine), names(shelf.images)) == ([], [], ["2.2/2.3.1.dcm"])


def test_a_file_stays_in_quarantine_when_it_is_laid_aside_again(shelf, ledger):
    for _ in range(2):
        with shelf:
            shelf.note(LAID_ASIDE, b"raw")
    assert (ledger.waiting(), names(shelf.quarantine)) == ([LAID_ASIDE], [LAID_ASIDE.digest])


def test_what_a_stopped_import_left_in_quarantine_goes_with_the_next(shelf, ledger):
    now = replace(kept(1), digest=LAID_ASIDE.digest)
    with shelf:
        shelf.keep(now, b"one")
        shelf.note(replace(LAID_ASIDE, digest="c" * 64), b"raw")
    for name in (LAID_ASIDE.digest, "d" * 64 + ".draft", "e" * 64):
        (shelf.quarantine / name).write_bytes(b"raw")
    with shelf:
        pass
    assert names(shelf.quarantine) == ["c" * 64, "e" * 64]  # the ledger does not know the last: a person decides


def test_a_second_import_at_once_is_refused_and_a_later_one_is_not(shelf, tmp_path, ledger):
    other = shelf_of(tmp_path, ledger)
    with shelf, pytest.raises(StorageFailed), other:
        pass
    with other:
        other.keep(kept(1), b"one")
    assert ledger.entry(kept(1).digest) == kept(1)


def test_a_link_in_the_place_of_a_draft_is_not_followed(shelf, tmp_path):
    other = tmp_path / "other"
    other.write_bytes(b"mine")
    (shelf.images / "2.2").mkdir(parents=True)
    (shelf.images / "2.2" / "2.3.1.dcm.draft").symlink_to(other)
    with pytest.raises(StorageFailed), shelf:
        shelf.keep(kept(1), b"one")
    assert other.read_bytes() == b"mine"


@pytest.fixture
def small_disk():
    """A folder on a disk of 2 MiB."""
    folder = Path(tempfile.mkdtemp(prefix="disk-"))
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=False, capture_output=True)
    if made.returncode:
        folder.rmdir()
        pytest.skip("a small disk can only be mounted by root")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)
    folder.rmdir()


def test_a_full_disk_is_told_and_what_the_ledger_names_is_whole(small_disk, tmp_path, ledger):
    with shelf_of(small_disk, ledger) as shelf:
        shelf.keep(kept(1), b"one")
    with pytest.raises(StorageFull) as told:
        stopped(shelf, *map(kept, range(2, 100)), content=b"x" * 100_000)
    assert str(small_disk) not in told.value.message
    assert [row.instances for row in ledger.series("lung")] == [1]
    assert (small_disk / "images" / "2.2" / "2.3.1.dcm").read_bytes() == b"one"
