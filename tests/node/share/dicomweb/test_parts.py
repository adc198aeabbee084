"""Messages of many parts, read by the standard library's mail parser."""

import pytest
from tests.node.share.dicomweb.messages import parts_of

from oncommons.node.share.dicomweb.parts import CHUNK, Message, Part, gathered
from oncommons.node.share.dicomweb.retrieve import Reply


def test_parts_come_as_they_were_given():
    message = Message("a/b", [Part("a/b", [b"one\r\n", b"--x"], "1.2", "http://x/1"), Part("c/d", [])])
    first, second = parts_of(Reply(message.media, message.pieces()))
    assert first[0]["content-type"] == "a/b; transfer-syntax=1.2"
    assert first[0]["content-location"] == "http://x/1"
    assert (first[1], second[0]["content-type"], second[1]) == (b"one\r\n--x", "c/d", b"")


def test_the_type_of_the_parts_is_quoted():
    assert 'multipart/related; type="application/dicom"; boundary=' in Message("application/dicom", []).media


def test_every_message_has_a_boundary_of_its_own():
    assert Message("a/b", []).boundary != Message("a/b", []).boundary


def test_nothing_is_read_before_it_is_sent():
    seen = []

    def parts():
        for n in range(3):
            seen.append(n)
            yield Part("a/b", [b"x"])

    next(Message("a/b", parts()).pieces())
    assert seen == [0]


@pytest.mark.parametrize("pieces", [[], [b"a"], [b"a" * CHUNK, b"b"], [b"a"] * 7])
def test_gathered_pieces_are_the_same_bytes(pieces):
    found = list(gathered(pieces, 3))
    assert b"".join(found) == b"".join(pieces)
    assert all(len(piece) >= 3 for piece in found[:-1])


def test_a_piece_that_is_large_enough_is_not_copied():
    piece = b"a" * CHUNK
    assert next(gathered([piece])) is piece
