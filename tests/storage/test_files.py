"""Files come whole or not at all, and what the file system reports is told in our own words."""

import errno
import os
import stat
import threading

import pytest

from oncommons.schema.errors import StorageFailed, StorageFull
from oncommons.schema.errors_of_rows import UnwritableReport
from oncommons.storage.files import (
    alone_in,
    plain_file_errors,
    private_file,
    replace_file,
    storage_error,
    sync,
    sync_all,
    write_once,
)


def test_a_file_is_written_once_for_its_owner_only(tmp_path):
    before = os.umask(0)
    try:
        write_once(tmp_path / "a", b"first")
    finally:
        os.umask(before)
    with pytest.raises(FileExistsError):
        write_once(tmp_path / "a", b"second")
    assert [(p.name, p.read_bytes(), p.stat().st_mode & 0o777) for p in tmp_path.iterdir()] == [("a", b"first", 0o600)]


def test_a_file_is_replaced_and_no_draft_stays(tmp_path):
    for content in (b"first", b"second"):
        replace_file(tmp_path / "a", content)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", b"second")]


def test_a_file_that_cannot_be_replaced_is_as_it_was(tmp_path):
    replace_file(tmp_path / "a", b"first")
    (tmp_path / "a.new").mkdir()
    with pytest.raises(IsADirectoryError):
        replace_file(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"


def test_files_and_folders_can_be_made_durable_and_nothing_else(tmp_path):
    write_once(tmp_path / "a", b"")
    sync(tmp_path / "a")
    sync(tmp_path)
    with pytest.raises(FileNotFoundError):
        sync(tmp_path / "none")


def test_only_one_is_in_a_folder_at_a_time_and_others_wait(tmp_path):
    order = []

    def second():
        with alone_in(tmp_path / "x"):
            order.append("second")

    waiting = threading.Thread(target=second)
    with alone_in(tmp_path / "x"):
        waiting.start()
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]


def test_errors_of_the_file_system_are_ours_and_others_pass(tmp_path):
    with pytest.raises(StorageFailed, match="none cannot be used"), plain_file_errors():
        (tmp_path / "none").read_bytes()
    with pytest.raises(ZeroDivisionError), plain_file_errors():
        _ = 1 / 0


@pytest.mark.parametrize(
    ("number", "kind"), [("ENOSPC", StorageFull), ("EDQUOT", StorageFull), ("EACCES", StorageFailed)]
)
def test_an_error_of_the_file_system_names_the_file_but_not_its_place(number, kind):
    code = getattr(errno, number)
    fault = storage_error(OSError(code, os.strerror(code), "/hospital/secret/current"))
    assert type(fault) is kind
    assert "/hospital" not in fault.message
    assert "/hospital" in fault.detail


@pytest.mark.parametrize("number", [0, 1, 20])
def test_all_of_many_files_are_made_durable(tmp_path, monkeypatch, number):
    paths, synced = [tmp_path / str(i) for i in range(number)], []
    for path in paths:
        path.write_bytes(b"x")
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_ino))
    sync_all(paths)
    assert sorted(synced) == sorted(path.stat().st_ino for path in paths)


def test_one_file_that_cannot_be_made_durable_is_told(tmp_path):
    for name in "abc":
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(FileNotFoundError):
        sync_all([tmp_path / name for name in "abxc"])


def test_a_private_file_is_for_its_owner_only_and_takes_the_place_of_one_that_was_for_all(tmp_path):
    path = tmp_path / "report.csv"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)
    with private_file(path) as put:
        assert path.read_text("utf-8") == "old"
        put(["Köln\n", "new\n"])
    assert path.read_text("utf-8") == "Köln\nnew\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["report.csv"]


def test_a_private_file_that_is_not_needed_after_all_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), private_file(tmp_path / "a"):
        _ = 1 / 0
    with private_file(tmp_path / "b"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["none/report.csv", ".", "file/report.csv"])
def test_a_private_file_that_cannot_be_made_is_told_before_anything_is_done(tmp_path, name):
    (tmp_path / "file").touch()
    with pytest.raises(UnwritableReport, match="Nothing was begun"), private_file(tmp_path / name):
        pytest.fail("the work was begun")


def test_what_is_no_plain_file_is_written_to(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    heard = []
    listening = threading.Thread(target=lambda: heard.append((tmp_path / "pipe").read_text("utf-8")))
    listening.start()
    with private_file(tmp_path / "pipe") as put:
        put(["said"])
    listening.join()
    assert heard == ["said"]
