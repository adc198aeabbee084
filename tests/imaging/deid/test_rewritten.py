"""What was rewritten takes no more memory than its bytes, and not more than is allowed."""

import pytest
from tests.imaging.files import OnDisk

from oncommons.imaging.deid import rewritten
from oncommons.imaging.deid.rewritten import Rewritten
from oncommons.imaging.pieces import Span, chunks_of
from oncommons.schema.errors import ImageTooLarge


def test_small_pieces_are_joined_again_and_again_and_hold_the_same_bytes():
    made = Rewritten()
    for n in range(50):
        made.parts += [b"%d" % n, b"," * 3]
        made.left.append(b"%d" % n)
        if n % 7 == 0:
            made.pack()
    made.pack()
    assert b"".join(chunks_of(made.parts)) == b"".join(b"%d,,," % n for n in range(50))
    assert b"".join(chunks_of(made.left)) == b"".join(b"%d" % n for n in range(50))
    assert len(made.parts) <= 9


def test_places_in_the_file_stay_places():
    span = Span(OnDisk(bytes(100)), 20, 90)
    made = Rewritten(parts=[b"a", b"b", span, b"c"])
    made.pack()
    assert made.parts == [b"ab", span, b"c"]


def test_what_will_not_be_written_is_not_held():
    made = Rewritten(dropped=True, parts=[b"a"] * 9, left=[b"a"] * 9)
    made.pack()
    assert (made.parts, made.left) == ([], [])


@pytest.mark.parametrize("bound", ["_MOST_HELD", "_MOST_TOKENS"])
def test_what_would_take_too_much_is_refused(monkeypatch, bound):
    made = Rewritten(parts=[b"abcdef"], tokens={b"one", b"two"})
    made.pack()
    monkeypatch.setattr(rewritten, bound, 1)
    made.parts.append(b"abcdef")
    with pytest.raises(ImageTooLarge):
        made.pack()
