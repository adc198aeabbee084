"""Answers of several parts, written by the email package and cut at every place."""

from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.node.receive.multipart import boundary_of, parts_of
from oncommons.schema.errors import PacsRefused, PacsUnreachable

BODIES = [b"first\r\n--not it", b"", b"\r\n", bytes(range(256)), b"--", b"\r\n--b", b"--b-- \r\n--"]
BOUNDARY = b"b0und"


def written(bodies, *, preamble=b"", end=b"\r\n--b0und--\r\n"):
    heads = b"Content-Type: application/dicom\r\nContent-Length: 1\r\n\r\n"
    return preamble + b"".join(b"\r\n--b0und\r\n" + heads + body for body in bodies) + end


def cut(raw, size):
    return [raw[i : i + size] for i in range(0, len(raw), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
def test_parts_are_found_however_they_are_cut(size):
    assert list(parts_of(cut(written(BODIES), size), BOUNDARY, 1000)) == BODIES


def test_the_first_boundary_may_be_the_first_that_comes():
    assert list(parts_of([written([b"x"])[2:]], BOUNDARY, 1000)) == [b"x"]


def test_what_stands_before_and_after_is_skipped():
    raw = written([b"x", b"y"], preamble=b"This is a message.") + b"and goodbye"
    assert list(parts_of(cut(raw, 5), BOUNDARY, 1000)) == [b"x", b"y"]


def test_an_answer_of_no_parts_has_none():
    assert list(parts_of([b"--b0und--"], BOUNDARY, 1000)) == []


@given(st.lists(st.binary(max_size=60), max_size=4), st.integers(1, 50))
def test_any_bytes_come_back(bodies, size):
    bodies = [body for body in bodies if b"b0und" not in body]
    assert list(parts_of(cut(written(bodies), size), BOUNDARY, 100)) == bodies


@pytest.mark.parametrize("size", [1, 16, 1000])
def test_a_part_that_is_too_large_is_none_and_the_next_comes(size):
    bodies = [b"a", b"b" * 500, b"c" * 100, b"d" * 101, b"e"]
    assert list(parts_of(cut(written(bodies), size), BOUNDARY, 100)) == [b"a", None, b"c" * 100, None, b"e"]


@pytest.mark.parametrize("end", range(1, 120))
def test_an_answer_that_ends_in_the_middle_is_told(end):
    raw = written([b"x" * 10])
    with pytest.raises(PacsUnreachable):
        list(parts_of([raw[: min(end, len(raw) - 4)]], BOUNDARY, 1000))


def test_a_part_whose_headers_do_not_end_is_told():
    with pytest.raises(PacsRefused):
        list(parts_of([b"--b0und\r\n" + b"x" * 100_000 + b"\r\n\r\n"], BOUNDARY, 1000))


def test_what_the_email_package_writes_is_read():
    message = MIMEMultipart("related")
    for body in (b"one", b"two"):
        message.attach(MIMEApplication(body, _encoder=lambda part: part.set_payload(part.get_payload())))
    raw = message.as_bytes().replace(b"\n", b"\r\n")
    boundary = boundary_of(message["content-type"])
    assert list(parts_of([raw], boundary, 1000)) == [b"one", b"two"]


@pytest.mark.parametrize(
    "header",
    [
        'multipart/related; type="application/dicom"; boundary=b0und',
        "multipart/related; boundary=\"b0und\"; type='application/dicom'",
        "Multipart/Related;Boundary=b0und",
    ],
)
def test_the_boundary_is_read(header):
    assert boundary_of(header) == BOUNDARY


@pytest.mark.parametrize("header", ["", "text/html", "multipart/related", "application/dicom; boundary=x"])
def test_an_answer_without_parts_is_refused(header):
    with pytest.raises(PacsRefused):
        boundary_of(header)
