"""What a notice may say, and where it may lead."""

import pytest

from oncommons.schema.errors import BadRequest
from oncommons.schema.notices import HOWS, KINDS, Notice, check_wishes, one_line

PLAIN = {"person": "p", "kind": "permit", "says": "A permit was issued.", "where": "/permits/P-7", "once": "P-7 issued"}


@pytest.mark.parametrize(
    "parts",
    [
        {"kind": "gossip"}, {"where": "https://else.example"}, {"where": "//else.example"}, {"where": "/\\else.example"},
        {"where": "/a b"}, {"where": "/a\nb"}, {"where": "/a\n"}, {"where": ""}, {"where": "/" + "x" * 300}, {"once": ""},
        {"once": "x" * 201}, {"subject": "x" * 201},
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused(parts):
    with pytest.raises(ValueError):
        Notice(**PLAIN | parts)


@pytest.mark.parametrize("where", ["/", "/applications/A-7?x=1#votes", "/datasets/athens/lung%20ct", "/a//b"])
def test_a_path_of_the_hub_is_taken(where):
    assert Notice(**PLAIN | {"where": where}).where == where


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("One\r\nBcc: eva@else.example", "One Bcc: eva@else.example"),
        ("  a \t b\u2028c\x00\u202ed ", "a b c d"),
        ("e\u0301", "\u00e9"),
        ("abcdefghijkl", "abcdefghi…"),
        ("abcdefgh  ijkl", "abcdefgh…"),
        ("", ""),
    ],
)
def test_whatever_was_written_becomes_one_line_that_can_be_shown(text, line):
    assert one_line(text, 10 if "Bcc" not in text else 300) == line


def test_wishes_are_ways_by_kind():
    assert check_wishes({"permit": "daily", "data": "none"}) == {"permit": "daily", "data": "none"}
    assert list(HOWS) == ["at once", "daily", "none"]


@pytest.mark.parametrize(
    "body", [None, [], {}, {"gossip": "none"}, {"permit": "weekly"}, {"permit": 1}, {"permit": ["none"]}]
)
def test_what_is_no_wish_is_refused(body):
    with pytest.raises(BadRequest, match=next(iter(KINDS))):
        check_wishes(body)
