"""Messages of many parts as they arrive; the standard library writes them."""

import random
import weakref
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.node.receive.message import Parts, boundary_of
from oncommons.schema.errors import BadRequest

BOUNDARY = b"0f3c-70"


def message(*contents, head=b"Content-Type: application/dicom\r\n", before=b"", after=b""):
    lines = [b"--" + BOUNDARY + b"\r\n" + head + b"\r\n" + content + b"\r\n" for content in contents]
    return before + b"".join(lines) + b"--" + BOUNDARY + b"--" + after


def parts_of(raw, sizes=(1 << 20,), most=1 << 20):
    """Feed a message in pieces; the parts, and whether it ended."""
    parts, found, at = Parts(BOUNDARY, most), [], 0
    for n in range(len(raw) + 1):
        if at >= len(raw):
            break
        size = sizes[n % len(sizes)]
        found += list(parts.feed(raw[at : at + size]))
        at += size
    return found, parts.ended


def contents_of(raw, **options):
    return [part.content for part in parts_of(raw, **options)[0]]


def test_what_the_email_package_writes_is_read():
    written = MIMEMultipart("related")
    for body in (b"one", b"two"):
        written.attach(MIMEApplication(body, _encoder=lambda part: part.set_payload(part.get_payload())))
    raw = written.as_bytes().replace(b"\n", b"\r\n")
    parts = Parts(boundary_of(written["content-type"]), 1000)
    found = list(parts.feed(raw))
    assert ([part.content for part in found], parts.ended) == ([b"one", b"two"], True)


def test_a_part_that_was_told_is_held_no_more():
    parts = Parts(BOUNDARY, 1000)
    (found,) = (weakref.ref(part) for part in parts.feed(message(b"x" * 900)))
    assert (found(), len(parts.content)) == (None, 0)


def test_a_message_without_parts_ends():
    assert parts_of(b"--" + BOUNDARY + b"--") == ([], True)


@given(st.lists(st.binary(max_size=60), max_size=5), st.lists(st.integers(1, 40), min_size=1, max_size=6))
def test_parts_are_the_same_however_the_message_is_cut(contents, sizes):
    contents = [content for content in contents if b"--" + BOUNDARY not in content]
    found, ended = parts_of(message(*contents), sizes)
    assert ([part.content for part in found], ended) == (contents, True)
    assert [part.size for part in found] == list(map(len, contents))


def test_what_looks_like_a_boundary_is_content():
    tricky = [b"\r\n--" + BOUNDARY[:-1], b"--" + BOUNDARY, b"\r\n", b"\r\n--", b"\r\n\r\n"]
    assert contents_of(message(*tricky), sizes=(1,)) == tricky


@pytest.mark.parametrize("before", [b"\r\n", b"preamble\r\n", b"--\r\n", b"x" * 5000 + b"\r\n"])
def test_what_stands_before_the_first_boundary_is_passed_over(before):
    assert contents_of(message(b"a", before=before), sizes=(3,)) == [b"a"]


def test_what_stands_after_the_last_boundary_is_passed_over():
    assert parts_of(message(b"a", after=b"\r\n--" + BOUNDARY + b"\r\n\r\nno\r\n")) == (parts_of(message(b"a"))[0], True)


@pytest.mark.parametrize(
    ("head", "media"),
    [
        (b"Content-Type: application/dicom\r\n", "application/dicom"),
        (b"content-type:Application/DICOM; transfer-syntax=1.2\r\n", "application/dicom"),
        (b"Content-Location: x\r\nContent-Type: a/b\r\nMIME-Version: 1.0\r\n", "a/b"),
        (b"", ""),
    ],
)
def test_the_type_of_a_part_is_told(head, media):
    (part,) = parts_of(message(b"abc", head=head))[0]
    assert (part.media, part.content) == (media, b"abc")


def test_spaces_behind_a_boundary_do_not_count():
    raw = message(b"a").replace(BOUNDARY + b"\r\n", BOUNDARY + b" \t\r\n")
    assert contents_of(raw) == [b"a"]


def test_a_part_that_is_too_large_is_told_without_its_bytes():
    found, ended = parts_of(message(b"a" * 10, b"b" * 11, b"c" * 10), (7,), most=10)
    assert [(part.size, part.content) for part in found] == [(10, b"a" * 10), (11, b""), (10, b"c" * 10)]
    assert ended


def test_a_large_part_takes_no_more_memory_than_allowed():
    parts = Parts(BOUNDARY, 1000)
    list(parts.feed(b"--" + BOUNDARY + b"\r\n\r\n"))
    piece = random.Random(0).randbytes(10_000)
    for _ in range(50):
        list(parts.feed(piece))
        assert len(parts.content) + len(parts.waiting) < 12_000


@pytest.mark.parametrize("cut", [1, 2, 5, 12, 40])
def test_a_message_that_is_cut_short_has_not_ended(cut):
    assert not parts_of(message(b"abc", b"def")[:-cut])[1]


@pytest.mark.parametrize(
    "raw",
    [
        b"--" + BOUNDARY + b"x\r\n\r\n",
        b"--" + BOUNDARY + b"\r\n" + b"x" * 20_000,
        b"--" + BOUNDARY + b" " * 20_000,
    ],
)
def test_what_is_no_message_of_many_parts_is_told(raw):
    with pytest.raises(BadRequest):
        parts_of(raw)


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/related; boundary=abc", b"abc"),
        ('multipart/related; type="application/dicom"; boundary="a b;c"', b"a b;c"),
        ("multipart/related;BOUNDARY = abc;type=x", b"abc"),
    ],
)
def test_the_boundary_is_read(content_type, boundary):
    assert boundary_of(content_type) == boundary


@pytest.mark.parametrize(
    "content_type", ["multipart/related", "multipart/related; boundary=", "x; boundary=" + "a" * 71 + ";"]
)
def test_a_message_without_a_boundary_is_told(content_type):
    with pytest.raises(BadRequest):
        boundary_of(content_type)
