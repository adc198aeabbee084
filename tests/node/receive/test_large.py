"""A large file is read where it is cut, and a change meanwhile is told."""

import gc
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.node.receive import large
from oncommons.node.receive.large import LargeFile
from oncommons.schema.errors import DamagedImage

CONTENT = bytes(range(256)) * 8


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    found = tmp_path_factory.mktemp("large") / "one"
    found.write_bytes(CONTENT)
    return found


def opened(path):
    return LargeFile(os.open(path, os.O_RDONLY))


@given(st.lists(st.tuples(st.integers(0, 2100), st.integers(0, 2100), st.sampled_from([None, 1, 3])), max_size=8))
def test_each_stretch_is_that_of_the_bytes(path, asked):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large, "_WINDOW", 100)
        file = opened(path)
        assert [file[a:b:c] for a, b, c in asked] == [CONTENT[a:b:c] for a, b, c in asked]
        assert (len(file), file[:5], file[2040:]) == (len(CONTENT), CONTENT[:5], CONTENT[2040:])


@pytest.mark.parametrize("size", [0, 500, 4096])
def test_a_file_that_changes_its_length_is_told_and_ends_nothing(tmp_path, size):
    changing = tmp_path / "one"
    changing.write_bytes(CONTENT)
    file = opened(changing)
    os.truncate(changing, size)
    with pytest.raises(DamagedImage):
        file[:1000]


def test_a_file_that_is_written_to_is_told_at_the_next_stretch(tmp_path, monkeypatch):
    monkeypatch.setattr(large, "_WINDOW", 100)
    changing = tmp_path / "one"
    changing.write_bytes(CONTENT)
    file = opened(changing)
    assert file[:10] == CONTENT[:10]
    with changing.open("r+b") as written:
        written.write(b"other")
    os.utime(changing, ns=(1, 1))
    with pytest.raises(DamagedImage):
        file[500:510]
    with pytest.raises(DamagedImage):
        file[500:510]


def test_a_file_that_is_not_needed_any_more_is_closed(path):
    handle = os.open(path, os.O_RDONLY)
    file = LargeFile(handle)
    assert file[:1] == CONTENT[:1]
    del file
    gc.collect()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(handle)
