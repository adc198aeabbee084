"""Words in the place of a picture that cannot be drawn, as an image of their own."""

from __future__ import annotations

import textwrap
from html import escape

_WIDTH, _LINE, _LETTERS, _LINES = 320, 24, 34, 6


def placard(words: str) -> bytes:
    """Words as an SVG image.

    Args:
        words: What to say; a long text is cut.
    """
    lines = textwrap.wrap(words, _LETTERS, max_lines=_LINES, placeholder=" …") or [""]
    height = (len(lines) + 1) * _LINE
    spans = "".join(
        f'<text x="{_WIDTH // 2}" y="{(i + 1) * _LINE}" text-anchor="middle" font-family="sans-serif" font-size="15" '
        f'fill="#c9d1d6">{escape(line)}</text>'
        for i, line in enumerate(lines)
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}">'
    )
    return f"{head}{spans}</svg>".encode()
