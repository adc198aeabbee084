"""Answers taken apart: the standard library's mail parser, which knows nothing of ours, must find the same parts."""

from email import policy
from email.parser import BytesParser


def parts_of(reply):
    """The parts of a message: header lines by name in small letters, and content."""
    content = b"".join(reply.pieces)
    head = f"Content-Type: {reply.media}\r\nMIME-Version: 1.0\r\n\r\n".encode()
    message = BytesParser(policy=policy.HTTP).parsebytes(head + content)
    mark = b"--" + message.get_boundary().encode()
    before, *pieces, after = (b"\r\n" + content).split(b"\r\n" + mark)
    assert (before, after, len(pieces)) == (b"", b"--\r\n", len(list(message.iter_parts())))
    found = [piece.partition(b"\r\n\r\n")[::2] for piece in pieces]
    return [(headers_of(lines.decode()), raw) for lines, raw in found]


def headers_of(lines):
    return {name.lower(): value for name, value in (line.split(": ", 1) for line in lines.strip().split("\r\n"))}
