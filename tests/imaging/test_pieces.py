"""Pieces are given on without being copied, and large ones are read bit by bit."""

import pytest

from oncommons.imaging.pieces import CHUNK, Span, chunks_of


class Large:
    """Bytes that are made when they are cut."""

    def __init__(self, size):
        self.size = size

    def __len__(self):
        return self.size

    def __getitem__(self, where):
        return bytes(len(range(self.size)[where]))


def test_a_span_of_bytes_in_memory_is_one_view_of_them():
    raw = b"abcdef"
    (chunk,) = Span(raw, 1, 4).chunks()
    assert (bytes(chunk), chunk.obj is raw, len(Span(raw, 1, 4))) == (b"bcd", True, 3)


@pytest.mark.parametrize(("start", "end"), [(0, 5), (7, CHUNK + 7), (1, 3 * CHUNK), (5, 5)])
def test_a_span_of_a_large_file_comes_in_chunks(start, end):
    sizes = [len(chunk) for chunk in Span(Large(4 * CHUNK), start, end).chunks()]
    assert sum(sizes) == end - start
    assert all(size == CHUNK for size in sizes[:-1])


def test_pieces_keep_their_order():
    assert b"".join(chunks_of([b"a", Span(b"xbcx", 1, 3), b"d"])) == b"abcd"
