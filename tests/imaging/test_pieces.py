"""Pieces are given on without being copied, and large ones are read bit by bit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.imaging import pieces
from oncommons.imaging.pieces import CHUNK, Joined, Span, Zeros, chunks_of, joined


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


def test_zeros_are_made_when_they_are_cut():
    assert (len(Zeros(7)), Zeros(7)[2:20], Zeros(7)[1:6:2]) == (7, bytes(5), bytes(3))


@given(
    st.lists(st.tuples(st.booleans(), st.binary(max_size=9)), max_size=12),
    st.sampled_from([-1, 0, 4]),
    st.integers(1, 20),
)
def test_joined_pieces_hold_the_same_bytes_and_are_fewer(given, short, chunk):
    found = [Span(b"ab" + raw + b"c", 2, 2 + len(raw)) if in_file else raw for in_file, raw in given]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "CHUNK", chunk)
        made = list(joined(found, short))
    assert b"".join(chunks_of(made)) == b"".join(raw for _, raw in given)
    assert len(made) <= len(found)
    assert [p for p in made if isinstance(p, Span)] == [p for p in found if isinstance(p, Span) and len(p) > short]
    assert all(len(p) < chunk + 9 for p in made if isinstance(p, bytes))


@given(st.lists(st.binary(max_size=5), max_size=6), st.slices(30))
def test_joined_pieces_are_cut_as_their_bytes_are(parts, where):
    whole = b"".join(parts)
    mixed = [Span(b"xy" + part + b"z", 2, 2 + len(part)) if n % 2 else part for n, part in enumerate(parts)]
    assert len(Joined(mixed)) == len(whole)
    if where.step is None or where.step > 0:
        assert Joined(mixed)[where] == whole[where]


def test_of_joined_pieces_only_what_is_cut_is_read():
    assert Joined([b"ab", Span(Large(2**40), 0, 2**40), b"cd"])[2**40 : 2**40 + 4] == bytes(2) + b"cd"
