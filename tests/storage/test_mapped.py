"""A file that is looked at here and there is cut like bytes, and what is read of it takes no memory afterwards."""

import gc
import os
from io import BytesIO
from struct import unpack_from

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.storage import mapped as mapping
from oncommons.storage.mapped import Mapped, mapped

CONTENT = bytes(range(256)) * 8


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    found = tmp_path_factory.mktemp("mapped") / "one"
    found.write_bytes(CONTENT)
    return found


def opened(path):
    with path.open("rb") as file:
        return mapped(file)


PLACES = st.none() | st.integers(-2100, 2100)


@given(PLACES, PLACES, st.sampled_from([None, 1, 3]), st.integers(0, 2047))
def test_each_cut_is_that_of_the_bytes(path, start, stop, step, one):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mapping, "_NEAR", 1000)
        patch.setattr(mapping, "_LONG", 100)
        found = opened(path)
        assert (found[start:stop:step], found[one], len(found)) == (CONTENT[start:stop:step], CONTENT[one], 2048)
        assert unpack_from("<H", found, 300) == unpack_from("<H", CONTENT, 300)


def test_what_is_long_or_far_is_not_mapped(tmp_path):
    place = tmp_path / "one"
    place.write_bytes(bytes(20_000_000))
    found = opened(place)
    assert found[:10] == bytes(10)
    os.truncate(place, 0)  # reading what is mapped would end the process now
    assert (found[:100_000], found[10_000_000:10_000_008]) == (b"", b"")


def test_the_file_is_closed_with_what_was_mapped(path):
    found = opened(path)
    assert isinstance(found, Mapped)
    own = found._own
    assert os.fstat(own).st_size == len(CONTENT)
    del found
    gc.collect()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(own)


@pytest.mark.parametrize("size", [0, 99, 100, 101, 350])
def test_what_lies_in_a_store_is_copied(monkeypatch, size):
    monkeypatch.setattr(mapping, "_CHUNK", 100)
    content = CONTENT[:size]
    found = mapped(BytesIO(content))
    assert (found[:], len(found)) == (content, size)


def test_an_empty_file_is_empty(tmp_path):
    (tmp_path / "none").write_bytes(b"")
    assert opened(tmp_path / "none") == b""
