"""The answer to a C-STORE as bytes: one protocol data unit, written at once.

pynetdicom builds it from data elements in half a millisecond, as long as it takes to read the request.
"""

from __future__ import annotations

from struct import pack

_DATA_UNIT = 4
_LAST_OF_A_COMMAND = 3
_C_STORE_RESPONSE = 0x8001
_NO_DATA_SET = 0x0101
_LONGEST_COMMENT = 64


def store_response(context: int, message: int, names: tuple[str, str], status: int, comment: str = "") -> bytes:
    """A P-DATA-TF with a C-STORE-RSP (PS3.8 section 9.3.5, PS3.7 section 9.3.1.2), in implicit little endian.

    Args:
        context: Identifier of the presentation context.
        message: Identifier of the message that is answered.
        names: SOP Class and SOP Instance UID of the object.
        status: What became of it (PS3.4 section B.2.3).
        comment: The reason in up to 64 characters of ASCII.
    """
    elements = [
        (0x0002, _text(names[0], b"\0")),
        (0x0100, pack("<H", _C_STORE_RESPONSE)),
        (0x0120, pack("<H", message)),
        (0x0800, pack("<H", _NO_DATA_SET)),
        (0x0900, pack("<H", status)),
        (0x0902, _text(comment[:_LONGEST_COMMENT], b" ")),
        (0x1000, _text(names[1], b"\0")),
    ]
    body = b"".join(_element(tag, value) for tag, value in elements if value)
    command = _element(0, pack("<L", len(body))) + body
    piece = pack(">LBB", len(command) + 2, context, _LAST_OF_A_COMMAND) + command
    return pack(">BBL", _DATA_UNIT, 0, len(piece)) + piece


def _element(element: int, value: bytes) -> bytes:
    """An element of group 0000."""
    return pack("<HHL", 0, element, len(value)) + value


def _text(text: str, padding: bytes) -> bytes:
    value = text.encode("ascii", "replace")
    return value + padding * (len(value) % 2)
