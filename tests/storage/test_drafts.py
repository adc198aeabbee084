"""Drafts: they go with the process that wrote them, however it ends."""

import os
import subprocess
import sys

import pytest

from oncommons.schema.errors import StorageFailed
from oncommons.storage.drafts import CHUNK, drafts_in, write_draft

ANOTHER = """
import os, sys
from pathlib import Path
from oncommons.storage.drafts import drafts_in, write_draft
with drafts_in(Path(sys.argv[1])) as mine:
    print(write_draft(mine, [b"one"]), flush=True)
    sys.stdin.read()
    os._exit(9)
"""


@pytest.fixture
def another(tmp_path):
    """Another process with a draft, and where that is; it ends without tidying when its input ends."""
    line = [sys.executable, "-c", ANOTHER, str(tmp_path)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        yield running, running.stdout.readline().strip()
        running.kill()


def test_a_draft_is_whole_and_for_its_owner_only(tmp_path):
    before = os.umask(0)
    try:
        with drafts_in(tmp_path / "drafts") as mine:
            draft = write_draft(mine, [b"one", b"two"])
            assert (draft.parent, draft.read_bytes(), draft.stat().st_mode & 0o777) == (mine, b"onetwo", 0o600)
            assert mine.stat().st_mode & 0o077 == 0
    finally:
        os.umask(before)
    assert list((tmp_path / "drafts").iterdir()) == []


def test_a_draft_that_cannot_be_written_to_its_end_is_not_left(tmp_path):
    def pieces():
        yield b"one"
        raise KeyboardInterrupt

    with drafts_in(tmp_path) as mine:
        with pytest.raises(KeyboardInterrupt):
            write_draft(mine, pieces())
        assert list(mine.iterdir()) == []


@pytest.mark.parametrize("most", [1, 7, 1 << 30])
def test_a_draft_is_whole_however_little_the_system_takes_at_a_time(tmp_path, monkeypatch, most):
    put = os.write
    pieces = [bytes([n % 251]) * (n % 40) for n in range(1200)] + [memoryview(b"more" * CHUNK), b"", b"end"]

    def writev(handle, given):
        return put(handle, b"".join(given)[:most])

    def write(handle, rest):
        return put(handle, rest[: 1000 * most])

    monkeypatch.setattr(os, "writev", writev)
    monkeypatch.setattr(os, "write", write)
    with drafts_in(tmp_path) as mine:
        assert write_draft(mine, pieces).read_bytes() == b"".join(pieces)
        assert write_draft(mine, []).read_bytes() == b""


def test_drafts_of_a_running_process_stay(tmp_path, another):
    _, draft = another
    with drafts_in(tmp_path):
        assert os.path.exists(draft)  # noqa: PTH110


def test_drafts_of_a_process_that_is_gone_go(tmp_path, another):
    running, draft = another
    running.stdin.close()
    assert running.wait() == 9
    assert os.path.exists(draft)  # noqa: PTH110
    with drafts_in(tmp_path) as mine:
        assert list(tmp_path.iterdir()) == [mine]


def test_what_is_no_directory_of_drafts_stays(tmp_path):
    (tmp_path / "note").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path)
    with drafts_in(tmp_path):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "note"]


def test_a_place_that_cannot_be_used_is_told(tmp_path):
    (tmp_path / "drafts").write_text("a file")
    with pytest.raises(StorageFailed), drafts_in(tmp_path / "drafts"):
        pass
