"""Forms are read as browsers write them; httpx writes the same, and shares no code with the product."""

from __future__ import annotations

import httpx
import pytest

from oncommons.schema.errors import BadRequest
from oncommons.web.uploads import form_fields, form_list, form_parts


def written(**options):
    request = httpx.Request("POST", "http://pages.test", **options)
    return request.headers["content-type"], request.read()


def test_fields_come_in_their_order_and_may_be_repeated():
    assert form_fields(b"do=reject&file=a&file=b&sure=yes&empty=") == [
        ("do", "reject"),
        ("file", "a"),
        ("file", "b"),
        ("sure", "yes"),
        ("empty", ""),
    ]
    assert form_fields(b"name=%3Cscript%3E+x") == [("name", "<script> x")]
    assert form_fields(b"\xff=\xff") != []


def test_endless_fields_are_told():
    with pytest.raises(BadRequest):
        form_fields(b"&".join(b"a=b" for _ in range(2_000)))


@pytest.mark.parametrize(
    "content", [b"", b"DICM", b"\r\n--\r\n", b"\0" * 100_000, bytes(range(256)) * 64, b"\r\n", b"--"]
)
def test_a_file_comes_out_as_it_went_in(content):
    kind, body = written(files={"file": ('na"me.dcm', content)}, data={"done": "moved", "find": "ä"})
    found = form_parts(kind, body)
    assert found["file"] == content
    assert (found["done"], found["find"].decode()) == (b"moved", "ä")


def test_a_boundary_may_stand_in_quotes():
    assert form_parts('multipart/form-data; boundary="a b"', b'--a b\r\nname: x; name="f"\r\n\r\n7\r\n--a b--\r\n') == {
        "f": b"7"
    }


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("", b""),
        ("application/x-www-form-urlencoded", b"file=x"),
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b'--x\r\nname="f"\r\n\r\nno end'),
        ("multipart/form-data; boundary=x", b"--x\r\nno name\r\n\r\n7\r\n--x--"),
        ("multipart/form-data; boundary=x", b'--x\r\nname="f"--x--'),
        ("multipart/form-data; boundary=x", b'--x\r\na: b; name="f"\r\n\r\n7\r\n' * 50 + b"--x--"),
    ],
)
def test_what_is_no_such_form_is_told(kind, body):
    with pytest.raises(BadRequest):
        form_parts(kind, body)


def test_a_form_without_parts_is_empty():
    assert form_parts("multipart/form-data; boundary=x", b"--x--\r\n") == {}


def test_fields_of_one_name_and_the_names_of_files_are_told_in_order():
    body = (
        b'--x\r\nname="f"\r\n\r\n1\r\n--x\r\nname="f"\r\n\r\n2\r\n'
        b'--x\r\nContent-Disposition: form-data; name="d"; filename="\xc3\xa4.pdf"\r\n\r\n3\r\n--x--\r\n'
    )
    found = form_list("multipart/form-data; boundary=x", body, 5)
    assert [(p.name, p.content, p.file) for p in found] == [("f", b"1", ""), ("f", b"2", ""), ("d", b"3", "\xe4.pdf")]
    with pytest.raises(BadRequest):
        form_list("multipart/form-data; boundary=x", body, 2)
