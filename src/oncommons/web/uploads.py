"""Forms that browsers send: fields, and one file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from oncommons.schema.errors import BadRequest

_BOUNDARY = re.compile(r'multipart/form-data;.*?\bboundary="?([!-~ ]{1,70}?)"?\s*(?:;.*)?', re.IGNORECASE)
_NAME = re.compile(rb'\bname="([^"]{0,200})"')
_FILE = re.compile(rb'\bfilename="([^"]{0,1000})"')
_MOST_PARTS = 20


def form_fields(body: bytes) -> list[tuple[str, str]]:
    """Fields of a form that is sent as ``application/x-www-form-urlencoded``, in their order.

    Raises:
        BadRequest: it has too many of them.
    """
    try:
        return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=1000)
    except ValueError as fault:
        raise BadRequest("The form has too many fields.") from fault


def form_parts(kind: str, body: bytes) -> Mapping[str, bytes]:
    """Fields of a form that is sent as ``multipart/form-data`` (RFC 7578), the contents of files among them.

    Args:
        kind: The Content-Type of the request.
        body: The request's body.

    Raises:
        BadRequest: it is not such a form.
    """
    return {part.name: part.content for part in form_list(kind, body, _MOST_PARTS)}


@dataclass(frozen=True)
class Part:
    """A field of a form: its name, its content, and, of a file, its name; empty where it is none."""

    name: str
    content: bytes
    file: str = ""


def form_list(kind: str, body: bytes, most: int) -> list[Part]:
    """Fields of the same kind of form in their order, those of the same name too.

    Args:
        kind: The Content-Type of the request.
        body: The request's body.
        most: So many fields are read.

    Raises:
        BadRequest: it is not such a form, or has too many fields.
    """
    named = _BOUNDARY.fullmatch(kind)
    if named is None:
        raise BadRequest("This is not a form with a file.")
    line = b"\r\n--" + named[1].encode("ascii")
    found: list[Part] = []
    whole, at = b"\r\n" + body, 0
    for _ in range(most):
        start = whole.find(line, at) + len(line)
        if start < len(line) or whole[start : start + 2] == b"--":
            return found
        end = whole.find(line, start)
        head, mark, _ = whole[start : start + 4096].partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if not mark or end < 0 or name is None:
            break
        file = _FILE.search(head)
        content = whole[start + len(head) + len(mark) : end]
        found.append(
            Part(name[1].decode("utf-8", "replace"), content, file[1].decode("utf-8", "replace") if file else "")
        )
        at = end
    raise BadRequest("The form cannot be read.")
