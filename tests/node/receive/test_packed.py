"""Packed streams: the libraries' own functions pack them."""

import bz2
import contextlib
import gzip
import lzma
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.odd.archives import PACKERS

from oncommons.node.receive.packed import PIECE, UNPACKERS, Budget, Gunzip, Stream, unpacked, within
from oncommons.schema.errors_of_protocols import ArchiveTooLarge, DamagedArchive

CONTENT = random.Random(1).randbytes(60_000) + bytes(40_000)
pack_each = pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)


def pieces(raw, size=1000):
    return iter([raw[at : at + size] for at in range(0, len(raw), size)])


@pack_each
@pytest.mark.parametrize("size", [7, 1000, 10_000_000])
def test_what_was_packed_is_unpacked(pack, size):
    assert b"".join(unpacked(pieces(pack(CONTENT), size))) == CONTENT


@pack_each
def test_streams_after_each_other_are_one_and_zeros_are_padding(pack):
    assert b"".join(unpacked(pieces(pack(b"one") + pack(b"two") + bytes(2000)))) == b"onetwo"


@pack_each
def test_a_stream_that_is_cut_gives_what_comes_before_and_is_told(pack):
    found = []
    with pytest.raises(DamagedArchive):
        found.extend(unpacked(pieces(pack(CONTENT)[:-30])))
    assert CONTENT.startswith(b"".join(found))


@pack_each
def test_what_follows_a_stream_is_told(pack):
    with pytest.raises(DamagedArchive):
        list(unpacked(pieces(pack(b"one") + b"more")))


@pack_each
@settings(deadline=None)
@given(at=st.integers(20, 80), value=st.integers(0, 255))
def test_a_changed_stream_is_unpacked_or_told(pack, at, value):
    raw = bytearray(pack(CONTENT[:5000]))
    raw[at] = value
    with contextlib.suppress(DamagedArchive):
        assert b"".join(unpacked(pieces(bytes(raw)))) == CONTENT[:5000]


@pack_each
def test_pieces_are_of_a_bearable_size(pack):
    assert max(map(len, unpacked(pieces(pack(bytes(9_000_000)), 10_000_000)))) <= 4 * PIECE


def test_a_stream_that_needs_too_much_memory_is_told():
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 512 * 1024**2}]
    with pytest.raises(DamagedArchive):
        list(unpacked(pieces(lzma.compress(b"x", lzma.FORMAT_XZ, filters=filters))))


def test_each_kind_is_known_by_its_beginning():
    starts = (gzip.compress(b""), bz2.compress(b""), lzma.compress(b""))
    assert [raw.startswith(magic) for raw, magic in zip(starts, UNPACKERS, strict=True)] == [True] * 3


def test_gzip_keeps_what_it_has_not_used():
    one = Gunzip()
    assert one.needs_input
    assert one.decompress(gzip.compress(b"abcdef") + b"more", 4) == b"abcd"
    assert (one.needs_input, one.eof) == (False, False)
    assert one.decompress(b"", 40) == b"ef"
    assert (one.eof, one.unused_data) == (True, b"more")


def test_a_budget_is_spent_once_for_all():
    budget = Budget(10)
    assert list(within(iter([b"abc", b"", b"def"]), budget)) == [b"abc", b"def"]
    with pytest.raises(ArchiveTooLarge):
        list(within(iter([b"abcde"]), budget))


@given(st.lists(st.binary(max_size=9)), st.lists(st.integers(0, 12)))
def test_a_stream_is_read_in_order_however_it_comes(parts, sizes):
    whole = b"".join(parts)
    stream = Stream(iter([p for p in parts if p]))
    found = b""
    for size in sizes:
        ahead = stream.peek(size)
        assert stream.read(size) == ahead
        found += ahead
    assert found + b"".join(stream.rest()) == whole


def test_too_few_bytes_are_told():
    with pytest.raises(DamagedArchive):
        Stream(iter([b"abc"])).exactly(4)
    with pytest.raises(DamagedArchive):
        Stream(iter([b"abc"])).skip(4)
    Stream(iter([b"abc"])).skip(3)
