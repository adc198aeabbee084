"""A list of names that several processes read."""

import stat

import pytest

from oncommons.schema.errors import StorageFailed
from oncommons.storage.listed import Listed

NOW = "2026-11-23T02:00:00+00:00"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "people.list"


def test_nobody_is_listed_where_there_is_no_file(path):
    assert (Listed(path).state(), Listed(path).names()) == ("", {})


def test_what_one_puts_another_reads_and_notices(path):
    mine, theirs = Listed(path), Listed(path)
    states = [theirs.state()]
    for names in ({"b": NOW, "a": NOW}, {"b": NOW}, {}, {"b": NOW}):
        mine.put(names)
        assert theirs.names() == names
        states.append(theirs.state())
    assert len(set(states)) == 5


def test_only_its_owner_can_read_it(path):
    Listed(path).put({"a": NOW})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_not_whole_is_an_error_and_not_a_shorter_list(path):
    Listed(path).put({"alpha": NOW, "beta": NOW})
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        with pytest.raises(StorageFailed):
            Listed(path).names()
    path.write_bytes(b"hello\n")
    with pytest.raises(StorageFailed):
        Listed(path).state()
