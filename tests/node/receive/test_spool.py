"""What comes bit by bit is whole in the end, in memory or not, and leaves nothing behind."""

import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.node.receive import spool
from oncommons.node.receive.large import LargeFile
from oncommons.node.receive.spool import Spool, spooled
from oncommons.schema.errors import StorageFailed, StorageFull


@given(st.lists(st.binary(max_size=30), max_size=9), st.binary(max_size=40))
def test_the_pieces_come_together_wherever_they_lie(pieces, head):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "MOST_IN_MEMORY", 50)
        one = Spool()
        for piece in pieces:
            one.write(piece)
        found = one.data(head)
    whole = b"".join(pieces)
    assert (found[:], len(found), len(one)) == (head + whole, len(head + whole), len(whole))
    assert isinstance(found, LargeFile) == (len(whole) > 50)


def test_a_file_of_many_bytes_has_no_name(tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "MOST_IN_MEMORY", 50)
    found = spooled([b"x" * 40, b"y" * 40], tmp_path)
    assert (found[30:50], list(tmp_path.iterdir())) == (b"x" * 10 + b"y" * 10, [])


def test_a_room_that_is_not_there_or_is_full_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "MOST_IN_MEMORY", 50)
    with pytest.raises(StorageFailed):
        spooled([bytes(51)], tmp_path / "none")

    def full(**_):
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(spool.tempfile, "TemporaryFile", full)
    with pytest.raises(StorageFull):
        spooled([bytes(51)], tmp_path)
