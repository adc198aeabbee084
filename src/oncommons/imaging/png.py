"""Pictures as PNG (ISO/IEC 15948), without a library for pictures."""

from __future__ import annotations

import zlib
from struct import pack

import numpy as np
import numpy.typing as npt

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _COLOUR = 0, 2
_DEPTH = 8


def to_png(picture: npt.NDArray[np.uint8]) -> bytes:
    """A picture as a PNG file.

    Args:
        picture: Grey levels of shape (rows, columns), or colours of shape (rows, columns, 3).
    """
    rows, columns = picture.shape[:2]
    kind = _GREY if picture.ndim == 2 else _COLOUR  # noqa: PLR2004
    lines = np.zeros((rows, 1 + picture[0].size), np.uint8)  # a filter byte of 0 before each line
    lines[:, 1:] = picture.reshape(rows, -1)
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", pack(">IIBBBBB", columns, rows, _DEPTH, kind, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 6)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    return pack(">I", len(content)) + name + content + pack(">I", zlib.crc32(name + content))
